#include "common/delivery.h"

#include <array>

#include "common/enum_names.h"

namespace firstbyte {
namespace {

constexpr std::array<std::string_view, 5> kGapReasons{
    "spool_full", "spool_too_old", "spool_write_failed", "spool_unreadable", "unreported"};

}  // namespace

std::string_view to_string(GapReason reason) {
  return kGapReasons[static_cast<std::size_t>(reason)];
}

std::optional<GapReason> gap_reason_from_string(std::string_view text) {
  return find_name<GapReason>(kGapReasons, text);
}

}  // namespace firstbyte
