#include "agent/identity/renewal.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "agent/identity/enrollment.h"

namespace firstbyte::agent {
namespace {

using std::chrono::seconds;

constexpr seconds kCallLimit{20};
constexpr seconds kShortestRetry{1};
constexpr seconds kLongestRetry{3600};
// The wall clock may be set while this waits, and a wait does not notice.
constexpr std::chrono::minutes kLongestWait{10};

// After two thirds, and up to a twentieth later, so that agents which joined together do not renew
// together.
WallTime due(const AgentCredentials& credentials) {
  const Micros lifetime = credentials.valid_until - credentials.valid_from;
  const auto spread =
      static_cast<std::int64_t>(std::hash<std::string>{}(credentials.identity.id) % 1000);
  return credentials.valid_from + lifetime * 2 / 3 + lifetime / 20 * spread / 1000;
}

}  // namespace

Renewal::Renewal(AgentCredentials credentials, std::string collector, const IdentityStore& store,
                 const Clock& clock, std::function<void(Error)> on_ended)
    : collector_(std::move(collector)),
      store_(store),
      clock_(clock),
      on_ended_(std::move(on_ended)),
      credentials_(std::move(credentials)),
      thread_([this] { run(); }) {}

Renewal::~Renewal() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    if (call_ != nullptr) call_->TryCancel();
    changed_.notify_all();
  }
  thread_.join();
}

std::shared_ptr<grpc::ChannelCredentials> Renewal::channel_credentials() const {
  return agent::channel_credentials(present());
}

AgentCredentials Renewal::present() const {
  MutexLock lock(mutex_);
  return credentials_;
}

bool Renewal::wait_until(WallTime time) {
  MutexLock lock(mutex_);
  while (!stopping_) {
    const Micros left = time - clock_.wall();
    if (left <= Micros{0}) break;
    changed_.wait_until(mutex_,
                        std::chrono::steady_clock::now() + std::min<Micros>(left, kLongestWait));
  }
  return !stopping_;
}

Expected<AgentCredentials> Renewal::renew(const AgentCredentials& before) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallLimit);
  {
    MutexLock lock(mutex_);
    if (stopping_) return transient("the agent stops");
    call_ = &context;
  }
  auto renewed = renew_credentials(before, collector_, context);
  MutexLock lock(mutex_);
  call_ = nullptr;
  return renewed;
}

void Renewal::run() {
  WallTime next = due(present());
  while (wait_until(next)) {
    const AgentCredentials before = present();
    if (const auto valid = check_valid(before, clock_.wall());
        !valid && clock_.wall() >= before.valid_until) {
      on_ended_(valid.error());
      return;
    }
    auto renewed = renew(before);
    Expected<> kept =
        renewed ? store_.save(*renewed) : Expected<>(std::unexpected(std::move(renewed.error())));
    if (renewed) {
      // Also when it could not be kept: for this process it is as good.
      spdlog::info("the certificate of agent {} is renewed until {}", renewed->identity.id,
                   format_rfc3339(renewed->valid_until, false));
      next = due(*renewed);
      MutexLock lock(mutex_);
      credentials_ = *std::move(renewed);
    }
    if (kept) continue;
    const Micros left = before.valid_until - clock_.wall();
    const Micros retry = std::clamp<Micros>(left / 20, kShortestRetry, kLongestRetry);
    spdlog::warn("the certificate, which ends at {}, was not renewed: {}; trying again in {} s",
                 format_rfc3339(before.valid_until, false), kept.error().message,
                 std::chrono::duration_cast<seconds>(retry).count());
    next = std::min(clock_.wall() + retry, std::max(before.valid_until, clock_.wall()));
  }
}

}  // namespace firstbyte::agent
