// Makes a request out of the bytes of a connection. Knows nothing of sockets.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <expected>

#include "collector/api/http.h"

namespace firstbyte::collector {

inline constexpr std::ptrdiff_t kMaxHeaders = 100;  // browsers send about twenty

struct IncomingRequest {
  HttpRequest request;
  bool chunks = true;  // its client understands a chunked answer: not HTTP/1.0
  bool keep_alive = false;
};

// Beast would put the trailers of a chunked body among the headers, where everybody takes them for
// what the proxy in front has let through.
class ParserWithoutTrailers final
    : public boost::beast::http::request_parser<boost::beast::http::string_body> {
 public:
  bool had_trailers() const { return had_trailers_; }

 private:
  void on_field_impl(boost::beast::http::field name, boost::beast::string_view text,
                     boost::beast::string_view value, boost::beast::error_code& error) override;

  bool had_trailers_ = false;
};

// For one request. Whatever is refused is refused with the problem to answer with; the connection
// is of no use after that, since nobody knows where the next request would begin.
class RequestParser {
 public:
  // In bytes; more gives a 431 or a 413 problem, as do more than kMaxHeaders. Trailers are refused.
  RequestParser(std::size_t max_header_bytes, std::size_t max_body_bytes);

  // Consumes what belongs to this request and leaves what follows, the next one.
  std::expected<void, HttpResponse> take(boost::beast::flat_buffer& buffer);
  bool complete() const { return parser_.is_done(); }
  // The client will send the body when it is told to ("Expect: 100-continue").
  bool waits_for_continue() const;
  // The request, once it is complete.
  std::expected<IncomingRequest, HttpResponse> release();

 private:
  const std::size_t max_header_bytes_;
  const std::size_t max_body_bytes_;
  std::size_t header_bytes_ = 0;  // with the start line, as far as they have been taken
  ParserWithoutTrailers parser_;
};

}  // namespace firstbyte::collector
