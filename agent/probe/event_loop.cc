#include "agent/probe/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace firstbyte::agent {

EventLoop::EventLoop(const Clock& clock)
    : clock_(clock), epoll_fd_(epoll_create1(EPOLL_CLOEXEC)), wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  // Without these two descriptors no agent can work; they fail only when the process is out of them.
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
  epoll_event event{};
  event.events = epoll_events;
  event.data.fd = fd;
  const bool known = handlers_.contains(fd);
  // A descriptor that was closed and opened again under the same number is unknown to the kernel.
  if (epoll_ctl(epoll_fd_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0 && known) {
    epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event);
  }
  handlers_[fd] = std::make_shared<FdHandler>(std::move(handler));
}

void EventLoop::unwatch(int fd) {
  if (handlers_.erase(fd) == 0) return;
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
  {
    MutexLock lock(mutex_);
    posted_.push_back(std::move(task));
  }
  wake();
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
  // One reading of the clock: what a timer sets for "now" waits for the next turn, so that sockets get
  // theirs too. Each is taken out before it runs, since it may cancel or set others.
  const MonotonicTime now = clock_.now();
  while (!timers_.empty() && timers_.begin()->first.first < now) {
    const Task task = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
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

void EventLoop::run() {
  std::array<epoll_event, 64> events{};
  while (true) {
    run_posted();
    run_due_timers();
    {
      MutexLock lock(mutex_);
      if (stopping_) return;
      if (!posted_.empty()) continue;
    }
    const int count = epoll_wait(epoll_fd_, events.data(), static_cast<int>(events.size()), timeout_ms());
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      // An earlier handler of this turn may have unwatched this one.
      const auto found = handlers_.find(event.data.fd);
      if (found == handlers_.end()) continue;
      const std::shared_ptr<FdHandler> handler = found->second;
      (*handler)(event.events);
    }
  }
}

}  // namespace firstbyte::agent
