// The real prober takes several samples of a target.
#include <gmock/gmock.h>

#include <atomic>

#include "tests/fakes/web_site.h"
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

using testing::ElementsAre;

class ProbeSamples : public ProberFixture {
 protected:
  ProbeSamples() { dns_.add("a.test", "127.0.0.1"); }

  Target target(int samples) const {
    return {.url = site_.url("/", "a.test"), .samples = samples, .timeout = kPlenty};
  }
  // The n-th request, from 0, is answered by what this says.
  void on_request(std::function<void(int, fakes::WebSite::Connection&)> answer) {
    site_.page("/", [this, answer = std::move(answer)](auto& connection) {
      answer(requests_++, connection);
    });
  }
  static void answer(const fakes::WebSite::Connection& connection, std::string_view status) {
    connection.send(fakes::http_answer(status, "", "ok"));
  }

  std::atomic<int> requests_ = 0;
  fakes::WebSite site_;
};

TEST_F(ProbeSamples, AreNotListedWhenThereIsOne) {
  const Measurement m = probe(target(1));
  EXPECT_FALSE(m.failure);
  EXPECT_TRUE(m.samples.empty());
}

TEST_F(ProbeSamples, AreTakenOneAfterAnotherEachFromItsOwnStart) {
  constexpr Millis kDelay{20};
  on_request([=](int, auto& connection) {
    connection.pause(kDelay);
    answer(connection, "200 OK");
  });
  const Measurement m = probe(target(4));
  ASSERT_EQ(m.samples.size(), 4U);
  WallTime over{};
  for (const Measurement& sample : m.samples) {
    EXPECT_FALSE(sample.failure);
    EXPECT_EQ(sample.test_id, "test");
    EXPECT_EQ(sample.url, target(4).url);
    EXPECT_EQ(phases_of(sample), "dns connect wait transfer");
    EXPECT_GE(sample.measured_at, over);
    over = sample.measured_at + sample.timings.total();
    EXPECT_GE(sample.timings.ttfb(), kDelay);
    EXPECT_TRUE(sample.samples.empty());
  }
  EXPECT_EQ(site_.requests().size(), 4U);
  EXPECT_EQ(site_.connections(), 4U);
  EXPECT_EQ(dns_.queries().size(), 4U);
}

TEST_F(ProbeSamples, AreHeadedByTheOneWithTheMedianTtfb) {
  on_request([](int number, auto& connection) {
    connection.pause(Millis{std::array{80, 1, 40}[static_cast<std::size_t>(number)]});
    answer(connection, "200 OK");
  });
  Measurement m = probe(target(3));
  ASSERT_EQ(m.samples.size(), 3U);
  Measurement third = m.samples[2];
  m.samples.clear();
  EXPECT_EQ(m, third);
}

TEST_F(ProbeSamples, GoOnAfterOneThatFailsWhichHeadsThem) {
  on_request([](int number, auto& connection) {
    if (number == 1) return;  // closes without an answer
    answer(connection, "200 OK");
  });
  const Measurement m = probe(target(3));
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kClosed);
  ASSERT_EQ(m.samples.size(), 3U);
  EXPECT_FALSE(m.samples[0].failure);
  EXPECT_EQ(m.samples[1].failure, m.failure);
  EXPECT_FALSE(m.samples[2].failure);
}

TEST_F(ProbeSamples, EndWithTheOneInWhichTheTimeOfAllIsOver) {
  on_request([](int number, auto& connection) {
    if (number == 2) {
      connection.wait_for_end();
    } else {
      answer(connection, "200 OK");
    }
  });
  Target asked = target(5);
  asked.timeout = Millis{400};
  const Measurement m = probe(asked);
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kTimeout);
  EXPECT_EQ(m.failure->message, "no first byte came before the probe's 0.4 s were over");
  ASSERT_EQ(m.samples.size(), 3U);
  EXPECT_FALSE(m.samples[1].failure);
  EXPECT_EQ(m.samples[2].failure, m.failure);
}

