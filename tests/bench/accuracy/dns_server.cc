#include "tests/bench/accuracy/dns_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace firstbyte::bench {
namespace {

constexpr std::uint16_t kPort = 53;
constexpr std::size_t kHeader = 12;
constexpr std::uint16_t kA = 1;
constexpr std::uint16_t kAaaa = 28;
// As labels on the wire, "v6" before "bench".
constexpr std::string_view kSixOnly = "\002v6\005bench";

void put16(std::string& out, std::size_t value) {
  out.push_back(static_cast<char>(value >> 8));
  out.push_back(static_cast<char>(value & 0xff));
}

std::string address_bytes(int family, const std::string& text) {
  std::array<char, 16> bytes{};
  if (inet_pton(family, text.c_str(), bytes.data()) != 1) {
    throw std::runtime_error(text + " is no address");
  }
  return {bytes.data(), family == AF_INET ? 4U : 16U};
}

}  // namespace

std::string answer_to(std::string_view query, std::string_view address4,
                      std::string_view address6) {
  std::size_t end = kHeader;
  while (end < query.size() && query[end] != 0) end += 1U + static_cast<unsigned char>(query[end]);
  end += 5;  // the root label, the type, the class
  if (end > query.size()) return {};
  const std::string_view question = query.substr(kHeader, end - kHeader);
  const auto type = static_cast<std::uint16_t>(static_cast<unsigned char>(query[end - 4]) << 8 |
                                               static_cast<unsigned char>(query[end - 3]));
  const bool six_only = question.find(kSixOnly) != std::string_view::npos;
  const std::string_view address = type == kA && !six_only     ? address4
                                   : type == kAaaa && six_only ? address6
                                                               : std::string_view{};
  std::string answer(query.substr(0, 2));
  put16(answer, 0x8580);  // an authoritative answer, recursion desired and available
  put16(answer, 1);
  put16(answer, address.empty() ? 0 : 1);
  put16(answer, 0);
  put16(answer, 0);
  answer += question;
  if (address.empty()) return answer;
  put16(answer, 0xc000 | kHeader);  // the name in the question
  put16(answer, type);
  put16(answer, 1);
  put16(answer, 0);
  put16(answer, 60);  // TTL, seconds
  put16(answer, address.size());
  return answer += address;
}

DnsServer::DnsServer(const std::string& address4, const std::string& address6, Micros delay,
                     wire::EventLoop& loop, DelayedWork& work)
    : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      address4_(address_bytes(AF_INET, address4)),
      address6_(address_bytes(AF_INET6, address6)),
      delay_(delay),
      work_(work) {
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_port = htons(kPort);
  std::memcpy(&own.sin_addr, address4_.data(), sizeof own.sin_addr);
  if (bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) {
    throw std::system_error(errno, std::generic_category(), "DNS on " + address4);
  }
  loop.watch(socket_.get(), [this] { receive(); });
}

void DnsServer::receive() {
  std::array<char, 1500> query{};
  sockaddr_in from{};
  socklen_t length = sizeof from;
  const ssize_t got = recvfrom(socket_.get(), query.data(), query.size(), 0,
                               reinterpret_cast<sockaddr*>(&from), &length);
  if (got <= 0) return;
  std::string answer =
      answer_to({query.data(), static_cast<std::size_t>(got)}, address4_, address6_);
  if (answer.empty()) return;
  work_.after(delay_, [this, from, answer = std::move(answer)] {
    sendto(socket_.get(), answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&from),
           sizeof from);
  });
}

}  // namespace firstbyte::bench
