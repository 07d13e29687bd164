#include "lab/wire/event_loop.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace firstbyte::wire {
namespace {

Fd checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return Fd(fd);
}

void add(int epoll, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0) return;
  throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

}  // namespace

EventLoop::EventLoop()
    : epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      timer_(
          checked(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create")) {
  // Edge-triggered, a timer that has expired need not be read: setting it again is enough.
  add(epoll_.get(), timer_.get(), EPOLLIN | EPOLLET);
}

void EventLoop::watch(int fd, std::function<void()> ready) {
  const auto index = static_cast<std::size_t>(fd);
  if (ready_.size() <= index) ready_.resize(index + 1);
  ready_[index] = std::move(ready);
  add(epoll_.get(), fd, EPOLLIN);
}

void EventLoop::forget(int fd) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  ready_[static_cast<std::size_t>(fd)] = nullptr;
}

void EventLoop::wait(MonotonicTime due) {
  const bool spins = due - kSpin <= std::chrono::steady_clock::now();
  if (!spins && due != MonotonicTime::max()) wake_at(due - kSpin);
  std::array<epoll_event, 64> events;
  const int count = epoll_wait(epoll_.get(), events.data(), events.size(), spins ? 0 : -1);
  for (int i = 0; i < count; ++i) {
    const auto index = static_cast<std::size_t>(events[static_cast<std::size_t>(i)].data.fd);
    // Copied, since it may forget itself; gone already where an earlier one has forgotten it.
    if (const auto ready = index < ready_.size() ? ready_[index] : nullptr) ready();
  }
}

void EventLoop::wake_at(MonotonicTime time) {
  if (time == armed_) return;
  armed_ = time;
  const auto since_boot = time.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
  itimerspec spec{};
  spec.it_value.tv_sec = seconds.count();
  spec.it_value.tv_nsec = std::chrono::nanoseconds(since_boot - seconds).count();
  timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &spec, nullptr);
}

}  // namespace firstbyte::wire
