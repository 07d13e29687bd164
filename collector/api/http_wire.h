// Between HTTP's bytes and the plain values of http.h: the parts of the server that need no socket.
// Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "collector/api/http.h"
#include "common/error.h"

namespace firstbyte::collector {

// Fills `path` and `query` from a request line's target: "/a%20b?city=S%C3%A3o+Paulo", or the
// absolute form that proxies send. Of a parameter given twice the first counts. Refuses what is no
// valid target and what does not decode to printable UTF-8, so that it can be logged and put into
// JSON as it is.
Expected<> parse_target(std::string_view target, HttpRequest& request);

// How the client learns where the body ends.
enum class BodyFraming { kLength, kChunked, kUntilClose };

// The bytes up to and including the blank line, with the headers that every answer carries.
std::string response_head(const HttpResponse& response, BodyFraming framing, bool keep_alive);

// What is sent after the head; empty when the status or the missing type says that there is no
// body.
std::string_view response_body(const HttpResponse& response);

// The size line that opens a chunk of a chunked body; "\r\n" closes the chunk.
std::string chunk_head(std::size_t size);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// The method as a label of metrics: bounded, whatever clients send.
std::string_view method_label(std::string_view method);

}  // namespace firstbyte::collector
