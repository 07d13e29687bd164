// Lookups on a loop of their own, against a real server.
#include "agent/probe/dns_lookup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>

#include <array>
#include <filesystem>
#include <future>
#include <set>
#include <thread>

#include "tests/fakes/dns_server.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::agent {
namespace {

using Query = fakes::DnsServer::Query;
using fakes::DnsPacket;

struct Found {
  std::optional<Failure> failure;
  std::optional<DnsAnswer> answer;
  Timings timings;
};

class DnsLookups : public testing::Test {
 protected:
  ~DnsLookups() override {
    loop_.stop();
    thread_.join();
  }

  Resolver resolver() const { return {"127.0.0.1", dns_.port()}; }

  // One that is under way.
  struct Started {
    std::unique_ptr<PhaseRecorder> recorder;
    std::unique_ptr<DnsLookup> lookup;
    std::promise<Found> done;
  };
  std::unique_ptr<Started> start(const std::string& name, Family family, const Resolver& asked) {
    auto started = std::make_unique<Started>();
    on_loop([&] {
      started->recorder = std::make_unique<PhaseRecorder>(system_clock());
      started->lookup = std::make_unique<DnsLookup>(channels_, asked, *started->recorder);
      started->lookup->start(name, family, [s = started.get()](std::optional<Failure> failure) {
        s->done.set_value({std::move(failure), s->lookup->answer(), s->recorder->finish()});
      });
    });
    return started;
  }
  Found end(std::unique_ptr<Started> started) {
    Found found = started->done.get_future().get();
    on_loop([&] { started.reset(); });
    return found;
  }
  Found look_up(const std::string& name, Family family = Family::kAny) {
    return look_up(name, family, resolver());
  }
  Found look_up(const std::string& name, Family family, const Resolver& asked) {
    return end(start(name, family, asked));
  }

  std::size_t idle() {
    std::size_t count = 0;
    on_loop([&] { count = channels_.idle(); });
    return count;
  }

  void on_loop(const std::function<void()>& act) {
    std::promise<void> acted;
    loop_.post([&] {
      act();
      acted.set_value();
    });
    acted.get_future().wait();
  }

