#include "collector/api/http.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace firstbyte::collector {

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
