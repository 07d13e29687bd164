// `firstbyte`: the real binary, asking a real collector with real agents.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "tests/fakes/nginx_server.h"
#include "tests/fakes/web_site.h"
#include "tests/integration/binaries_fixture.h"

namespace firstbyte {
namespace {

namespace json = boost::json;
using fakes::Process;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class CliTest : public BinariesFixture {
 protected:
  void SetUp() override {
    if (fakes::environment("FIRSTBYTE_CLI") == nullptr) {
      GTEST_SKIP() << "FIRSTBYTE_CLI does not say where the binary is";
    }
    BinariesFixture::SetUp();
  }

  void start_collector(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"--data-dir", data(), "--http", "127.0.0.1:0", "--grpc",
                               "127.0.0.1:0", "--insecure"});
    collector_ = run("FIRSTBYTE_COLLECTOR", std::move(more));
    ASSERT_TRUE(collector_->prints("ready ")) << collector_->err();
    address_ = fmt::format("http://127.0.0.1:{}", http_port(*collector_));
  }
  void start_agents(const std::vector<std::string>& cities) {
    for (const std::string& city : cities) {
      agents_.push_back(
          run("FIRSTBYTE_AGENT",
              {"--insecure", "--collector", grpc_address(*collector_), "--city", city,
               "--allow-network", "127.0.0.0/8", "--allow-port", std::to_string(site_.port())}));
      ASSERT_TRUE(agents_.back()->prints("ready ")) << agents_.back()->err();
    }
  }

  struct Said {
    int status = -1;
    std::string out;
    std::string err;
  };
  // By the collector's address, unless that is empty.
  Said say(std::vector<std::string> words) const {
    if (!address_.empty()) words.insert(words.end(), {"--collector", address_});
    // In tests this variable says where the collector's binary is.
    words.insert(words.begin(),
                 {"-u", "FIRSTBYTE_COLLECTOR", variable_, fakes::environment("FIRSTBYTE_CLI")});
    Process process("/usr/bin/env", std::move(words), folder_.path());
    const int status = process.wait();
    return {status, process.out(), process.err()};
  }
  Said run_shell(const std::string& script, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"-c", script});
    Process process("/bin/sh", std::move(arguments), folder_.path());
    const int status = process.wait();
    return {status, process.out(), process.err()};
  }
  // The address that ends what was printed.
  static std::string last_line(const std::string& out) {
    const std::size_t end = out.find_last_not_of('\n');
    const std::size_t begin = out.rfind('\n', end);
    return out.substr(begin + 1, end - begin);
  }

  fakes::WebSite site_;
  std::unique_ptr<Process> collector_;
  std::vector<std::unique_ptr<Process>> agents_;
  std::string address_;
  std::string variable_ = "NO_COLOR=1";  // of the environment
};

constexpr std::string_view kFromEdge = "X-Edge-Route: ny1\r\n";

TEST_F(CliTest, ATestIsARowForEachCityAndItsAddress) {
  start_collector();
  start_agents({"Tokyo", "São Paulo"});
  site_.answer("/", fakes::http_answer("200 OK", kFromEdge, "ok"));
  const Said said = say({"test", site_.url()});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, ContainsRegex("Tokyo +ny1 +200 .*excellent"));
  EXPECT_THAT(said.out, ContainsRegex("São Paulo +ny1 +200 .*excellent"));
  EXPECT_THAT(said.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(last_line(said.out), testing::StartsWith(address_ + "/tests/"));

  // The same once more by that address, without a collector named.
  const std::string address = last_line(said.out);
  address_.clear();
  const Said watched = say({"watch", address});
  EXPECT_EQ(watched.status, 0) << watched.err;
  EXPECT_EQ(watched.out, said.out);
}

TEST_F(CliTest, TheStatusSaysHowCitiesAnswered) {
  start_collector();
  start_agents({"Tokyo", "London"});
  site_.answer("/down", fakes::http_answer("503 Down", kFromEdge, "no"));
  EXPECT_EQ(say({"test", site_.url("/down")}).status, 1);
  EXPECT_EQ(say({"test", site_.url(), "--expect-status", "204"}).status, 1);

  agents_.pop_back();
  const Said missing = say({"test", site_.url(), "--from", "tokyo,london"});
  EXPECT_EQ(missing.status, 2) << missing.out;
  EXPECT_THAT(missing.out, ContainsRegex("London .*no data"));
  EXPECT_THAT(missing.out, HasSubstr("London: no data, offline (agent): "));
}

