#include "cli/problem.h"

#include <gtest/gtest.h>

#include "tests/fakes/collector_golden.h"

namespace firstbyte::cli {
namespace {

std::string golden_problem(const std::string& name) {
  return fakes::read_text(fakes::golden_folder() / "api" / name);
}

TEST(Problem, IsSaidByTheArgumentThatItIsAbout) {
  const Error error = problem_error(400, golden_problem("problem.json"), "");
  EXPECT_EQ(error.field, "URL");
  EXPECT_EQ(error.message, "the scheme must be http or https, not ftp");
  EXPECT_EQ(error.kind, Error::Kind::kInvalid);
}

TEST(Problem, NamesTheFlagOfEachField) {
  EXPECT_EQ(flag_of("/agents/3"), "--from");
  EXPECT_EQ(flag_of("/request_headers/0"), "--header");
  EXPECT_EQ(flag_of("/limits_ms/tls"), "--limit");
  EXPECT_EQ(flag_of("/expect/ttfb_ms"), "--expect-ttfb");
  EXPECT_EQ(flag_of("/expect/headers/x-a"), "--expect-header");
  EXPECT_EQ(flag_of("before"), "BEFORE");
  EXPECT_EQ(flag_of("/agentsmith"), "");
  EXPECT_EQ(flag_of("/nothing"), "");
}

TEST(Problem, KeepsAFieldWithoutAFlag) {
  EXPECT_EQ(problem_error(400, R"({"detail": "no", "field": "/x"})", "").field, "/x");
}

TEST(Problem, TellsWhenToComeBackOnce) {
  EXPECT_EQ(
      problem_error(429, golden_problem("problem-limit.json"), "10").message,
      "a client (192.0.2.1) gets at most 60 samples a minute, and this test has 10; try again "
      "in 10 s");
  EXPECT_EQ(problem_error(429, R"({"detail": "too many"})", "10").message,
            "too many; try again in 10 s");
}

TEST(Problem, SaysWhereATokenComesFrom) {
  EXPECT_TRUE(problem_error(401, golden_problem("problem-token.json"), "")
                  .message.ends_with("(FIRSTBYTE_TOKEN, or --token-file FILE)"));
}

TEST(Problem, MayPassWhereTheCollectorIsAtFault) {
  EXPECT_EQ(problem_error(503, R"({"detail": "no"})", "").kind, Error::Kind::kTransient);
  EXPECT_EQ(problem_error(404, R"({"detail": "no"})", "").kind, Error::Kind::kInvalid);
}

TEST(Problem, SaysWhenAnswersAreNoCollectors) {
  const Error error = problem_error(404, "<html>", "");
  EXPECT_EQ(error.field, "--collector");
  EXPECT_EQ(error.message, "answered with status 404 and no reason; is it a collector?");
}

}  // namespace
}  // namespace firstbyte::cli
