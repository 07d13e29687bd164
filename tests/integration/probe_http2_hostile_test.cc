// The real prober against servers that speak HTTP/2 and do not stop.
#include <fstream>

#include "tests/fakes/http2_frames.h"
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

namespace http2 = fakes::http2;
using http2::frame;
using http2::kStream;
using http2::Type;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOurs = false;
#else
constexpr bool kMemoryIsOurs = true;
#endif

// The most memory that this process had since then, beyond what it had then, its servers included.
class MemoryPeak {
 public:
  MemoryPeak() {
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
    begin_ = kilobytes("VmRSS:");
  }
  std::size_t grown_kilobytes() const { return kilobytes("VmHWM:") - begin_; }

 private:
  static std::size_t kilobytes(std::string_view line) {
    std::ifstream status("/proc/self/status");
    std::size_t number = 0;
    for (std::string word; status >> word;) {
      if (word == line && status >> number) break;
    }
    return number;
  }

  std::size_t begin_ = 0;
};

class ProberHttp2Hostile : public ProberFixture {
 protected:
  static constexpr Millis kShort{700};
  // Of a flood the agent takes 4 MiB.
  static constexpr std::size_t kMostKilobytes = 24 * 1024;

  ProberHttp2Hostile() {
    authority_.issue("good", 30);
    trust(authority_.ca_file());
  }

  // What becomes of a probe of a server that answers so, whatever the probe says.
  Measurement answered(const std::function<void(http2::Server&)>& answer,
                       Millis timeout = kPlenty) {
    const fakes::ScriptedServer server([&](auto& connection) {
      http2::Server session(connection, folder_ / "good");
      if (session.accept()) answer(session);
    });
    const MemoryPeak peak;
    Measurement m = probe(fmt::format("https://127.0.0.1:{}/", server.port()), timeout);
    if (kMemoryIsOurs) {
      EXPECT_LT(peak.grown_kilobytes(), kMostKilobytes);
    }
    EXPECT_LT(m.timings.total(), kShort + std::chrono::seconds{5});
    return m;
  }
  // The same, of one that sends this for ever.
  Measurement flooded(const std::string& first, const std::string& again) {
    return answered([&](http2::Server& server) {
      if (!first.empty()) server.send(first);
      while (server.send(again)) {
      }
    });
  }

  static std::string many(const std::string& frame) {
    std::string bytes;
    while (bytes.size() + frame.size() < http2::kMaxPayload) bytes += frame;
    return bytes;
  }

  const std::string head_ = frame(Type::kHeaders, http2::kEndHeaders, kStream, http2::kStatus200);
  const std::string ping_ = frame(Type::kPing, 0, 0, "12345678");
  const fakes::TempDir folder_;
  const fakes::CertificateAuthority authority_{folder_};
};

TEST_F(ProberHttp2Hostile, StopsReadingABodyWithoutEnd) {
  const Measurement m =
      flooded(head_, frame(Type::kData, 0, kStream, std::string(http2::kMaxPayload, 'x')));
  EXPECT_FALSE(m.failure);
  EXPECT_EQ(m.status, 200);
  EXPECT_EQ(m.http_version, "2");
  EXPECT_TRUE(m.body_truncated);
}

TEST_F(ProberHttp2Hostile, EndsByItsDeadlineWhenTheBodyDrips) {
  const Measurement m = answered(
      [&](http2::Server& server) {
        server.send(head_);
        while (server.send(frame(Type::kData, 0, kStream, "x"))) {
          std::this_thread::sleep_for(Millis{5});
        }
      },
      kShort);
  expect_failure(m, Phase::kTransfer, Origin::kTarget, Cause::kTimeout);
}

TEST_F(ProberHttp2Hostile, EndsByItsDeadlineWhenPingsAreAllThatComes) {
  const Measurement m = answered(
      [&](http2::Server& server) {
        while (server.send(ping_)) std::this_thread::sleep_for(Millis{5});
      },
      kShort);
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kTimeout);
}

// Regression: libcurl reads on as long as something is there, so these held the loop, and with it
// every other probe, for as long as the server liked.
TEST_F(ProberHttp2Hostile, EndsAFloodOfEmptyData) {
  const Measurement m = flooded(head_, many(frame(Type::kData, 0, kStream, "")));
  expect_failure(m, Phase::kTransfer, Origin::kTarget, Cause::kProtocol);
  EXPECT_EQ(m.status, 200);
}

TEST_F(ProberHttp2Hostile, EndsAFloodOfPings) {
  expect_failure(flooded("", many(ping_)), Phase::kWait, Origin::kTarget, Cause::kProtocol);
}

// Regression: what libcurl had refused to read on was told as closed by the server.
TEST_F(ProberHttp2Hostile, EndsAFloodOfPingsWhoseAnswersNobodyReads) {
  const Measurement m = answered([&](http2::Server& server) {
    const std::string pings = many(ping_);
    while (server.send_deaf(pings)) {
    }
  });
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kProtocol);
}

TEST_F(ProberHttp2Hostile, EndsAHeaderBlockWithoutEnd) {
  const std::string unfinished = frame(Type::kHeaders, 0, kStream, http2::kStatus200);
  const std::string field = http2::field("x", std::string(1'000, 'x'));
  for (const std::string& more : {field, std::string()}) {
    expect_failure(flooded(unfinished, frame(Type::kContinuation, 0, kStream, more)), Phase::kWait,
                   Origin::kTarget, Cause::kProtocol);
  }
}

// 16 kB that stand for 40 MB: a field of 3 kB that is repeated by a byte each.
TEST_F(ProberHttp2Hostile, EndsAHeaderBlockThatUnpacksToFarMore) {
  std::string block = http2::kStatus200 + http2::indexed_field("x", std::string(3'000, 'x'));
  block.append(http2::kMaxPayload - block.size(), http2::kNewestEntry[0]);
  const Measurement m = answered([&](http2::Server& server) {
    server.send(frame(Type::kHeaders, http2::kEndHeaders, kStream, block));
    server.wait_for_end();
  });
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kProtocol);
}

TEST_F(ProberHttp2Hostile, EndsInterimAnswersWithoutEnd) {
  const std::string hints =
      frame(Type::kHeaders, http2::kEndHeaders, kStream,
            http2::kStatus103 + http2::field("link", std::string(1'000, 'x')));
  expect_failure(flooded("", hints), Phase::kTransfer, Origin::kTarget, Cause::kProtocol);
}

}  // namespace
}  // namespace firstbyte::agent