TEST_F(CliTest, ATestIsFollowedOverARestartOfTheCollector) {
  start_collector();
  start_agents({"Tokyo"});
  site_.page("/slow", [](fakes::WebSite::Connection& connection) {
    connection.pause(std::chrono::seconds{3});
    connection.send(fakes::http_answer("200 OK", kFromEdge, "ok"));
  });
  Process test("/usr/bin/env",
               {"-u", "FIRSTBYTE_COLLECTOR", fakes::environment("FIRSTBYTE_CLI"), "test",
                site_.url("/slow"), "--collector", address_},
               folder_.path());
  ASSERT_TRUE(fakes::eventually([&] { return !site_.asked().empty(); }));
  const std::string http = fmt::format("127.0.0.1:{}", http_port(*collector_));
  const std::string grpc = grpc_address(*collector_);
  collector_->signal(SIGTERM);
  ASSERT_EQ(collector_->wait(), 0) << collector_->err();
  collector_ = run("FIRSTBYTE_COLLECTOR",
                   {"--data-dir", data(), "--http", http, "--grpc", grpc, "--insecure"});
  ASSERT_TRUE(collector_->prints("ready ")) << collector_->err();
  EXPECT_EQ(test.wait(), 0) << test.err();
  EXPECT_THAT(test.out(), ContainsRegex("Tokyo +ny1 +200 "));
}

