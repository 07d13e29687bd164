#include "agent/cli/batch.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "agent/cli/batch_schedule.h"
#include "agent/cli/finished_probes.h"
#include "agent/cli/line_reader.h"
#include "agent/cli/result_json.h"
#include "agent/probe/prober.h"
#include "common/resident_memory.h"
#include "common/target_url.h"

namespace firstbyte::agent {
namespace {

constexpr int kInput = STDIN_FILENO;
constexpr std::size_t kChunk = 64 * 1024;
// A probe's connection and its socket for DNS, with room for what libraries open in between.
constexpr rlim_t kDescriptorsPerProbe = 4;
constexpr rlim_t kOtherDescriptors = 64;
constexpr std::chrono::milliseconds kSoon{5};
// The kernel's default of 50 us would make each start as late.
constexpr unsigned long kTimerSlackNs = 1000;

Error broken(std::string_view what) {
  return {
      Error::Kind::kFatal, fmt::format("{}: {}", what, std::generic_category().message(errno)), {}};
}

Expected<> allow_descriptors(std::size_t probes) {
  rlimit limit{};
  const rlim_t needed = probes * kDescriptorsPerProbe + kOtherDescriptors;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return {};
  limit.rlim_cur = std::min(needed, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max >= needed) return {};
  return invalid("--concurrency", fmt::format("{} need {} file descriptors, and this process may "
                                              "have {} (ulimit -Hn)",
                                              probes, needed, limit.rlim_max));
}

// To standard error, which may be closed or full: what matters is on standard output.
void say(const std::string& text) { std::fputs(text.c_str(), stderr); }

class StopSignals {
 public:
  StopSignals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    fd_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
  }
  ~StopSignals() { close(fd_); }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  int fd() const { return fd_; }
  int take() const {
    signalfd_siginfo info{};
    return read(fd_, &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
  }

 private:
  int fd_ = -1;
};

class Batch {
 public:
  Batch(std::string_view program, const ProbeOptions& options, TrustStore trust)
      : program_(program),
        target_(options.target),
        schedule_(options.concurrency, options.rate),
        finished_(clock_),
        prober_(
            clock_, std::move(trust),
            AddressPolicy(options.allowed_networks, options.allowed_ports),
            ProbeEngine::Options{.resolver = options.resolver,
                                 .clock = options.clock,
                                 .max_running = options.concurrency},
            [this](const std::string& id, Phase, Micros elapsed) {
              finished_.entered_phase(id, elapsed);
            },
            [this](Measurement measurement) { finished_.done(std::move(measurement)); }) {}

  Expected<int> run() {
    warm_up();
    while (true) {
      start_what_is_due();
      if (over()) break;
      if (const auto waited = wait(); !waited) return std::unexpected(waited.error());
      if (const auto written = write_out(); !written) return std::unexpected(written.error());
    }
    if (input_error_) return std::unexpected(*input_error_);
    return stopped_by_ == 0 ? 0 : 128 + stopped_by_;
  }

 private:
  // READY: the probe thread has what its first probe needs, and has answered once. What gives pages
  // of code back comes before what brings those that are needed.
  void warm_up() {
    release_startup_memory();
    prober_.warm_up();
    prober_.start({.test_id = {}, .target = target_});
    pollfd answered{.fd = finished_.fd(), .events = POLLIN, .revents = 0};
    while (finished_.take().empty()) poll(&answered, 1, -1);
    prctl(PR_SET_TIMERSLACK, kTimerSlackNs);
    say("READY\n");
  }

  bool has_line() const { return !schedule_.wants_line(); }
  bool wants_input() const { return stopped_by_ == 0 && !input_ended_ && !has_line(); }
  bool over() const {
    if (stop_signals_ > 1) return true;
    const bool nothing_comes = stopped_by_ != 0 || (input_ended_ && !has_line());
    return nothing_comes && schedule_.running() == 0 && out_.empty();
  }

  // Afterwards either a line waits for its slot or for room, or all input that was read is used up.
  void start_what_is_due() {
    while (stopped_by_ == 0) {
      if (!has_line()) {
        std::optional<Line> line = reader_.next();
        if (!line) return;
        schedule_.offer(*std::move(line), clock_.now(), std::exchange(was_idle_, false));
      }
      std::optional<BatchSchedule::Start> start = schedule_.start(clock_.now());
      if (!start) return;
      begin(*std::move(start));
    }
  }

  void begin(BatchSchedule::Start start) {
    last_begun_ = start.line.number;
    if (start.line.too_long) {
      refuse(start);
      return;
    }
    std::string id = std::to_string(start.line.number);
    Target target = target_;
    target.url = std::exchange(start.line.text, {});
    prober_.start({.test_id = id, .target = std::move(target)});
    under_way_.emplace(std::move(id), std::move(start));
  }

