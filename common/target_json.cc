#include "common/target_json.h"

#include <algorithm>
#include <boost/json.hpp>

#include "common/endpoint.h"
#include "common/expectations_json.h"
#include "common/json_members.h"
#include "common/measurement_json.h"
#include "common/target_url.h"

namespace firstbyte {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

// ---- reading: each takes the member at `pointer` into its part of the target

Expected<> take_endpoint(const json::value& value, const std::string& pointer,
                         std::string_view what, std::optional<Endpoint>& part) {
  if (value.is_null()) return {};
  part = value.is_string() ? parse_endpoint(view(value.get_string())) : std::nullopt;
  if (part) return {};
  return invalid(pointer, fmt::format("{} must be \"IP\" or \"IP:PORT\", an IPv6 address before a "
                                      "port in brackets",
                                      what));
}

Expected<> take_url(const json::value& value, const std::string& pointer, Target& target) {
  const auto written = take_text(value, pointer, "the URL");
  if (!written) return std::unexpected(written.error());
  Expected<TargetUrl> url = parse_target_url(*written);
  if (!url) return std::unexpected(url.error());
  target.url = std::move(url->text);
  return {};
}

Expected<> take_request_headers(const json::value& value, const std::string& pointer,
                                Target& target) {
  if (!value.is_array()) {
    return invalid(pointer, "the request headers must be a list of [name, value]");
  }
  std::size_t bytes = 0;
  for (const json::value& item : value.get_array()) {
    const std::string at = fmt::format("{}/{}", pointer, target.headers.size());
    const json::array* pair = item.if_array();
    if (pair == nullptr || pair->size() != 2 || !pair->at(0).is_string() ||
        !pair->at(1).is_string()) {
      return invalid(at, "a request header must be [name, value], both strings");
    }
    const std::string_view name = view(pair->at(0).get_string());
    const std::string_view field_value = view(pair->at(1).get_string());
    if (const auto checked = check_request_header(name, field_value); !checked) {
      return invalid(at, checked.error().message);
    }
    // So that the target never grows when its secrets are replaced.
    bytes += name.size() + std::max(field_value.size(), kRedacted.size());
    target.headers.emplace_back(name, field_value);
    if (target.headers.size() > kMaxRequestHeaders) {
      return invalid(pointer,
                     fmt::format("there are more than {} request headers", kMaxRequestHeaders));
    }
    if (bytes > kMaxRequestHeaderBytes) {
      return invalid(pointer, fmt::format("the request headers are larger than {} bytes together",
                                          kMaxRequestHeaderBytes));
    }
  }
  return {};
}

Expected<> take_body(const json::value& value, const std::string& pointer, Target& target) {
  if (value.is_null()) return {};
  const auto body = take_text(value, pointer, "the body");
  if (!body) return std::unexpected(body.error());
  if (body->size() > kMaxRequestBody) {
    return invalid(pointer, fmt::format("the body is larger than {} bytes", kMaxRequestBody));
  }
  target.body = *body;
  return {};
}

Expected<> take_timeout(const json::value& value, const std::string& pointer, Target& target) {
  const auto ms =
      take_whole(value, pointer, "the timeout", kMinTimeout.count(), kMaxTimeoutOfSamples.count());
  if (!ms) return std::unexpected(ms.error());
  target.timeout = milliseconds{*ms};
  return {};
}

Expected<> take_limits(const json::value& value, const std::string& pointer, Target& target) {
  if (!value.is_object()) return invalid(pointer, "the limits must be an object of phases");
  for (const auto& [key, limit] : value.get_object()) {
    const std::string at = pointer_to(pointer, view(key));
    const auto phase = phase_from_string(view(key));
    if (!phase) return invalid(at, "there is no such phase");
    auto taken = take_limit(limit, at, "the limit of a phase in milliseconds",
                            target.phase_limits[static_cast<std::size_t>(*phase)]);
    if (!taken) return taken;
  }
  return {};
}

// As it stood when it was stored, whatever may be asked for today: there is an answer to it.
Expected<> take_stored_url(const json::value& value, const std::string& pointer, Target& target) {
  const auto written = take_text(value, pointer, "the URL");
  if (!written) return std::unexpected(written.error());
  if (written->empty() || written->size() > kMaxUrlLength) {
    return invalid(pointer, fmt::format("the URL must have 1 to {} characters", kMaxUrlLength));
  }
  target.url = *written;
  return {};
}

using Members = std::array<Member<Target>, 14>;

constexpr Members kMembers{{
    {"url", take_url},
    {"method",
     [](const json::value& value, const std::string& pointer, Target& target) {
       return take_word(value, pointer, "the method", kMethods, target.method);
     }},
    {"request_headers", take_request_headers},
    {"body", take_body},
    {"http_version",
     [](const json::value& value, const std::string& pointer, Target& target) {
       return take_word(value, pointer, "the HTTP version", kHttpVersions, target.http_version);
     }},
    {"family",
     [](const json::value& value, const std::string& pointer, Target& target) {
       return take_word(value, pointer, "the address family", kFamilies, target.family);
     }},
    {"connect_to",
     [](const json::value& value, const std::string& pointer, Target& target) {
       return take_endpoint(value, pointer, "the address to connect to", target.connect_to);
     }},
    {"resolver",
     [](const json::value& value, const std::string& pointer, Target& target) {
       return take_endpoint(value, pointer, "the resolver", target.resolver);
     }},
    {"max_redirects",
     [](const json::value& value, const std::string& pointer, Target& target) {
       return take_int(value, pointer, "the most redirects", 0, kMaxRedirects,
                       target.max_redirects);
     }},
    {"reuse",
     [](const json::value& value, const std::string& pointer, Target& target) {
       return take_word(value, pointer, "the reuse", kReuses, target.reuse);
     }},
    {"samples",
     [](const json::value& value, const std::string& pointer, Target& target) {
       return take_int(value, pointer, "the number of samples", 1, kMaxSamples, target.samples);
     }},
    {"timeout_ms", take_timeout},
    {"limits_ms", take_limits},
    {"expect", [](const json::value& value, const std::string& pointer,
                  Target& target) { return take_expectations(value, pointer, target.expect); }},
}};

constexpr Members kStoredMembers = [] {
  Members members = kMembers;
  members.front() = {"url", take_stored_url};
  return members;
}();

// ---- what cannot be asked for together

// With its address given, nothing is looked up that could have another family.
Expected<> check_family(const Target& target, const TargetUrl& url) {
  const bool pinned = target.connect_to || url.host_is_address;
  if (!pinned || target.family == Family::kAny) return {};
  const std::string& ip = target.connect_to ? target.connect_to->ip : url.host;
  const Family has = is_ipv6(ip) ? Family::kIpv6 : Family::kIpv4;
  if (target.family == has) return {};
  return invalid("/family", fmt::format("the address {} is {}, not {}", ip, to_string(has),
                                        to_string(target.family)));
}

Expected<> check_together(const Target& target) {
  if (!target.body.empty() && target.method != Method::kPost) {
    return invalid("/body", "only a POST has a body");
  }
  if (target.timeout > max_timeout(target)) {
    return invalid("/timeout_ms", fmt::format("the timeout of a single sample must be a whole "
                                              "number from {} to {}",
                                              kMinTimeout.count(), kMaxTimeout.count()));
  }
  const Expected<TargetUrl> url = parse_target_url(target.url);
  if (!url) return std::unexpected(url.error());
  if (needs_tls(target.http_version) && !url->tls) {
    return invalid("/http_version", fmt::format("HTTP/{} is asked over TLS only, of an https URL",
                                                to_string(target.http_version)));
  }
  return check_family(target, *url);
}

// ---- writing

json::value text_value(std::string_view text) { return json_text(text); }

json::value endpoint_value(const std::optional<Endpoint>& endpoint) {
  return endpoint ? text_value(to_string(*endpoint)) : json::value(nullptr);
}

Expected<Target> parse(const json::object& object, const Members& members) {
  if (!object.contains("url")) return invalid("/url", "the URL is missing");
  Target target;
  if (auto taken = take_members<Target>(object, "", members, target); !taken) {
    return std::unexpected(taken.error());
  }
  return target;
}

}  // namespace

