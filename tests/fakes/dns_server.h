// A DNS server on 127.0.0.1, or on ::1, that answers as a test tells it to, and remembers what it
// was asked.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "tests/fakes/dns_packet.h"
#include "tests/fakes/socket.h"

namespace firstbyte::fakes {

class DnsServer {
 public:
  struct Query {
    std::string name;
    std::uint16_t type = 0;
    std::uint16_t from_port = 0;
    std::uint16_t id = 0;
    bool over_tcp = false;

    // A response to it, without any answer.
    DnsPacket response(int rcode = 0) const {
      return std::move(DnsPacket(id, rcode).question(name, type));
    }
  };

  // Fills the answer section. Records whose type was not asked for are the script's own affair.
  using Records = std::function<void(DnsPacket&, const Query&)>;
  // Datagrams, whatever is in them.
  using Datagrams = std::function<std::vector<DnsPacket::Bytes>(const Query&)>;
  // What becomes of a connection over which this was asked; it is closed afterwards.
  using Talk = std::function<void(const Socket&, const Query&)>;

  enum class On { kIpv4, kIpv6 };

  explicit DnsServer(On on = On::kIpv4)
      : sockets_(on == On::kIpv4 ? bind_both(Socket::bound) : bind_both(Socket::bound_v6)),
        thread_([this] { serve(); }) {}
  ~DnsServer() {
    // A datagram too short to be a query, from itself: an unconnected UDP socket cannot be shut
    // down.
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(sockets_.udp.fd(), reinterpret_cast<sockaddr*>(&address), &size);
    ::sendto(sockets_.udp.fd(), "", 0, 0, reinterpret_cast<const sockaddr*>(&address), size);
    thread_.join();
    sockets_.tcp.shut_down();
    if (tcp_thread_.joinable()) tcp_thread_.join();
  }
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  std::uint16_t port() const { return sockets_.udp.port(); }

  // One address, A or AAAA. A name never mentioned does not exist (NXDOMAIN).
  void add(const std::string& name, const std::string& address, std::uint32_t ttl = 60) {
    const bool v4 = address.find(':') == std::string::npos;
    script(name, 0, [=](DnsPacket& packet, const Query& query) {
      if (query.type == (v4 ? kDnsA : kDnsAaaa)) packet.address(name, address, ttl);
    });
  }
  void script(const std::string& name, int rcode, Records records = {}) {
    const std::lock_guard lock(mutex_);
    zone_[name] = {.rcode = rcode, .records = std::move(records), .datagrams = {}};
  }
  void reply(const std::string& name, Datagrams datagrams) {
    const std::lock_guard lock(mutex_);
    zone_[name] = {.records = {}, .datagrams = std::move(datagrams)};
  }
  // Queries for it are read and never answered.
  void silence(const std::string& name) {
    reply(name, [](const Query&) { return std::vector<DnsPacket::Bytes>{}; });
  }
  // Without this, whoever comes over TCP is refused. One connection at a time, one query each.
  void serve_tcp(Talk talk) {
    if (::listen(sockets_.tcp.fd(), 16) != 0) throw std::runtime_error("listen");
    tcp_thread_ = std::thread([this, talk = std::move(talk)] { accept_all(talk); });
  }

  std::vector<Query> queries() const {
    const std::lock_guard lock(mutex_);
    return queries_;
  }

 private:
  struct Entry {
    int rcode = 0;
    Records records;
    Datagrams datagrams;  // instead of these
  };
  // Both on one port.
  struct Sockets {
    Socket udp;
    Socket tcp;
  };
  static constexpr int kNxdomain = 3;
  static constexpr int kTries = 100;

  static Sockets bind_both(Socket (*bound)(int type, std::uint16_t port)) {
    for (int i = 0; i < kTries; ++i) {
      Socket udp = bound(SOCK_DGRAM, 0);
      try {
        Socket tcp = bound(SOCK_STREAM, udp.port());
        return {std::move(udp), std::move(tcp)};
      } catch (const std::system_error&) {
        continue;  // another has it
      }
    }
    throw std::runtime_error("no port is free for both UDP and TCP");
  }

  void serve() {
    std::vector<std::uint8_t> request(4096);
    while (true) {
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      const ssize_t got = ::recvfrom(sockets_.udp.fd(), request.data(), request.size(), 0,
                                     reinterpret_cast<sockaddr*>(&from), &size);
      if (got < static_cast<ssize_t>(kDnsHeaderSize)) return;
      Query query = read_query(std::span(request).first(static_cast<std::size_t>(got)));
      // IPv6 has the port in the same place.
      query.from_port = ntohs(reinterpret_cast<const sockaddr_in*>(&from)->sin_port);
      for (const auto& answer : answers_to(query)) {
        ::sendto(sockets_.udp.fd(), answer.data(), answer.size(), 0,
                 reinterpret_cast<sockaddr*>(&from), size);
      }
    }
  }

  void accept_all(const Talk& talk) {
    while (true) {
      const Socket connection(::accept4(sockets_.tcp.fd(), nullptr, nullptr, SOCK_CLOEXEC));
      if (connection.fd() < 0) return;
      // A query is so short that it comes in one piece.
      const std::string bytes = connection.receive();
      if (bytes.size() < 2 + kDnsHeaderSize) continue;
      const std::vector<std::uint8_t> request(bytes.begin() + 2, bytes.end());
      Query query = read_query(request);
      query.over_tcp = true;
      {
        const std::lock_guard lock(mutex_);
        queries_.push_back(query);
      }
      talk(connection, query);
    }
  }

  static Query read_query(std::span<const std::uint8_t> request) {
    Query query{.name = {}};
    query.id = static_cast<std::uint16_t>(request[0] << 8 | request[1]);
    std::size_t at = kDnsHeaderSize;
    while (at < request.size() && request[at] != 0) {
      const std::size_t length = request[at++];
      if (!query.name.empty()) query.name += '.';
      for (std::size_t i = 0; i < length && at < request.size(); ++i) {
        query.name += static_cast<char>(request[at++]);
      }
    }
    if (at + 3 <= request.size()) {
      query.type = static_cast<std::uint16_t>(request[at + 1] << 8 | request[at + 2]);
    }
    return query;
  }

  std::vector<DnsPacket::Bytes> answers_to(const Query& query) {
    const std::lock_guard lock(mutex_);
    queries_.push_back(query);
    const auto found = zone_.find(query.name);
    if (found == zone_.end()) return {query.response(kNxdomain).bytes()};
    const Entry& entry = found->second;
    if (entry.datagrams) return entry.datagrams(query);
    DnsPacket packet = query.response(entry.rcode);
    if (entry.records) entry.records(packet, query);
    return {packet.bytes()};
  }

  const Sockets sockets_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> zone_;
  std::vector<Query> queries_;
  std::thread tcp_thread_;
  std::thread thread_;
};

}  // namespace firstbyte::fakes
