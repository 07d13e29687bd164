#include "common/target_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "common/endpoint.h"
#include "common/flag_values.h"

namespace firstbyte {
namespace {

Expected<> take_method(const TargetFlags& flags, Target& target) {
  if (flags.body) {
    target.method = Method::kPost;
    target.body = *flags.body;
  }
  if (flags.method) {
    const Expected<Method> method = choice("--method", *flags.method, kMethods);
    if (!method) return std::unexpected(method.error());
    target.method = *method;
  }
  if (flags.body && target.method != Method::kPost) {
    return invalid("--body", fmt::format("does not go with --method {}", to_string(target.method)));
  }
  if (target.body.size() > kMaxRequestBody) {
    return invalid("--body",
                   fmt::format("has {} bytes, more than {}", target.body.size(), kMaxRequestBody));
  }
  return {};
}

Expected<> take_headers(const TargetFlags& flags, Target& target) {
  std::size_t bytes = 0;
  for (const std::string& text : flags.headers) {
    auto [name, value] = split_header(text);
    // What is refused may be a secret without its name.
    if (!value) return invalid("--header", "a header must be given as \"Name: value\"");
    if (const auto checked = check_request_header(name, *value); !checked) {
      return invalid("--header", checked.error().message);
    }
    bytes += name.size() + value->size();
    target.headers.emplace_back(std::move(name), *std::move(value));
  }
  if (target.headers.size() > kMaxRequestHeaders) {
    return invalid("--header", fmt::format("{} headers are more than {}", target.headers.size(),
                                           kMaxRequestHeaders));
  }
  if (bytes > kMaxRequestHeaderBytes) {
    return invalid("--header", fmt::format("the headers have {} bytes together, more than {}",
                                           bytes, kMaxRequestHeaderBytes));
  }
  return {};
}

Expected<Family> understand_family(const TargetFlags& flags) {
  if (static_cast<int>(flags.only_ipv4) + static_cast<int>(flags.only_ipv6) +
          static_cast<int>(flags.family.has_value()) >
      1) {
    return invalid("--family",
                   "it, -4 and -6 exclude each other; for both families: --family both");
  }
  if (flags.only_ipv4) return Family::kIpv4;
  if (flags.only_ipv6) return Family::kIpv6;
  return choice("--family", flags.family.value_or("any"), kFamilies);
}

// Where the request goes.
Expected<> take_way(const TargetFlags& flags, Target& target) {
  const Expected<Family> family = understand_family(flags);
  if (!family) return std::unexpected(family.error());
  target.family = *family;
  if (!flags.connect_to) return {};
  const std::optional<Endpoint> address = parse_endpoint(*flags.connect_to);
  if (!address) {
    return invalid("--connect-to", fmt::format("{} is not IP or IP:PORT, such as 192.0.2.1 or "
                                               "[2001:db8::1]:443",
                                               *flags.connect_to));
  }
  const Family its = is_ipv6(address->ip) ? Family::kIpv6 : Family::kIpv4;
  if (target.family != Family::kAny && target.family != its) {
    return invalid("--connect-to",
                   fmt::format("{} is one {} address, so it does not go with the "
                               "family {}",
                               address->ip, to_string(its), to_string(target.family)));
  }
  target.connect_to = *address;
  return {};
}

Expected<> take_samples(const TargetFlags& flags, Target& target) {
  const Expected<HttpVersion> version = choice("--http-version", flags.http_version, kHttpVersions);
  if (!version) return std::unexpected(version.error());
  target.http_version = *version;
  const Expected<Reuse> reuse = choice("--reuse", flags.reuse, kReuses);
  if (!reuse) return std::unexpected(reuse.error());
  target.reuse = *reuse;
  for (const auto& checked : {check_between("--redirects", flags.redirects, 0, kMaxRedirects),
                              check_between("--samples", flags.samples, 1, kMaxSamples)}) {
    if (!checked) return checked;
  }
  target.max_redirects = static_cast<int>(flags.redirects);
  target.samples = static_cast<int>(flags.samples);
  return {};
}

}  // namespace

void declare_target(CLI::App& app, TargetFlags& flags) {
  constexpr const char* kGroup = "How the URL is asked for";
  const auto option = [&](const char* name, auto& value, const char* type, const char* what) {
    return app.add_option(name, value, what)->type_name(type)->group(kGroup);
  };
  option("--method", flags.method, "GET|HEAD|POST",
         "(default: GET, or POST where there is a body)");
  option("--header", flags.headers, "'NAME: VALUE'", "sent with the request; repeatable")
      ->allow_extra_args(false);
  option("--body", flags.body, "TEXT", "of a POST; 8 KiB at most");
  option("--http-version", flags.http_version, "auto|1.1|2|3",
         "auto: 2 where the TLS handshake agrees on it, else 1.1;\n"
         "an answer in another version than was chosen is a failure")
      ->capture_default_str();
  option("--family", flags.family, "any|ipv4|ipv6|both",
         "any: IPv4, and IPv6 when there is none (default);\n"
         "both: samples of each, side by side");
  app.add_flag("-4", flags.only_ipv4, "the same as --family ipv4")->group(kGroup);
  app.add_flag("-6", flags.only_ipv6, "the same as --family ipv6")->group(kGroup);
  option("--connect-to", flags.connect_to, "IP[:PORT]",
         "instead of asking DNS; Host, SNI and certificate check\n"
         "stay as the URL has them");
  option("--redirects", flags.redirects, "N",
         "followed at most, each shown with its own phases;\n"
         "with 0 a redirect is the answer")
      ->capture_default_str();
  option("--samples", flags.samples, "N",
         "measured one after the other, 1 to 10; the first that\n"
         "failed is shown, else the one with the median TTFB")
      ->capture_default_str();
  option("--reuse", flags.reuse, "cold|resumed|warm",
         "what a sample has from the one before it: nothing, its\n"
         "TLS session, or its connection; before the first one of\n"
         "resumed or warm there is one that is not measured")
      ->capture_default_str();
  declare_expectations(app, flags.expectations);
}

Expected<Target> understand_target(const TargetFlags& flags) {
  Target target;
  for (const auto take : {take_method, take_headers, take_way, take_samples}) {
    if (const auto taken = take(flags, target); !taken) return std::unexpected(taken.error());
  }
  if (const auto taken = take_expectations(flags.expectations, target); !taken) {
    return std::unexpected(taken.error());
  }
  return target;
}

}  // namespace firstbyte
