// One lookup by c-ares on the event loop, without any cache: each has its own channel, so a fresh
// source port and no memory of the last one.
#pragma once

#include <ares.h>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>

#include "agent/probe/event_loop.h"
#include "agent/probe/kernel_stamps.h"
#include "agent/probe/phase_recorder.h"
#include "common/error.h"
#include "common/measurement.h"

namespace firstbyte::agent {

// The resolver an operator chose, or the first of the system's list.
struct Resolver {
  std::string ip;  // empty: the system's
  std::uint16_t port = 53;

  std::string to_string() const;  // "IP:PORT", "[IP]:PORT", or empty
};

// "9.9.9.9", "127.0.0.1:8053", "[2620:fe::fe]:53". The Error names "--resolver".
Expected<Resolver> parse_resolver(std::string_view text);

// Loop thread only.
class DnsLookup {
 public:
  using Done = std::function<void(std::optional<Failure>)>;

  // The recorder must outlive the lookup.
  DnsLookup(EventLoop& loop, const Resolver& resolver, PhaseRecorder& recorder);
  // Ends the lookup; `done` is not called any more.
  ~DnsLookup();
  DnsLookup(const DnsLookup&) = delete;
  DnsLookup& operator=(const DnsLookup&) = delete;

  // Asks for addresses of the family (never kBoth). The phase `dns` runs from the query's leaving
  // to the answer's arrival. `done` is called once, by the loop, never from within start(); without
  // a failure there is at least one address.
  void start(const std::string& name, Family family, Done done);

  // What is known by now: from the first query on the resolver's name, and what of an answer came,
  // be it NXDOMAIN's CNAMEs. Addresses only of a lookup that did not fail.
  const std::optional<DnsAnswer>& answer() const { return answer_; }

 private:
  void query(int type);
  void answered(int status, std::span<const std::uint8_t> message);
  int take(int status, std::span<const std::uint8_t> message);
  void finish(std::optional<Failure> failure);
  void on_socket(ares_socket_t fd, bool readable, bool writable);
  void arm_timer();

  // c-ares' sockets, with stamps on what they carry.
  static const ares_socket_functions kSocketFunctions;
  ares_socket_t open_socket(int family, int type, int protocol);
  ares_ssize_t send_query(ares_socket_t fd, std::span<const iovec> pieces);
  ares_ssize_t receive(ares_socket_t fd, void* data, std::size_t size, int flags, sockaddr* from,
                       ares_socklen_t* from_size);

  EventLoop& loop_;
  PhaseRecorder& recorder_;
  const std::string resolver_;
  ares_channel channel_ = nullptr;
  int init_status_ = 0;
  std::string name_;
  Family family_ = Family::kAny;
  int type_ = 0;
  std::optional<DnsAnswer> answer_;
  Done done_;
  std::optional<EventLoop::TimerId> timer_;
  std::unordered_set<ares_socket_t> sockets_;

  // Of the query under way, while it goes over UDP.
  Departures departures_;
  std::uint32_t datagrams_ = 0;  // sent from the socket
  std::optional<KernelTime> asked_;
  std::optional<KernelTime> heard_;
  // c-ares calls back from within its own functions, where its channel must not be destroyed:
  // results are handed on in the loop's next turn, unless this lookup is gone by then.
  std::shared_ptr<DnsLookup*> self_;
};

}  // namespace firstbyte::agent
