// How exact the lab's wires are: pings across them, and how far each round trip is from the one
// that was asked for. To be run in a namespace at the end of a wire (raw sockets: root, mapped or
// real).

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstring>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "tests/bench/report.h"

namespace firstbyte::bench {
namespace {

using std::chrono::nanoseconds;
using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

nanoseconds to_nanoseconds(const timespec& time) {
  return std::chrono::seconds{time.tv_sec} + nanoseconds{time.tv_nsec};
}

nanoseconds wall_now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return to_nanoseconds(now);
}

std::uint16_t checksum(const icmphdr& header) {
  std::array<std::uint16_t, sizeof header / 2> words{};
  std::memcpy(words.data(), &header, sizeof header);
  std::uint32_t sum = 0;
  for (const std::uint16_t word : words) sum += word;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

// By the wall clock: that is what the kernel stamps packets with.
struct Ping {
  nanoseconds asked{};                // when send() was called
  std::optional<nanoseconds> sent;    // the interface took it
  std::optional<nanoseconds> answer;  // the interface gave the answer
};

// What a message from the socket says besides its bytes.
struct Stamps {
  std::optional<nanoseconds> time;
  std::optional<std::uint32_t> of_send;  // which send() it is about
};

Stamps stamps_of(msghdr& message) {
  Stamps stamps;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPING) {
      scm_timestamping times{};
      std::memcpy(&times, CMSG_DATA(part), sizeof times);
      stamps.time = to_nanoseconds(times.ts[0]);
    } else if (part->cmsg_level == SOL_IP && part->cmsg_type == IP_RECVERR) {
      sock_extended_err error{};
      std::memcpy(&error, CMSG_DATA(part), sizeof error);
      if (error.ee_origin == SO_EE_ORIGIN_TIMESTAMPING) stamps.of_send = error.ee_data;
    }
  }
  return stamps;
}

// Pings one address from the kernel's time stamp at the interface to the kernel's time stamp at the
// interface, so what this process waits for is not counted.
class Pinger {
 public:
  explicit Pinger(const std::string& address)
      : socket_(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP)),
        id_(static_cast<std::uint16_t>(getpid())) {
    if (socket_ < 0) fail("a raw socket");
    to_.sin_family = AF_INET;
    if (inet_pton(AF_INET, address.c_str(), &to_.sin_addr) != 1) {
      throw std::runtime_error(address + " is not an IPv4 address");
    }
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&to_), sizeof to_) != 0) fail(address);
    const int flags = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE |
                      SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
                      SOF_TIMESTAMPING_OPT_TSONLY;
    if (setsockopt(socket_, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) != 0) {
      fail("SO_TIMESTAMPING");
    }
  }
  ~Pinger() { close(socket_); }
  Pinger(const Pinger&) = delete;
  Pinger& operator=(const Pinger&) = delete;

  void send() {
    icmphdr header{};
    header.type = ICMP_ECHO;
    header.un.echo.id = htons(id_);
    header.un.echo.sequence = htons(static_cast<std::uint16_t>(pings_.size()));
    header.checksum = checksum(header);
    pings_.push_back({.asked = wall_now(), .sent = {}, .answer = {}});
    if (::send(socket_, &header, sizeof header, 0) < 0) fail("send");
  }

  void receive_until(Clock::time_point time) {
    while (Clock::now() < time && !(all_sent_ && all_answered())) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - Clock::now());
      pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
      if (poll(&waiting, 1, static_cast<int>(left.count())) <= 0) continue;
      while (read_one(MSG_ERRQUEUE)) {
      }
      while (read_one(0)) {
      }
    }
  }

  void all_are_sent() { all_sent_ = true; }
  const std::vector<Ping>& pings() const { return pings_; }

 private:
  bool all_answered() const {
    for (const Ping& ping : pings_) {
      if (!ping.answer) return false;
    }
    return true;
  }

  bool read_one(int flags) {
    std::array<char, 256> bytes{};
    std::array<char, 256> control{};
    iovec piece{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = recvmsg(socket_, &message, flags | MSG_DONTWAIT);
    if (got < 0) return false;
    const Stamps stamps = stamps_of(message);
    if (stamps.of_send && *stamps.of_send < pings_.size())
      pings_[*stamps.of_send].sent = stamps.time;
    if (flags == 0) take_answer({bytes.data(), static_cast<std::size_t>(got)}, stamps.time);
    return true;
  }

  void take_answer(std::string_view packet, std::optional<nanoseconds> time) {
    const std::size_t ip_header = packet.empty() ? 0 : (packet[0] & 15U) * 4U;
    icmphdr header{};
    if (packet.size() < ip_header + sizeof header) return;
    std::memcpy(&header, packet.data() + ip_header, sizeof header);
    const std::size_t sequence = ntohs(header.un.echo.sequence);
    if (header.type != ICMP_ECHOREPLY || ntohs(header.un.echo.id) != id_) return;
    if (sequence < pings_.size()) pings_[sequence].answer = time.value_or(wall_now());
  }

  const int socket_;
  const std::uint16_t id_;
  sockaddr_in to_{};
  std::vector<Ping> pings_;
  bool all_sent_ = false;
};

