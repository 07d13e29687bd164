// A DNS server that knows every name and takes a known time to say so. UDP, one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lab/wire/event_loop.h"
#include "tests/bench/accuracy/delayed_work.h"

namespace firstbyte::bench {

// Names under v6.bench.test have an AAAA record only, all others an A record only, so a name also
// says which way a probe goes. To other questions the answer is empty. Empty itself when the query
// cannot be read.
std::string answer_to(std::string_view query, std::string_view address4, std::string_view address6);

class DnsServer {
 public:
  // Listens on `address4`, port 53, and gives `address4` and `address6` as everybody's address.
  // Both live longer than this. Throws std::runtime_error.
  DnsServer(const std::string& address4, const std::string& address6, Micros delay,
            wire::EventLoop& loop, DelayedWork& work);

 private:
  void receive();

  wire::Fd socket_;
  const std::string address4_;  // as bytes
  const std::string address6_;
  const Micros delay_;
  DelayedWork& work_;
};

}  // namespace firstbyte::bench
