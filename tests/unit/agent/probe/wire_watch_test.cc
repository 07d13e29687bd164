#include "agent/probe/wire_watch.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "tests/fakes/socket.h"

namespace firstbyte::agent {
namespace {

// Both ends of a connection over loopback, and OpenSSL's part played by the test.
class WireWatchTest : public testing::Test {
 protected:
  static constexpr std::size_t kBody = 100;
  static constexpr std::array<unsigned char, 5> kHeader{SSL3_RT_APPLICATION_DATA, 3, 3, 0, kBody};

  // The kernel begins to stamp some time after the first socket has asked for it.
  static void SetUpTestSuite() {
    stamping_ = std::make_unique<StampingKept>();
    const fakes::Socket listener = fakes::Socket::listening();
    const fakes::Socket client = fakes::Socket::connected(listener.port());
    const fakes::Socket server{::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC)};
    stamp_arrivals(client.fd());
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    std::array<char, 1> byte{};
    do {
      server.send("a");
      while (!peek_arrival(client.fd(), 1).bytes) std::this_thread::yield();
      if (peek_arrival(client.fd(), 1).last) return;
      ::recv(client.fd(), byte.data(), byte.size(), 0);
    } while (std::chrono::steady_clock::now() < give_up);
    FAIL() << "this kernel stamps nothing";
  }
  static void TearDownTestSuite() { stamping_.reset(); }

  WireWatchTest() {
    watch_.connected();
    watch_.expect_tls();
    const unsigned char finished = SSL3_MT_FINISHED;
    for (const bool written : {false, true}) tell(written, SSL3_RT_HANDSHAKE, &finished, 1);
    tell(true, SSL3_RT_HEADER, kHeader.data(), kHeader.size());
    client_.send(std::string(kHeader.size() + kBody, 'q'));
    watch_.after_action();
  }

  void tell(bool written, int type, const unsigned char* data, std::size_t size) {
    watch_.on_message(written, type, data, size, ssl_.get());
  }
  void read(std::size_t bytes) {
    std::string into(bytes, '\0');
    ASSERT_EQ(::recv(client_.fd(), into.data(), bytes, MSG_WAITALL), static_cast<ssize_t>(bytes));
  }
  // Returns when it is there: loopback may take its time, too.
  void server_sends(std::size_t bytes) {
    const int before = waiting();
    server_.send(std::string(bytes, 'a'));
    while (waiting() < before + static_cast<int>(bytes)) std::this_thread::yield();
  }
  int waiting() const {
    int bytes = 0;
    ioctl(client_.fd(), FIONREAD, &bytes);
    return bytes;
  }
  // The first part of a record is there, and OpenSSL reads its header.
  void record_begins() {
    server_sends(kHeader.size() + kBody / 2);
    read(kHeader.size());
    tell(false, SSL3_RT_HEADER, kHeader.data(), kHeader.size());
  }
  void record_is_read() {
    read(kBody);
    const unsigned char type = SSL3_RT_APPLICATION_DATA;
    tell(false, SSL3_RT_INNER_CONTENT_TYPE, &type, 1);
  }
  // The kernel merges only what the other side need not send again.
  void server_sends_acknowledged(std::size_t bytes) {
    server_sends(bytes);
    int unacknowledged = 1;
    while (unacknowledged > 0) ioctl(server_.fd(), TIOCOUTQ, &unacknowledged);
  }
  std::optional<KernelTime> stamp() const { return peek_arrival(client_.fd(), 1).last; }
  // After a while, when the kernel has merged it with what waits.
  void server_ends() {
    const auto before = stamp();
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
    ASSERT_EQ(::shutdown(server_.fd(), SHUT_WR), 0);
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (stamp() == before && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::yield();
    }
    ASSERT_NE(stamp(), before) << "this kernel merges nothing";
  }
  Span::Clock clock_of_transfer() {
    watch_.response_began(false);
    WireTimes times;
    watch_.tell(times, true);
    PhaseSpans spans{};
    const Micros total = std::chrono::seconds{60};
    spans[static_cast<std::size_t>(Phase::kTransfer)] = Span{.begin = Micros{}, .end = total};
    ClockPair end = start_;
    end.monotonic += total;
    end.wall += total;
    return times.refine(spans, StampMap(start_, end), total)
        .at(static_cast<std::size_t>(Phase::kTransfer))
        ->clock;
  }

  inline static std::unique_ptr<StampingKept> stamping_;
  const ClockPair start_ = ClockPair::read(system_clock());
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_client_method()),
                                                                   SSL_CTX_free};
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{SSL_new(context_.get()), SSL_free};
  const fakes::Socket listener_ = fakes::Socket::listening();
  const fakes::Socket client_ = fakes::Socket::connected(listener_.port());
  const fakes::Socket server_{::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC)};
  WireWatch watch_{client_.fd()};
};

TEST_F(WireWatchTest, SeesTheRestOfARecordWhenItComes) {
  record_begins();
  server_sends(kBody - kBody / 2);
  watch_.before_action(EPOLLIN, Micros{});
  record_is_read();
  EXPECT_EQ(clock_of_transfer(), Span::Clock::kKernel);
}

// Regression: the stamp of its first part was taken for that of the whole.
TEST_F(WireWatchTest, KnowsNoEndOfARecordWhoseRestCameUnseen) {
  record_begins();
  server_sends(kBody - kBody / 2);
  record_is_read();
  EXPECT_EQ(clock_of_transfer(), Span::Clock::kAgent);
}

