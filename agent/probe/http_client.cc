#include "agent/probe/http_client.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

#include "agent/probe/http_transfer.h"
#include "common/target.h"

namespace firstbyte::agent {

HttpClient::HttpClient(EventLoop& loop, TrustStore trust, AddressPolicy policy, Keep keep)
    : loop_(loop),
      trust_(std::move(trust)),
      policy_(std::move(policy)),
      keep_(keep),
      multi_(curl_multi_init()) {
  if (keep_ == Keep::kNothing) tls_context_.emplace();
  if (keep_ == Keep::kConnections) {
    // One to each server of a chain of redirects; libcurl keeps four for each transfer at work.
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, long{kMaxRedirects + 1});
  }
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(
      multi_, CURLMOPT_SOCKETFUNCTION,
      +[](CURL* easy, curl_socket_t fd, int what, void* self, void*) {
        static_cast<HttpClient*>(self)->on_socket(easy, fd, what);
        return 0;
      });
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(
      multi_, CURLMOPT_TIMERFUNCTION, +[](CURLM*, long timeout_ms, void* self) {
        static_cast<HttpClient*>(self)->set_timer(timeout_ms);
        return 0;
      });
}

HttpClient::~HttpClient() {
  if (timer_) loop_.cancel(*timer_);
  // To close connections it may ask for time, which nobody gives any more.
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
  curl_multi_cleanup(multi_);
}

void HttpClient::add(CURL* easy) {
  // A stamp that came late looks like an error on a connection that is kept, and libcurl would not
  // use it again.
  for (const auto& [fd, connection] : connections_) {
    if (keep_ == Keep::kConnections) connection->watch().after_action();
  }
  curl_multi_add_handle(multi_, easy);
}

void HttpClient::remove(CURL* easy) { curl_multi_remove_handle(multi_, easy); }

std::shared_ptr<Connection> HttpClient::opened(int fd) {
  return connections_[fd] = std::make_shared<Connection>(fd);
}

int HttpClient::close_socket(int fd) {
  if (const auto closed = connections_.extract(fd)) closed.mapped()->watch().closing();
  return close(fd);
}

std::shared_ptr<Connection> HttpClient::connection_between(const ConnectionEnds& ends) const {
  const auto found = std::ranges::find_if(
      connections_, [&](const auto& entry) { return entry.second->is_between(ends); });
  return found == connections_.end() ? nullptr : found->second;
}

HttpClient::Sessions HttpClient::sessions_of(const TargetUrl& url, bool anew) {
  if (keep_ != Keep::kSessions) return nullptr;
  Sessions& sessions = sessions_[fmt::format("{}:{}", url.host, url.port)];
  if (!sessions || anew) {
    sessions = Sessions(curl_share_init(), curl_share_cleanup);
    curl_share_setopt(sessions.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  }
  return sessions;
}

void HttpClient::on_socket(CURL* easy, curl_socket_t fd, int what) {
  if (what == CURL_POLL_REMOVE) {
    loop_.unwatch(fd);
    return;
  }
  std::uint32_t events = 0;
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) events |= EPOLLIN;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) events |= EPOLLOUT;
  loop_.watch(fd, events, [this, easy, fd](std::uint32_t ready) {
    // What libcurl finishes here is destroyed in the loop's next turn at the earliest.
    HttpTransfer& transfer = HttpTransfer::of(easy);
    ready = transfer.before_action(ready, loop_.away());
    if (ready == 0) return;
    int action = 0;
    if ((ready & EPOLLIN) != 0) action |= CURL_CSELECT_IN;
    if ((ready & EPOLLOUT) != 0) action |= CURL_CSELECT_OUT;
    if ((ready & (EPOLLERR | EPOLLHUP)) != 0) action |= CURL_CSELECT_ERR;
    act(fd, action);
    transfer.after_action();
  });
}

void HttpClient::act(curl_socket_t fd, int events) {
  std::optional<TlsContext::Scope> scope;
  if (tls_context_) scope.emplace(*tls_context_);
  int running = 0;
  curl_multi_socket_action(multi_, fd, events, &running);
  collect_finished();
}

void HttpClient::set_timer(long timeout_ms) {
  if (timer_) loop_.cancel(*timer_);
  timer_.reset();
  if (timeout_ms < 0) return;
  const auto when = loop_.clock().now() + std::chrono::milliseconds{timeout_ms};
  timer_ = loop_.call_at(when, [this] {
    timer_.reset();
    act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void HttpClient::collect_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    // The message dies with the next call into the multi handle.
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;
    HttpTransfer::of(easy).finished(code);
  }
}

}  // namespace firstbyte::agent
