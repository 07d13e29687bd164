#include "collector/access/api_tokens.h"

#include <gmock/gmock.h>

#include "tests/fakes/collector_golden.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::collector {
namespace {

using namespace std::chrono_literals;

class ApiTokensTest : public testing::Test {
 protected:
  std::string create(Scopes scopes, std::optional<WallTime> expires_at = {}) {
    return tokens_.create("drill", scopes, expires_at).value().token;
  }
  std::optional<Principal> check(std::string_view token) { return tokens_.check(token).value(); }

  fakes::TempDir folder_;
  fakes::ManualClock clock_;
  std::unique_ptr<AccessDatabase> database_ = AccessDatabase::open(folder_.path()).value();
  ApiTokens tokens_{*database_, clock_};
};

TEST_F(ApiTokensTest, SayWhoseTheyAreAndWhatFor) {
  const auto principal = check(create({Scope::kTestsRun}));
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->name, "drill");
  EXPECT_EQ(principal->id, tokens_.list().value().at(0).id);
  EXPECT_TRUE(principal->may(Scope::kTestsRun));
  EXPECT_FALSE(principal->may(Scope::kAdmin));
}

TEST_F(ApiTokensTest, IncludeTheScopesBelow) {
  EXPECT_TRUE(Scopes{Scope::kAdmin}.allow(Scope::kRead));
  EXPECT_TRUE(Scopes{Scope::kAdmin}.allow(Scope::kTestsRun));
  EXPECT_TRUE(Scopes{Scope::kTestsRun}.allow(Scope::kRead));
  EXPECT_FALSE(Scopes{Scope::kRead}.allow(Scope::kTestsRun));
  EXPECT_FALSE(Scopes{}.allow(Scope::kRead));
}

TEST_F(ApiTokensTest, AreKeptWithoutTheirSecret) {
  const std::string token = create({Scope::kRead});
  const std::string secret = token.substr(token.rfind('_') + 1);
  for (const char* name : {"access.db", "access.db-wal"}) {
    EXPECT_EQ(fakes::read_text(folder_ / name).find(secret), std::string::npos) << name;
  }
}

TEST_F(ApiTokensTest, OpenNothingOnceRevoked) {
  const std::string token = create({Scope::kAdmin});
  const std::string id = tokens_.list().value().at(0).id;
  ASSERT_TRUE(tokens_.revoke(id));
  EXPECT_FALSE(check(token));
  EXPECT_EQ(tokens_.list().value().at(0).revoked_at, clock_.wall());
  EXPECT_EQ(tokens_.revoke(id).error().kind, Error::Kind::kInvalid);
  EXPECT_EQ(tokens_.revoke("nobody").error().kind, Error::Kind::kInvalid);
}

TEST_F(ApiTokensTest, AreRevokedAndMadeForARunningCollectorAtOnce) {
  const auto command_line = AccessDatabase::attach(folder_.path()).value();
  ApiTokens outside(*command_line, clock_);
  const auto created = outside.create("from outside", {Scope::kRead}).value();
  EXPECT_TRUE(check(created.token));
  ASSERT_TRUE(outside.revoke(created.id));
  EXPECT_FALSE(check(created.token));
}

TEST_F(ApiTokensTest, OpenNothingOnceExpired) {
  const std::string token = create({Scope::kRead}, clock_.wall() + 1h);
  clock_.advance(59min);
  EXPECT_TRUE(check(token));
  clock_.advance(1min);
  EXPECT_FALSE(check(token));
}

TEST_F(ApiTokensTest, AreNoOthersThanThoseMade) {
  std::string token = create({Scope::kRead});
  token.back() = token.back() == '0' ? '1' : '0';
  EXPECT_FALSE(check(token));
  EXPECT_FALSE(check("fbt_0123456789ab_" + std::string(64, '0')));
  EXPECT_FALSE(check(""));
  EXPECT_FALSE(check("' OR 1 = 1"));
}

TEST_F(ApiTokensTest, TellToTheMinuteWhenTheyWereUsedLast) {
  const std::string token = create({Scope::kRead});
  EXPECT_EQ(tokens_.list().value().at(0).last_used_at, std::nullopt);
  const WallTime first = clock_.wall();
  check(token);
  clock_.advance(59s);
  check(token);
  EXPECT_EQ(tokens_.list().value().at(0).last_used_at, first);
  clock_.advance(1s);
  check(token);
  EXPECT_EQ(tokens_.list().value().at(0).last_used_at, first + 1min);
}

TEST_F(ApiTokensTest, NeedANameAndAScope) {
  EXPECT_EQ(tokens_.create("", {Scope::kRead}).error().field, "--name");
  EXPECT_EQ(tokens_.create("a\nb", {Scope::kRead}).error().field, "--name");
  EXPECT_EQ(tokens_.create(std::string(65, 'a'), {Scope::kRead}).error().field, "--name");
  EXPECT_EQ(tokens_.create("a", {}).error().field, "--scope");
  EXPECT_TRUE(tokens_.list().value().empty());
}

TEST_F(ApiTokensTest, NameTheirScopesAsTheyAreWritten) {
  EXPECT_EQ(to_string(Scopes{Scope::kTestsRun, Scope::kRead}), "read tests:run");
  for (const Scope scope : {Scope::kRead, Scope::kTestsRun, Scope::kAdmin}) {
    EXPECT_EQ(scope_from_string(to_string(scope)), scope);
  }
  EXPECT_EQ(scope_from_string("write"), std::nullopt);
}

}  // namespace
}  // namespace firstbyte::collector
