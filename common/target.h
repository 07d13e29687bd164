// What to probe and how to ask for it, as plain values.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/measurement.h"

namespace firstbyte {

enum class Method : std::uint8_t { kGet, kHead, kPost };
inline constexpr std::array kMethods{Method::kGet, Method::kHead, Method::kPost};
std::string_view to_string(Method method);
std::optional<Method> method_from_string(std::string_view text);

// kAuto: HTTP/2 where the TLS handshake agrees on it, else HTTP/1.1. Another version than the one
// that was chosen is a failure.
enum class HttpVersion : std::uint8_t { kAuto, k1_1, k2, k3 };
inline constexpr std::array kHttpVersions{HttpVersion::kAuto, HttpVersion::k1_1, HttpVersion::k2,
                                          HttpVersion::k3};
std::string_view to_string(HttpVersion version);
std::optional<HttpVersion> http_version_from_string(std::string_view text);
// Whether it is asked of https only.
bool needs_tls(HttpVersion version);

// The range bounds of a status that is expected; both included.
struct StatusRange {
  int least = 100;
  int most = 599;
  bool operator==(const StatusRange&) const = default;
};

struct ExpectedHeader {
  std::string name;                  // lower case
  std::optional<std::string> value;  // absent: any
  bool operator==(const ExpectedHeader&) const = default;
};

// What the answer must be for the probe not to fail.
struct Expectations {
  std::optional<StatusRange> status{};
  std::vector<ExpectedHeader> headers{};
  std::optional<int> certificate_days{};  // left before it expires, at least
  std::optional<Micros> ttfb{};           // at most
  bool operator==(const Expectations&) const = default;
};

// Bounds of what can be asked for.
inline constexpr int kMaxRedirects = 10;
inline constexpr int kMaxSamples = 10;
inline constexpr std::size_t kMaxRequestHeaders = 32;
inline constexpr std::size_t kMaxRequestHeaderBytes = 8 * 1024;  // names and values together
inline constexpr std::size_t kMaxRequestBody = 8 * 1024;
inline constexpr std::size_t kMaxExpectedHeaders = 16;
inline constexpr std::size_t kMaxHeaderNameBytes = 256;
inline constexpr std::size_t kMaxExpectedValueBytes = 1024;
inline constexpr int kLeastStatus = 100;
inline constexpr int kMostStatus = 599;
inline constexpr int kMinCertificateDays = 1;
inline constexpr int kMaxCertificateDays = 3650;
inline constexpr std::chrono::milliseconds kMinTimeout{100};
inline constexpr std::chrono::milliseconds kMaxTimeout{30'000};  // of one sample
// Of several; also of a phase, and of the TTFB that is expected.
inline constexpr std::chrono::milliseconds kMaxTimeoutOfSamples{60'000};

struct Target {
  std::string url;
  Method method = Method::kGet;
  Headers headers{};   // sent with the request, as they were typed
  std::string body{};  // of a POST
  HttpVersion http_version = HttpVersion::kAuto;
  Family family = Family::kAny;
  // Instead of asking DNS; the URL's host stays in Host, SNI and the certificate check. Port 0: the
  // URL's. Redirects to another host or port are looked up.
  std::optional<Endpoint> connect_to{};
  std::optional<Endpoint> resolver{};  // instead of the agent's own
  int max_redirects = 0;               // followed; with 0 a redirect is the answer
  Reuse reuse = Reuse::kCold;
  int samples = 1;  // of each address family that is asked for
  // Of each phase by itself, in each exchange; and of the whole probe with all its samples.
  std::array<std::optional<Micros>, kPhaseCount> phase_limits{};
  Micros timeout{std::chrono::seconds{10}};
  Expectations expect{};
  bool operator==(const Target&) const = default;
};

// The longest that a probe of it may be given, with all its samples; the least is kMinTimeout.
std::chrono::milliseconds max_timeout(const Target& target);

// A name as RFC 9110 has it.
bool is_header_name(std::string_view name);
// A value that stays within its line.
bool is_header_value(std::string_view value);
// Says in the Error's sentence why a request must not carry this header: it could break the request
// apart, or the agent says it itself.
Expected<> check_request_header(std::string_view name, std::string_view value);

// By its name: Authorization, Cookie and whatever ends in -key, -secret or -token. Its value is not
// told another origin than the target's, nor is it kept.
bool is_secret_header(std::string_view name);

// The target with kRedacted for the values of request headers that are secrets by their name.
Target redacted(Target target);

// An order to probe once, now.
struct ProbeOrder {
  std::string test_id;
  Target target;
  std::optional<CheckSlot> slot{};  // where a check asks, and no test
};

}  // namespace firstbyte
