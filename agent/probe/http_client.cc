#include <fmt/format.h>
#include <openssl/err.h>
#include <sys/epoll.h>

#include "agent/probe/http_transfer.h"

namespace firstbyte::agent {

Expected<TrustStore> TrustStore::load(const std::string& ca_file) {
  std::shared_ptr<X509_STORE> store(X509_STORE_new(), X509_STORE_free);
  ERR_clear_error();
  if (X509_STORE_load_file(store.get(), ca_file.c_str()) != 1) {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return fatal(fmt::format("cannot read certificates from {}: {}", ca_file,
                             reason == nullptr ? "unknown error" : reason),
                 "--ca-file");
  }
  return TrustStore(std::move(store));
}

HttpClient::HttpClient(EventLoop& loop, TrustStore trust, AddressPolicy policy)
    : loop_(loop),
      trust_(std::move(trust)),
      tls_context_(trust_.get()),
      policy_(std::move(policy)),
      multi_(curl_multi_init()) {
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
  curl_multi_cleanup(multi_);
}

void HttpClient::add(CURL* easy) { curl_multi_add_handle(multi_, easy); }

void HttpClient::remove(CURL* easy) { curl_multi_remove_handle(multi_, easy); }

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
    ready = transfer.before_action(ready);
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
  const TlsContext::Scope scope(tls_context_);
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