// Regression: what came next was taken for the rest.
TEST_F(WireWatchTest, TakesNothingOfTheNextRecordForTheRestOfOneBefore) {
  record_begins();
  server_sends(kBody - kBody / 2);
  record_is_read();
  server_sends(kHeader.size() + kBody);
  watch_.before_action(EPOLLIN, Micros{});
  EXPECT_EQ(clock_of_transfer(), Span::Clock::kAgent);
}

// Regression: the kernel gives all that it merged the stamp of what came last.
TEST_F(WireWatchTest, VouchesForNoFirstByteThatWasMergedWithLaterOnes) {
  server_sends_acknowledged(kHeader.size() + kBody);
  const auto first = peek_arrival(client_.fd(), 1).last;
  std::this_thread::sleep_for(std::chrono::milliseconds{5});
  server_sends_acknowledged(kHeader.size() + kBody);
  ASSERT_NE(peek_arrival(client_.fd(), 1).last, first) << "this kernel merges nothing";
  watch_.before_action(EPOLLIN, std::chrono::milliseconds{5});
  read(kHeader.size());
  tell(false, SSL3_RT_HEADER, kHeader.data(), kHeader.size());
  record_is_read();
  EXPECT_EQ(clock_of_transfer(), Span::Clock::kAgent);
}

// Regression: session tickets that were read by the way made the response look merged with them.
TEST_F(WireWatchTest, VouchesForAFirstByteBehindWhatWasReadBefore) {
  const int record = static_cast<int>(kHeader.size() + kBody);
  server_sends_acknowledged(record);
  watch_.before_action(EPOLLIN, Micros{});
  server_sends_acknowledged(record);
  read(2 * record);
  watch_.after_action();
  server_sends_acknowledged(record);
  watch_.before_action(EPOLLIN, std::chrono::milliseconds{5});
  read(kHeader.size());
  tell(false, SSL3_RT_HEADER, kHeader.data(), kHeader.size());
  record_is_read();
  EXPECT_EQ(clock_of_transfer(), Span::Clock::kKernel);
}

TEST_F(WireWatchTest, VouchesForAFirstByteThatIsSeenAtOnce) {
  server_sends_acknowledged(kHeader.size() + kBody);
  watch_.before_action(EPOLLIN, std::chrono::milliseconds{5});
  read(kHeader.size());
  tell(false, SSL3_RT_HEADER, kHeader.data(), kHeader.size());
  record_is_read();
  EXPECT_EQ(clock_of_transfer(), Span::Clock::kKernel);
}

// Behind what has been read already, one more record came, and something may have come after it.
class EndOfAnAnswer : public WireWatchTest {
 protected:
  static constexpr std::size_t kFarewell = 24;
  static constexpr std::chrono::milliseconds kApart{5};

  EndOfAnAnswer() {
    server_sends_acknowledged(kHeader.size() + kBody);
    next_record_is_read(Micros{});
    watch_.response_began(false);
    watch_.after_action();
  }

  void next_record_is_read(Micros away) {
    watch_.before_action(EPOLLIN, away);
    read(kHeader.size());
    tell(false, SSL3_RT_HEADER, kHeader.data(), kHeader.size());
    record_is_read();
  }
};

// Regression: only the first byte of an answer was looked at so.
TEST_F(EndOfAnAnswer, IsNotVouchedForWhenItWasMergedWithWhatCameNext) {
  server_sends_acknowledged(kHeader.size() + kBody);
  const auto before = stamp();
  std::this_thread::sleep_for(kApart);
  server_sends_acknowledged(kFarewell);
  ASSERT_NE(stamp(), before) << "this kernel merges nothing";
  next_record_is_read(2 * kApart);
  EXPECT_EQ(clock_of_transfer(), Span::Clock::kAgent);
}

// Regression: as above, and the end of the stream is no data that anybody counts.
TEST_F(EndOfAnAnswer, IsNotVouchedForWhenItWasMergedWithTheEndOfTheStream) {
  server_sends_acknowledged(kHeader.size() + kBody);
  server_ends();
  next_record_is_read(2 * kApart);
  EXPECT_EQ(clock_of_transfer(), Span::Clock::kAgent);
}

TEST_F(EndOfAnAnswer, IsVouchedForWhenTheRestWasSentWithIt) {
  server_sends_acknowledged(kHeader.size() + kBody + kFarewell);
  next_record_is_read(2 * kApart);
  EXPECT_EQ(clock_of_transfer(), Span::Clock::kKernel);
}

TEST_F(EndOfAnAnswer, IsVouchedForWhenNothingCameBehindIt) {
  server_sends_acknowledged(kHeader.size() + kBody);
  std::this_thread::sleep_for(kApart);
  next_record_is_read(2 * kApart);
  EXPECT_EQ(clock_of_transfer(), Span::Clock::kKernel);
}

// libcurl reads a piece a turn: what it had left unread came before the turn.
TEST_F(EndOfAnAnswer, IsNotVouchedForWhenItHadBeenLeftUnread) {
  server_sends_acknowledged(2 * (kHeader.size() + kBody));
  next_record_is_read(Micros{});
  watch_.after_action();
  server_ends();
  next_record_is_read(Micros{});
  EXPECT_EQ(clock_of_transfer(), Span::Clock::kAgent);
}

// Regression: a merged end of the stream was no reason to doubt a first byte.
TEST_F(WireWatchTest, VouchesForNoFirstByteThatWasMergedWithTheEndOfTheStream) {
  server_sends_acknowledged(kHeader.size() + kBody);
  server_ends();
  watch_.before_action(EPOLLIN, std::chrono::milliseconds{5});
  read(kHeader.size());
  tell(false, SSL3_RT_HEADER, kHeader.data(), kHeader.size());
  record_is_read();
  EXPECT_EQ(clock_of_transfer(), Span::Clock::kAgent);
}

}  // namespace
}  // namespace firstbyte::agent
