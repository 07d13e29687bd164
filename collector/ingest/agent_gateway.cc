#include "collector/ingest/agent_gateway.h"

#include <fmt/format.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "collector/access/agent_access.h"
#include "collector/ingest/agent_peer.h"
#include "collector/ingest/agent_session.h"
#include "collector/ingest/enrollment_service.h"
#include "collector/ingest/server_tls.h"
#include "common/mutex.h"
#include "firstbyte/v1/agent.grpc.pb.h"
#include "proto/grpc_log.h"

namespace firstbyte::collector {
namespace {

// How often sessions are looked at: pings, silence, challenges.
constexpr std::chrono::milliseconds kTick{250};
// A certificate that ends changes nothing in the database, so connected agents are looked at
// anyway.
constexpr std::chrono::seconds kAccessCheck{2};
// How old "last seen" may be of an agent that is connected.
constexpr std::chrono::seconds kPresenceNote{20};
// Past what a message may have, so that one that is too large ends with the reason, from the
// session.
constexpr int kMaxReceiveBytes = 2 * static_cast<int>(kMaxMessageBytes);
// What gRPC may hold for all connections together. An allowance: a mebibyte, where agents cut their
// batches, for each of a thousand of them; strangers' messages count as well.
constexpr std::size_t kMostMemory = std::size_t{1} << 30U;
constexpr std::chrono::milliseconds kComeBackEach{5};
constexpr std::chrono::seconds kDepartLimit{2};

// Whether all that had been measured when the agent's clock was last set, or first compared, is
// stored.
bool is_settled(const AgentRecord& agent) {
  const auto& spool = agent.condition.spool;
  if (!spool || spool->status.results > 0) return false;
  return agent.clock_steps.empty() || spool->at > agent.clock_steps.front().at;
}

// A stream that is over before it began.
class RefusedStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit RefusedStream(const grpc::Status& status) { Finish(status); }

 private:
  void OnDone() override { delete this; }
};

using RawService = v1::AgentGateway::WithRawCallbackMethod_Connect<v1::AgentGateway::Service>;

class GrpcAgentGateway final : public AgentGateway, private RawService {
 public:
  GrpcAgentGateway(Options options, Store& store, AgentRegistry& agents, Dispatcher& dispatcher,
                   const Clock& clock)
      : options_(std::move(options)),
        store_(store),
        agents_(agents),
        dispatcher_(dispatcher),
        clock_(clock) {}

  ~GrpcAgentGateway() override { stop(); }

  Expected<> listen() {
    send_grpc_log_to_ours();
    recall_clocks();
    grpc::ServerBuilder builder;
    builder.AddListeningPort(
        options_.address,
        options_.tls != nullptr ? options_.tls->credentials() : grpc::InsecureServerCredentials(),
        &port_);
    builder.RegisterService(this);
    if (options_.tls != nullptr) {
      enrollment_ = std::make_unique<EnrollmentService>(*options_.access, *options_.tls);
      builder.RegisterService(enrollment_.get());
    }
    builder.SetMaxReceiveMessageSize(kMaxReceiveBytes);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    // Agents ping every 20 s; gRPC's own default would call that abuse.
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
    // Otherwise two collectors could share the port, each with half of the agents.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    // Whoever only knocks, without a certificate or a stream, is not kept.
    builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 60'000);
    grpc::ResourceQuota memory("agents");
    memory.Resize(kMostMemory);
    builder.SetResourceQuota(memory);
    server_ = builder.BuildAndStart();
    if (!server_ || port_ == 0) {
      return fatal(fmt::format("cannot listen on {}: the address is in use or not this machine's",
                               options_.address),
                   "--grpc");
    }
    ticker_ = std::thread([this] { tick_sessions(); });
    return {};
  }

  int port() const override { return port_; }
  const IngestStats& stats() const override { return stats_; }

  void stop() override {
    {
      MutexLock lock(mutex_);
      stopping_ = true;
      changed_.notify_all();
    }
    if (ticker_.joinable()) ticker_.join();
    see_off();
    // Streams are meant to last for ever; a deadline in the past ends them now.
    if (server_) {
      server_->Shutdown(std::chrono::system_clock::now());
      if (options_.access != nullptr) options_.access->note_connected({});
    }
    server_ = nullptr;
  }

