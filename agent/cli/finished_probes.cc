#include "agent/cli/finished_probes.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace firstbyte::agent {

FinishedProbes::FinishedProbes(const Clock& clock)
    : clock_(clock), fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  // It fails only when the process is out of descriptors.
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

FinishedProbes::~FinishedProbes() { close(fd_); }

void FinishedProbes::entered_phase(const std::string& test_id, Micros elapsed) {
  began_.try_emplace(test_id, clock_.now() - elapsed);
}

void FinishedProbes::done(Measurement measurement) {
  // Either callback may come late, which makes the start look later than it was.
  MonotonicTime began = clock_.now() - measurement.timings.total();
  if (const auto entered = began_.extract(measurement.test_id); !entered.empty()) {
    began = std::min(began, entered.mapped());
  }
  bool first = false;
  {
    MutexLock lock(mutex_);
    first = finished_.empty();
    finished_.push_back({std::move(measurement), began});
  }
  if (!first) return;  // who takes that one takes this one as well
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = write(fd_, &one, sizeof one);
}

std::vector<FinishedProbes::Finished> FinishedProbes::take() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = read(fd_, &count, sizeof count);
  MutexLock lock(mutex_);
  return std::exchange(finished_, {});
}

}  // namespace firstbyte::agent
