#include "collector/api/assets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>

namespace firstbyte::collector {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Takes what stands before `separator` off the front of `rest`.
std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return trim(part);
}

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// "gzip;q=0.5" weighs 0.5, "gzip" 1; what cannot be read weighs nothing.
double weight(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view value = cut(parameters, ';');
    if (!same_word(cut(value, '='), "q")) continue;
    double weight = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), weight);
    return error == std::errc{} && end == value.data() + value.size() ? weight : 0;
  }
  return 1;
}

// How much the client wants `coding`; absent when the header speaks neither of it nor of "*".
std::optional<double> preference(std::string_view accept_encoding, std::string_view coding) {
  std::optional<double> any;
  while (!accept_encoding.empty()) {
    std::string_view parameters = cut(accept_encoding, ',');
    const std::string_view name = cut(parameters, ';');
    if (same_word(name, coding)) return weight(parameters);
    if (name == "*") any = weight(parameters);
  }
  return any;
}

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
    return problem(404, "not-found", "Nothing is here",
                   fmt::format("there is nothing at {}", path));
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
