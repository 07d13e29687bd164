#include "collector/api/http_wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <ctime>

#include "collector/api/header_list.h"
#include "common/utf8.h"

namespace firstbyte::collector {
namespace {

// No inline script or style, and no other host. Images may be data:, since the page draws its own
// picture by way of one.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
}

// A value that came from outside must not be able to start a new header.
std::string header_value(std::string value) {
  std::erase_if(value, is_control);
  return value;
}

bool has_header(const HttpResponse& response, std::string_view name) {
  return std::ranges::any_of(response.headers,
                             [&](const auto& header) { return same_word(header.first, name); });
}

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 40> text{};
  const std::size_t length =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return std::string(text.data(), length);
}

bool forbids_body(unsigned status) { return status < 200 || status == 204 || status == 304; }

void append_body_headers(const HttpResponse& response, BodyFraming framing, std::string& head) {
  const std::string& type = response.content_type;
  if (!type.empty() && !forbids_body(response.status)) {
    head += "Content-Type: " + header_value(type) + "\r\n";
  }
  if (type.starts_with("text/html")) {
    head += fmt::format("Content-Security-Policy: {}\r\n", kContentSecurityPolicy);
  }
  const bool json =
      type.starts_with("application/json") || type.starts_with("application/problem+json");
  if (json && !has_header(response, "Cache-Control")) head += "Cache-Control: no-store\r\n";
  if (framing == BodyFraming::kChunked) head += "Transfer-Encoding: chunked\r\n";
  if (framing == BodyFraming::kLength && !forbids_body(response.status)) {
    head += fmt::format("Content-Length: {}\r\n", response_body(response).size());
  }
}

}  // namespace

Expected<> parse_target(std::string_view target, HttpRequest& request) {
  const boost::urls::string_view text(target.data(), target.size());
  const bool absolute = target.starts_with("http://") || target.starts_with("https://");
  const auto url =
      absolute ? boost::urls::parse_absolute_uri(text) : boost::urls::parse_origin_form(text);
  if (!url) return invalid({}, "the request's target is not a valid path");
  request.path = url->path();
  if (request.path.empty()) request.path = "/";
  // Boost.URL 1.81 takes what it cannot read as a port for the path's beginning.
  if (!request.path.starts_with('/')) {
    return invalid({}, "the request's target is not a valid path");
  }
  bool printable = is_printable_utf8(request.path);
  boost::urls::encoding_opts form;  // what HTML forms and URLSearchParams write
  form.space_as_plus = true;
  for (const auto& parameter : url->params(form)) {
    printable = printable && is_printable_utf8(parameter.key) && is_printable_utf8(parameter.value);
    request.query.try_emplace(parameter.key, parameter.value);
  }
  if (!printable) return invalid({}, "the request's target does not decode to printable UTF-8");
  return {};
}

std::string response_head(const HttpResponse& response, BodyFraming framing, bool keep_alive) {
  const auto reason =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(response.status));
  std::string head = fmt::format(
      "HTTP/1.1 {} {}\r\n"
      "Server: firstbyte\r\n"
      "Date: {}\r\n"
      "Connection: {}\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "Referrer-Policy: no-referrer\r\n"
      "Cross-Origin-Resource-Policy: same-origin\r\n",
      response.status, std::string_view(reason.data(), reason.size()), http_date(),
      keep_alive ? "keep-alive" : "close");
  append_body_headers(response, framing, head);
  for (const auto& [name, value] : response.headers) {
    head += header_value(name) + ": " + header_value(value) + "\r\n";
  }
  head += "\r\n";
  return head;
}

std::string_view response_body(const HttpResponse& response) {
  if (response.content_type.empty() || forbids_body(response.status)) return {};
  return response.static_body ? *response.static_body : std::string_view(response.body);
}

std::string chunk_head(std::size_t size) { return fmt::format("{:x}\r\n", size); }

std::string_view method_label(std::string_view method) {
  static constexpr std::array<std::string_view, 7> kKnown{"GET",    "HEAD",  "POST",   "PUT",
                                                          "DELETE", "PATCH", "OPTIONS"};
  const auto* const found = std::ranges::find(kKnown, method);
  return found == kKnown.end() ? std::string_view("OTHER") : *found;
}

}  // namespace firstbyte::collector
