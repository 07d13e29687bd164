// DNS messages built byte by byte (RFC 1035), malformed ones included.
#pragma once

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::fakes {

inline constexpr std::uint16_t kDnsA = 1;
inline constexpr std::uint16_t kDnsCname = 5;
inline constexpr std::uint16_t kDnsTxt = 16;
inline constexpr std::uint16_t kDnsAaaa = 28;
inline constexpr std::size_t kDnsHeaderSize = 12;
inline constexpr std::uint16_t kDnsTruncated = 0x8380;  // a response with TC set

class DnsPacket {
 public:
  using Bytes = std::vector<std::uint8_t>;

  // A response with no question and no answer yet.
  explicit DnsPacket(std::uint16_t id = 0x1234, int rcode = 0) {
    put16(id);
    put16(static_cast<std::uint16_t>(0x8180 | rcode));
    for (int count = 0; count < 4; ++count) put16(0);
  }

  // QR, the opcode, AA, TC, RD, RA and the response code, as they stand.
  DnsPacket& flags(std::uint16_t value) {
    bytes_[2] = static_cast<std::uint8_t>(value >> 8);
    bytes_[3] = static_cast<std::uint8_t>(value);
    return *this;
  }

  DnsPacket& question(std::string_view name, std::uint16_t type) {
    put_name(name);
    put16(type);
    put16(1);
    return count_at(4);
  }

  // A record whose data is given as it stands.
  DnsPacket& record(std::string_view name, std::uint16_t type, std::uint32_t ttl,
                    std::span<const std::uint8_t> data) {
    put_name(name);
    return record_after_name(type, ttl, data);
  }

  DnsPacket& record_after_name(std::uint16_t type, std::uint32_t ttl,
                               std::span<const std::uint8_t> data) {
    put16(type);
    put16(1);
    put16(static_cast<std::uint16_t>(ttl >> 16));
    put16(static_cast<std::uint16_t>(ttl));
    put16(static_cast<std::uint16_t>(data.size()));
    put(data);
    return count_at(6);
  }

  // A or AAAA, by what `address` looks like.
  DnsPacket& address(std::string_view name, const std::string& address, std::uint32_t ttl) {
    std::array<std::uint8_t, 16> data{};
    const bool v4 = inet_pton(AF_INET, address.c_str(), data.data()) == 1;
    if (!v4) inet_pton(AF_INET6, address.c_str(), data.data());
    return record(name, v4 ? kDnsA : kDnsAaaa, ttl, std::span(data).first(v4 ? 4 : 16));
  }

  DnsPacket& cname(std::string_view name, std::string_view target, std::uint32_t ttl) {
    return record(name, kDnsCname, ttl, encoded_name(target));
  }

  // Appends raw bytes, for what no honest server would send.
  DnsPacket& put(std::span<const std::uint8_t> data) {
    bytes_.insert(bytes_.end(), data.begin(), data.end());
    return *this;
  }

  // "" is the root.
  static Bytes encoded_name(std::string_view name) {
    Bytes encoded;
    while (!name.empty()) {
      const std::string_view label = name.substr(0, name.find('.'));
      encoded.push_back(static_cast<std::uint8_t>(label.size()));
      encoded.insert(encoded.end(), label.begin(), label.end());
      name.remove_prefix(std::min(name.size(), label.size() + 1));
    }
    encoded.push_back(0);
    return encoded;
  }

  // Where the next record will begin: what a compression pointer may point to.
  std::size_t size() const { return bytes_.size(); }
  const Bytes& bytes() const { return bytes_; }
  // As it goes over TCP: behind its length.
  std::string framed() const {
    std::string framed{static_cast<char>(bytes_.size() >> 8), static_cast<char>(bytes_.size())};
    return framed.append(bytes_.begin(), bytes_.end());
  }

 private:
  void put16(std::uint16_t value) {
    bytes_.push_back(static_cast<std::uint8_t>(value >> 8));
    bytes_.push_back(static_cast<std::uint8_t>(value));
  }
  void put_name(std::string_view name) { put(encoded_name(name)); }
  DnsPacket& count_at(std::size_t offset) {
    if (++bytes_[offset + 1] == 0) ++bytes_[offset];
    return *this;
  }

  Bytes bytes_;
};

}  // namespace firstbyte::fakes
