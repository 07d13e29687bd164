#include "agent/probe/warm_up.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace firstbyte::agent {
namespace {

constexpr long kPatienceMs = 200;

// Speaks TLS to this port; `on_connected` is called with `data` before the first message.
void speak_tls(std::uint16_t port, curl_ssl_ctx_callback on_connected, void* data) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(),
                                                                 curl_easy_cleanup);
  const auto set = [&](CURLoption option, auto value) {
    curl_easy_setopt(easy.get(), option, value);
  };
  const std::string url = fmt::format("https://127.0.0.1:{}/", port);
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TIMEOUT_MS, kPatienceMs);
  set(CURLOPT_CAINFO, nullptr);
  set(CURLOPT_CAPATH, nullptr);
  set(CURLOPT_SSL_CTX_FUNCTION, on_connected);
  set(CURLOPT_SSL_CTX_DATA, data);
  curl_easy_perform(easy.get());
}

}  // namespace

void warm_up_https() {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return;
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  auto* const address = reinterpret_cast<sockaddr*>(&here);
  if (bind(listener, address, size) == 0 && listen(listener, 1) == 0 &&
      getsockname(listener, address, &size) == 0) {
    const auto hang_up = +[](CURL*, void*, void* fd) {
      const int server = accept4(*static_cast<int*>(fd), nullptr, nullptr, SOCK_CLOEXEC);
      if (server < 0) return CURLE_ABORTED_BY_CALLBACK;
      shutdown(server, SHUT_WR);
      close(std::exchange(*static_cast<int*>(fd), server));
      return CURLE_OK;
    };
    speak_tls(ntohs(here.sin_port), hang_up, &listener);
  }
  close(listener);
}

}  // namespace firstbyte::agent
