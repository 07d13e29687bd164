#include "collector/api/request_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>

#include "collector/api/http_wire.h"

namespace firstbyte::collector {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

HttpResponse bad_request(std::string detail) {
  return problem(400, "bad-request", "The request is not valid HTTP", std::move(detail));
}

HttpResponse too_many_headers(std::string detail) {
  return problem(431, "headers-too-large", "The request's headers are too large",
                 std::move(detail));
}

// Why two servers in a row might not agree where this request ends; empty when they do. What Beast
// does not know to decode it takes for a request without a body.
std::string_view ambiguity(const http::request<http::string_body>& message) {
  // Beast takes "2, 2" for 2.
  if (view(message[http::field::content_length]).contains(',')) {
    return "the request has more than one Content-Length";
  }
  const auto codings = message.count(http::field::transfer_encoding);
  if (codings == 0) return {};
  if (message.version() < 11) return "a request of HTTP/1.0 has no Transfer-Encoding";
  const bool chunked =
      codings == 1 && boost::beast::iequals(message[http::field::transfer_encoding], "chunked");
  return chunked ? std::string_view() : "the only Transfer-Encoding of a request is chunked";
}

}  // namespace

void ParserWithoutTrailers::on_field_impl(http::field name, boost::beast::string_view text,
                                          boost::beast::string_view value, error_code& error) {
  had_trailers_ = is_header_done();
  if (had_trailers_) {
    error = http::error::bad_field;
  } else {
    get().insert(name, text, value);
  }
}

RequestParser::RequestParser(std::size_t max_header_bytes, std::size_t max_body_bytes)
    : max_header_bytes_(max_header_bytes), max_body_bytes_(max_body_bytes) {
  // Its own limit is of the start line and of the headers, or of both together, as the bytes happen
  // to come; this one bounds what is kept, and take() counts.
  parser_.header_limit(static_cast<std::uint32_t>(2 * max_header_bytes));
  parser_.body_limit(max_body_bytes);
}

std::expected<void, HttpResponse> RequestParser::take(boost::beast::flat_buffer& buffer) {
  error_code error;
  if (!parser_.is_header_done()) {
    const std::size_t size = parser_.put(buffer.data(), error);
    buffer.consume(size);
    header_bytes_ += size;
    if (header_bytes_ > max_header_bytes_) error = http::error::header_limit;
    parser_.eager(parser_.is_header_done());  // the body as far as it is there
  }
  if (!error && parser_.is_header_done() && !parser_.is_done() && buffer.size() > 0) {
    buffer.consume(parser_.put(buffer.data(), error));
  }
  if (!error) return {};
  if (error == http::error::need_more && !parser_.is_header_done() &&
      header_bytes_ + buffer.size() > max_header_bytes_) {
    error = http::error::header_limit;
  }
  if (error == http::error::header_limit) {
    return std::unexpected(
        too_many_headers(fmt::format("the headers are larger than {} bytes", max_header_bytes_)));
  }
  if (error == http::error::body_limit) {
    return std::unexpected(
        problem(413, "body-too-large", "The request's body is too large",
                fmt::format("the body is larger than {} bytes", max_body_bytes_)));
  }
  if (error == http::error::need_more) {
    // Beast asks for more of a start line that is too short, even when the blank line is there.
    const std::string_view rest(static_cast<const char*>(buffer.data().data()), buffer.size());
    // It would wait for the end of a chunk's size or of a trailer for as long as they grow.
    if (rest.size() > max_header_bytes_) {
      return std::unexpected(too_many_headers(
          fmt::format("the trailers are larger than {} bytes", max_header_bytes_)));
    }
    if (parser_.is_header_done() || !rest.contains("\r\n\r\n")) return {};
    error = http::error::bad_version;
  }
  return std::unexpected(bad_request(parser_.had_trailers()
                                         ? "headers behind the body (trailers) are not taken"
                                         : error.message()));
}

bool RequestParser::waits_for_continue() const {
  return parser_.is_header_done() && !parser_.is_done() && parser_.get().version() >= 11 &&
         boost::beast::iequals(parser_.get()[http::field::expect], "100-continue");
}

std::expected<IncomingRequest, HttpResponse> RequestParser::release() {
  IncomingRequest incoming;
  incoming.keep_alive = parser_.keep_alive();
  auto message = parser_.release();
  incoming.chunks = message.version() >= 11;
  if (message.version() >= 11 && message.count(http::field::host) != 1) {
    return std::unexpected(bad_request("the request names no host, or more than one"));
  }
  if (const std::string_view why = ambiguity(message); !why.empty()) {
    return std::unexpected(bad_request(std::string(why)));
  }
  if (std::distance(message.begin(), message.end()) > kMaxHeaders) {
    return std::unexpected(
        too_many_headers(fmt::format("there are more than {} headers", kMaxHeaders)));
  }
  HttpRequest& request = incoming.request;
  if (const auto parsed = parse_target(view(message.target()), request); !parsed) {
    return std::unexpected(bad_request(parsed.error().message));
  }
  request.method = view(message.method_string());
  for (const auto& field : message) {
    std::string& value = request.headers[lower_case(view(field.name_string()))];
    if (!value.empty()) value += ", ";
    value += view(field.value());
  }
  request.body = std::move(message.body());
  return incoming;
}

}  // namespace firstbyte::collector
