// The real prober against servers whose answers are too long, never end, or are none.
#include <atomic>
#include <future>

#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

using Connection = fakes::ScriptedServer::Connection;
using fakes::ScriptedServer;

constexpr std::chrono::milliseconds kDrip{5};
constexpr std::size_t kBodyCap = 64 * 1024;

class BadAnswers : public ProberFixture {
 protected:
  // What becomes of a probe whose request this script answers.
  Measurement answered_by(const ScriptedServer::Script& script, Millis timeout = kPlenty) {
    const ScriptedServer server([&](Connection& connection) {
      connection.read_request();
      script(connection);
    });
    return probe(fmt::format("http://127.0.0.1:{}/", server.port()), timeout);
  }
  Measurement answered(const std::string& bytes) {
    return answered_by([&](Connection& connection) { connection.send(bytes); });
  }

  // The beginning, then for ever this, once in a while or as fast as it is taken.
  Measurement endless(const std::string& beginning, const std::string& more, Millis every,
                      Millis timeout) {
    return answered_by(
        [&](Connection& connection) {
          connection.send(beginning);
          while (connection.send(more)) {
            sent_ += more.size();
            if (every > Millis{0} && !connection.pause(every)) break;
          }
        },
        timeout);
  }

  static void expect_too_long(const Measurement& measurement, std::string_view what) {
    expect_failure(measurement, Phase::kTransfer, Origin::kTarget, Cause::kProtocol);
    EXPECT_EQ(measurement.failure->message, what);
  }

  std::atomic<std::size_t> sent_ = 0;
};

// --------------------------------------------------------------------------------------- bodies

TEST_F(BadAnswers, AreReadUpToTheCapOfTheirBody) {
  constexpr std::size_t kSocketBuffers = 16 * 1024 * 1024;
  for (const char* length : {"", "Content-Length: 9000000000\r\n"}) {
    sent_ = 0;
    const Measurement m = endless(fmt::format("HTTP/1.1 200 OK\r\n{}\r\n", length),
                                  std::string(16 * 1024, 'x'), Millis{0}, kPlenty);
    EXPECT_FALSE(m.failure);
    EXPECT_EQ(m.status, 200);
    EXPECT_EQ(m.body_bytes, kBodyCap);
    EXPECT_TRUE(m.body_truncated);
    EXPECT_EQ(phases_of(m), "connect wait transfer");
    EXPECT_LT(sent_, kSocketBuffers);
  }
}

TEST_F(BadAnswers, AreNotCutWhenTheBodyJustFits) {
  const Measurement m = answered(fakes::http_answer("200 OK", "", std::string(kBodyCap, 'x')));
  EXPECT_FALSE(m.failure);
  EXPECT_EQ(m.body_bytes, kBodyCap);
  EXPECT_FALSE(m.body_truncated);
}

TEST_F(BadAnswers, EndByTheDeadlineWhenChunksDrip) {
  const Measurement m =
      endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", kDrip, kShort);
  expect_failure(m, Phase::kTransfer, Origin::kTarget, Cause::kTimeout);
  EXPECT_GT(m.body_bytes, 0U);
  EXPECT_GE(m.timings.duration(Phase::kTransfer), kShort / 2);
}

TEST_F(BadAnswers, FailForAChunkWithoutALength) {
  const Measurement m =
      answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n");
  expect_failure(m, Phase::kTransfer, Origin::kTarget, Cause::kProtocol);
}

// ---------------------------------------------------------------------------------------- heads

