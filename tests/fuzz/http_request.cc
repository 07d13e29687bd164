#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cstdint>
#include <vector>

#include "collector/api/request_parser.h"
#include "common/utf8.h"
#include "tests/fuzz/require.h"

namespace {

using namespace firstbyte::collector;
using firstbyte::fuzz::require;

constexpr std::size_t kMaxHeaderBytes = 1024;
constexpr std::size_t kMaxBodyBytes = 256;

void look_at(const HttpRequest& request) {
  require(!request.method.empty(), "a request has a method");
  require(request.path.starts_with('/'), "a path begins with a slash");
  require(firstbyte::is_printable_utf8(request.path), "a path can be logged");
  for (const auto& [name, value] : request.query) {
    require(firstbyte::is_printable_utf8(name) && firstbyte::is_printable_utf8(value),
            "a query can be logged");
  }
  for (const auto& [name, value] : request.headers) {
    require(!name.empty(), "a header has a name");
    require(std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }),
            "names of headers are in lower case");
    require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
            "a header ends with its line");
  }
  require(request.body.size() <= kMaxBodyBytes, "a body is bounded");
}

// The requests of a connection whose bytes come in the given pieces, until one is refused.
std::vector<HttpRequest> requests_of(std::vector<std::string_view> pieces) {
  std::vector<HttpRequest> requests;
  boost::beast::flat_buffer buffer;
  auto parser = std::make_unique<RequestParser>(kMaxHeaderBytes, kMaxBodyBytes);
  for (const std::string_view piece : pieces) {
    boost::asio::buffer_copy(buffer.prepare(piece.size()),
                             boost::asio::buffer(piece.data(), piece.size()));
    buffer.commit(piece.size());
    while (buffer.size() > 0) {
      const auto taken = parser->take(buffer);
      if (!taken) {
        require(taken.error().status >= 400, "a refusal is an error");
        return requests;
      }
      parser->waits_for_continue();
      if (!parser->complete()) break;
      auto incoming = parser->release();
      if (!incoming) return requests;
      look_at(incoming->request);
      requests.push_back(std::move(incoming->request));
      parser = std::make_unique<RequestParser>(kMaxHeaderBytes, kMaxBodyBytes);
    }
  }
  return requests;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // Nobody knows how a network cuts what is sent; the first byte says where.
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t cut = std::min<std::size_t>(data[0], bytes.size());
  const auto whole = requests_of({bytes});
  const auto pieces = requests_of({bytes.substr(0, cut), bytes.substr(cut)});
  require(std::ranges::equal(whole, pieces,
                             [](const HttpRequest& a, const HttpRequest& b) {
                               return a.method == b.method && a.path == b.path &&
                                      a.query == b.query && a.headers == b.headers &&
                                      a.body == b.body;
                             }),
          "the same requests come of the same bytes");
  return 0;
}
