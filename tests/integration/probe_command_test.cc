// `firstbyte-agent probe`: the real binary against real servers.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <csignal>
#include <mutex>
#include <set>
#include <sstream>

#include "tests/fakes/collector_process.h"
#include "tests/fakes/dns_server.h"
#include "tests/fakes/nginx_server.h"
#include "tests/fakes/scripted_server.h"

namespace firstbyte {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

std::string agent_binary() {
  if (const char* path = fakes::environment("FIRSTBYTE_AGENT")) return path;
  return "build/dev/agent/firstbyte-agent";
}

// What a child reads as its standard input, line by line as a test likes.
class InputPipe {
 public:
  InputPipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    reader_ = fakes::Socket(ends[0]);
    writer_ = fakes::Socket(ends[1]);
  }
  int reader() const { return reader_.fd(); }
  void write(std::string_view text) const {
    ASSERT_EQ(::write(writer_.fd(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  // As much as goes in until it is full for good.
  std::size_t fill(std::string_view line) {
    fcntl(writer_.fd(), F_SETFL, O_NONBLOCK);
    constexpr int kPatientTries = 50;
    std::size_t accepted = 0;
    for (int refused = 0; refused < kPatientTries;) {
      const ssize_t put = ::write(writer_.fd(), line.data(), line.size());
      if (put > 0) {
        accepted += static_cast<std::size_t>(put);
        refused = 0;
      } else {
        ++refused;
        std::this_thread::sleep_for(milliseconds{4});
      }
    }
    return accepted;
  }
  void end() { writer_.close(); }

 private:
  fakes::Socket reader_;
  fakes::Socket writer_;
};

class ProbeCommand : public testing::Test {
 protected:
  // With what every probe of these tests needs.
  std::vector<std::string> arguments(std::vector<std::string> more) const {
    more.insert(more.begin(),
                {"probe", "--allow-network", "127.0.0.0/8", "--resolver",
                 fmt::format("127.0.0.1:{}", dns_.port()), "--ca-file", ca_.ca_file()});
    for (const std::uint16_t port : ports_) {
      more.insert(more.begin() + 1, {"--allow-port", std::to_string(port)});
    }
    return more;
  }
  // Whoever is started from then on may probe it.
  std::uint16_t allowed(std::uint16_t port) {
    ports_.insert(port);
    return port;
  }
  std::string url_of(const fakes::ScriptedServer& server, std::string_view path = "/") {
    return fmt::format("http://127.0.0.1:{}{}", allowed(server.port()), path);
  }
  fakes::Process start(std::vector<std::string> more) const {
    return {agent_binary(), arguments(std::move(more)), folder_.path()};
  }
  std::vector<std::string> list_arguments(std::vector<std::string> more) const {
    more.insert(more.begin(), {"--stdin", "--json"});
    return arguments(std::move(more));
  }
  fakes::Process start_list(const std::string& input, std::vector<std::string> more = {}) const {
    const fakes::Socket file(::open(folder_.write("urls", input).c_str(), O_RDONLY | O_CLOEXEC));
    return {agent_binary(), list_arguments(std::move(more)), folder_.path(), -1, file.fd()};
  }
  fakes::Process start_list(const InputPipe& input, std::vector<std::string> more = {}) const {
    return {agent_binary(), list_arguments(std::move(more)), folder_.path(), -1, input.reader()};
  }

  // As a shell starts it with this redirection.
  fakes::Process start_redirected(const std::string& redirection,
                                  std::vector<std::string> all) const {
    all.insert(all.begin(), {"-c", "exec \"$0\" \"$@\" " + redirection, agent_binary()});
    return {"/bin/sh", std::move(all), folder_.path()};
  }

  static std::vector<json::object> results_of(const fakes::Process& process) {
    std::vector<json::object> results;
    std::istringstream lines(process.out());
    for (std::string line; std::getline(lines, line);) {
      results.push_back(json::parse(line).as_object());
    }
    return results;
  }
  static std::int64_t line_of(const json::object& result) { return result.at("line").as_int64(); }
  static std::string url_in(const json::object& result) {
    return std::string(result.at("url").as_string());
  }
  static std::string cause_of(const json::object& result) {
    const json::value& failure = result.at("failure");
    return failure.is_null() ? "" : std::string(failure.at("cause").as_string());
  }

  const fakes::TempDir folder_;
  const fakes::CertificateAuthority ca_{folder_};
  fakes::DnsServer dns_;

 private:
  std::set<std::uint16_t> ports_;
};

// Answers at once, or late for a path that asks for it: "/200" after 200 ms.
void answer_as_asked(fakes::ScriptedServer::Connection& connection) {
  const std::string request = connection.read_request();
  if (const int delay = std::atoi(request.c_str() + std::strlen("GET /")); delay > 0) {
    connection.pause(milliseconds{delay});
  }
  connection.send(fakes::http_answer("200 OK", "X-Edge-Route: ny1\r\n", "ok"));
}

TEST_F(ProbeCommand, PrintsAWaterfall) {
  fakes::ScriptedServer server(answer_as_asked);
  dns_.add("www.test", "127.0.0.1", 30);
  fakes::Process process = start({fmt::format("http://www.test:{}/", allowed(server.port()))});
  EXPECT_EQ(process.wait(), 0);
  const std::string text = process.out();
  for (const char* expected :
       {"status 200, HTTP/1.1, edge ny1 (x-edge-route), excellent", "dns", "connect", "wait",
        "other", "TTFB", "total", "address     127.0.0.1, TTL 30 s", "x-edge-route: ny1"}) {
    EXPECT_TRUE(text.contains(expected)) << expected << " is not in\n" << text;
  }
  EXPECT_FALSE(text.contains('\x1b'));
  EXPECT_EQ(process.err(), "");
}

TEST_F(ProbeCommand, PrintsJsonOnOneLine) {
  fakes::ScriptedServer server(answer_as_asked);
  fakes::Process process = start({url_of(server), "--json"});
  EXPECT_EQ(process.wait(), 0);
  const auto results = results_of(process);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(url_in(results[0]), url_of(server));
  EXPECT_EQ(results[0].at("state"), "finished");
  EXPECT_EQ(results[0].at("status"), 200);
  EXPECT_EQ(results[0].at("edge"), "ny1");
}

// As on a kernel that stamps nothing.
TEST_F(ProbeCommand, SaysOfEachPhaseThatOnlyTheAgentsClockSawIt) {
  const fakes::NginxServer nginx;
  dns_.add("good.test", "127.0.0.1");
  std::vector<std::string> all = {"probe",
                                  fmt::format("https://good.test:{}/", nginx.https_port()),
                                  "--json",
                                  "--ca-file",
                                  nginx.ca_file(),
                                  "--allow-network",
                                  "127.0.0.0/8",
                                  "--allow-port",
                                  std::to_string(nginx.https_port()),
                                  "--resolver",
                                  fmt::format("127.0.0.1:{}", dns_.port())};
  for (const char* expected : {"kernel", "agent"}) {
    fakes::Process process(agent_binary(), all, folder_.path());
    all.emplace_back("--agent-clock");
    EXPECT_EQ(process.wait(), 0) << process.err();
    const auto results = results_of(process);
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results[0].at("status"), 200);
    for (const char* phase : {"dns", "connect", "tls", "wait", "transfer"}) {
      const json::object& timings = results[0].at("timings").as_object();
      EXPECT_EQ(timings.at(fmt::format("{}_clock", phase)), expected) << phase;
      EXPECT_TRUE(timings.at(fmt::format("{}_us", phase)).is_int64()) << phase;
    }
  }
}

TEST_F(ProbeCommand, SucceedsWhateverTheServersStatus) {
  fakes::ScriptedServer server([](auto& connection) {
    connection.read_request();
    connection.send(fakes::http_answer("500 Internal Server Error", "", ""));
  });
  EXPECT_EQ(start({url_of(server)}).wait(), 0);
}

TEST_F(ProbeCommand, FailsWithThePhaseAndTheCause) {
  const fakes::DeadPort port;
  fakes::Process process = start({fmt::format("http://127.0.0.1:{}/", allowed(port.number()))});
  EXPECT_EQ(process.wait(), 1);
  EXPECT_TRUE(process.out().contains("failed in connect: refused (target)")) << process.out();
}

TEST_F(ProbeCommand, FailsForAnAddressThatIsNotAllowed) {
  fakes::Process process(agent_binary(), {"probe", "http://127.0.0.1/"}, folder_.path());
  EXPECT_EQ(process.wait(), 1);
  EXPECT_TRUE(process.out().contains("address_not_allowed (agent)")) << process.out();
}

TEST_F(ProbeCommand, GivesUpAtItsTimeLimit) {
  fakes::ScriptedServer server([](auto& connection) { connection.wait_for_end(); });
  fakes::Process process = start({url_of(server), "--timeout", "100"});
  EXPECT_EQ(process.wait(), 1);
  EXPECT_TRUE(process.out().contains("failed in wait: timeout (target)")) << process.out();
}

TEST_F(ProbeCommand, TellsUsageFromFailure) {
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{},
        {"example.com"},
        {"http://a/", "--bogus"},
        {"http://a/", "--method", "PUT"},
        {"http://a/", "--header", "Host: b"},
        {"http://a/", "--samples", "2", "--compare-curl"}}) {
    fakes::Process process = start(wrong);
    EXPECT_EQ(process.wait(), 2);
    EXPECT_EQ(process.out(), "");
    EXPECT_TRUE(process.err().starts_with("firstbyte-agent probe: ")) << process.err();
  }
}

TEST_F(ProbeCommand, SaysThatItCannotReadTheCertificates) {
  fakes::Process process(agent_binary(), {"probe", "http://a/", "--ca-file", "/nonexistent"},
                         folder_.path());
  EXPECT_EQ(process.wait(), 2);
  EXPECT_TRUE(process.err().contains("--ca-file")) << process.err();
}

// curl could not even look the name up: it asks the address that the probe did.
TEST_F(ProbeCommand, ComparesItselfWithCurl) {
  if (access("/usr/bin/curl", X_OK) != 0) GTEST_SKIP() << "curl is not installed";
  const fakes::NginxServer nginx;
  dns_.add("good.test", "127.0.0.1");
  fakes::Process process(
      agent_binary(),
      {"probe", fmt::format("https://good.test:{}/", nginx.https_port()), "--compare-curl",
       "--ca-file", nginx.ca_file(), "--allow-network", "127.0.0.0/8", "--allow-port",
       std::to_string(nginx.https_port()), "--resolver", fmt::format("127.0.0.1:{}", dns_.port())},
      folder_.path());
  EXPECT_EQ(process.wait(), 0) << process.err();
  const std::string text = process.out();
  EXPECT_TRUE(text.contains(fmt::format("asking 127.0.0.1:{} as well", nginx.https_port())))
      << text;
  for (const char* step :
       {"namelookup", "connect", "appconnect", "pretransfer", "starttransfer", "total"}) {
    EXPECT_TRUE(text.contains(fmt::format("\n  {} ", step))) << step << " is not in\n" << text;
  }
  EXPECT_FALSE(text.contains("curl failed")) << text;
}

TEST_F(ProbeCommand, AsksCurlForTheSame) {
  if (access("/usr/bin/curl", X_OK) != 0) GTEST_SKIP() << "curl is not installed";
  std::mutex mutex;
  std::vector<std::string> requests;
  fakes::ScriptedServer server([&](auto& connection) {
    const std::string request = connection.read_request();
    {
      const std::lock_guard lock(mutex);
      requests.push_back(request);
    }
    connection.send(fakes::http_answer("200 OK", "", "ok"));
    connection.wait_for_end();  // closed with a body unread, it would be reset
  });
  fakes::Process process = start({url_of(server, "/a"), "--body", "@b", "--header", "X-A: b",
                                  "--http-version", "1.1", "--compare-curl"});
  EXPECT_EQ(process.wait(), 0) << process.err();
  EXPECT_FALSE(process.out().contains("curl failed")) << process.out();
  const std::lock_guard lock(mutex);
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_TRUE(requests[1].starts_with("POST /a HTTP/1.1\r\n")) << requests[1];
  EXPECT_TRUE(requests[1].contains("\r\nX-A: b\r\n")) << requests[1];
  EXPECT_TRUE(requests[1].contains("\r\nContent-Length: 2\r\n")) << requests[1];
  EXPECT_FALSE(requests[1].contains("Content-Type")) << requests[1];
}

TEST_F(ProbeCommand, IsNoWorseWithoutCurl) {
  fakes::ScriptedServer server(answer_as_asked);
  auto without = arguments({url_of(server), "--compare-curl"});
  without.insert(without.begin(), {"PATH=/nonexistent", agent_binary()});
  fakes::Process process("/usr/bin/env", without, folder_.path());
  EXPECT_EQ(process.wait(), 0);
  EXPECT_TRUE(process.out().contains("no comparison: curl is not installed")) << process.out();
}

// Regression: it ended with SIGABRT.
TEST_F(ProbeCommand, SaysThatNobodyTakesTheResult) {
  fakes::ScriptedServer server(answer_as_asked);
  const std::string url = url_of(server);
  for (const std::vector<std::string>& more : std::vector<std::vector<std::string>>{
           {"--json", "--samples", "10", url}, {"--compare-curl", url}, {url}}) {
    for (const char* nowhere : {">/dev/full", ">&-"}) {
      fakes::Process process = start_redirected(nowhere, arguments(more));
      EXPECT_EQ(process.wait(), 1) << nowhere;
      EXPECT_EQ(process.err(), "firstbyte-agent probe: cannot write the result\n") << nowhere;
    }
  }
}

// Regression: it ended with SIGABRT, or spoke to whatever had got the number of standard error.
TEST_F(ProbeCommand, ProbesAListWhereNobodyHearsThatItIsReady) {
  fakes::ScriptedServer server(answer_as_asked);
  const std::string urls = folder_.write("urls", url_of(server) + "\n");
  for (const char* deaf : {"2>/dev/full", "2>&-"}) {
    fakes::Process process =
        start_redirected(fmt::format("{} <{}", deaf, urls), list_arguments({}));
    EXPECT_EQ(process.wait(), 0) << deaf;
    EXPECT_EQ(results_of(process).size(), 1U) << deaf;
  }
}

TEST_F(ProbeCommand, ProbesAListAtItsRate) {
  constexpr int kUrls = 200;
  constexpr double kRate = 200;
  const fakes::NginxServer nginx;
  dns_.add("good.test", "127.0.0.1");
  std::string urls;
  for (int i = 0; i < kUrls; ++i) {
    urls += fmt::format("http://good.test:{}/?n={}\n", allowed(nginx.http_port()), i);
  }
  fakes::Process process = start_list(urls, {"--rate", "200", "--concurrency", "50"});
  EXPECT_EQ(process.wait(std::chrono::seconds{60}), 0) << process.err();
  EXPECT_EQ(process.err(), "READY\n");

  std::map<std::int64_t, json::object> results;
  for (const json::object& result : results_of(process)) results[line_of(result)] = result;
  ASSERT_EQ(results.size(), kUrls);
  EXPECT_EQ(results.begin()->first, 1);
  EXPECT_EQ(results.rbegin()->first, kUrls);
  // The starts by the wall clock, each less its lateness, are the slots: one every 5 ms.
  const auto slot_us = [](const json::object& result) {
    const std::string_view time = result.at("measured_at").as_string();
    const auto number = [&](std::size_t at, std::size_t size) {
      return std::stoll(std::string(time.substr(at, size)));
    };
    const auto seconds = (number(11, 2) * 60 + number(14, 2)) * 60 + number(17, 2);
    return seconds * 1'000'000 + number(20, 6) - result.at("late_us").as_int64();
  };
  std::vector<double> off;
  for (const auto& [line, result] : results) {
    EXPECT_EQ(result.at("status"), 200) << json::serialize(result);
    EXPECT_EQ(url_in(result),
              fmt::format("http://good.test:{}/?n={}", nginx.http_port(), line - 1));
    EXPECT_GE(result.at("late_us").as_int64(), 0);
    const auto since_first = static_cast<double>(slot_us(result) - slot_us(results.at(1)));
    off.push_back(std::abs(since_first - static_cast<double>(line - 1) * 1e6 / kRate));
  }
  std::ranges::sort(off);
  EXPECT_LT(off[off.size() / 2], 500) << "microseconds";
}

TEST_F(ProbeCommand, PrintsEachResultWhenItsProbeEnds) {
  fakes::ScriptedServer server(answer_as_asked);
  InputPipe input;
  allowed(server.port());
  fakes::Process process = start_list(input);
  input.write(url_of(server, "/2000") + "\n" + url_of(server, "/20") + "\n" + url_of(server) +
              "\n");
  ASSERT_TRUE(fakes::eventually([&] { return results_of(process).size() == 2; }));
  EXPECT_FALSE(process.ended());
  input.end();
  EXPECT_EQ(process.wait(), 0);
  std::vector<std::int64_t> order;
  for (const json::object& result : results_of(process)) order.push_back(line_of(result));
  EXPECT_EQ(order.back(), 1);
}

TEST_F(ProbeCommand, AnswersALineWhileItsInputStaysOpen) {
  fakes::ScriptedServer server(answer_as_asked);
  InputPipe input;
  allowed(server.port());
  fakes::Process process = start_list(input, {"--rate", "10"});
  for (std::size_t n = 1; n <= 3; ++n) {
    input.write(url_of(server) + "\n");
    ASSERT_TRUE(fakes::eventually([&] { return results_of(process).size() == n; }));
  }
  EXPECT_FALSE(process.ended());
}

TEST_F(ProbeCommand, EndsAtOnceWithoutInput) {
  fakes::Process process = start_list("");
  EXPECT_EQ(process.wait(), 0);
  EXPECT_EQ(process.out(), "");
  EXPECT_EQ(process.err(), "READY\n");
}

TEST_F(ProbeCommand, AnswersBadLinesToo) {
  fakes::ScriptedServer server(answer_as_asked);
  const std::string input = "\nnonsense\nhttp://a/" + std::string(8192, 'x') + "\nhttp://a/" +
                            std::string(3000, 'y') + "\n\xff\xfe\n" + url_of(server);
  fakes::Process process = start_list(input, {"--concurrency", "1"});
  EXPECT_EQ(process.wait(), 0);
  const auto results = results_of(process);
  ASSERT_EQ(results.size(), 6U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(line_of(results[i]), static_cast<std::int64_t>(i + 1));
    EXPECT_EQ(results[i].at("state"), "failed");
    EXPECT_EQ(cause_of(results[i]), "invalid_url");
    EXPECT_EQ(results[i].at("failure").at("origin"), "agent");
  }
  EXPECT_EQ(results[0].at("failure").at("message"), "the URL is missing");
  EXPECT_EQ(results[2].at("failure").at("message"), "the line is longer than 8192 bytes");
  EXPECT_EQ(results[5].at("status"), 200);
}

TEST_F(ProbeCommand, EndsWhatIsNeverAnsweredAtItsTimeLimit) {
  fakes::ScriptedServer server([](auto& connection) { connection.wait_for_end(); });
  const std::string url = url_of(server) + "\n";
  fakes::Process process = start_list(url + url + url, {"--timeout", "150", "--concurrency", "2"});
  EXPECT_EQ(process.wait(), 0);
  const auto results = results_of(process);
  ASSERT_EQ(results.size(), 3U);
  for (const json::object& result : results) EXPECT_EQ(cause_of(result), "timeout");
}

TEST_F(ProbeCommand, RunsNoMoreThanItMayAtOnce) {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  fakes::ScriptedServer server([&](auto& connection) {
    const int at_once = ++now;
    for (int seen = most; seen < at_once && !most.compare_exchange_weak(seen, at_once);) {
    }
    connection.read_request();
    connection.pause(milliseconds{20});
    --now;
    connection.send(fakes::http_answer("200 OK", "", ""));
  });
  std::string urls;
  for (int i = 0; i < 30; ++i) urls += url_of(server) + "\n";
  fakes::Process process = start_list(urls, {"--concurrency", "3"});
  EXPECT_EQ(process.wait(), 0);
  EXPECT_EQ(results_of(process).size(), 30U);
  EXPECT_EQ(most, 3);
}

TEST_F(ProbeCommand, RecordsHowLateTheSlotsWereThatFoundNoRoom) {
  fakes::ScriptedServer server(answer_as_asked);
  const std::string url = url_of(server, "/100") + "\n";
  fakes::Process process = start_list(url + url + url, {"--rate", "1000", "--concurrency", "1"});
  EXPECT_EQ(process.wait(), 0);
  const auto results = results_of(process);
  ASSERT_EQ(results.size(), 3U);
  EXPECT_GE(results[1].at("late_us").as_int64(), 95'000);
  EXPECT_GE(results[2].at("late_us").as_int64(), 190'000);
}

TEST_F(ProbeCommand, ReadsNoFasterThanItStarts) {
  fakes::ScriptedServer server([](auto& connection) { connection.wait_for_end(); });
  InputPipe input;
  allowed(server.port());
  fakes::Process process = start_list(input, {"--concurrency", "1", "--timeout", "30000"});
  constexpr std::size_t kPipe = 64 * 1024;
  constexpr std::size_t kChunk = 64 * 1024;
  EXPECT_LE(input.fill(url_of(server) + "\n"), kPipe + kChunk);
}

TEST_F(ProbeCommand, LetsWhatIsUnderWayEndWhenItIsStopped) {
  fakes::ScriptedServer server(answer_as_asked);
  for (const int signal : {SIGTERM, SIGINT}) {
    const std::size_t before = server.connections();
    InputPipe input;
    allowed(server.port());
    fakes::Process process = start_list(input, {"--concurrency", "1"});
    input.write(url_of(server, "/400") + "\n" + url_of(server) + "\n");
    ASSERT_TRUE(fakes::eventually([&] { return server.connections() > before; }));
    process.signal(signal);
    EXPECT_EQ(process.wait(), 128 + signal);
    const auto results = results_of(process);
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results[0].at("status"), 200);
    EXPECT_TRUE(process.err().contains("after line 1, 1 still under way")) << process.err();
  }
}

TEST_F(ProbeCommand, WaitsForNothingWhenItIsStoppedTwice) {
  fakes::ScriptedServer server([](auto& connection) { connection.wait_for_end(); });
  InputPipe input;
  allowed(server.port());
  fakes::Process process = start_list(input, {"--timeout", "30000"});
  input.write(url_of(server) + "\n");
  ASSERT_TRUE(fakes::eventually([&] { return server.connections() > 0; }));
  process.signal(SIGTERM);
  ASSERT_TRUE(fakes::eventually([&] { return process.err().contains("stopped"); }));
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 143);
  EXPECT_EQ(process.out(), "");
}

TEST_F(ProbeCommand, SaysThatItsOutputBroke) {
  fakes::ScriptedServer server(answer_as_asked);
  const std::string line = fmt::format(
      "exec {} probe --stdin --json --allow-network 127.0.0.0/8 --allow-port {} --ca-file {} "
      "</dev/stdin >/dev/full",
      agent_binary(), server.port(), ca_.ca_file());
  const fakes::Socket file(
      ::open(folder_.write("urls", url_of(server)).c_str(), O_RDONLY | O_CLOEXEC));
  fakes::Process process("/bin/sh", {"-c", line}, folder_.path(), -1, file.fd());
  EXPECT_EQ(process.wait(), 1);
  EXPECT_TRUE(process.err().contains("cannot write the results: No space left")) << process.err();
}

TEST_F(ProbeCommand, SaysThatItsInputBroke) {
  const fakes::Socket directory(::open("/", O_RDONLY | O_CLOEXEC));
  fakes::Process process(agent_binary(), list_arguments({}), folder_.path(), -1, directory.fd());
  EXPECT_EQ(process.wait(), 1);
  EXPECT_TRUE(process.err().contains("cannot read the URLs")) << process.err();
}

}  // namespace
}  // namespace firstbyte
