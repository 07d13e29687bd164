#include <cstdint>

#include "collector/api/event_log.h"
#include "tests/fuzz/require.h"

using firstbyte::fuzz::require;

// What a viewer that was cut off says it has seen.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto log = [] {
    auto made = std::make_shared<firstbyte::collector::EventLog>("e-1");
    for (int i = 0; i < 10; ++i) made->append("city", "{}");
    return made;
  }();
  const std::string_view id(reinterpret_cast<const char*>(data), size);
  const auto seen = log->resume_point(id);
  if (!seen) return 0;
  require(*seen <= log->last_id(), "nobody has seen what is to come");
  require(id.starts_with("e-1-"), "nobody goes on with the events of another run");
  const auto again = log->resume_point(log->id(*seen));
  require(again == seen, "an id written anew is the same");
  return 0;
}
