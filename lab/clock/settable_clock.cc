// Preloaded into a process, a wall clock of its own that can be set while it runs.
// FIRSTBYTE_CLOCK_FILE names a file of eight bytes: by how many nanoseconds it goes ahead of the
// machine's, a signed number in this machine's byte order. Whoever writes it there sets the clock.
// Monotonic clocks stay as they are.
//
// What waits for a point in wall time sees the step as well, as the kernel would have it: Abseil's
// mutexes, and gRPC's timers with them, wait by a futex until then, and a clock that falls back
// makes that wait longer. What the kernel itself stamps, packets and files, keeps the machine's
// time.

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

using Nanos = std::int64_t;
constexpr Nanos kSecond = 1'000'000'000;
// How long a wait may sleep without looking whether the clock was set.
constexpr Nanos kLook = 50'000'000;

// Nothing here is made when it is first used, by a guard of the compiler's: two threads that come
// to one at once wait for each other by syscall(), which is one of these functions, and so on
// without end.

// A function behind one of these, once it is known.
template <typename Function>
class Next {
 public:
  constexpr explicit Next(const char* name) : name_(name) {}
  Function* get() {
    Function* known = known_.load(std::memory_order_relaxed);
    if (known == nullptr) {
      known = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name_));
      known_.store(known, std::memory_order_relaxed);
    }
    return known;
  }

 private:
  const char* const name_;
  std::atomic<Function*> known_{nullptr};
};

using ClockGettime = int(clockid_t, timespec*);
using Syscall = long(long, ...);
constinit Next<ClockGettime> next_clock_gettime{"clock_gettime"};
constinit Next<Syscall> next_syscall{"syscall"};

const std::atomic<Nanos>* map_offset() {
  static const std::atomic<Nanos> kNone{0};
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it
  const char* file = std::getenv("FIRSTBYTE_CLOCK_FILE");
  if (file == nullptr) return &kNone;
  const int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) std::abort();  // a clock that silently cannot be set would prove nothing
  void* page = mmap(nullptr, sizeof(Nanos), PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (page == MAP_FAILED) std::abort();
  return static_cast<const std::atomic<Nanos>*>(page);
}

Nanos ahead() {
  static std::atomic<const std::atomic<Nanos>*> mapped{nullptr};
  const std::atomic<Nanos>* offset = mapped.load(std::memory_order_acquire);
  if (offset == nullptr) {
    offset = map_offset();  // two threads may: of one page both read the same
    mapped.store(offset, std::memory_order_release);
  }
  return offset->load(std::memory_order_relaxed);
}

int real_clock(clockid_t clock, timespec* time) { return next_clock_gettime.get()(clock, time); }

Nanos to_nanos(const timespec& time) { return time.tv_sec * kSecond + time.tv_nsec; }
timespec to_timespec(Nanos time) { return {time / kSecond, time % kSecond}; }

Nanos own_time() {
  timespec time{};
  real_clock(CLOCK_REALTIME, &time);
  return to_nanos(time) + ahead();
}

// FUTEX_WAIT_BITSET until a point in wall time, by looks at this process's clock.
long wait_until(Nanos deadline, long word, long operation, long value, long mask) {
  while (true) {
    const Nanos left = deadline - own_time();
    if (left <= 0) {
      errno = ETIMEDOUT;
      return -1;
    }
    timespec wake{};
    real_clock(CLOCK_MONOTONIC, &wake);
    wake = to_timespec(to_nanos(wake) + (left < kLook ? left : kLook));
    const long done = next_syscall.get()(SYS_futex, word, operation & ~FUTEX_CLOCK_REALTIME, value,
                                         &wake, nullptr, mask);
    if (done == 0 || errno != ETIMEDOUT) return done;
  }
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int done = real_clock(clock, time);
  if (done == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    *time = to_timespec(to_nanos(*time) + ahead());
  }
  return done;
}

int gettimeofday(timeval* time, void*) noexcept {
  const Nanos now = own_time();
  *time = {now / kSecond, now % kSecond / 1000};
  return 0;
}

time_t time(time_t* time) noexcept {
  const time_t now = own_time() / kSecond;
  if (time != nullptr) *time = now;
  return now;
}

long syscall(long number, ...) noexcept {
  std::va_list list;
  va_start(list, number);
  const long word = va_arg(list, long);
  const long operation = va_arg(list, long);
  const long value = va_arg(list, long);
  // Of a futex; of other calls as much a number as the rest.
  const timespec* timeout = va_arg(list, const timespec*);
  const long second = va_arg(list, long);
  const long mask = va_arg(list, long);
  va_end(list);
  const bool waits_for_wall_time = number == SYS_futex && timeout != nullptr &&
                                   (operation & FUTEX_CLOCK_REALTIME) != 0 &&
                                   (operation & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET;
  if (waits_for_wall_time) return wait_until(to_nanos(*timeout), word, operation, value, mask);
  return next_syscall.get()(number, word, operation, value, timeout, second, mask);
}

}  // extern "C"
