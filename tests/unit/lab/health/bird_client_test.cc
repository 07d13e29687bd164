// BIRD's side as BIRD 2.0.12 was seen to speak; tests/integration/lab asks a real one.
#include "lab/health/bird_client.h"

#include <gtest/gtest.h>

#include "tests/fakes/temp_dir.h"
#include "tests/fakes/unix_server.h"

namespace firstbyte::health {
namespace {

using fakes::Socket;
using namespace std::chrono_literals;

constexpr std::string_view kGreeting = "0001 BIRD 2.0.12 ready.\n";

class BirdClientTest : public testing::Test {
 protected:
  BirdClient client(std::chrono::milliseconds timeout = 5s) const {
    return {path_, {"any4", "any6"}, timeout};
  }
  // What the client makes of these replies, to the greeting first, less where BIRD listens.
  std::string result(const std::vector<std::string>& replies, bool enabled = false) {
    const fakes::UnixServer bird(path_, [&](const Socket& connection) {
      for (std::size_t i = 0; i < replies.size(); ++i) {
        if (i > 0) received_ += connection.receive();
        connection.send(replies[i]);
      }
    });
    const auto done = client().announce(enabled);
    return done ? "done" : done.error().message.substr(("BIRD at " + path_ + ", ").size());
  }

  const fakes::TempDir folder_;
  const std::string path_ = folder_ / "bird.ctl";
  std::string received_;
};

TEST_F(BirdClientTest, DisablesEachProtocol) {
  EXPECT_EQ(result({std::string(kGreeting), "0009-any4: disabled\n0000 \n",
                    "0008-any6: already disabled\n0000 \n"}),
            "done");
  EXPECT_EQ(received_, "disable any4\ndisable any6\n");
}

TEST_F(BirdClientTest, EnablesEachProtocol) {
  EXPECT_EQ(result({std::string(kGreeting), "0011-any4: enabled\n0000 \n",
                    "0010-any6: already enabled\n0000 \n"},
                   true),
            "done");
  EXPECT_EQ(received_, "enable any4\nenable any6\n");
}

TEST_F(BirdClientTest, TakesAReplyOfOneLine) {
  EXPECT_EQ(result({std::string(kGreeting), "0009 any4: disabled\n", "0009 any6: disabled\n"}),
            "done");
}

TEST_F(BirdClientTest, PassesOnWhatBirdRefusesWith) {
  EXPECT_EQ(result({std::string(kGreeting), "9001 syntax error, unexpected CF_SYM_UNDEFINED\n"}),
            "disable: 9001 syntax error, unexpected CF_SYM_UNDEFINED");
  EXPECT_EQ(received_, "disable any4\n");
}

TEST_F(BirdClientTest, KnowsAnErrorInFrontOfTheLastLine) {
  EXPECT_EQ(result({std::string(kGreeting), "8003-No protocols match\n0000 \n"}),
            "disable: 8003-No protocols match");
}

TEST_F(BirdClientTest, FailsWhenBirdHangsUp) {
  EXPECT_EQ(result({std::string(kGreeting), "0009-any4: dis"}), "disable: it hung up");
}

TEST_F(BirdClientTest, FailsWhenNobodyListens) {
  const auto done = client().announce(true);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "BIRD at " + path_ + ", enable: No such file or directory");
}

TEST_F(BirdClientTest, TimesOutWhenBirdSaysNothing) {
  const fakes::UnixServer bird(path_, [](const Socket& connection) { connection.receive(); });
  const auto done = client(50ms).announce(true);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "BIRD at " + path_ + ", enable: timeout");
}

TEST_F(BirdClientTest, GivesUpOnWhatIsNotBird) {
  const fakes::UnixServer bird(path_, [](const Socket& connection) {
    while (connection.send(std::string(4096, 'x'))) {
    }
  });
  const auto done = client().announce(true);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message,
            "BIRD at " + path_ + ", enable: it does not speak BIRD's protocol");
}

}  // namespace
}  // namespace firstbyte::health