TEST_F(ProbeSamples, GoOnAfterOneThatReachesTheLimitOfAPhase) {
  on_request([](int number, auto& connection) {
    if (number == 0) {
      connection.wait_for_end();
    } else {
      answer(connection, "200 OK");
    }
  });
  Target asked = target(2);
  asked.phase_limits[static_cast<std::size_t>(Phase::kWait)] = Millis{200};
  const Measurement m = probe(asked);
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kTimeout);
  ASSERT_EQ(m.samples.size(), 2U);
  EXPECT_FALSE(m.samples[1].failure);
}

TEST_F(ProbeSamples, AreEachExpectedToBeAsExpected) {
  on_request([](int number, auto& connection) {
    answer(connection, number == 2 ? "500 Oops" : "200 OK");
  });
  Target asked = target(3);
  asked.expect.status = StatusRange{200, 299};
  const Measurement m = probe(asked);
  expect_failure(m, std::nullopt, Origin::kTarget, Cause::kUnexpectedStatus);
  EXPECT_EQ(m.status, 500);
  EXPECT_FALSE(m.samples.at(0).failure);
}

TEST_F(ProbeSamples, FollowRedirectsEach) {
  site_.redirect("/", "/b");
  Target asked = target(2);
  asked.max_redirects = 1;
  const Measurement m = probe(asked);
  EXPECT_FALSE(m.failure);
  ASSERT_EQ(m.samples.size(), 2U);
  for (const Measurement& sample : m.samples) {
    ASSERT_EQ(sample.redirects.size(), 1U);
    EXPECT_EQ(sample.redirects[0].url, asked.url);
    EXPECT_EQ(sample.url, site_.url("/b", "a.test"));
  }
  EXPECT_EQ(m.redirects.size(), 1U);
}

TEST_F(ProbeSamples, TellOfThePhasesOfTheFirstOnly) {
  EXPECT_FALSE(probe(target(3)).failure);
  std::vector<Phase> told;
  for (const Step& step : steps()) told.push_back(step.phase);
  EXPECT_THAT(told, ElementsAre(Phase::kDns, Phase::kConnect, Phase::kWait, Phase::kTransfer));
}

TEST_F(ProbeSamples, EndWhenTheProbeIsCancelled) {
  on_request([this](int number, auto& connection) {
    if (number == 1) {
      cancel("test");
      connection.wait_for_end();
    }
    answer(connection, "200 OK");
  });
  const Measurement m = probe(target(10));
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kCancelled);
  ASSERT_EQ(m.samples.size(), 2U);
  EXPECT_FALSE(m.samples[0].failure);
  EXPECT_EQ(m.samples[1].failure, m.failure);
}

TEST_F(ProbeSamples, StopWithTheProber) {
  on_request([](int, auto& connection) { connection.wait_for_end(); });
  Target asked = target(10);
  asked.reuse = Reuse::kWarm;
  asked.family = Family::kBoth;
  start({.test_id = "test", .target = asked});
  wait_for_step("test", Phase::kWait);
  prober().stop();
}

// Regression: counted up to the exchange that heads the result, redirects and samples before it,
// and what was made for them to take over from, were late as well.
TEST_F(ProbeSamples, AreAsLateForTheirSlotAsTheirProbeStarted) {
  constexpr Millis kDelay{20};
  for (const Reuse reuse : kReuses) {
    std::optional<WallTime> first_asked;
    site_.page("/", [&](auto& connection) {
      if (!first_asked) first_asked = system_clock().wall();
      connection.pause(kDelay);
      connection.send(fakes::http_answer("302 Moved", "Location: /b\r\n", ""));
    });
    Target asked = target(2);
    asked.max_redirects = 1;
    asked.reuse = reuse;
    const CheckSlot slot{.check = 7, .scheduled_at = system_clock().wall(), .skipped = 3};
    start({.test_id = {}, .target = asked, .slot = slot});
    const Measurement m = next();
    ASSERT_FALSE(m.failure) << m.failure->message;
    ASSERT_TRUE(m.slot);
    EXPECT_LE(m.slot->late, first_asked.value() - slot.scheduled_at) << to_string(reuse);
    EXPECT_GE(m.measured_at, slot.scheduled_at + m.slot->late + kDelay) << to_string(reuse);
    EXPECT_EQ(m.slot->check, slot.check);
    EXPECT_EQ(m.slot->scheduled_at, slot.scheduled_at);
    EXPECT_EQ(m.slot->skipped, slot.skipped);
  }
}

