// The real firstbyte-wire between two hosts. Lower bounds are exact; upper bounds only prove that
// something happened at all.
#include <numeric>
#include <thread>

#include "tests/integration/lab/wire_fixture.h"

namespace firstbyte::lab_test {
namespace {

constexpr auto kLong = 10s;
constexpr auto kNever = 300ms;  // how long is waited for what must not come

// A datagram to b and its echo; how long that took, absent when it did not come back.
std::optional<SteadyClock::duration> round_trip(const Socket& a, const Socket& b,
                                                std::chrono::milliseconds limit = kLong) {
  connect_to(a, "10.9.0.2");
  const auto start = SteadyClock::now();
  EXPECT_TRUE(a.send("ping"));
  if (!readable(b, limit)) return std::nullopt;
  EXPECT_EQ(b.receive(), "ping");
  connect_to(b, "10.9.0.1");
  EXPECT_TRUE(b.send("pong"));
  if (!readable(a, limit)) return std::nullopt;
  EXPECT_EQ(a.receive(), "pong");
  return SteadyClock::now() - start;
}

void expect_delays() {
  const TwoHosts hosts("\"delay_us\": 15000");
  const Socket a = hosts.at_a(SOCK_DGRAM);
  const Socket b = hosts.at_b(SOCK_DGRAM);
  ASSERT_TRUE(round_trip(a, b));  // with the exchange of link addresses
  for (int i = 0; i < 20; ++i) {
    const auto took = round_trip(a, b);
    ASSERT_TRUE(took);
    ASSERT_GE(*took, 30ms);
  }
}

void expect_changes_of_the_delay() {
  const TwoHosts hosts("\"delay_us\": 1000");
  const Socket a = hosts.at_a(SOCK_DGRAM);
  const Socket b = hosts.at_b(SOCK_DGRAM);
  ASSERT_TRUE(round_trip(a, b));
  EXPECT_EQ(hosts.set("\"delay_us\": 40000"), "{\"ok\":true}");
  EXPECT_GE(round_trip(a, b), 80ms);
}

void expect_silence_while_down() {
  const TwoHosts hosts("\"delay_us\": 1000");
  const Socket a = hosts.at_a(SOCK_DGRAM);
  const Socket b = hosts.at_b(SOCK_DGRAM);
  ASSERT_TRUE(round_trip(a, b));
  EXPECT_EQ(hosts.set("\"up\": false"), "{\"ok\":true}");
  EXPECT_FALSE(round_trip(a, b, kNever));
  EXPECT_EQ(hosts.set("\"up\": true"), "{\"ok\":true}");
  EXPECT_TRUE(round_trip(a, b));
}

void expect_packets_in_flight_to_be_lost_in_a_power_cut() {
  const TwoHosts hosts("\"delay_us\": 1000");
  const Socket a = hosts.at_a(SOCK_DGRAM);
  const Socket b = hosts.at_b(SOCK_DGRAM);
  ASSERT_TRUE(round_trip(a, b));
  hosts.set("\"delay_us\": 250000");
  ASSERT_TRUE(a.send("in flight"));
  fakes::UnixClient control(hosts.control_path());
  ASSERT_TRUE(fakes::eventually([&] {
    return control.ask(R"({"stats": {}})").find("\"in_flight\":1") != std::string::npos;
  }));
  hosts.set("\"up\": false");
  hosts.set("\"up\": true");
  EXPECT_FALSE(readable(b, 500ms));
}

// 4 MB, of which no two kilobytes are alike.
std::string large_text() {
  std::string text(4 << 20, '\0');
  std::uint32_t value = 1;
  for (char& byte : text)
    byte = static_cast<char>((value = value * 1'664'525 + 1'013'904'223) >> 24);
  return text;
}

std::string read_all(const Socket& listener) {
  const Socket accepted(::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
  std::string all;
  for (std::string part = accepted.receive(); !part.empty(); part = accepted.receive()) all += part;
  return all;
}

// Kernels hand over super-packets of 64 kB without checksums here; the bytes must be right and the
// packets few.
void expect_a_transfer_to_arrive_intact() {
  const TwoHosts hosts("\"delay_us\": 2000");
  const Socket b = hosts.at_b(SOCK_STREAM);
  ASSERT_EQ(::listen(b.fd(), 1), 0);
  std::string received;
  std::thread reader([&] { received = read_all(b); });
  const std::string text = large_text();
  {
    const Socket a = hosts.at_a(SOCK_STREAM);
    connect_to(a, "10.9.0.2");
    EXPECT_TRUE(a.send(text));
  }
  reader.join();
  EXPECT_EQ(received.size(), text.size());
  EXPECT_TRUE(received == text);
}

void expect_the_wire_to_end_at_once() {
  TwoHosts hosts("\"delay_us\": 2000000");
  ASSERT_TRUE(std::filesystem::exists(hosts.control_path()));
  hosts.wire().signal(SIGTERM);
  EXPECT_EQ(hosts.wire().wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(hosts.control_path()));
}

struct Refused {
  int status;
  std::string sentence;
};

Refused refusal_of(const std::string& wires) {
  const fakes::TempDir folder;
  fakes::Process wire(
      lab_program("firstbyte-wire"),
      {"--wires", folder.write("wires.json", wires), "--control", folder / "control"},
      folder.path());
  const int status = wire.wait();
  return {status, wire.err()};
}

TEST(Wire, DelaysBothWays) {
  if (!fakes::run_in_own_network(expect_delays)) GTEST_SKIP() << fakes::kNoNamespaces;
}

TEST(Wire, TakesAnotherDelayWhileItRuns) {
  if (!fakes::run_in_own_network(expect_changes_of_the_delay)) {
    GTEST_SKIP() << fakes::kNoNamespaces;
  }
}

TEST(Wire, IsSilentWhileItIsDown) {
  if (!fakes::run_in_own_network(expect_silence_while_down)) GTEST_SKIP() << fakes::kNoNamespaces;
}

TEST(Wire, LosesPacketsInFlightInAPowerCut) {
  if (!fakes::run_in_own_network(expect_packets_in_flight_to_be_lost_in_a_power_cut)) {
    GTEST_SKIP() << fakes::kNoNamespaces;
  }
}

TEST(Wire, LetsALargeTransferThroughIntact) {
  if (!fakes::run_in_own_network(expect_a_transfer_to_arrive_intact)) {
    GTEST_SKIP() << fakes::kNoNamespaces;
  }
}

TEST(Wire, EndsAtOnceAndTidiesUp) {
  if (!fakes::run_in_own_network(expect_the_wire_to_end_at_once))
    GTEST_SKIP() << fakes::kNoNamespaces;
}

TEST(Wire, RefusesWiresThatAreWrongWithOneSentence) {
  const Refused refused =
      refusal_of(R"({"wires": [{"name": "x~y", "a": "a", "b": "b", "delay_us": -1}]})");
  EXPECT_EQ(refused.status, 2);
  EXPECT_EQ(refused.sentence,
            "firstbyte-wire: wire x~y: delay_us: -1 is not a number from 0 to 10000000\n");
}

TEST(Wire, NamesAnInterfaceThatIsNotThere) {
  const Refused refused =
      refusal_of(R"({"wires": [{"name": "x~y", "a": "lo", "b": "nowhere", "delay_us": 1}]})");
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(refused.sentence.starts_with("firstbyte-wire: wire x~y: ")) << refused.sentence;
}

}  // namespace
}  // namespace firstbyte::lab_test
