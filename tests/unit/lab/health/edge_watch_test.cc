#include "lab/health/edge_watch.h"

#include <gmock/gmock.h>

#include <vector>

namespace firstbyte::health {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EdgeWatchTest : public testing::Test {
 protected:
  // Bad rounds fail for this reason.
  void rounds(int count, std::string reason = "") {
    reason_ = std::move(reason);
    for (int i = 0; i < count; ++i) watch_.round();
  }

  std::string reason_;
  std::string bird_fails_;
  std::vector<std::string> said_;
  std::vector<std::string> said_in_error_;
  std::vector<bool> announced_;
  EdgeWatch watch_{
      HealthRule(2, 3),
      {.check = [this]() -> Expected<> {
         if (reason_.empty()) return {};
         return transient(reason_);
       },
       .announce = [this](bool enabled) -> Expected<> {
         if (!bird_fails_.empty()) return transient(bird_fails_);
         announced_.push_back(enabled);
         return {};
       },
       .say = [this](std::string_view text) { said_.emplace_back(text); },
       .say_in_error = [this](std::string_view text) { said_in_error_.emplace_back(text); }}};
};

TEST_F(EdgeWatchTest, AnnouncesAnEdgeThatAnswersWithoutSayingSo) {
  rounds(10);
  EXPECT_THAT(announced_, ElementsAre(true));
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(EdgeWatchTest, WithdrawsAndSaysWhyAndComesBack) {
  rounds(3);
  rounds(2, "status 503");
  rounds(3);
  EXPECT_THAT(announced_, ElementsAre(true, false, false, false, true));
  EXPECT_THAT(said_, ElementsAre("down reason=\"status 503\"", "up"));
}

TEST_F(EdgeWatchTest, GivesTheReasonOfTheRoundThatDecided) {
  rounds(1, "timeout");
  rounds(1, "refused");
  EXPECT_THAT(said_, ElementsAre("down reason=\"refused\""));
}

// A BIRD that was started anew announces what its configuration says.
TEST_F(EdgeWatchTest, RepeatsThatTheEdgeIsDown) {
  rounds(5, "refused");
  EXPECT_THAT(announced_, ElementsAre(false, false, false, false));
  EXPECT_THAT(said_, ElementsAre("down reason=\"refused\""));
}

TEST_F(EdgeWatchTest, TriesAgainUntilBirdListens) {
  bird_fails_ = "no such file";
  rounds(4, "refused");
  EXPECT_THAT(announced_, IsEmpty());
  bird_fails_.clear();
  rounds(1, "refused");
  EXPECT_THAT(announced_, ElementsAre(false));
}

TEST_F(EdgeWatchTest, AnnouncesTheLatestStateOnceBirdListens) {
  bird_fails_ = "no such file";
  rounds(2, "refused");
  rounds(3);
  bird_fails_.clear();
  rounds(3);
  EXPECT_THAT(announced_, ElementsAre(true));
  EXPECT_THAT(said_, ElementsAre("down reason=\"refused\"", "up"));
}

TEST_F(EdgeWatchTest, SaysOnceWhyBirdDoesNotListen) {
  bird_fails_ = "no such file";
  rounds(5, "refused");
  bird_fails_ = "refused";
  rounds(2, "refused");
  EXPECT_THAT(said_in_error_, ElementsAre("no such file", "refused"));
}

}  // namespace
}  // namespace firstbyte::health
