#include "agent/probe/event_loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace firstbyte::agent {

EventLoop::EventLoop(const Clock& clock)
    : clock_(clock),
      epoll_fd_(epoll_create1(EPOLL_CLOEXEC)),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      turn_began_(clock.now()),
      away_since_(turn_began_) {
  // Without these two descriptors no agent can work; they fail only when the process is out of
  // them.
  if (epoll_fd_ < 0 || wake_fd_ < 0) {
    throw std::system_error(errno, std::generic_category(), "epoll");
  }
  watch(wake_fd_, EPOLLIN, [this](std::uint32_t) {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = read(wake_fd_, &count, sizeof count);
  });
}

EventLoop::~EventLoop() {
  close(wake_fd_);
  close(epoll_fd_);
}

void EventLoop::watch(int fd, std::uint32_t epoll_events, FdHandler handler) {
  const auto [found, added] = watches_.try_emplace(fd);
  Watch& watch = found->second;
  if (added) watch.generation = next_generation_++;
  watch.handler = std::make_shared<FdHandler>(std::move(handler));
  epoll_event event{};
  event.events = epoll_events;
  event.data.u64 = std::uint64_t{watch.generation} << 32 | static_cast<std::uint32_t>(fd);
  // A descriptor that was closed and opened again under the same number is unknown to the kernel.
  if (epoll_ctl(epoll_fd_, added ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) != 0 && !added) {
    epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event);
  }
}

void EventLoop::unwatch(int fd) {
  if (watches_.erase(fd) == 0) return;
  epoll_event event{};
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, &event);
}

EventLoop::TimerId EventLoop::call_at(MonotonicTime when, Task task) {
  const TimerId id{when, next_timer_++};
  timers_.emplace(id, std::move(task));
  return id;
}

void EventLoop::cancel(TimerId timer) { timers_.erase(timer); }

void EventLoop::post(Task task) {
  bool first = false;
  {
    MutexLock lock(mutex_);
    first = posted_.empty();
    posted_.push_back(std::move(task));
  }
  // The loop looks at what was posted before it waits, so its own thread need not be woken, nor
  // anybody's who comes while something is still to be looked at.
  if (first && std::this_thread::get_id() != thread_.load()) wake();
}

void EventLoop::stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake();
}

void EventLoop::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = write(wake_fd_, &one, sizeof one);
}

int EventLoop::timeout_ms() const {
  if (timers_.empty()) return -1;
  const auto wait = timers_.begin()->first.first - clock_.now();
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
  return static_cast<int>(std::clamp<std::int64_t>(ms, 0, 60'000));
}

void EventLoop::run_due_timers() {
  // What a timer sets for "now" waits for the next turn, so that sockets get theirs too. Each is
  // taken out before it runs, since it may cancel or set others.
  const TimerId later{clock_.now(), next_timer_};
  while (!timers_.empty() && timers_.begin()->first < later) {
    const MonotonicTime due = timers_.begin()->first.first;
    const Task task = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    lags_.add(due, clock_.now());
    task();
  }
}

void EventLoop::run_posted() {
  std::vector<Task> tasks;
  {
    MutexLock lock(mutex_);
    tasks.swap(posted_);
  }
  for (const Task& task : tasks) task();
}

int EventLoop::wait_for_events(std::span<epoll_event> events, int timeout_ms) {
  const MonotonicTime asked = clock_.now();
  lags_.add(turn_began_, asked);
  const int count =
      epoll_wait(epoll_fd_, events.data(), static_cast<int>(events.size()), timeout_ms);
  const MonotonicTime previous = std::exchange(turn_began_, clock_.now());
  // Whoever had to sleep for it had nothing to be told when it asked.
  constexpr std::chrono::microseconds kAtOnce{50};
  away_since_ = turn_began_ - asked > kAtOnce ? turn_began_ : previous;
  return count;
}

Micros EventLoop::away() const { return to_micros(clock_.now() - away_since_); }

Micros EventLoop::lag_since(MonotonicTime since) const {
  return std::max(lags_.longest_since(since),
                  to_micros(clock_.now() - std::max(turn_began_, since)));
}

void EventLoop::run() {
  thread_ = std::this_thread::get_id();
  turn_began_ = away_since_ = clock_.now();
  std::array<epoll_event, 64> events{};
  while (true) {
    run_posted();
    bool more_posted = false;
    {
      MutexLock lock(mutex_);
      if (stopping_) return;
      more_posted = !posted_.empty();
    }
    const int count = wait_for_events(events, more_posted ? 0 : timeout_ms());
    if (count < 0) continue;  // a signal came in between: nothing was looked at
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      // An earlier handler of this turn may have unwatched this one, and another may have its
      // number.
      const auto found = watches_.find(static_cast<int>(event.data.u64 & 0xffffffff));
      if (found == watches_.end() || found->second.generation != event.data.u64 >> 32) continue;
      const std::shared_ptr<FdHandler> handler = found->second.handler;
      (*handler)(event.events);
    }
    // After a busy while both are due: what has arrived arrived in time, and is looked at before
    // anybody's time is over.
    if (static_cast<std::size_t>(count) < events.size()) run_due_timers();
  }
}

}  // namespace firstbyte::agent
