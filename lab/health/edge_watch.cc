#include "lab/health/edge_watch.h"

namespace firstbyte::health {

void EdgeWatch::round() {
  judge();
  if (to_announce_) announce();
}

void EdgeWatch::judge() {
  const Expected<> result = hooks_.check();
  const std::optional<Verdict> change = rule_.count(result.has_value());
  if (!change) return;
  to_announce_ = *change == Verdict::kUp;
  if (!*to_announce_) {
    hooks_.say("down reason=\"" + result.error().message + "\"");
  } else if (was_down_) {
    hooks_.say("up");
  }
  was_down_ = !*to_announce_;
}

void EdgeWatch::announce() {
  if (const Expected<> done = hooks_.announce(*to_announce_); !done) {
    if (done.error().message != last_error_) hooks_.say_in_error(done.error().message);
    last_error_ = done.error().message;
    return;
  }
  last_error_.clear();
  if (*to_announce_) to_announce_.reset();
}

}  // namespace firstbyte::health
