#include "lab/wire/control_server.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <list>

#include "tests/fakes/temp_dir.h"
#include "tests/fakes/unix_client.h"

namespace firstbyte::wire {
namespace {

using fakes::UnixClient;
using namespace std::chrono_literals;

class ControlServerTest : public testing::Test {
 protected:
  // Whatever is ready by now, and what that makes ready.
  void turn(int times = 8) {
    for (int i = 0; i < times; ++i) loop_.wait(std::chrono::steady_clock::now());
  }
  std::string ask(UnixClient& client, std::string_view bytes) {
    client.send(bytes);
    turn();
    return client.line();
  }

  const fakes::TempDir folder_;
  const std::string path_ = folder_ / "control";
  EventLoop loop_;
  int answered_ = 0;
  std::string echo_ = "you said ";
  Expected<std::unique_ptr<ControlServer>> server_ =
      ControlServer::open(path_, loop_, [this](std::string_view line) {
        ++answered_;
        return echo_ + std::string(line) + "\n";
      });
};

TEST_F(ControlServerTest, AnswersLines) {
  UnixClient client(path_);
  EXPECT_EQ(ask(client, "one\n"), "you said one");
  EXPECT_EQ(ask(client, "two\n"), "you said two");
}

TEST_F(ControlServerTest, AnswersALineThatComesInPieces) {
  UnixClient client(path_);
  client.send("be");
  turn();
  client.send("gun");
  turn();
  EXPECT_EQ(ask(client, " and ended\n"), "you said begun and ended");
}

TEST_F(ControlServerTest, AnswersSeveralLinesOneAtATime) {
  UnixClient client(path_);
  client.send("a\nb\nc\n");
  turn(1);
  turn(1);
  EXPECT_EQ(answered_, 1);
  turn();
  EXPECT_EQ(client.line(), "you said a");
  EXPECT_EQ(client.line(), "you said b");
  EXPECT_EQ(client.line(), "you said c");
}

TEST_F(ControlServerTest, ServesSeveralClients) {
  UnixClient one(path_);
  UnixClient two(path_);
  EXPECT_EQ(ask(two, "2\n"), "you said 2");
  EXPECT_EQ(ask(one, "1\n"), "you said 1");
}

TEST_F(ControlServerTest, HangsUpOnALineWithoutAnEnd) {
  UnixClient client(path_);
  const std::string part(ControlServer::kLongestLine / 2 + 1, 'x');
  client.send(part);
  turn();
  EXPECT_EQ(ask(client, part), "{\"error\":\"the line is longer than 64 kB\"}");
  EXPECT_EQ(client.line(), "");
}

TEST_F(ControlServerTest, HangsUpOnAClientThatReadsNothing) {
  echo_ = std::string(100'000, 'x');
  const UnixClient client(path_);
  std::string lines(2'000, '\n');
  client.send(lines);
  turn(2'100);
  EXPECT_LT(answered_, 100);
  EXPECT_FALSE(client.send("more\n"));
}

TEST_F(ControlServerTest, ForgetsClientsThatGo) {
  for (std::size_t i = 0; i < 3 * ControlServer::kMostClients; ++i) {
    UnixClient client(path_);
    EXPECT_EQ(ask(client, "hello\n"), "you said hello");
  }
}

TEST_F(ControlServerTest, ServesSoManyClientsAtATimeAndNoMore) {
  std::list<UnixClient> clients;
  for (std::size_t i = 0; i < ControlServer::kMostClients; ++i) clients.emplace_back(path_);
  turn(100);
  UnixClient one_too_many(path_);
  turn();
  EXPECT_EQ(one_too_many.line(), "");
  EXPECT_EQ(ask(clients.back(), "hello\n"), "you said hello");
}

TEST_F(ControlServerTest, IsOpenToItsOwnerAlone) {
  struct stat found{};
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

TEST_F(ControlServerTest, TakesThePlaceOfASocketThatWasLeft) {
  const auto other = ControlServer::open(path_, loop_, [](std::string_view) { return "new\n"; });
  ASSERT_TRUE(other) << other.error().message;
  UnixClient client(path_);
  EXPECT_EQ(ask(client, "x\n"), "new");
}

TEST_F(ControlServerTest, RemovesItsSocket) {
  server_->reset();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ControlServerTest, LeavesAFileAlone) {
  const std::string file = folder_.write("precious", "data");
  const auto refused = ControlServer::open(file, loop_, [](std::string_view) { return ""; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "cannot listen at " + file + ": Address already in use");
  EXPECT_EQ(std::filesystem::file_size(file), 4U);
}

TEST_F(ControlServerTest, RefusesAPathThatIsTooLong) {
  const auto refused =
      ControlServer::open("/" + std::string(120, 'x'), loop_, [](std::string_view) { return ""; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Error::Kind::kInvalid);
}

}  // namespace
}  // namespace firstbyte::wire