 private:
  // So that a clock that was set while this collector was away shows, too. It goes by this
  // machine's wall clock: if that one was set, that shows.
  void recall_clocks() {
    const auto agents = store_.agents();
    if (!agents) {
      spdlog::warn("what was known of the agents' clocks cannot be read: {}",
                   agents.error().message);
      return;
    }
    for (const AgentRecord& agent : *agents) {
      if (const auto& known = agent.condition.clock) {
        const ClockOffset aged = ClockFilter::aged(known->offset, clock_.wall() - known->at);
        clocks_.keep(agent.identity.id, ClockFilter(aged, is_settled(agent), clock_.now()));
      }
    }
  }

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Connect(
      grpc::CallbackServerContext* grpc) override {
    std::optional<AgentPeer> peer;
    if (options_.access != nullptr) {
      auto shown = peer_of(*grpc->auth_context());
      if (!shown) {
        ++stats_.refused;
        spdlog::warn("refused an agent at {}: {}", grpc->peer(), shown.error().message);
        return new RefusedStream(status_of(shown.error()));  // gone when gRPC is done with it
      }
      peer = *std::move(shown);
    }
    auto session = std::make_shared<AgentSession>(
        *grpc, SessionContext{options_, store_, agents_, dispatcher_, clock_, stats_, clocks_,
                              std::move(peer)});
    bool late = false;
    {
      MutexLock lock(mutex_);
      late = stopping_;
      std::erase_if(sessions_, [](const auto& weak) { return weak.expired(); });
      sessions_.push_back(session);
    }
    session->begin();
    if (late) session->depart(options_.come_back);
    return session.get();  // it holds itself until OnDone
  }

  std::vector<std::shared_ptr<AgentSession>> sessions() EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    std::vector<std::shared_ptr<AgentSession>> alive;
    for (const auto& weak : sessions_) {
      if (auto session = weak.lock()) alive.push_back(std::move(session));
    }
    return alive;
  }

  void see_off() {
    const std::size_t count = sessions().size();
    const auto come_back = std::max(options_.come_back, static_cast<int>(count) * kComeBackEach);
    for (const auto& session : sessions()) session->depart(come_back);
    const auto until = std::chrono::steady_clock::now() + kDepartLimit;
    while (!sessions().empty() && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
  }

  void tick_sessions() {
    while (true) {
      for (const auto& session : sessions()) session->tick();
      if (options_.tls != nullptr) options_.tls->tick();
      if (options_.access != nullptr) look_after_access();
      const auto next = std::chrono::steady_clock::now() + kTick;
      MutexLock lock(mutex_);
      while (!stopping_ && std::chrono::steady_clock::now() < next) {
        changed_.wait_until(mutex_, next);
      }
      if (stopping_) return;
    }
  }

  // The ticker's thread only.
  void look_after_access() {
    const MonotonicTime now = clock_.now();
    if (options_.access->changed() || now - access_checked_ >= kAccessCheck) {
      access_checked_ = now;
      for (const auto& session : sessions()) session->check_access();
    }
    std::set<std::string> connected;
    for (const ConnectedAgent& agent : agents_.all()) connected.insert(agent.identity.id);
    const bool fresh = noted_ && (connected.empty() || now - *noted_ < kPresenceNote);
    if (fresh && connected == connected_) return;
    options_.access->note_connected(connected);
    connected_ = std::move(connected);
    noted_ = now;
  }

  // Constant after listen().
  const Options options_;
  Store& store_;
  AgentRegistry& agents_;
  Dispatcher& dispatcher_;
  const Clock& clock_;
  int port_ = 0;
  std::unique_ptr<EnrollmentService> enrollment_;  // with TLS
  std::unique_ptr<grpc::Server> server_;
  std::thread ticker_;

  // The ticker's.
  MonotonicTime access_checked_{};
  std::set<std::string> connected_;
  std::optional<MonotonicTime> noted_;  // when the database was told of these

  IngestStats stats_;
  ClockBook clocks_;
  Mutex mutex_;
  CondVar changed_;
  std::vector<std::weak_ptr<AgentSession>> sessions_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
};

}  // namespace

Expected<std::unique_ptr<AgentGateway>> AgentGateway::start(Options options, Store& store,
                                                            AgentRegistry& agents,
                                                            Dispatcher& dispatcher,
                                                            const Clock& clock) {
  auto gateway =
      std::make_unique<GrpcAgentGateway>(std::move(options), store, agents, dispatcher, clock);
  if (const Expected<> listening = gateway->listen(); !listening) {
    return std::unexpected(listening.error());
  }
  return gateway;
}

}  // namespace firstbyte::collector
