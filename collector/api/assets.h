// The page's files, compressed when the collector is built and served from its own image.
#pragma once

#include <map>
#include <span>
#include <string_view>

#include "collector/api/http.h"

namespace firstbyte::collector {

// One file. All views live as long as the process.
struct Asset {
  std::string_view path;          // "/index.html"
  std::string_view content_type;  // with its charset
  std::string_view etag;          // of the identity encoding, quoted
  std::string_view identity;
  std::string_view brotli;  // empty: would not be smaller
  std::string_view gzip;    // empty: would not be smaller
  bool immutable = false;  // the name holds a hash of the content, so a client may keep it for good
};

// Those that the build put in (cmake/EmbedAssets.cmake); of static storage duration.
std::span<const Asset> embedded_assets();

// Thread-safe.
class Assets {
 public:
  explicit Assets(std::span<const Asset> assets);

  // The file at exactly `path`, in the encoding that the request's Accept-Encoding prefers, 304
  // when its If-None-Match holds the ETag of that very encoding, or a 404 problem.
  HttpResponse serve(const HttpRequest& request, std::string_view path) const;

 private:
  std::map<std::string_view, const Asset*> assets_;
};

}  // namespace firstbyte::collector