  const fakes::TempDir folder_;
  const std::string resolv_conf_ = folder_.write("resolv.conf", "nameserver 127.0.0.9\n");
  fakes::DnsServer dns_;
  EventLoop loop_{system_clock()};
  DnsChannels channels_{loop_, resolv_conf_};
  std::thread thread_{[this] { loop_.run(); }};
};

std::vector<std::string> addresses_of(const Found& found) {
  std::vector<std::string> addresses;
  for (const ResolvedAddress& resolved : found.answer->addresses) {
    addresses.push_back(resolved.address);
  }
  return addresses;
}

// The types that were asked for, in their order.
std::vector<std::uint16_t> types_of(const std::vector<Query>& queries) {
  std::vector<std::uint16_t> types;
  for (const Query& query : queries) types.push_back(query.type);
  return types;
}

// -------------------------------------------------------------------------------------------------
// families

class DnsFamilies : public DnsLookups {
 protected:
  DnsFamilies() {
    dns_.script("both.test", 0, [](DnsPacket& packet, const Query& query) {
      packet.address("both.test", query.type == fakes::kDnsA ? "192.0.2.7" : "2001:db8::7", 5);
    });
    dns_.add("four.test", "192.0.2.7");
    dns_.add("six.test", "2001:db8::7");
  }
};

TEST_F(DnsFamilies, AnyIsIpv4WhereThereIsSome) {
  EXPECT_EQ(addresses_of(look_up("both.test")), std::vector<std::string>{"192.0.2.7"});
  EXPECT_EQ(types_of(dns_.queries()), std::vector<std::uint16_t>{fakes::kDnsA});
}

TEST_F(DnsFamilies, AnyIsIpv6WhereThereIsNoIpv4) {
  EXPECT_EQ(addresses_of(look_up("six.test")), std::vector<std::string>{"2001:db8::7"});
  EXPECT_EQ(types_of(dns_.queries()), (std::vector{fakes::kDnsA, fakes::kDnsAaaa}));
}

TEST_F(DnsFamilies, Ipv6IsAskedForAlone) {
  EXPECT_EQ(addresses_of(look_up("both.test", Family::kIpv6)),
            std::vector<std::string>{"2001:db8::7"});
  EXPECT_EQ(types_of(dns_.queries()), std::vector<std::uint16_t>{fakes::kDnsAaaa});
}

TEST_F(DnsFamilies, NothingTakesThePlaceOfTheFamilyThatIsMissing) {
  for (const auto& [name, family, sentence] :
       {std::tuple("six.test", Family::kIpv4, "six.test has no IPv4 address"),
        std::tuple("four.test", Family::kIpv6, "four.test has no IPv6 address")}) {
    const Found found = look_up(name, family);
    ASSERT_TRUE(found.failure) << name;
    EXPECT_EQ(found.failure->cause, Cause::kNoAddress);
    EXPECT_EQ(found.failure->origin, Origin::kResolver);
    EXPECT_EQ(found.failure->message, sentence);
  }
  EXPECT_EQ(types_of(dns_.queries()), (std::vector{fakes::kDnsA, fakes::kDnsAaaa}));
}

// -------------------------------------------------------------------------------------------------
// channels

TEST_F(DnsLookups, ComeFromAPortOfTheirOwnEach) {
  constexpr int kLookups = 32;
  dns_.add("six.test", "2001:db8::7");
  for (int i = 0; i < kLookups; ++i) look_up("six.test");  // two queries each
  EXPECT_EQ(idle(), 1U);
  std::set<std::uint16_t> ports;
  for (const Query& query : dns_.queries()) ports.insert(query.from_port);
  // The kernel picks among some 28,000, and now and then the same.
  EXPECT_GT(ports.size(), 2 * kLookups - 8);
}

TEST_F(DnsLookups, RememberNothing) {
  dns_.add("demo.test", "192.0.2.7", 3600);
  look_up("demo.test");
  dns_.add("demo.test", "192.0.2.8", 3600);
  EXPECT_EQ(addresses_of(look_up("demo.test")), std::vector<std::string>{"192.0.2.8"});
  look_up("missing.test");
  dns_.add("missing.test", "192.0.2.9");
  EXPECT_FALSE(look_up("missing.test").failure);
  EXPECT_EQ(dns_.queries().size(), 4U);
}

TEST_F(DnsLookups, KeepNoMoreChannelsThanAFew) {
  dns_.silence("demo.test");
  dns_.add("other.test", "192.0.2.7");
  std::vector<std::unique_ptr<Started>> started;
  for (int i = 0; i < 40; ++i) started.push_back(start("other.test", Family::kAny, resolver()));
  for (auto& each : started) EXPECT_FALSE(end(std::move(each)).failure);
  EXPECT_EQ(idle(), 16U);
}

TEST_F(DnsLookups, ThrowAwayTheChannelOfAQueryThatIsAbandoned) {
  dns_.silence("demo.test");
  auto abandoned = start("demo.test", Family::kAny, resolver());
  on_loop([&] { abandoned.reset(); });
  EXPECT_EQ(idle(), 0U);
  dns_.add("demo.test", "192.0.2.7");
  EXPECT_FALSE(look_up("demo.test").failure);
  EXPECT_EQ(idle(), 1U);
}

TEST_F(DnsLookups, GoOnWithTheChannelOfAFailedOne) {
  look_up("missing.test");
  dns_.reply("demo.test", [](const Query& query) {
    return std::vector<DnsPacket::Bytes>{query.response().flags(fakes::kDnsTruncated).bytes()};
  });
  EXPECT_EQ(look_up("demo.test").failure->cause, Cause::kUnreachable);
  dns_.add("demo.test", "192.0.2.7");
  const Found found = look_up("demo.test");
  EXPECT_FALSE(found.failure);
  EXPECT_EQ(found.answer->over_tcp, false);
  EXPECT_EQ(found.timings.span(Phase::kDns)->clock, Span::Clock::kKernel);
  EXPECT_EQ(idle(), 1U);
}

TEST_F(DnsLookups, AskWhomTheyAreTold) {
  const fakes::DnsServer other;
  look_up("a.test", Family::kAny, resolver());
  look_up("b.test", Family::kAny, {"127.0.0.1", other.port()});
  look_up("c.test", Family::kAny, resolver());
  EXPECT_EQ(dns_.queries().size(), 2U);
  EXPECT_EQ(other.queries().size(), 1U);
  EXPECT_EQ(idle(), 2U);
}

TEST_F(DnsLookups, AskNobodyButAnAddress) {
  const Found found = look_up("demo.test", Family::kAny, {"127.0.0.1,127.0.0.2", dns_.port()});
  ASSERT_TRUE(found.failure);
  EXPECT_EQ(found.failure->origin, Origin::kAgent);
  EXPECT_EQ(found.failure->message, "the resolver 127.0.0.1,127.0.0.2 is not an IP address");
  EXPECT_TRUE(dns_.queries().empty());
}

TEST_F(DnsLookups, NameAResolverOfIpv6) {
  const Found found = look_up("demo.test", Family::kAny, {"::1", dns_.port()});
  EXPECT_EQ(found.answer->resolver, fmt::format("[::1]:{}", dns_.port()));
  EXPECT_EQ(found.failure->cause, Cause::kUnreachable);
}

// -------------------------------------------------------------------------------------------------
// the system's resolver

// Nothing listens at 127.0.0.8 and 127.0.0.9.
TEST_F(DnsLookups, NameTheSystemsResolver) {
  const Found found = look_up("demo.test", Family::kAny, Resolver{});
  ASSERT_TRUE(found.answer);
  EXPECT_EQ(found.answer->resolver, "127.0.0.9:53");
}

TEST_F(DnsLookups, NoticeThatTheSystemHasAnotherResolver) {
  look_up("demo.test", Family::kAny, Resolver{});
  const auto before = std::filesystem::last_write_time(resolv_conf_);
  static_cast<void>(folder_.write("resolv.conf", "search x\nnameserver 127.0.0.8\n"));
  std::filesystem::last_write_time(resolv_conf_, before + std::chrono::seconds{1});
  EXPECT_EQ(look_up("demo.test", Family::kAny, Resolver{}).answer->resolver, "127.0.0.8:53");
}

TEST_F(DnsLookups, AskThisHostWhereTheSystemNamesNoResolver) {
  std::filesystem::remove(resolv_conf_);
  EXPECT_EQ(look_up("demo.test", Family::kAny, Resolver{}).answer->resolver, "127.0.0.1:53");
}

TEST_F(DnsLookups, ReadTheSystemsFileOnce) {
  const fakes::Socket watch(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  ASSERT_GE(inotify_add_watch(watch.fd(), resolv_conf_.c_str(), IN_OPEN), 0);
  look_up("demo.test");
  alignas(inotify_event) std::array<char, 4096> events{};
  EXPECT_LT(::read(watch.fd(), events.data(), events.size()), 0) << "read for a chosen resolver";
  for (int i = 0; i < 3; ++i) look_up("demo.test", Family::kAny, Resolver{});
  EXPECT_EQ(::read(watch.fd(), events.data(), events.size()),
            static_cast<ssize_t>(sizeof(inotify_event)));
}

}  // namespace
}  // namespace firstbyte::agent
