#include "agent/stream/collector_stream.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <utility>

#include "agent/stream/session.h"

namespace firstbyte::agent {
namespace {

std::shared_ptr<grpc::Channel> make_channel(const StreamOptions& options) {
  grpc::ChannelArguments arguments;
  // A collector that vanished without a word is noticed within half a minute.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // This class does the waiting between attempts; the channel must not add its own.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  // A proxy from the environment, or a service configuration from DNS, is not what the operator
  // typed.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  return grpc::CreateCustomChannel(
      options.collector,
      options.credentials ? options.credentials() : grpc::InsecureChannelCredentials(), arguments);
}

bool is_final(grpc::StatusCode code) {
  return code == grpc::StatusCode::ALREADY_EXISTS || code == grpc::StatusCode::INVALID_ARGUMENT ||
         code == grpc::StatusCode::PERMISSION_DENIED || code == grpc::StatusCode::UNAUTHENTICATED;
}

// Of the orders that may be under way at once; a collector queues no more for one agent than a
// quarter of these.
constexpr std::size_t kRemembered = 4096;

// The collector cannot know whether an order came on a stream that broke, and sends it again on the
// next one. Called by one stream's reactions at a time.
StreamHandlers take_orders_once(StreamHandlers handlers) {
  handlers.on_order = [on_order = std::move(handlers.on_order),
                       taken = std::deque<std::string>()](ProbeOrder order) mutable {
    if (std::ranges::find(taken, order.test_id) != taken.end()) return;
    taken.push_back(order.test_id);
    if (taken.size() > kRemembered) taken.pop_front();
    on_order(std::move(order));
  };
  return handlers;
}

}  // namespace

CollectorStream::CollectorStream(StreamOptions options, StreamHandlers handlers, SqliteSpool& spool,
                                 const Clock& clock)
    : options_(std::move(options)),
      handlers_(take_orders_once(std::move(handlers))),
      spool_(spool),
      clock_(clock) {}

CollectorStream::~CollectorStream() { stop(std::chrono::milliseconds{0}); }

void CollectorStream::start() {
  spool_.on_change([this] {
    if (const auto session = current()) session->look_again();
  });
  thread_ = std::thread([this] { run(); });
}

void CollectorStream::run() {
  Backoff backoff(options_.first_retry, options_.longest_retry,
                  std::hash<std::string>{}(options_.identity.id) ^ spool_.boot());
  while (true) {
    auto stub = v1::AgentGateway::NewStub(make_channel(options_));
    auto session = std::make_shared<Session>(*stub, options_, handlers_, spool_, clock_);
    {
      MutexLock lock(mutex_);
      if (stopping_) return;
      session_ = session;
    }
    const MonotonicTime begun = clock_.now();
    const grpc::Status status = session->run();
    {
      MutexLock lock(mutex_);
      session_ = nullptr;
      changed_.notify_all();
      if (stopping_) return;
    }
    if (is_final(status.error_code())) {
      handlers_.on_refused(Error{Error::Kind::kFatal, status.error_message(), "--collector"});
      return;
    }
    if (session->was_welcome()) backoff.was_connected_for(clock_.now() - begun);
    const Backoff::Millis delay = choose_delay(*session, status, backoff);
    // Or their channel would go on dialling meanwhile.
    session = nullptr;
    stub = nullptr;
    if (!wait_before_retry(delay)) return;
  }
}

Backoff::Millis CollectorStream::choose_delay(const Session& session, const grpc::Status& status,
                                              Backoff& backoff) const {
  if (const auto asked = session.come_back()) {
    const auto within = std::chrono::floor<Backoff::Millis>(asked->within);
    const auto since = std::chrono::floor<Backoff::Millis>(clock_.now() - asked->heard);
    const auto delay = std::max(Backoff::Millis{0}, backoff.part_of(within) - since);
    spdlog::info(
        "the collector at {} goes and asked for coming back within {} ms; doing so in {} ms",
        options_.collector, within.count(), delay.count());
    return delay;
  }
  const Backoff::Millis delay = backoff.next();
  spdlog::warn("no connection to the collector at {} (--collector): {}; trying again in {} ms",
               options_.collector, status.ok() ? "it ended the stream" : status.error_message(),
               delay.count());
  return delay;
}

bool CollectorStream::wait_before_retry(Backoff::Millis delay) {
  const auto until = std::chrono::steady_clock::now() + delay;
  MutexLock lock(mutex_);
  while (!stopping_ && std::chrono::steady_clock::now() < until) {
    changed_.wait_until(mutex_, until);
  }
  return !stopping_;
}

void CollectorStream::stop(std::chrono::milliseconds patience) {
  if (!thread_.joinable()) return;
  {
    const auto until = std::chrono::steady_clock::now() + patience;
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    if (session_) session_->say_goodbye();
    while (session_ && std::chrono::steady_clock::now() < until) {
      changed_.wait_until(mutex_, until);
    }
    if (session_) session_->cancel();
  }
  thread_.join();
  spool_.on_change(nullptr);
}

std::shared_ptr<CollectorStream::Session> CollectorStream::current() const {
  MutexLock lock(mutex_);
  return session_;
}

void CollectorStream::report_progress(const std::string& test_id, Phase phase, Micros elapsed) {
  if (const auto session = current()) session->report_progress(test_id, phase, elapsed);
}

}  // namespace firstbyte::agent