  // The engine can be asked for whole lines only.
  void refuse(const BatchSchedule::Start& start) {
    Measurement refused;
    refused.url = start.line.text.substr(0, kMaxUrlLength);
    refused.measured_at = clock_.wall();
    refused.failure =
        Failure{std::nullopt, Origin::kAgent, Cause::kInvalidUrl,
                fmt::format("the line is longer than {} bytes", LineReader::kMaxLine)};
    finish(refused, start, clock_.now());
  }

  // Until there is something to do: input, a slot, a result or a signal.
  Expected<> wait() {
    std::array<pollfd, 3> awaited{pollfd{signals_.fd(), POLLIN, 0},
                                  pollfd{finished_.fd(), POLLIN, 0},
                                  pollfd{wants_input() ? kInput : -1, POLLIN, 0}};
    // Until a line comes of it: something else may wake this thread before.
    if (wants_input() && !was_idle_) was_idle_ = poll(&awaited[2], 1, 0) == 0;
    timespec limit{};
    const timespec* until = nullptr;
    if (!out_.empty()) {
      until = &limit;
    } else if (const auto next = schedule_.next_start(); next && stopped_by_ == 0) {
      const auto left = std::max(std::chrono::nanoseconds{0}, *next - clock_.now());
      limit.tv_sec = std::chrono::floor<std::chrono::seconds>(left).count();
      limit.tv_nsec = (left % std::chrono::seconds{1}).count();
      until = &limit;
      // A result waits for a start that is due soon anyway: one wake for both.
      if (left <= kSoon) awaited[1].fd = -1;
    }
    if (ppoll(awaited.data(), awaited.size(), until, nullptr) < 0) {
      return errno == EINTR ? Expected<>{} : std::unexpected(broken("cannot wait"));
    }
    if (awaited[0].revents != 0) stop();
    if (awaited[1].revents != 0) take_finished();
    if (awaited[2].revents != 0 && wants_input()) read_input();
    return {};
  }

  void stop() {
    const int signal = signals_.take();
    if (signal == 0 || ++stop_signals_ > 1) return;
    stopped_by_ = signal;
    say(fmt::format("{}: stopped by {} after line {}, {} still under way\n", program_,
                    signal == SIGINT ? "SIGINT" : "SIGTERM", last_begun_, schedule_.running()));
  }

  void read_input() {
    chunk_.resize(kChunk);
    const ssize_t got = read(kInput, chunk_.data(), chunk_.size());
    if (got > 0) {
      reader_.feed(std::string_view(chunk_).substr(0, static_cast<std::size_t>(got)));
      return;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got < 0) input_error_ = broken("cannot read the URLs");
    input_ended_ = true;
    reader_.end();
  }

  void take_finished() {
    for (const FinishedProbes::Finished& finished : finished_.take()) {
      const auto begun = under_way_.extract(finished.measurement.test_id);
      finish(finished.measurement, begun.mapped(), finished.began);
    }
  }

  void finish(const Measurement& measurement, const BatchSchedule::Start& start,
              MonotonicTime began) {
    ListPlace place{.line = start.line.number, .late = std::nullopt};
    if (start.slot) place.late = std::max(Micros{0}, to_micros(began - *start.slot));
    out_ += result_json(measurement, place);
    out_ += '\n';
    schedule_.finished();
  }

  Expected<> write_out() {
    std::string_view rest = out_;
    while (!rest.empty()) {
      const ssize_t written = write(STDOUT_FILENO, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0 && errno == EAGAIN) {
        pollfd room{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
        poll(&room, 1, -1);
        continue;
      }
      if (written < 0) return std::unexpected(broken("cannot write the results"));
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    out_.clear();
    return {};
  }

  // Constant after construction.
  const Clock& clock_ = system_clock();
  const std::string program_;
  const Target target_;  // of each line, but for its URL
  const StopSignals signals_;

  LineReader reader_;
  std::string chunk_;
  bool was_idle_ = false;
  bool input_ended_ = false;
  std::optional<Error> input_error_;
  BatchSchedule schedule_;
  std::unordered_map<std::string, BatchSchedule::Start> under_way_;
  std::uint64_t last_begun_ = 0;
  int stopped_by_ = 0;
  int stop_signals_ = 0;
  std::string out_;

  FinishedProbes finished_;
  Prober prober_;  // its thread ends before what it calls
};

}  // namespace

Expected<int> run_batch(std::string_view program, const ProbeOptions& options, TrustStore trust) {
  if (const auto allowed = allow_descriptors(options.concurrency); !allowed) {
    return std::unexpected(allowed.error());
  }
  return Batch(program, options, std::move(trust)).run();
}

}  // namespace firstbyte::agent
