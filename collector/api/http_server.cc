#include "collector/api/http_server.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "collector/api/http_session.h"
#include "common/mutex.h"

namespace firstbyte::collector {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// What clients get to read the last answers when the server stops.
constexpr std::chrono::milliseconds kDrainTime{1500};
// After a refusal by the system, most likely for want of descriptors.
constexpr std::chrono::milliseconds kAcceptRetry{100};

std::string text(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  if (endpoint.address().is_v6()) return fmt::format("[{}]:{}", address, endpoint.port());
  return fmt::format("{}:{}", address, endpoint.port());
}

class BeastServer : public HttpServer {
 public:
  BeastServer(HttpServerOptions options, std::shared_ptr<const Router> router)
      : options_(std::move(options)), router_(std::move(router)), pool_(options_.workers) {}
  ~BeastServer() override { stop(); }

  Expected<> take_certificate();
  error_code listen(const tcp::endpoint& endpoint);
  error_code listen(InheritedSocket socket);
  void run();

  std::string endpoint() const override { return text(endpoint_); }
  std::uint16_t port() const override { return endpoint_.port(); }
  std::size_t connections() const override { return connections_; }
  void stop() override EXCLUDES(stop_mutex_);

 private:
  void accept();
  void admit(tcp::socket socket);
  void forget(const std::shared_ptr<HttpSession>& session);
  void drain();

  // Constant after run().
  const HttpServerOptions options_;
  const std::shared_ptr<const Router> router_;
  tcp::endpoint endpoint_;

  // I/O thread only. Declared before what refers to it: the contexts go last.
  asio::io_context io_{1};
  asio::thread_pool pool_;
  tcp::acceptor acceptor_{io_};
  asio::steady_timer retry_{io_};
  asio::steady_timer drain_deadline_{io_};
  std::optional<ServerCertificate> certificate_;
  std::set<std::shared_ptr<HttpSession>> sessions_;
  std::atomic<std::size_t> connections_ = 0;

  Mutex stop_mutex_;
  std::thread io_thread_ GUARDED_BY(stop_mutex_);
};

Expected<> BeastServer::take_certificate() {
  if (!options_.certificate) return {};
  auto certificate = ServerCertificate::load(*options_.certificate);
  if (!certificate) return std::unexpected(certificate.error());
  certificate_ = *std::move(certificate);
  return {};
}

error_code BeastServer::listen(const tcp::endpoint& endpoint) {
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (!error) endpoint_ = acceptor_.local_endpoint(error);
  return error;
}

error_code BeastServer::listen(InheritedSocket socket) {
  error_code error;
  acceptor_.assign(socket.ipv6() ? tcp::v6() : tcp::v4(), socket.fd(), error);
  if (error) return error;
  socket.release();
  endpoint_ = acceptor_.local_endpoint(error);
  return error;
}

void BeastServer::run() {
  accept();
  MutexLock lock(stop_mutex_);
  io_thread_ = std::thread([this] { io_.run(); });
}

void BeastServer::accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (!error) admit(std::move(socket));
    if (!error || error == asio::error::connection_aborted) return accept();
    spdlog::warn("http: cannot accept a connection: {}", error.message());
    retry_.expires_after(kAcceptRetry);
    retry_.async_wait([this](error_code cancelled) {
      if (!cancelled && acceptor_.is_open()) accept();
    });
  });
}

void BeastServer::admit(tcp::socket socket) {
  if (sessions_.size() >= options_.max_connections) {
    spdlog::debug("http: a connection was refused, {} are open", sessions_.size());
    return;  // the destructor closes it
  }
  auto connection =
      certificate_ ? tls_connection(std::move(socket), options_.idle_timeout,
                                    certificate_->context(std::chrono::steady_clock::now()).get())
                   : plain_connection(std::move(socket), options_.idle_timeout);
  const auto session = std::make_shared<HttpSession>(
      std::move(connection), endpoint_.address().is_loopback(), options_, *router_, pool_);
  sessions_.insert(session);
  connections_ = sessions_.size();
  session->start([this, session] { forget(session); });
}

void BeastServer::forget(const std::shared_ptr<HttpSession>& session) {
  sessions_.erase(session);
  connections_ = sessions_.size();
  if (sessions_.empty()) drain_deadline_.cancel();
}

void BeastServer::drain() {
  error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
  for (const auto& session : sessions_) session->drain();
  if (sessions_.empty()) return;
  drain_deadline_.expires_after(kDrainTime);
  drain_deadline_.async_wait([this](error_code error) {
    if (error) return;
    for (const auto& session : sessions_) session->close();
  });
}

void BeastServer::stop() {
  MutexLock lock(stop_mutex_);
  if (!io_thread_.joinable()) return;
  asio::post(io_, [this] { drain(); });
  io_thread_.join();  // when the last session has ended there is nothing left to run
  pool_.join();
}

// Listens on a socket that there is, or on an endpoint that is free; `name` and `origin` are for
// the Error.
template <typename Place>
Expected<std::unique_ptr<HttpServer>> serve_on(Place place, const std::string& name,
                                               const std::string& origin, HttpServerOptions options,
                                               std::shared_ptr<const Router> router) {
  try {
    auto server = std::make_unique<BeastServer>(std::move(options), std::move(router));
    if (auto taken = server->take_certificate(); !taken) return std::unexpected(taken.error());
    const error_code error = server->listen(std::move(place));
    if (error) {
      return fatal(fmt::format("cannot listen on {}: {}", name, error.message()), origin);
    }
    server->run();
    return server;
  } catch (const std::system_error& failure) {  // no thread, no epoll
    return fatal(fmt::format("cannot serve HTTP on {}: {}", name, failure.what()), origin);
  }
}

}  // namespace

Expected<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerOptions options,
                                                        std::shared_ptr<const Router> router) {
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return fatal(fmt::format("{} is not an IP address", options.address), "--http");
  const tcp::endpoint endpoint(address, options.port);
  return serve_on(endpoint, text(endpoint), "--http", std::move(options), std::move(router));
}

Expected<std::unique_ptr<HttpServer>> HttpServer::start_on(InheritedSocket socket,
                                                           HttpServerOptions options,
                                                           std::shared_ptr<const Router> router) {
  return serve_on(std::move(socket), "the inherited socket", "LISTEN_FDS", std::move(options),
                  std::move(router));
}

}  // namespace firstbyte::collector