TEST_F(ProbeSamples, AreLateByNoLessThanNothingAndNoMoreThanADay) {
  using std::chrono::hours;
  const auto late = [&](Micros scheduled, std::string url) {
    const CheckSlot slot{.check = 7, .scheduled_at = system_clock().wall() + scheduled};
    start({.test_id = {}, .target = {.url = std::move(url), .timeout = kPlenty}, .slot = slot});
    return next().slot.value().late;
  };
  EXPECT_EQ(late(hours{1}, site_.url()), Micros{0});
  EXPECT_EQ(late(-hours{25}, site_.url()), hours{24});
  EXPECT_GE(late(-hours{1}, site_.url()), hours{1});
  EXPECT_LT(late(-hours{1}, site_.url()), hours{2});
  // Nobody was asked, and it is a result all the same.
  EXPECT_GE(late(-hours{1}, "https://"), hours{1});
}

// --------------------------------------------------------------------------------- resumed and
// warm

class ReusedSamples : public ProbeSamples, public testing::WithParamInterface<Reuse> {
 protected:
  Target reusing(int samples) const {
    Target asked = target(samples);
    asked.reuse = GetParam();
    return asked;
  }
};

INSTANTIATE_TEST_SUITE_P(ProbeSamples, ReusedSamples,
                         testing::Values(Reuse::kResumed, Reuse::kWarm));

TEST_P(ReusedSamples, ComeAfterAnExchangeThatIsNone) {
  const Measurement m = probe(reusing(3));
  EXPECT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(m.samples.size(), 3U);
  EXPECT_EQ(site_.requests().size(), 4U);
}

TEST_P(ReusedSamples, AreNotListedWhenThereIsOne) {
  const Measurement m = probe(reusing(1));
  EXPECT_FALSE(m.failure) << m.failure->message;
  EXPECT_TRUE(m.samples.empty());
  EXPECT_EQ(site_.requests().size(), 2U);
}

TEST_P(ReusedSamples, AreReplacedByTheFailureOfTheExchangeBeforeThem) {
  on_request([](int, auto&) {});
  const Measurement m = probe(reusing(3));
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kClosed);
  EXPECT_EQ(m.reuse, Reuse::kCold);
  EXPECT_EQ(m.samples.size(), 1U);
  EXPECT_EQ(site_.requests().size(), 1U);
}

// It is there to be taken over from, and no answer to the question that was asked.
TEST_P(ReusedSamples, AreExpectedToBeAsExpectedNotTheExchangeBeforeThem) {
  on_request([](int number, auto& connection) {
    answer(connection, number == 0 ? "503 Cold" : "200 OK");
  });
  Target asked = reusing(2);
  asked.expect.status = StatusRange{200, 200};
  EXPECT_FALSE(probe(asked).failure);
}

TEST_P(ReusedSamples, EndWithTheTimeOfAllWhereverTheyAre) {
  on_request([](int, auto& connection) { connection.wait_for_end(); });
  Target asked = reusing(2);
  asked.timeout = Millis{100};
  const Measurement m = probe(asked);
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kTimeout);
  EXPECT_EQ(m.reuse, Reuse::kCold);
}

TEST_P(ReusedSamples, FollowRedirectsEach) {
  site_.redirect("/", "/b");
  Target asked = reusing(2);
  asked.max_redirects = 2;
  const Measurement m = probe(asked);
  ASSERT_FALSE(m.failure) << m.failure->message;
  for (const Measurement& sample : m.samples) EXPECT_EQ(sample.redirects.size(), 1U);
  EXPECT_EQ(site_.requests().size(), 6U);
}

TEST_F(ProbeSamples, ThatAreResumedLookUpAgain) {
  Target asked = target(2);
  asked.reuse = Reuse::kResumed;
  for (const Measurement& sample : probe(asked).samples) {
    EXPECT_EQ(phases_of(sample), "dns connect wait transfer");
  }
  EXPECT_EQ(dns_.queries().size(), 3U);
}

