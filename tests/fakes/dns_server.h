// A DNS server over UDP on loopback that answers as a test tells it to, and remembers what it was
// asked.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
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
  };

  // Fills the answer section. Records whose type was not asked for are the script's own affair.
  using Records = std::function<void(DnsPacket&, const Query&)>;

  DnsServer() : thread_([this] { serve(); }) {}
  ~DnsServer() {
    // A datagram too short to be a query: an unconnected UDP socket cannot be shut down.
    const Socket waker = Socket::bound(SOCK_DGRAM);
    const sockaddr_in address = Socket::loopback(port());
    ::sendto(waker.fd(), "", 0, 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    thread_.join();
  }
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  std::uint16_t port() const { return socket_.port(); }

  // One address, A or AAAA. A name never mentioned does not exist (NXDOMAIN).
  void add(const std::string& name, const std::string& address, std::uint32_t ttl = 60) {
    const bool v4 = address.find(':') == std::string::npos;
    script(name, 0, [=](DnsPacket& packet, const Query& query) {
      if (query.type == (v4 ? kDnsA : kDnsAaaa)) packet.address(name, address, ttl);
    });
  }
  void script(const std::string& name, int rcode, Records records = {}) {
    const std::lock_guard lock(mutex_);
    zone_[name] = {rcode, false, std::move(records)};
  }
  // Queries for it are read and never answered.
  void silence(const std::string& name) {
    const std::lock_guard lock(mutex_);
    zone_[name] = {0, true, {}};
  }

  std::vector<Query> queries() const {
    const std::lock_guard lock(mutex_);
    return queries_;
  }

 private:
  struct Entry {
    int rcode = 0;
    bool silent = false;
    Records records;
  };
  static constexpr int kNxdomain = 3;

  void serve() {
    std::vector<std::uint8_t> request(4096);
    while (true) {
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got = ::recvfrom(socket_.fd(), request.data(), request.size(), 0,
                                     reinterpret_cast<sockaddr*>(&from), &size);
      if (got < static_cast<ssize_t>(kDnsHeaderSize)) return;
      const auto answer =
          answer_to(std::span(request).first(static_cast<std::size_t>(got)), ntohs(from.sin_port));
      if (answer.empty()) continue;
      ::sendto(socket_.fd(), answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from),
               size);
    }
  }

  DnsPacket::Bytes answer_to(std::span<const std::uint8_t> request, std::uint16_t from_port) {
    Query query{.name = {}, .type = 0, .from_port = from_port};
    std::size_t at = kDnsHeaderSize;
    while (at < request.size() && request[at] != 0) {
      const std::size_t length = request[at++];
      if (!query.name.empty()) query.name += '.';
      for (std::size_t i = 0; i < length && at < request.size(); ++i) {
        query.name += static_cast<char>(request[at++]);
      }
    }
    if (at + 3 > request.size()) return {};
    query.type = static_cast<std::uint16_t>(request[at + 1] << 8 | request[at + 2]);

    const std::lock_guard lock(mutex_);
    queries_.push_back(query);
    const auto found = zone_.find(query.name);
    const Entry entry =
        found == zone_.end() ? Entry{.rcode = kNxdomain, .records = {}} : found->second;
    if (entry.silent) return {};
    DnsPacket packet(static_cast<std::uint16_t>(request[0] << 8 | request[1]), entry.rcode);
    packet.question(query.name, query.type);
    if (entry.records) entry.records(packet, query);
    return packet.bytes();
  }

  const Socket socket_ = Socket::bound(SOCK_DGRAM);
  mutable std::mutex mutex_;
  std::map<std::string, Entry> zone_;
  std::vector<Query> queries_;
  std::thread thread_;
};

}  // namespace firstbyte::fakes
