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

std::string lookup_reason(const Measurement& ours) {
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

std::string total_reason(const Measurement& ours, const CurlReport& curl) {
  constexpr std::int64_t kOurCap = 64 * 1024;
  if (ours.failure || !curl.error.empty()) return "Not both got to the end of an answer.";
  if (curl.body_bytes > kOurCap) {
    return fmt::format("curl read the whole body, {} bytes; we stop after {}.", curl.body_bytes,
                       kOurCap);
  }
  return fmt::format("Both read the whole body, {} bytes.", curl.body_bytes);
}

std::optional<Micros> end_of(const Measurement& measurement, Phase phase) {
  const auto& span = measurement.timings.span(phase);
  return span ? std::optional(span->end) : std::nullopt;
}

std::array<Step, 6> steps_of(const Measurement& ours, const CurlReport& curl,
                             const std::string& ca_file) {
  const auto& wait = ours.timings.span(Phase::kWait);
  return {
      {{"namelookup", end_of(ours, Phase::kDns), curl.namelookup, lookup_reason(ours)},
       {"connect", end_of(ours, Phase::kConnect), curl.connect,
        "Ours ends when the SYN-ACK arrives, curl's when its loop notices. Before it, each makes "
        "a socket: own time, `other` with us."},
       {"appconnect", end_of(ours, Phase::kTls), curl.appconnect, tls_reason(ours, ca_file)},
       {"pretransfer", wait ? std::optional(wait->begin) : std::nullopt, curl.pretransfer,
        "Up to the request's leaving: own time of either, `other` with us."},
       {"starttransfer", ours.timings.ttfb(), curl.starttransfer,
        "The server's work, done once for each: caches may be warmer for the second."},
       {"total", ours.timings.total(), curl.total, total_reason(ours, curl)}}};
}

std::string step_text(std::optional<Micros> at, std::optional<Micros>& last) {
  if (!at) return "-";
  const Micros step = *at - last.value_or(Micros{0});
  last = at;
  return millis_text(step);
}

}  // namespace

std::string curl_comparison(const Measurement& ours, const CurlReport& curl,
                            const std::string& ca_file, const TextStyle& style) {
  constexpr std::size_t kIndent = 4;
  std::string text = fmt::format("\nbeside curl {}, asking {} as well\n\n", to_utf8(curl.version),
                                 endpoint_text(ours.remote));
  if (!curl.error.empty()) text += fmt::format("  curl failed: {}\n\n", to_utf8(curl.error));
  text += fmt::format("  {:<13}{:>26}   {:>26}\n", "", "since start:", "this step:");
  text += fmt::format("  {:<13}{:>13}{:>13}   {:>13}{:>13}\n", "", "ours", "curl", "ours", "curl");
  std::optional<Micros> our_last;
  std::optional<Micros> curls_last;
  for (const Step& step : steps_of(ours, curl, ca_file)) {
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
  return text + wrapped(
                    "These are two requests, one after the other: neither the network nor the "
                    "server was the same twice. Each tool counts from its own start.",
                    2, style.width);
}

}  // namespace firstbyte::agent