TEST_F(ProbeSamples, ThatAreWarmLookUpNothing) {
  Target asked = target(2);
  asked.reuse = Reuse::kWarm;
  for (const Measurement& sample : probe(asked).samples) {
    EXPECT_FALSE(sample.timings.span(Phase::kDns));
    EXPECT_EQ(sample.dns, std::nullopt);
  }
  EXPECT_EQ(dns_.queries().size(), 1U);
}

// What was asked for is not what it was: this server closes each connection.
TEST_F(ProbeSamples, SayThatTheyAreColdWhereTheServerKeptNothing) {
  Target asked = target(2);
  asked.reuse = Reuse::kWarm;
  const Measurement m = probe(asked);
  ASSERT_EQ(m.samples.size(), 2U);
  for (const Measurement& sample : m.samples) EXPECT_EQ(sample.reuse, Reuse::kCold);
}

// What they really take over, by the word of a real server.
class NginxSamples : public ProberFixture {
 protected:
  NginxSamples() {
    trust(nginx_.ca_file());
    dns_.add("good.test", "127.0.0.1");
  }
  Measurement samples_of(Reuse reuse, std::string_view path = "/") {
    return probe(Target{.url = fmt::format("https://good.test:{}{}", nginx_.https_port(), path),
                        .max_redirects = 1,
                        .reuse = reuse,
                        .samples = 3,
                        .timeout = kPlenty});
  }

  const fakes::NginxServer nginx_;
};

TEST_F(NginxSamples, ThatAreColdTakeOverNothing) {
  for (const Measurement& sample : samples_of(Reuse::kCold).samples) {
    EXPECT_EQ(sample.reuse, Reuse::kCold);
    EXPECT_EQ(header(sample, "x-session-reused"), ".");
    EXPECT_EQ(phases_of(sample), "dns connect tls wait transfer");
  }
}

TEST_F(NginxSamples, ThatAreResumedTakeOverTheSession) {
  const Measurement m = samples_of(Reuse::kResumed);
  ASSERT_EQ(m.samples.size(), 3U);
  for (const Measurement& sample : m.samples) {
    EXPECT_FALSE(sample.failure);
    EXPECT_EQ(sample.reuse, Reuse::kResumed);
    EXPECT_TRUE(sample.tls->resumed);
    EXPECT_EQ(header(sample, "x-session-reused"), "r");
    EXPECT_EQ(header(sample, "x-connection-requests"), "1");
    EXPECT_EQ(phases_of(sample), "dns connect tls wait transfer");
  }
}

TEST_F(NginxSamples, ThatAreWarmTakeOverTheConnection) {
  const Measurement m = samples_of(Reuse::kWarm);
  ASSERT_EQ(m.samples.size(), 3U);
  int requests = 2;
  for (const Measurement& sample : m.samples) {
    EXPECT_FALSE(sample.failure);
    EXPECT_EQ(sample.reuse, Reuse::kWarm);
    EXPECT_EQ(sample.local, m.local);
    EXPECT_EQ(header(sample, "x-connection-requests"), std::to_string(requests++));
    EXPECT_EQ(phases_of(sample), "wait transfer");
  }
}

TEST_F(NginxSamples, ThatAreWarmFollowRedirectsOnTheConnection) {
  const Measurement m = samples_of(Reuse::kWarm, "/moved");
  ASSERT_EQ(m.samples.size(), 3U);
  for (const Measurement& sample : m.samples) {
    EXPECT_EQ(sample.status, 200);
    ASSERT_EQ(sample.redirects.size(), 1U);
    EXPECT_EQ(sample.redirects[0].reuse, Reuse::kWarm);
    EXPECT_EQ(phases_of(sample.redirects[0]), "wait transfer");
    EXPECT_EQ(phases_of(sample), "wait transfer");
  }
  EXPECT_EQ(dns_.queries().size(), 2U);  // of the exchanges before them
}

}  // namespace
}  // namespace firstbyte::agent