TEST_F(BadAnswers, KeepTheFirstOfAThousandHeaders) {
  std::string headers;
  for (int i = 0; i < 1'000; ++i) headers += fmt::format("x-{}: {}\r\n", i, i);
  const Measurement m = answered(fakes::http_answer("200 OK", headers, "ok"));
  EXPECT_FALSE(m.failure);
  EXPECT_TRUE(m.headers_truncated);
  ASSERT_EQ(m.headers.size(), kMaxHeaders);
  EXPECT_EQ(m.headers.back(), (std::pair<std::string, std::string>{"x-199", "199"}));
}

// Regression: libcurl calls this being out of memory, which put the blame on the agent.
TEST_F(BadAnswers, FailForAHeaderOfAMegabyte) {
  expect_too_long(
      answered(fakes::http_answer("200 OK", "x-long: " + std::string(1 << 20, 'x') + "\r\n", "ok")),
      "a header of the answer is longer than 100 kB");
}

TEST_F(BadAnswers, FailForHeadersWithoutEnd) {
  expect_too_long(
      endless("HTTP/1.1 200 OK\r\n", "a: " + std::string(1'000, 'b') + "\r\n", Millis{0}, kPlenty),
      "the head of the answer is longer than 256 kB");
}

TEST_F(BadAnswers, FailForInterimAnswersWithoutEnd) {
  expect_too_long(
      endless("", "HTTP/1.1 103 Early Hints\r\nlink: " + std::string(1'000, 'x') + "\r\n\r\n",
              Millis{0}, kPlenty),
      "the head of the answer is longer than 256 kB");
}

TEST_F(BadAnswers, EndByTheDeadlineWhenHeadersDrip) {
  const Measurement m = endless("HTTP/1.1 200 OK\r\n", "a: b\r\n", kDrip, kShort);
  expect_failure(m, Phase::kTransfer, Origin::kTarget, Cause::kTimeout);
  EXPECT_GE(m.timings.total(), kShort);
}

TEST_F(BadAnswers, EndByTheDeadlineWhenAHeaderDrips) {
  const Measurement m = endless("HTTP/1.1 200 OK\r\na: ", "b", kDrip, kShort);
  expect_failure(m, Phase::kTransfer, Origin::kTarget, Cause::kTimeout);
}

TEST_F(BadAnswers, EndByTheDeadlineWhenTheStatusLineDrips) {
  const Measurement m = endless("HTTP/1.1 200 ", "O", kDrip, kShort);
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kTimeout);
}

TEST_F(BadAnswers, FailForANulInAHeader) {
  const Measurement m = answered(fakes::http_answer("200 OK", std::string{"a: b\0c\r\n", 8}, "ok"));
  expect_failure(m, Phase::kTransfer, Origin::kTarget, Cause::kProtocol);
}

TEST_F(BadAnswers, FailForAHeaderWithoutAColon) {
  const Measurement m = answered(fakes::http_answer("200 OK", "nonsense\r\n", "ok"));
  expect_failure(m, Phase::kTransfer, Origin::kTarget, Cause::kProtocol);
}

TEST_F(BadAnswers, MayEndTheirLinesWithoutACarriageReturn) {
  const Measurement m = answered("HTTP/1.1 200 OK\na: b\nContent-Length: 2\n\nok");
  EXPECT_FALSE(m.failure);
  EXPECT_EQ(header(m, "a"), "b");
  EXPECT_EQ(m.body_bytes, 2U);
}

TEST_F(BadAnswers, FailForAStatusLineThatIsNone) {
  for (const char* line : {"HTTP/1.1\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n",
                           "\r\n\r\n\r\n", "\x15\x03\x03\x01\x02\x02\x46"}) {
    expect_failure(answered(line), Phase::kWait, Origin::kTarget, Cause::kProtocol);
  }
}

// ------------------------------------------------------------------------------------ addresses

// An address that leads elsewhere: what was dialled is allowed, but not where it arrived.
TEST_F(BadAnswers, DoNotComeFromWhereTheConnectionMayNotLead) {
  set_policy(allowing({"0.0.0.0/32"}));
  for (const char* scheme : {"http", "https"}) {
    std::promise<std::string> seen;
    ScriptedServer server(
        [&](Connection& connection) { seen.set_value(connection.socket().receive()); });
    const Measurement m = probe(fmt::format("{}://0.0.0.0:{}/", scheme, server.port()));
    expect_failure(m, std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed);
    EXPECT_TRUE(m.failure->message.starts_with("this agent may not probe 127.0.0.1:"));
    EXPECT_EQ(seen.get_future().get(), "");
  }
}

}  // namespace
}  // namespace firstbyte::agent
