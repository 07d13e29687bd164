#include "agent/cli/curl_comparison.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "common/utf8.h"

namespace firstbyte::agent {
namespace {

struct Step {
  std::string_view name;  // curl's, without "time_"
  std::optional<Micros> ours;
  std::optional<Micros> curls;
  std::string why;
};

// An answer that is not as it was expected has still come to its end.
bool came_to_an_end(const Measurement& ours) {
  if (!ours.failure) return true;
  switch (ours.failure->cause) {
    case Cause::kUnexpectedStatus:
    case Cause::kUnexpectedHeader:
    case Cause::kCertificateExpiring:
    case Cause::kTooSlow:
      return true;
    default:
      return false;
  }
}

std::string lookup_reason(const Measurement& ours, const Target& target) {
  if (target.connect_to) return "Neither asked anybody: --connect-to holds the address.";
  return ours.dns ? "curl was told the address that we had looked up, so it asked nobody."
                  : "Neither asked anybody: the URL holds the address.";
}

std::string tls_reason(const Measurement& ours, const std::string& ca_file) {
  if (!ours.url.starts_with("https:")) return "No TLS in this URL.";
  return fmt::format(
      "Ours ends with the server's last handshake byte. curl goes on through its own cryptography, "
      "and reads {} after the ClientHello; with us the one is `other`, the other was done before.",
      ca_file);
}

std::string total_reason(const Measurement& ours, const Target& target, const CurlReport& curl) {
  if (!came_to_an_end(ours) || !curl.error.empty()) return "Not both got to the end of an answer.";
  if (target.method == Method::kHead) return "An answer to HEAD has no body.";
  if (ours.body_truncated) {
    return fmt::format("curl read the whole body, {} bytes; we stopped after {}.", curl.body_bytes,
                       ours.body_bytes.value_or(0));
  }
  return fmt::format("Both read the whole body, {} bytes.", curl.body_bytes);
}

std::optional<Micros> end_of(const Measurement& measurement, Phase phase) {
  const auto& span = measurement.timings.span(phase);
  return span ? std::optional(span->end) : std::nullopt;
}

std::array<Step, 6> steps_of(const Measurement& ours, const CurlRequest& request,
                             const CurlReport& curl) {
  const auto& wait = ours.timings.span(Phase::kWait);
  return {
      {{"namelookup", end_of(ours, Phase::kDns), curl.namelookup,
        lookup_reason(ours, request.target)},
       {"connect", end_of(ours, Phase::kConnect), curl.connect,
        "Ours ends when the SYN-ACK arrives, curl's when its loop notices. Before it, each makes "
        "a socket: own time, `other` with us."},
       {"appconnect", end_of(ours, Phase::kTls), curl.appconnect,
        tls_reason(ours, request.ca_file)},
       {"pretransfer", wait ? std::optional(wait->begin) : std::nullopt, curl.pretransfer,
        "Up to the request's leaving: own time of either, `other` with us."},
       {"starttransfer", ours.timings.ttfb(), curl.starttransfer,
        "The server's work, done once for each: caches may be warmer for the second."},
       {"total", ours.timings.total(), curl.total, total_reason(ours, request.target, curl)}}};
}

std::string step_text(std::optional<Micros> at, std::optional<Micros>& last) {
  if (!at) return "-";
  const Micros step = *at - last.value_or(Micros{0});
  last = at;
  return millis_text(step);
}

}  // namespace

std::string curl_comparison(const Measurement& ours, const CurlRequest& request,
                            const CurlReport& curl, const TextStyle& style) {
  constexpr std::size_t kIndent = 4;
  std::string text = fmt::format("\nbeside curl {}, asking {} as well\n\n", to_utf8(curl.version),
                                 endpoint_text(ours.remote));
  if (!curl.error.empty()) text += fmt::format("  curl failed: {}\n\n", to_utf8(curl.error));
  text += fmt::format("  {:<13}{:>26}   {:>26}\n", "", "since start:", "this step:");
  text += fmt::format("  {:<13}{:>13}{:>13}   {:>13}{:>13}\n", "", "ours", "curl", "ours", "curl");
  std::optional<Micros> our_last;
  std::optional<Micros> curls_last;
  for (const Step& step : steps_of(ours, request, curl)) {
    const std::string our_step = step_text(step.ours, our_last);
    const std::string curls_step = step_text(step.curls, curls_last);
    text += fmt::format("  {:<13}{:>13}{:>13}   {:>13}{:>13}\n", step.name, millis_text(step.ours),
                        millis_text(step.curls), our_step, curls_step);
    text += wrapped(step.why, kIndent, style.width);
  }
  text += '\n';
  if (curl.status && curl.status != ours.status) {
    text += fmt::format("  The answers differ: ours has status {}, curl's {}.\n",
                        ours.status ? std::to_string(*ours.status) : "-", *curl.status);
  }
  if (!curl.http_version.empty() && curl.http_version != ours.http_version) {
    text += fmt::format("  The versions differ: ours is HTTP/{}, curl's HTTP/{}.\n",
                        ours.http_version.empty() ? "-" : ours.http_version,
                        to_utf8(curl.http_version));
  }
  return text + wrapped(
                    "These are two requests, one after the other: neither the network nor the "
                    "server was the same twice. Each tool counts from its own start.",
                    2, style.width);
}

}  // namespace firstbyte::agent
