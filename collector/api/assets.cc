#include "collector/api/assets.h"

#include <fmt/format.h>

#include <string>

#include "collector/api/header_list.h"

namespace firstbyte::collector {
namespace {

struct Encoding {
  std::string_view name;  // empty: identity
  std::string_view suffix;
  std::string_view bytes;
};

Encoding choose_encoding(const Asset& asset, std::string_view accept_encoding) {
  // Identity is always acceptable, and last among equals. Refusing it ("identity;q=0") leaves it
  // the answer of last resort, as RFC 9110 allows, rather than a 406 that helps nobody.
  Encoding best{{}, {}, asset.identity};
  double best_weight = preference(accept_encoding, "identity").value_or(0);
  // Smallest last, so that it wins a tie.
  for (const Encoding& encoding :
       {Encoding{"gzip", "-gz", asset.gzip}, Encoding{"br", "-br", asset.brotli}}) {
    const double weight = preference(accept_encoding, encoding.name).value_or(0);
    if (encoding.bytes.empty() || weight <= 0 || weight < best_weight) continue;
    best = encoding;
    best_weight = weight;
  }
  return best;
}

// `"abc"` with "-br" is `"abc-br"`.
std::string suffixed(std::string_view etag, std::string_view suffix) {
  return fmt::format("{}{}\"", etag.substr(0, etag.size() - 1), suffix);
}

// Weak comparison, as RFC 9110 asks for If-None-Match.
bool matches(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    std::string_view candidate = cut(if_none_match, ',');
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (candidate == "*" || candidate == etag) return true;
  }
  return false;
}

}  // namespace

Assets::Assets(std::span<const Asset> assets) {
  for (const Asset& asset : assets) assets_.emplace(asset.path, &asset);
}

HttpResponse Assets::serve(const HttpRequest& request, std::string_view path) const {
  const auto found = assets_.find(path);
  if (found == assets_.end()) {
    return not_found(path);
  }
  const Asset& asset = *found->second;
  const Encoding encoding = choose_encoding(asset, request.header("accept-encoding"));
  std::string etag = suffixed(asset.etag, encoding.suffix);

  HttpResponse response;
  const bool known = matches(request.header("if-none-match"), etag);
  response.headers = {
      {"ETag", std::move(etag)},
      {"Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (!asset.brotli.empty() || !asset.gzip.empty()) {
    response.headers.emplace_back("Vary", "Accept-Encoding");
  }
  if (known) {
    response.status = 304;
    return response;
  }
  if (!encoding.name.empty()) response.headers.emplace_back("Content-Encoding", encoding.name);
  response.content_type = asset.content_type;
  response.static_body = encoding.bytes;
  return response;
}

}  // namespace firstbyte::collector
