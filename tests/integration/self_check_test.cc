// Whether an agent knows how well it is itself: the real prober, and the real binary with a control
// target.
#include "tests/fakes/collector_process.h"
#include "tests/integration/prober_fixture.h"
#include "tests/integration/stream_fixture.h"

namespace firstbyte {
namespace {

using std::chrono::milliseconds;

class ProberSelfCheck : public agent::ProberFixture {
 protected:
  // Answers after this time, which is nobody's lag.
  static constexpr milliseconds kServiceTime{1'500};
  static constexpr milliseconds kBlocked{50};

  std::string url() const { return fmt::format("http://127.0.0.1:{}/", server_.port()); }

  fakes::ScriptedServer server_{[](auto& connection) {
    connection.read_request();
    connection.pause(kServiceTime);
    connection.send(fakes::http_answer("200 OK", "", "ok"));
  }};
};

TEST_F(ProberSelfCheck, TellsThatTheLoopWasBlocked) {
  start("test", url());
  wait_for_step("test", Phase::kWait);
  prober().loop().post([] { std::this_thread::sleep_for(kBlocked); });
  const Measurement m = next();
  EXPECT_EQ(m.status, 200);
  EXPECT_GE(m.self_check.value().loop_lag, kBlocked);
  EXPECT_TRUE(m.self_check.value().overloaded);
}

TEST_F(ProberSelfCheck, TellsThatAnAnswerWaitedForTheLoop) {
  start("test", url());
  wait_for_step("test", Phase::kWait);
  prober().loop().post([] { std::this_thread::sleep_for(kServiceTime * 2); });
  const Measurement m = next();
  EXPECT_GE(m.self_check.value().loop_lag, kServiceTime);
  EXPECT_TRUE(m.self_check.value().overloaded);
}

// Regression: an answer that had come in time was read, and then the deadline, due in the same
// turn, came before its end was told.
TEST_F(ProberSelfCheck, EndsWhatWasAnsweredWhileTheLoopWasBlockedPastTheDeadline) {
  start("test", url(), kServiceTime * 3 / 2);
  wait_for_step("test", Phase::kWait);
  prober().loop().post([] { std::this_thread::sleep_for(kServiceTime * 2); });
  const Measurement m = next();
  EXPECT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(m.status, 200);
}

// libcurl takes several turns to read as much.
TEST_F(ProberSelfCheck, EndsALongAnswerThatCameWhileTheLoopWasBlockedPastALimit) {
  static constexpr milliseconds kLimit{500};
  const fakes::ScriptedServer server([](auto& connection) {
    connection.read_request();
    connection.send(fakes::http_answer("200 OK", "", std::string(60'000, 'x')));
    connection.wait_for_end();
  });
  Target asked{.url = fmt::format("http://127.0.0.1:{}/", server.port()), .timeout = kPlenty};
  asked.phase_limits[static_cast<std::size_t>(Phase::kTransfer)] = kLimit;
  asked.timeout = kLimit * 2;
  on_step([](const Step& step) {
    if (step.phase == Phase::kTransfer) std::this_thread::sleep_for(kLimit * 3);
  });
  const Measurement m = probe(asked);
  EXPECT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(m.body_bytes, 60'000U);
}

TEST_F(ProberSelfCheck, EndsALookupThatWasAnsweredWhileTheLoopWasBlockedPastItsLimit) {
  static constexpr milliseconds kLimit{500};
  dns_.add("a.test", "127.0.0.1");
  Target asked{.url = fmt::format("http://a.test:{}/", server_.port()), .timeout = kPlenty};
  asked.phase_limits[static_cast<std::size_t>(Phase::kDns)] = kLimit;
  on_step([this](const Step& step) {
    if (step.phase != Phase::kDns) return;
    prober().loop().post([] { std::this_thread::sleep_for(kLimit * 2); });
  });
  const Measurement m = probe(asked);
  EXPECT_FALSE(m.failure) << m.failure->message;
}

TEST_F(ProberSelfCheck, TakesNoWaitForTheServerForLag) {
  const Measurement m = probe(url());
  EXPECT_GE(m.timings.total(), kServiceTime);
  EXPECT_LT(m.self_check.value().loop_lag, kServiceTime / 2);
  EXPECT_FALSE(m.self_check.value().clock_stepped);
  EXPECT_EQ(m.self_check.value().control, std::nullopt);
}

TEST_F(ProberSelfCheck, IsOverloadedWhenItRefuses) {
  set_max_running(1);
  start("first", url());
  start("second", url());
  const Measurement refused = next();
  EXPECT_EQ(refused.test_id, "second");
  agent::expect_failure(refused, std::nullopt, Origin::kAgent, Cause::kOverloaded);
  EXPECT_TRUE(refused.self_check.value().overloaded);
}

TEST_F(ProberSelfCheck, IsBusyFromHalfOfWhatItMayRun) {
  set_max_running(4);
  const auto busy = [&] {
    std::promise<bool> answer;
    prober().loop().post([&] { answer.set_value(prober().engine().is_busy()); });
    return answer.get_future().get();
  };
  EXPECT_FALSE(busy());
  start("first", url());
  EXPECT_FALSE(busy());
  start("second", url());
  EXPECT_TRUE(busy());
}

// ---- the agent's binary

class ControlledAgent : public stream_test::StreamTest {
 protected:
  void SetUp() override {
    if (fakes::environment("FIRSTBYTE_AGENT") == nullptr) {
      GTEST_SKIP() << "FIRSTBYTE_AGENT does not say where the binary is";
    }
  }

  fakes::Process agent(const std::string& control_target) {
    const std::uint16_t port = parse_target_url(control_target).value().port;
    return {fakes::environment("FIRSTBYTE_AGENT"),
            {"--insecure", "--collector", collector_.address(), "--city", "Tokyo", "--resolver",
             fmt::format("127.0.0.1:{}", dns_.port()), "--ca-file", ca_.ca_file(),
             "--allow-network", "127.0.0.0/8", "--allow-port", std::to_string(port),
             "--control-target", control_target, "--control-interval", "1"},
            folder_.path()};
  }
  // What the agent says of itself when it is asked to probe something else.
  SelfCheck self_check_of_a_test() {
    const auto ended = collector_.seen().wait_finished(collector_.start_test().id);
    if (!ended) throw std::runtime_error("the test did not end");
    return ended->cities.at(0).received.value().measurement.self_check.value();
  }

  const fakes::CertificateAuthority ca_{folder_};
  fakes::DnsServer dns_;  // knows no name
};

TEST_F(ControlledAgent, TellsWithEachResultHowItsControlTargetAnswered) {
  fakes::ScriptedServer server([](auto& connection) {
    connection.read_request();
    connection.send(fakes::http_answer("200 OK", "", "ok"));
  });
  const std::string url = fmt::format("http://127.0.0.1:{}/", server.port());
  fakes::Process process = agent(url);
  ASSERT_TRUE(process.prints("ready ")) << process.err();
  // The second starts only when the first is through.
  ASSERT_TRUE(fakes::eventually([&] { return server.connections() >= 2; }));

  const auto control = self_check_of_a_test().control;
  ASSERT_TRUE(control);
  EXPECT_EQ(control->url, url);
  EXPECT_GT(control->ttfb, Micros{0});
  EXPECT_EQ(control->cause, std::nullopt);
  EXPECT_EQ(count("SELECT count(*) FROM result"), 1);
}

TEST_F(ControlledAgent, TellsThatItsControlTargetFails) {
  const fakes::DeadPort port;
  fakes::Process process = agent(fmt::format("http://127.0.0.1:{}/", port.number()));
  ASSERT_TRUE(process.prints("ready ")) << process.err();
  ASSERT_TRUE(fakes::eventually([&] { return process.err().contains("control target"); }));
  const auto control = self_check_of_a_test().control;
  ASSERT_TRUE(control);
  EXPECT_EQ(control->ttfb, std::nullopt);
  EXPECT_EQ(control->cause, Cause::kRefused);
}

}  // namespace
}  // namespace firstbyte