Expected<Target> parse_target(const json::object& object) {
  Expected<Target> target = parse(object, kMembers);
  if (!target) return target;
  if (auto checked = check_together(*target); !checked) return std::unexpected(checked.error());
  return target;
}

Expected<Target> parse_stored_target(const json::object& object) {
  return parse(object, kStoredMembers);
}

json::object target_value(const Target& target) {
  json::array headers;
  for (const auto& [name, value] : target.headers) {
    headers.push_back(json::array{text_value(name), text_value(value)});
  }
  json::object limits;
  for (const Phase phase : kPhases) {
    limits[json_text(to_string(phase))] =
        ms_value(target.phase_limits[static_cast<std::size_t>(phase)]);
  }
  return {{"url", text_value(target.url)},
          {"method", text_value(to_string(target.method))},
          {"request_headers", std::move(headers)},
          {"body", target.body.empty() ? json::value(nullptr) : text_value(target.body)},
          {"http_version", text_value(to_string(target.http_version))},
          {"family", text_value(to_string(target.family))},
          {"connect_to", endpoint_value(target.connect_to)},
          {"resolver", endpoint_value(target.resolver)},
          {"max_redirects", target.max_redirects},
          {"reuse", text_value(to_string(target.reuse))},
          {"samples", target.samples},
          {"timeout_ms", ms_value(target.timeout)},
          {"limits_ms", std::move(limits)},
          {"expect", expectations_value(target.expect)}};
}

}  // namespace firstbyte
