#include "lab/wire/packet_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>
#include <system_error>

namespace firstbyte::wire {
namespace {

using std::chrono::nanoseconds;

// Room for what comes while the process does not run, 100 ms at a gigabit; used only when needed.
constexpr int kReceiveBuffer = 12'000'000;

std::string reason() { return std::generic_category().message(errno); }

nanoseconds to_nanoseconds(const timespec& time) {
  return std::chrono::seconds{time.tv_sec} + nanoseconds{time.tv_nsec};
}

nanoseconds wall_now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return to_nanoseconds(now);
}

std::optional<nanoseconds> stamp_of(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    return to_nanoseconds(stamp);
  }
  return std::nullopt;
}

bool switch_on(int fd, int level, int option) {
  const int on = 1;
  return setsockopt(fd, level, option, &on, sizeof on) == 0;
}

Expected<> set_options(int fd) {
  if (!switch_on(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING) ||
      !switch_on(fd, SOL_PACKET, PACKET_VNET_HDR) ||
      !switch_on(fd, SOL_PACKET, PACKET_QDISC_BYPASS) ||
      !switch_on(fd, SOL_SOCKET, SO_TIMESTAMPNS)) {
    return fatal("a packet socket of this kernel lacks an option: " + reason());
  }
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  }
  return {};
}

}  // namespace

MonotonicTime arrival_of(nanoseconds stamp, nanoseconds wall_now, MonotonicTime now) {
  const nanoseconds age = wall_now - stamp;
  return now - std::clamp(age, nanoseconds{0}, nanoseconds{std::chrono::seconds{1}});
}

PacketBatch::PacketBatch() : memory_(kMost * PacketPool::kLargestPacket) {
  for (std::size_t i = 0; i < kMost; ++i) {
    pieces_[i] = {memory_.data() + i * PacketPool::kLargestPacket, PacketPool::kLargestPacket};
    messages_[i].msg_hdr.msg_iov = &pieces_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
    messages_[i].msg_hdr.msg_control = control_[i].data();
    messages_[i].msg_hdr.msg_name = &from_[i];
  }
}

std::span<const PacketBatch::Received> PacketBatch::read(int socket) {
  for (mmsghdr& message : messages_) {
    message.msg_hdr.msg_controllen = kControlBytes;
    message.msg_hdr.msg_namelen = sizeof(sockaddr_ll);
  }
  const int count = recvmmsg(socket, messages_.data(), kMost, MSG_DONTWAIT, nullptr);
  const MonotonicTime now = std::chrono::steady_clock::now();
  const nanoseconds wall = wall_now();
  const auto got = static_cast<std::size_t>(std::max(0, count));
  for (std::size_t i = 0; i < got; ++i) {
    msghdr& header = messages_[i].msg_hdr;
    const bool whole = (header.msg_flags & MSG_TRUNC) == 0;
    received_[i].interface = from_[i].sll_ifindex;
    received_[i].packet = {static_cast<const std::byte*>(pieces_[i].iov_base),
                           whole ? messages_[i].msg_len : 0};
    received_[i].arrival = arrival_of(stamp_of(header).value_or(wall), wall, now);
  }
  return std::span(received_).first(got);
}

Expected<int> PacketSocket::index_of(const std::string& interface) {
  const unsigned index = if_nametoindex(interface.c_str());
  if (index == 0) return fatal(fmt::format("there is no interface {} here", interface));
  return static_cast<int>(index);
}

Expected<PacketSocket> PacketSocket::open() {
  // With protocol 0 it hears nothing, so no packet can come before the options are set.
  Fd fd(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fatal("a packet socket needs CAP_NET_RAW: " + reason());
  if (const auto set = set_options(fd.get()); !set) return std::unexpected(set.error());
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fatal("a packet socket cannot listen here: " + reason());
  }
  return PacketSocket(std::move(fd));
}

Direction::Sent PacketSocket::send(int interface, std::span<iovec> packet) const {
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = interface;
  msghdr message{};
  message.msg_name = &to;
  message.msg_namelen = sizeof to;
  message.msg_iov = packet.data();
  message.msg_iovlen = packet.size();
  if (sendmsg(fd_.get(), &message, MSG_DONTWAIT) >= 0) return Direction::Sent::kYes;
  const bool full = errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM || errno == EMSGSIZE;
  return full ? Direction::Sent::kNoRoom : Direction::Sent::kDown;
}

std::uint64_t PacketSocket::take_missed() const {
  tpacket_stats counted{};
  socklen_t size = sizeof counted;
  if (getsockopt(fd_.get(), SOL_PACKET, PACKET_STATISTICS, &counted, &size) != 0) return 0;
  return counted.tp_drops;
}

}  // namespace firstbyte::wire
