#include <algorithm>
#include <string_view>

#include "agent/probe/redirect.h"
#include "common/target.h"
#include "common/utf8.h"
#include "tests/fuzz/require.h"

using firstbyte::agent::HttpRequest;
using firstbyte::fuzz::require;

namespace {

HttpRequest request() {
  HttpRequest request;
  request.url = firstbyte::parse_target_url("https://from.example/a").value();
  request.method = firstbyte::Method::kPost;
  request.headers = {{"Authorization", "secret"}, {"Accept", "*/*"}};
  request.body = "body";
  return request;
}

}  // namespace

// Where a server says that the request should go next. The first byte picks the status.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const int status = std::array{301, 302, 303, 307, 308}.at(data[0] % 5);
  const std::string_view location(reinterpret_cast<const char*>(data) + 1, size - 1);
  const HttpRequest from = request();
  const auto next = firstbyte::agent::follow_redirect(from, status, location);
  if (!next) {
    require(firstbyte::is_printable_utf8(next.error().message), "a refusal can be shown");
    return 0;
  }
  require(firstbyte::parse_target_url(next->url.text).has_value(), "it leads to a URL");
  require(next->address.empty(), "the address is still to be looked up, and allowed");
  const bool told = std::ranges::any_of(
      next->headers, [](const auto& header) { return firstbyte::is_secret_header(header.first); });
  require(!told || firstbyte::agent::is_same_origin(from.url, next->url),
          "another origin is told no secret");
  const bool posts = next->method == firstbyte::Method::kPost;
  require(posts == (status > 303), "only 307 and 308 keep a POST");
  require(posts || next->body.empty(), "a body goes with the POST");
  return 0;
}
