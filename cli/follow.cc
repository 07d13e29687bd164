#include "cli/follow.h"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "cli/event_parser.h"
#include "cli/json_parts.h"

namespace firstbyte::cli {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kFirstPause{400};

class Follower {
 public:
  explicit Follower(const std::function<void(const TestView&)>& on_change)
      : on_change_(on_change) {}

  // Whether more is wanted.
  bool take(EventParser& parser, std::string_view bytes) {
    const Expected<std::vector<Event>> events = parser.feed(bytes);
    if (!events) error_ = events.error();
    if (events) {
      for (const Event& event : *events) {
        if (ended()) break;
        if (const auto taken = take(event); !taken) error_ = taken.error();
      }
    }
    return !ended();
  }

  bool ended() const { return done_ || error_; }
  const std::optional<Error>& error() const { return error_; }
  const std::string& last_id() const { return last_id_; }
  std::size_t events() const { return events_; }
  TestView test() && { return *std::move(test_); }

 private:
  Expected<> take(const Event& event) {
    last_id_ = event.id;
    ++events_;
    if (event.name == "snapshot") return take_snapshot(event.data);
    // What goes on goes on from a snapshot.
    if (!test_) return invalid("--collector", "its events do not begin with the test");
    if (event.name == "city") return take_city(event.data);
    done_ = event.name == "done";
    return {};
  }

  Expected<> take_snapshot(std::string_view data) {
    const auto object = parse_object(data);
    if (!object) return std::unexpected(object.error());
    Expected<TestView> test = read_test(*object);
    if (!test) return std::unexpected(test.error());
    test_ = *std::move(test);
    on_change_(*test_);
    return {};
  }

  Expected<> take_city(std::string_view data) {
    const auto object = parse_object(data);
    if (!object) return std::unexpected(object.error());
    Expected<CityView> step = read_city(*object);
    if (!step) return std::unexpected(step.error());
    const auto city = std::ranges::find(test_->cities, step->agent_id, &CityView::agent_id);
    if (city == test_->cities.end()) return {};
    city->state = step->state;
    city->result = std::move(step->result);
    on_change_(*test_);
    return {};
  }

  const std::function<void(const TestView&)>& on_change_;
  std::optional<TestView> test_;
  std::string last_id_;
  std::size_t events_ = 0;
  bool done_ = false;
  std::optional<Error> error_;
};

}  // namespace

Expected<TestView> follow(const FollowedStream& stream,
                          const std::function<void(const TestView&)>& on_change) {
  Follower follower(on_change);
  milliseconds pause = kFirstPause;
  for (int tries = 0;;) {
    const std::size_t told = follower.events();
    EventParser parser;
    const Expected<> opened = stream.open(
        follower.last_id(), [&](std::string_view bytes) { return follower.take(parser, bytes); });
    if (follower.error()) return std::unexpected(*follower.error());
    if (follower.ended()) return std::move(follower).test();
    if (!opened && opened.error().kind != Error::Kind::kTransient) {
      return std::unexpected(opened.error());
    }
    if (follower.events() > told) {
      tries = 0;
      pause = kFirstPause;
    }
    if (++tries == kStreamTries) {
      if (!opened) return std::unexpected(opened.error());
      return transient("the collector ends the stream of events before the test has ended");
    }
    stream.pause(pause);
    pause *= 2;
  }
}

}  // namespace firstbyte::cli
