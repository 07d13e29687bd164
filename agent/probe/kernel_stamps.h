// When the kernel saw packets leave and arrive: stamps on a socket's data, taken whether or not
// this process was running. Loop thread only.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace firstbyte::agent {

// CLOCK_REALTIME, as the kernel stamps: nanoseconds since the Unix epoch.
using KernelTime = std::chrono::sys_time<std::chrono::nanoseconds>;

// Both false when this kernel cannot. Departures are asked for once a TCP socket is connected:
// their keys count its bytes from then on. On a UDP socket they count datagrams.
bool stamp_arrivals(int fd);
bool stamp_departures(int fd);

// The stamp that came with a message, if any.
std::optional<KernelTime> arrival_of(msghdr& message);

// Looks at the first `bytes` of what waits in a TCP socket without taking them.
struct Peeked {
  std::size_t bytes = 0;           // how much of it is there
  std::size_t waiting = 0;         // and how much in all
  std::optional<KernelTime> last;  // when the packet came that holds the last of these
};
Peeked peek_arrival(int fd, std::size_t bytes);
std::size_t waiting_to_be_read(int fd);  // bytes

// The departures of one socket, read from its error queue. Stamps are there when send() returns,
// unless the packet had to wait; then they come later, or never. A peer can make us send without
// end, as HTTP/2 answers each PING, so only the first kMax are kept; the others count as missing.
class Departures {
 public:
  static constexpr std::size_t kMax = 4096;

  // Takes what there is. True when there was anything: epoll says EPOLLERR for it as for an error.
  bool drain(int fd);
  // When the packet with this byte (or datagram) left; counted from 0.
  std::optional<KernelTime> of(std::uint32_t key) const;
  // The last byte of all that left; nothing when stamps may have been dropped.
  std::optional<std::uint32_t> last_key() const;

 private:
  std::vector<std::pair<std::uint32_t, KernelTime>> stamps_;  // by key, as they come
};

// The kernel stamps arrivals only while some socket asks for it, and starts to when the first one
// does, which a probe should not wait for.
class StampingKept {
 public:
  StampingKept();
  ~StampingKept();
  StampingKept(const StampingKept&) = delete;
  StampingKept& operator=(const StampingKept&) = delete;

 private:
  int fd_;
};

// What the kernel knows of a TCP connection.
struct TcpFacts {
  std::chrono::microseconds rtt{};  // the latest estimate; after the handshake, SYN to SYN-ACK
  std::optional<std::chrono::microseconds> min_rtt;
  std::uint32_t retransmits = 0;
  bool established = false;  // neither side has ended it
  std::uint32_t data_segments_in = 0;
  std::uint32_t segment_size_in = 0;  // bytes, of the largest; an estimate
};
std::optional<TcpFacts> tcp_facts(int fd);

}  // namespace firstbyte::agent
