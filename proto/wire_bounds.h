// What the codecs of orders and of measurements have in common. Only they include it.
#pragma once

#include <fmt/format.h>
#include <google/protobuf/repeated_field.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/error.h"
#include "common/measurement.h"
#include "common/target.h"
#include "common/utf8.h"
#include "firstbyte/v1/agent.pb.h"

namespace firstbyte {

// A microsecond count from the wire. More than a day in one probe is nonsense and would overflow
// sums.
inline constexpr std::uint64_t kMaxProbeMicros = 24ULL * 3600 * 1'000'000;
inline constexpr std::size_t kMaxText = 256;
inline constexpr std::size_t kMaxMessage = 1024;

// Wall-clock times that a calendar can print: the years 1970 to 9999.
inline constexpr std::int64_t kMaxWallMicros = 253'402'300'799LL * 1'000'000;

// Domain enumerations start at 0, the protocol's at 1 since 0 means "not said".
template <typename Wire, typename Domain>
Wire encode_enum(Domain value) {
  return static_cast<Wire>(static_cast<int>(value) + 1);
}

template <typename Domain, typename Wire>
Expected<Domain> decode_enum(Wire value, Domain last, std::string_view field) {
  const int number = static_cast<int>(value);
  if (number < 1 || number > static_cast<int>(last) + 1) {
    return invalid(std::string(field), fmt::format("{} has the unknown value {}", field, number));
  }
  return static_cast<Domain>(number - 1);
}

// Collects the first breach of a bound, so that decoders read as a list of fields.
class Bounds {
 public:
  const std::string& text(const std::string& value, std::string_view field,
                          std::size_t max = kMaxText) {
    if (value.size() > max) breach(field, fmt::format("is longer than {} bytes", max));
    return value;
  }

  const std::string& required(const std::string& value, std::string_view field,
                              std::size_t max = kMaxText) {
    if (value.empty()) breach(field, "is missing");
    return text(value, field, max);
  }

  void count(int number, std::string_view field, std::size_t max) {
    if (static_cast<std::size_t>(number) > max) {
      breach(field, fmt::format("has more than {} entries", max));
    }
  }

  void printable(const std::string& value, std::string_view field) {
    if (!is_printable_utf8(value)) breach(field, "is not printable UTF-8");
  }

  template <typename T>
  T between(T number, T low, T high, std::string_view field) {
    if (!(number >= low && number <= high)) {
      breach(field, fmt::format("is not between {} and {}", low, high));
    }
    return number;
  }

  void breach(std::string_view field, std::string_view what) {
    if (error_) return;
    error_ = Error{Error::Kind::kInvalid, fmt::format("{} {}", field, what), std::string(field)};
  }

  const std::optional<Error>& error() const { return error_; }

 private:
  std::optional<Error> error_;
};

// An enumeration that stands in a message whose decoder collects breaches.
template <typename Domain, typename Wire>
Domain decode_enum(Wire value, Domain last, std::string_view field, Bounds& bounds) {
  const Expected<Domain> decoded = decode_enum(value, last, field);
  if (decoded) return *decoded;
  bounds.breach(field, fmt::format("has the unknown value {}", static_cast<int>(value)));
  return Domain{};
}

Micros decode_micros(std::uint64_t value, std::string_view field, Bounds& bounds);

v1::Endpoint encode(const Endpoint& endpoint);
Endpoint decode(const v1::Endpoint& message, std::string_view field, Bounds& bounds);

v1::Target encode(const Target& target);
Target decode(const v1::Target& message, Bounds& bounds);

v1::Slot encode(const CheckSlot& slot);
CheckSlot decode(const v1::Slot& message, Bounds& bounds);

void add_headers(google::protobuf::RepeatedPtrField<v1::Header>& list, const Headers& headers);
// `most_bytes`: of names and values together.
Headers decode_headers(const google::protobuf::RepeatedPtrField<v1::Header>& list,
                       std::size_t most_headers, std::size_t most_bytes, std::string_view field,
                       Bounds& bounds);

}  // namespace firstbyte
