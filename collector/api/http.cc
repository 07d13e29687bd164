#include "collector/api/http.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace firstbyte::collector {

std::string_view cut_text(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  const auto continues = [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
  };
  while (most > 0 && continues(text[most])) --most;
  return text.substr(0, most);
}

HttpResponse problem(unsigned status, std::string_view slug, std::string_view title,
                     std::string detail, std::string_view field) {
  boost::json::object document;
  document["type"] = "urn:firstbyte:problem:" + std::string(slug);
  document["title"] = boost::json::string_view(title.data(), title.size());
  document["status"] = status;
  document["detail"] = detail;
  if (!field.empty()) document["field"] = boost::json::string_view(field.data(), field.size());

  HttpResponse response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = boost::json::serialize(document);
  return response;
}

HttpResponse not_found(std::string_view path) {
  return problem(404, "not-found", "Nothing is here", "there is nothing at " + std::string(path));
}

}  // namespace firstbyte::collector
