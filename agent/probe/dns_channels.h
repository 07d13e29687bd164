// DNS queries by c-ares on the event loop, with the kernel's stamps of what they send and hear.
// Channels are kept for the next lookup, since to make one costs more than to ask: c-ares fills
// tables of 70 KiB and reads /dev/urandom. Nothing else is kept. c-ares closes its sockets whenever
// nothing is under way, so that each query has a source port of its own, and it caches no answer.
// Loop thread only.
#pragma once

#include <ares.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probe/event_loop.h"
#include "agent/probe/kernel_stamps.h"
#include "agent/probe/resolver.h"
#include "agent/probe/wire_times.h"
#include "common/error.h"

namespace firstbyte::agent {

// Asks one resolver, one query at a time: over UDP, and once more over TCP when the answer does not
// fit into a datagram.
class DnsChannel {
 public:
  struct Reply {
    int status = ARES_SUCCESS;  // c-ares' word for it
    // What the resolver answered, with the id and the question that were asked; empty: nothing.
    std::span<const std::uint8_t> message;
    bool over_tcp = false;
    bool tcp_was_open = false;  // the question went out on it
    int error = 0;              // errno of the socket that failed
  };
  using Answered = std::function<void(const Reply&)>;

  // Reads no file. The Error says why there is no channel for this resolver.
  static Expected<std::unique_ptr<DnsChannel>> open(EventLoop& loop, const Resolver& resolver);
  // Ends the query under way; `answered` is not called any more.
  ~DnsChannel();
  DnsChannel(const DnsChannel&) = delete;
  DnsChannel& operator=(const DnsChannel&) = delete;

  // `type`: of nameser.h, such as ns_t_a. The phase dns of `wire`, which must outlive the query,
  // learns of each wait for the resolver: of the query's datagram and, over TCP, of the handshake
  // and the query. `answered` is called once, perhaps from within query(), and from within c-ares:
  // neither the channel may be destroyed there nor the next query asked.
  void query(const std::string& name, int type, WireTimes& wire, Answered answered);
  bool is_busy() const { return answered_ != nullptr; }
  const Resolver& resolver() const { return resolver_; }

 private:
  // One of c-ares' sockets.
  struct Conversation {
    int fd = -1;
    Departures departures;
    std::uint32_t sent = 0;  // datagrams or bytes: what the keys of departures count
    std::optional<KernelTime> heard;
    std::optional<std::chrono::microseconds> handshake;  // of TCP
  };

  DnsChannel(EventLoop& loop, Resolver resolver);
  void answered(int status, std::span<const std::uint8_t> message);
  void tell_wire(bool is_answer);
  void on_socket(ares_socket_t fd, bool readable, bool writable);
  void arm_timer();

  // c-ares' sockets, with stamps on what they carry.
  static const ares_socket_functions kSocketFunctions;
  ares_socket_t open_socket(int family, int type, int protocol);
  int connect_socket(ares_socket_t fd, const sockaddr* address, ares_socklen_t size);
  ares_ssize_t send(ares_socket_t fd, std::span<const iovec> pieces);
  ares_ssize_t receive(ares_socket_t fd, void* data, std::size_t size, int flags, sockaddr* from,
                       ares_socklen_t* from_size);
  Conversation& conversation_of(int fd) { return fd == tcp_.fd ? tcp_ : udp_; }

  EventLoop& loop_;
  const Resolver resolver_;
  ares_channel channel_ = nullptr;
  std::optional<EventLoop::TimerId> timer_;

  // Of the query under way.
  Answered answered_;
  WireTimes* wire_ = nullptr;
  Conversation udp_;
  Conversation tcp_;
  int error_ = 0;
};

class DnsChannels {
 public:
  // `resolv_conf`: where the system says whom to ask.
  explicit DnsChannels(EventLoop& loop, std::string resolv_conf = "/etc/resolv.conf");

  EventLoop& loop() { return loop_; }

  // A channel for this resolver, or the system's, with nothing under way.
  Expected<std::unique_ptr<DnsChannel>> take(const Resolver& resolver);
  // Keeps it for the next lookup; or not, since its query still runs or there are enough.
  void give_back(std::unique_ptr<DnsChannel> channel);
  std::size_t idle() const { return idle_.size(); }

 private:
  Expected<Resolver> system_resolver();

  EventLoop& loop_;
  const std::string resolv_conf_;
  // What the file said, and of when that was.
  std::optional<Resolver> system_;
  std::filesystem::file_time_type system_changed_{};
  std::vector<std::unique_ptr<DnsChannel>> idle_;  // the longest unused first
};

}  // namespace firstbyte::agent
