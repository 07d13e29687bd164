#include "cli/event_parser.h"

#include <fuzzer/FuzzedDataProvider.h>

#include "tests/fuzz/require.h"

// A stream in pieces, against the same in one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using firstbyte::cli::Event;
  using firstbyte::cli::EventParser;
  using firstbyte::fuzz::require;
  constexpr std::size_t kMost = 256;
  FuzzedDataProvider input(data, size);
  EventParser parser(kMost);
  std::string whole;
  std::vector<Event> events;
  bool refused = false;
  while (input.remaining_bytes() > 0 && !refused) {
    const std::string piece = input.ConsumeRandomLengthString(64);
    whole += piece;
    const auto completed = parser.feed(piece);
    refused = !completed;
    if (completed) events.insert(events.end(), completed->begin(), completed->end());
  }
  for (const Event& event : events) {
    require(event.data.size() <= kMost, "no event is larger than it may be");
    require(!event.name.empty(), "an event has a name");
    require(event.id.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
            "an id can be sent back as a header");
  }
  if (refused) return 0;
  const auto at_once = EventParser().feed(whole);
  require(at_once && *at_once == events, "it is the same in pieces of any size");
  return 0;
}
