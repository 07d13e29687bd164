#include "collector/api/sessions.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/fakes/manual_clock.h"

namespace firstbyte::collector {
namespace {

using namespace std::chrono_literals;

class SessionsTest : public testing::Test {
 protected:
  std::string open(std::string token) { return sessions_.open(std::move(token)).value(); }

  fakes::ManualClock clock_;
  Sessions sessions_{clock_};
};

TEST_F(SessionsTest, StandForTheirToken) {
  const std::string a = open("a");
  const std::string b = open("b");
  EXPECT_EQ(sessions_.find(a), "a");
  EXPECT_EQ(sessions_.find(b), "b");
}

TEST_F(SessionsTest, CannotBeGuessedFromOneAnother) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(seen.insert(open("a")).second);
}

TEST_F(SessionsTest, AreNotWhatOnlyLooksLikeThem) {
  std::string session = open("a");
  EXPECT_FALSE(sessions_.find(""));
  EXPECT_FALSE(sessions_.find(session + "0"));
  session.back() = session.back() == '0' ? '1' : '0';
  EXPECT_FALSE(sessions_.find(session));
}

TEST_F(SessionsTest, EndAfterTwelveHours) {
  const std::string session = open("a");
  clock_.advance(12h - 1ns);
  EXPECT_EQ(sessions_.find(session), "a");
  clock_.advance(1ns);
  EXPECT_FALSE(sessions_.find(session));
}

TEST_F(SessionsTest, EndWhenTheyAreClosed) {
  const std::string a = open("a");
  const std::string b = open("b");
  sessions_.close(a);
  sessions_.close("nonsense");
  EXPECT_FALSE(sessions_.find(a));
  EXPECT_EQ(sessions_.find(b), "b");
}

TEST_F(SessionsTest, AreNotClosedByWhoDoesNotHaveThem) {
  const std::string session = open("a");
  std::string guess = session;
  guess.back() = guess.back() == '0' ? '1' : '0';
  sessions_.close(guess);
  EXPECT_EQ(sessions_.find(session), "a");
}

TEST_F(SessionsTest, AreBounded) {
  const std::string first = open("a");
  clock_.advance(1s);
  const std::string second = open("a");
  for (std::size_t i = 2; i < Sessions::kMaxSessions; ++i) {
    clock_.advance(1s);
    open("a");
  }
  EXPECT_TRUE(sessions_.find(first));
  open("a");
  EXPECT_FALSE(sessions_.find(first));
  EXPECT_TRUE(sessions_.find(second));
}

}  // namespace
}  // namespace firstbyte::collector