TEST_F(CliTest, CitiesAreChosenByNameAndAnUnknownOneIsRefused) {
  start_collector();
  start_agents({"Tokyo", "London"});
  const Said one = say({"test", site_.url(), "--from", "TOKYO"});
  EXPECT_EQ(one.status, 0) << one.err;
  EXPECT_THAT(one.out, Not(HasSubstr("London")));
  const Said unknown = say({"test", site_.url(), "--from", "Tokio"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_EQ(unknown.err,
            "firstbyte: --from: no agent stands in Tokio; closest is Tokyo (`firstbyte agents` "
            "lists them)\n");
}

TEST_F(CliTest, JsonIsAsTheApiHasIt) {
  start_collector();
  start_agents({"Tokyo"});
  const Said said = say({"test", site_.url(), "--samples", "2", "--json"});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_EQ(std::ranges::count(said.out, '\n'), 1);
  const json::value test = json::parse(said.out);
  EXPECT_EQ(test.at("state"), "finished");
  EXPECT_EQ(test.at("cities").at(0).at("result").at("samples").as_array().size(), 2U);

  const Said agents = say({"agents", "--json"});
  EXPECT_EQ(agents.status, 0) << agents.err;
  EXPECT_EQ(json::parse(agents.out).at("agents").at(0).at("state"), "connected");
  EXPECT_THAT(say({"agents"}).out, ContainsRegex("Tokyo +tokyo .* connected\n"));
}

TEST_F(CliTest, WithoutWaitingTheAddressIsPrintedAlone) {
  start_collector();
  start_agents({"Tokyo"});
  const Said said = say({"test", site_.url(), "--no-wait"});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_EQ(said.out, last_line(said.out) + "\n");
  EXPECT_EQ(say({"watch", last_line(said.out)}).status, 0);
}

TEST_F(CliTest, TwoTestsAreComparedByTheirAddresses) {
  start_collector();
  start_agents({"Tokyo"});
  site_.answer("/", fakes::http_answer("200 OK", kFromEdge, "ok"));
  const std::string before = last_line(say({"test", site_.url()}).out);
  site_.answer("/", fakes::http_answer("200 OK", "X-Edge-Route: la1\r\n", "ok"));
  const std::string after = last_line(say({"test", site_.url()}).out);
  const Said said = say({"compare", before, after});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, testing::StartsWith("1 of 1 city moved: Tokyo ny1 "));
  EXPECT_THAT(said.out, ContainsRegex("Tokyo +ny1 .+ la1 .* moved\n"));

  site_.answer("/", fakes::http_answer("500 Broken", kFromEdge, "no"));
  const std::string broken = last_line(say({"test", site_.url()}).out);
  const auto id = [](const std::string& address) { return address.substr(address.rfind('/') + 1); };
  const Said worse = say({"compare", id(before), id(broken)});
  EXPECT_EQ(worse.status, 1);
  EXPECT_THAT(worse.out, HasSubstr("failing now: Tokyo"));
  EXPECT_EQ(json::parse(say({"compare", before, broken, "--json"}).out).at("same_target"), true);

  const Said unknown = say({"compare", before, "0000000000000"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_EQ(unknown.err, "firstbyte: AFTER: no test is called \"0000000000000\"\n");
}

TEST_F(CliTest, ACollectorThatIsNotThereIsSaid) {
  address_ = fmt::format("http://127.0.0.1:{}", fakes::Socket::listening().port());
  const Said said = say({"test", site_.url()});
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.err, testing::StartsWith("firstbyte: --collector: the collector at " + address_ +
                                            " cannot be reached: "));
}

// What answers is some web site.
TEST_F(CliTest, WhatIsNoCollectorIsSaid) {
  address_ = site_.url("");
  const Said said = say({"agents"});
  EXPECT_EQ(said.status, 2);
  EXPECT_EQ(said.err, "firstbyte: --collector: what it answered is not what a collector says\n");
}

TEST_F(CliTest, RefusalsAreSaidByTheirFlag) {
  start_collector({"--limit-client", "1"});
  const Said nobody = say({"test", site_.url()});
  EXPECT_EQ(nobody.status, 2);
  EXPECT_THAT(nobody.err, HasSubstr("no agent is connected"));
  start_agents({"Tokyo"});
  const Said version = say({"test", site_.url(), "--http-version", "2"});
  EXPECT_EQ(version.status, 2);
  EXPECT_THAT(version.err, testing::StartsWith("firstbyte: --http-version: "));
  EXPECT_EQ(say({"test", site_.url()}).status, 0);
  const Said limited = say({"test", site_.url()});
  EXPECT_EQ(limited.status, 2);
  EXPECT_THAT(limited.err, ContainsRegex("at most 1 samples? a minute.*try again in [0-9]+ s\n"));
}

TEST_F(CliTest, AClosedCollectorOpensToATokenFromAFile) {
  start_collector({"--http-access", "token"});
  const auto closed = say({"agents"});
  EXPECT_EQ(closed.status, 2);
  EXPECT_THAT(closed.err, HasSubstr("(FIRSTBYTE_TOKEN, or --token-file FILE)"));
  const auto made = run("FIRSTBYTE_COLLECTOR", {"tokens", "create", "--name", "ci", "--scope",
                                                "read", "--data-dir", data()});
  ASSERT_EQ(made->wait(), 0) << made->err();
  const std::string file = folder_.write("token", made->out());
  std::filesystem::permissions(file, std::filesystem::perms{0600});
  const Said open = say({"agents", "--token-file", file});
  EXPECT_EQ(open.status, 0) << open.err;
  variable_ = "FIRSTBYTE_TOKEN=fbt_wrong";
  EXPECT_EQ(say({"agents"}).status, 2);
}

TEST_F(CliTest, ACollectorsCertificateIsChecked) {
  const fakes::CertificateAuthority authority(folder_);
  authority.issue("a", 30);
  start_collector({"--http-certificate", folder_ / "a.crt", "--http-key", folder_ / "a.key"});
  address_ = fmt::format("https://127.0.0.1:{}", http_port(*collector_));
  const Said unknown = say({"agents"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("certificate"));
  const Said known = say({"agents", "--ca", authority.ca_file()});
  EXPECT_EQ(known.status, 0) << known.err;
  EXPECT_EQ(known.out, "this collector knows no agent yet\n");
}

TEST_F(CliTest, OutputThatNobodyTakesIsSaid) {
  start_collector();
  const auto full = run_shell("exec \"$0\" agents --collector \"$1\" > /dev/full",
                              {fakes::environment("FIRSTBYTE_CLI"), address_});
  EXPECT_EQ(full.status, 2);
  EXPECT_EQ(full.err, "firstbyte: cannot write to standard output\n");
}

TEST_F(CliTest, AProbeNeedsNoCollector) {
  const Said said = say({"probe", site_.url(), "--allow-network", "127.0.0.0/8", "--allow-port",
                         std::to_string(site_.port()), "--json"});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_EQ(json::parse(said.out).at("state"), "finished");
  EXPECT_THAT(say({"probe"}).err, testing::StartsWith("firstbyte probe: "));
}

}  // namespace
}  // namespace firstbyte
