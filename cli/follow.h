// A test as it happens, by its event stream, which may break and go on.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "cli/views.h"
#include "common/error.h"

namespace firstbyte::cli {

struct FollowedStream {
  // As HttpClient::stream() of the test's events, from behind the event of this id.
  std::function<Expected<>(const std::string& last_event_id,
                           const std::function<bool(std::string_view)>& take)>
      open;
  // Between two tries.
  std::function<void(std::chrono::milliseconds)> pause;
};

// How often in a row a stream that told nothing is opened anew before it is given up, with pauses
// that double, 12 s in all.
inline constexpr int kStreamTries = 6;

// The test as it was when its last city had ended. `on_change` is called with each step. The Error
// is the last try's.
Expected<TestView> follow(const FollowedStream& stream,
                          const std::function<void(const TestView&)>& on_change);

}  // namespace firstbyte::cli
