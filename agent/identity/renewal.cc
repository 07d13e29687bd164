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
constexpr seconds kLongestLook{600};

// After two thirds, and up to a twentieth later, so that agents which joined together do not renew
// together.
WallTime due(const AgentCredentials& credentials) {
  const Micros lifetime = credentials.valid_until - credentials.valid_from;
  const auto spread =
      static_cast<std::int64_t>(std::hash<std::string>{}(credentials.identity.id) % 1000);
  return credentials.valid_from + lifetime * 2 / 3 + lifetime / 20 * spread / 1000;
}

// Short lifetimes are looked at more often.
Micros part_of(Micros time, seconds most) {
  return std::clamp<Micros>(time / 20, kShortestRetry, most);
}

}  // namespace

Renewal::Renewal(AgentCredentials credentials, std::string collector, const IdentityStore& store,
                 const Clock& clock)
    : collector_(std::move(collector)),
      store_(store),
      clock_(clock),
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

bool Renewal::wait(Micros time) {
  const auto until = std::chrono::steady_clock::now() + time;
  MutexLock lock(mutex_);
  while (!stopping_ && std::chrono::steady_clock::now() < until) {
    changed_.wait_until(mutex_, until);
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
  Micros pause{0};
  bool kept = true;  // what is used is what the store has
  while (wait(pause)) {
    const AgentCredentials before = present();
    const WallTime now = clock_.wall();
    const Micros look = part_of(before.valid_until - before.valid_from, kLongestLook);
    pause = look;
    if (const auto valid = check_valid(before, now); !valid) {
      // By this clock, which may be put right: then the certificate is good again, and until then
      // no collector gives another one for it.
      spdlog::error("{}", valid.error().message);
      continue;
    }
    if (const Micros left = due(before) - now; kept && left > Micros{0}) {
      pause = std::min(left, look);
      continue;
    }
    auto renewed = renew(before);
    Expected<> done =
        renewed ? store_.save(*renewed) : Expected<>(std::unexpected(std::move(renewed.error())));
    if (renewed) {
      kept = done.has_value();
      // Also when it could not be kept: for this process it is as good.
      spdlog::info("the certificate of agent {} is renewed until {}", renewed->identity.id,
                   format_rfc3339(renewed->valid_until, false));
      MutexLock lock(mutex_);
      credentials_ = *std::move(renewed);
    }
    if (done) continue;
    pause = part_of(before.valid_until - clock_.wall(), kLongestRetry);
    spdlog::warn("the certificate, which ends at {}, was not renewed: {}; trying again in {} s",
                 format_rfc3339(before.valid_until, false), done.error().message,
                 std::chrono::duration_cast<seconds>(pause).count());
  }
}

}  // namespace firstbyte::agent