struct Flags {
  std::string address;
  double one_way_us = 0;
  int count = 1000;
  int interval_ms = 10;
  double most_p50_us = 60;
  double most_p99_us = 300;
  std::string json_file;
};

std::vector<Ping> ping_all(const Flags& flags) {
  Pinger pinger(flags.address);
  Clock::time_point next = Clock::now();
  for (int i = 0; i < flags.count; ++i) {
    pinger.send();
    next += std::chrono::milliseconds{flags.interval_ms};
    pinger.receive_until(next);
  }
  pinger.all_are_sent();
  const std::chrono::microseconds there_and_back{static_cast<std::int64_t>(2 * flags.one_way_us)};
  pinger.receive_until(Clock::now() + there_and_back + std::chrono::seconds{1});
  return pinger.pings();
}

int run(const Flags& flags) {
  const std::vector<Ping> pings = ping_all(flags);
  std::vector<double> errors;
  bool stamped = true;
  for (const Ping& ping : pings) {
    if (!ping.answer) continue;
    stamped = stamped && ping.sent.has_value();
    const nanoseconds round_trip = *ping.answer - ping.sent.value_or(ping.asked);
    errors.push_back(static_cast<double>(round_trip.count()) / 1e3 - 2 * flags.one_way_us);
  }
  if (errors.empty()) throw std::runtime_error("no ping was answered");
  const std::size_t lost = pings.size() - errors.size();

  Report report(fmt::format("wire: {} pings to {}, {} us there and back asked for; sent {}",
                            pings.size(), flags.address, 2 * flags.one_way_us,
                            stamped ? "by the kernel's stamp" : "by the clock before send()"));
  report.add("round trip's error, p50", percentile(errors, 50), "us", flags.most_p50_us);
  report.add("round trip's error, p99", percentile(errors, 99), "us", flags.most_p99_us);
  report.add("round trip's error, largest", percentile(errors, 100), "us");
  report.add("lost", static_cast<double>(lost), "", 0);
  const int status = report.finish({});
  if (!flags.json_file.empty()) {
    std::ofstream(flags.json_file)
        << boost::json::serialize(boost::json::object{{"rtt_error_p50_us", percentile(errors, 50)},
                                                      {"rtt_error_p99_us", percentile(errors, 99)},
                                                      {"rtt_error_max_us", percentile(errors, 100)},
                                                      {"count", pings.size()},
                                                      {"lost", lost}})
        << '\n';
  }
  return status;
}

}  // namespace
}  // namespace firstbyte::bench

int main(int argc, char** argv) {
  CLI::App app{"How far round trips over the lab's wires are from what was asked for."};
  firstbyte::bench::Flags flags;
  app.add_option("--address", flags.address, "whom to ping")->type_name("IPV4")->required();
  app.add_option("--one-way-us", flags.one_way_us, "the delay that was asked for")->required();
  app.add_option("--count", flags.count, "how many pings")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app.add_option("--interval-ms", flags.interval_ms, "from one ping to the next")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--most-p50-us", flags.most_p50_us, "the bound of the median")
      ->capture_default_str();
  app.add_option("--most-p99-us", flags.most_p99_us, "the bound of the 99th percentile")
      ->capture_default_str();
  app.add_option("--json", flags.json_file, "write the figures to this file");
  CLI11_PARSE(app, argc, argv);
  try {
    return firstbyte::bench::run(flags);
  } catch (const std::exception& error) {
    fmt::print(stderr, "wire_accuracy: {}\n", error.what());
    return 2;
  }
}
