#include "common/target_url.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <memory>

#include "common/utf8.h"
#include "tests/fuzz/require.h"

namespace {

using firstbyte::TargetUrl;
using firstbyte::fuzz::require;

bool is_address(const std::string& host) {
  std::array<unsigned char, 16> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

class CurlUrl {
 public:
  explicit CurlUrl(const std::string& text) {
    understood_ = curl_url_set(url_.get(), CURLUPART_URL, text.c_str(), 0) == CURLUE_OK;
  }
  bool understood() const { return understood_; }
  std::string part(CURLUPart which) const {
    char* text = nullptr;
    if (curl_url_get(url_.get(), which, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
    const std::unique_ptr<char, decltype(&curl_free)> owner(text, curl_free);
    return text;
  }

 private:
  std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url_{curl_url(), curl_url_cleanup};
  bool understood_ = false;
};

// The policy is asked about our host, the request goes where libcurl takes the URL to lead.
void require_same_for_curl(const TargetUrl& url) {
  const CurlUrl curl(url.text);
  require(curl.understood(), "libcurl takes what is accepted");
  std::string host = curl.part(CURLUPART_HOST);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  require(host == url.host || (url.host_is_address && is_address(host)), "one host for both");
  require(curl.part(CURLUPART_PORT) == std::to_string(url.port), "one port for both");
  require(curl.part(CURLUPART_SCHEME) == (url.tls ? "https" : "http"), "one scheme for both");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto url = firstbyte::parse_target_url({reinterpret_cast<const char*>(data), size});
  if (!url) {
    require(url.error().field == "/url", "a refusal names its field");
    require(!url.error().message.empty() && firstbyte::is_printable_utf8(url.error().message),
            "a refusal is a sentence that can be shown");
    return 0;
  }
  const auto printable = [](char c) { return c > ' ' && c < 0x7f; };
  require(std::ranges::all_of(url->text, printable), "the text is printable ASCII");
  require(url->text.size() <= firstbyte::kMaxUrlLength, "the text is bounded");
  require(url->text.starts_with(url->tls ? "https://" : "http://"), "the scheme is normalised");
  require(!url->text.contains('#'), "there is no fragment");
  require(!url->host.empty() && std::ranges::all_of(url->host, printable), "there is a host");
  require(url->host.find_first_of("/?#@[]\\%") == std::string::npos, "nothing but a host is in it");
  require(url->host_is_address == is_address(url->host), "an address is known as one");
  require(url->port != 0, "there is a port");

  const auto again = firstbyte::parse_target_url(url->text);
  require(again.has_value(), "what was normalised is accepted");
  require(again->text == url->text, "what was normalised stays as it is");
  require(again->host == url->host && again->port == url->port && again->tls == url->tls &&
              again->host_is_address == url->host_is_address,
          "normalising leads nowhere else");
  require_same_for_curl(*url);
  return 0;
}
