#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cstdint>
#include <vector>

#include "collector/api/client_address.h"
#include "collector/api/credentials.h"
#include "collector/api/known_host.h"
#include "collector/api/request_parser.h"
#include "common/utf8.h"
#include "tests/fuzz/require.h"

namespace {

using namespace firstbyte::collector;
using firstbyte::fuzz::require;

constexpr std::size_t kMaxHeaderBytes = 1024;
constexpr std::size_t kMaxBodyBytes = 256;

// Who asks, by what proxies say of him.
void look_at_client(std::string_view forwarded_for) {
  static const std::vector<firstbyte::Network> proxies{
      firstbyte::parse_network("10.0.0.0/8").value()};
  static const auto proxy = firstbyte::parse_address("10.0.0.1").value();
  static const auto stranger = firstbyte::parse_address("192.0.2.1").value();
  require(client_address(stranger, forwarded_for, proxies) == stranger, "strangers are not heard");
  const auto client = client_address(proxy, forwarded_for, proxies);
  require(firstbyte::parse_address(firstbyte::to_string(client)) == client, "it is an address");
  require(client_address(proxy, std::string(forwarded_for) + ", 192.0.2.1", proxies) == stranger,
          "what stands left of an address that is not a proxy's does not count");
}

// What it shows to be let in, and whom it takes this server for.
void look_at_credentials(const HttpRequest& request) {
  const std::string_view authorization = request.header("authorization");
  if (const auto token = bearer_token(authorization)) {
    require(!token->empty() && authorization.ends_with(*token), "a token is what stands last");
    require(token->find_first_of(" ,;\"\t") == std::string_view::npos, "a token is one word");
  }
  if (const auto value = cookie(request.header("cookie"), "firstbyte_session")) {
    require(request.header("cookie").contains(*value), "a cookie's value is in the header");
    require(!value->contains(';'), "a cookie ends where the next begins");
  }
  const std::string_view host = request.header("host");
  require(!is_known_host(host, {}) || is_known_host(host, {"a.example"}), "names only add");
  require(!is_same_origin(request) || request.headers.contains("sec-fetch-site") ||
              request.header("origin").size() > host.size(),
          "an origin is said by the browser");
}

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
  require(std::ssize(request.headers) <= kMaxHeaders, "headers are few");
  look_at_client(request.header("x-forwarded-for"));
  look_at_credentials(request);
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
