// Whole frames, read from and written to all interfaces of a network namespace. One thread.
#pragma once

#include <linux/if_packet.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "lab/wire/direction.h"
#include "lab/wire/fd.h"

namespace firstbyte::wire {

// A packet here is a virtio_net_hdr and the frame. The header says what the sender's kernel left
// for hardware to do: the checksum (CHECKSUM_PARTIAL), cutting up a super-packet of up to 64 kB. On
// a veth nobody does either, and with the header written back nobody has to. (<linux/virtio_net.h>
// is not C++.)
inline constexpr std::size_t kPacketHeaderBytes = 10;

// Where packets are read to, a few at a time.
class PacketBatch {
 public:
  static constexpr std::size_t kMost = 8;

  PacketBatch();

  struct Received {
    int interface = 0;  // its index
    std::span<const std::byte> packet;
    MonotonicTime arrival;
  };
  // What came, in order of arrival, valid until the next read. A packet that did not fit is empty.
  // Never waits.
  std::span<const Received> read(int socket);

 private:
  static constexpr std::size_t kControlBytes = 64;

  std::vector<std::byte> memory_;
  std::array<std::array<std::byte, kControlBytes>, kMost> control_;
  std::array<sockaddr_ll, kMost> from_{};
  std::array<iovec, kMost> pieces_{};
  std::array<mmsghdr, kMost> messages_{};
  std::array<Received, kMost> received_{};
};

// When a packet came that the kernel stamped so, by the wall clock, if it is `wall_now` and `now`.
// A wall clock that was set in between must not hold a packet for longer than its delay, nor send
// it much too early: its age is taken to be between nothing and a second.
MonotonicTime arrival_of(std::chrono::nanoseconds stamp, std::chrono::nanoseconds wall_now,
                         MonotonicTime now);

// One for all interfaces: closing a packet socket waits for the kernel's readers (RCU), and a
// hundred of them one after the other would make a lab take its time to go down.
class PacketSocket {
 public:
  static Expected<PacketSocket> open();
  // An Error says that there is no such interface.
  static Expected<int> index_of(const std::string& interface);

  int fd() const { return fd_.get(); }
  Direction::Sent send(int interface, std::span<iovec> packet) const;
  // What the kernel dropped for want of room since the last call.
  std::uint64_t take_missed() const;

 private:
  explicit PacketSocket(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace firstbyte::wire
