#include "agent/probe/kernel_stamps.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace firstbyte::agent {
namespace {

constexpr std::size_t kControlBytes = 256;

KernelTime to_kernel_time(const timespec& time) {
  return KernelTime{std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec}};
}

bool set_stamping(int fd, std::uint32_t flags) {
  return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) == 0;
}

constexpr std::uint32_t kArrivals = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
// OPT_TSONLY: without the packet itself, which nobody reads.
constexpr std::uint32_t kDepartures =
    SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;

bool is_error_report(const cmsghdr& part) {
  return (part.cmsg_level == SOL_IP && part.cmsg_type == IP_RECVERR) ||
         (part.cmsg_level == SOL_IPV6 && part.cmsg_type == IPV6_RECVERR);
}

}  // namespace

bool stamp_arrivals(int fd) { return set_stamping(fd, kArrivals); }

bool stamp_departures(int fd) { return set_stamping(fd, kArrivals | kDepartures); }

std::optional<KernelTime> arrival_of(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPING) continue;
    scm_timestamping stamps{};
    std::memcpy(&stamps, CMSG_DATA(part), sizeof stamps);
    if (stamps.ts[0].tv_sec == 0) return std::nullopt;
    return to_kernel_time(timespec{stamps.ts[0].tv_sec, static_cast<long>(stamps.ts[0].tv_nsec)});
  }
  return std::nullopt;
}

std::size_t waiting_to_be_read(int fd) {
  int waiting = 0;
  return ioctl(fd, FIONREAD, &waiting) == 0 ? static_cast<std::size_t>(std::max(waiting, 0)) : 0;
}

Peeked peek_arrival(int fd, std::size_t bytes) {
  // A socket that was reset tells it to the first who reads, and that shall be libcurl.
  const std::size_t waiting = waiting_to_be_read(fd);
  if (waiting == 0) return {};
  alignas(cmsghdr) std::array<std::byte, kControlBytes> control{};
  // With MSG_TRUNC nothing of it is copied, so no room for it is needed.
  iovec nowhere{nullptr, bytes};
  msghdr message{};
  message.msg_iov = &nowhere;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t seen = recvmsg(fd, &message, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
  if (seen <= 0) return {};
  return {static_cast<std::size_t>(seen), waiting, arrival_of(message)};
}

bool Departures::drain(int fd) {
  bool any = false;
  while (true) {
    alignas(cmsghdr) std::array<std::byte, kControlBytes> control{};
    msghdr message{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return any;
    const std::optional<KernelTime> stamp = arrival_of(message);
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
      if (!is_error_report(*part)) continue;
      sock_extended_err report{};
      std::memcpy(&report, CMSG_DATA(part), sizeof report);
      if (report.ee_origin != SO_EE_ORIGIN_TIMESTAMPING) continue;
      any = true;
      if (stamp && stamps_.size() < kMax) stamps_.emplace_back(report.ee_data, *stamp);
    }
  }
}

std::optional<KernelTime> Departures::of(std::uint32_t key) const {
  // A stamp is that of the packet's last byte; the packet with ours is the first that reaches it.
  // Sent again, it is stamped anew with the same key: the first time counts.
  const auto found =
      std::ranges::find_if(stamps_, [key](const auto& stamp) { return stamp.first >= key; });
  if (found == stamps_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::uint32_t> Departures::last_key() const {
  if (stamps_.size() == kMax) return std::nullopt;
  const auto last = std::ranges::max_element(stamps_, {}, [](const auto& s) { return s.first; });
  if (last == stamps_.end()) return std::nullopt;
  return last->first;
}

StampingKept::StampingKept() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  if (fd_ >= 0) stamp_arrivals(fd_);
}

StampingKept::~StampingKept() {
  if (fd_ >= 0) close(fd_);
}

std::optional<TcpFacts> tcp_facts(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || info.tcpi_rtt == 0) {
    return std::nullopt;
  }
  constexpr std::uint8_t kEstablished = 1;  // TCP_ESTABLISHED of <netinet/tcp.h>
  TcpFacts facts{
      std::chrono::microseconds{info.tcpi_rtt}, std::nullopt,           info.tcpi_total_retrans,
      info.tcpi_state == kEstablished,          info.tcpi_data_segs_in, info.tcpi_rcv_mss};
  constexpr std::uint32_t kNone = 0xffffffff;
  if (info.tcpi_min_rtt != 0 && info.tcpi_min_rtt != kNone) {
    facts.min_rtt = std::chrono::microseconds{info.tcpi_min_rtt};
  }
  return facts;
}

}  // namespace firstbyte::agent
