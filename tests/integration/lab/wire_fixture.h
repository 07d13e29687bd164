// Two hosts, a and b, and the real firstbyte-wire between them; for use in run_in_own_network().
#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <cstdlib>
#include <string>

#include "tests/fakes/collector_process.h"
#include "tests/fakes/net_namespace.h"
#include "tests/fakes/temp_dir.h"
#include "tests/fakes/unix_client.h"

namespace firstbyte::lab_test {

using namespace std::chrono_literals;
using fakes::NetNamespace;
using fakes::Socket;
using SteadyClock = std::chrono::steady_clock;

inline std::string lab_program(const std::string& name) {
  const char* folder = std::getenv("FIRSTBYTE_LAB_PROGRAMS");
  return (folder == nullptr ? "build/dev/lab" : std::string(folder)) + "/" + name;
}

inline sockaddr_in address_of(const char* ip, std::uint16_t port) {
  sockaddr_in address = Socket::loopback(port);
  inet_pton(AF_INET, ip, &address.sin_addr);
  return address;
}

class TwoHosts {
 public:
  // `settings` are those of the wire, as JSON: "\"delay_us\": 1000".
  explicit TwoHosts(const std::string& settings) {
    plug(a_, "wa", "10.9.0.1");
    plug(b_, "wb", "10.9.0.2");
    fakes::ip("link set wa up");
    fakes::ip("link set wb up");
    const std::string file = folder_.write(
        "wires.json", R"({"wires": [{"name": "a~b", "a": "wa", "b": "wb", )" + settings + "}]}");
    wire_.emplace(lab_program("firstbyte-wire"),
                  std::vector<std::string>{"--wires", file, "--control", control_path()},
                  folder_.path());
    EXPECT_TRUE(wire_->prints("ready wires=1 scheduling=")) << wire_->err();
  }

  // A socket of a host's own.
  Socket at_a(int type) const { return make(a_, type, "10.9.0.1"); }
  Socket at_b(int type) const { return make(b_, type, "10.9.0.2"); }

  fakes::Process& wire() { return *wire_; }
  std::string control_path() const { return folder_ / "control"; }
  std::string set(const std::string& settings) const {
    return fakes::UnixClient(control_path()).ask(R"({"set": {"wire": "a~b", )" + settings + "}}");
  }

 private:
  // Called, and left, in the network of the wire.
  void plug(const NetNamespace& host, const std::string& interface, const std::string& ip) {
    host.enter();
    fakes::ip("link add e0 type veth peer name " + interface + " netns " + middle_.path());
    fakes::ip("addr add " + ip + "/24 dev e0");
    fakes::ip("link set e0 up");
    middle_.enter();
  }

  Socket make(const NetNamespace& host, int type, const char* ip) const {
    host.enter();
    Socket made(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    const sockaddr_in address = address_of(ip, kPort);
    EXPECT_EQ(::bind(made.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    middle_.enter();
    return made;
  }

 public:
  static constexpr std::uint16_t kPort = 7000;

 private:
  const fakes::TempDir folder_;
  const NetNamespace a_;
  const NetNamespace b_;
  const NetNamespace middle_;
  std::optional<fakes::Process> wire_;
};

inline void connect_to(const Socket& socket, const char* ip) {
  const sockaddr_in address = address_of(ip, TwoHosts::kPort);
  ASSERT_EQ(::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

// Whether something came in time.
inline bool readable(const Socket& socket, std::chrono::milliseconds limit) {
  pollfd waiting{.fd = socket.fd(), .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, static_cast<int>(limit.count())) == 1;
}

}  // namespace firstbyte::lab_test
