#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "cli/command_shape.h"
#include "cli/completion.h"
#include "cli/man_page.h"
#include "tests/fakes/collector_golden.h"

namespace firstbyte::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Words = std::vector<const char*>;

Expected<std::variant<Options, Printed>> parse_words(Words words) {
  words.insert(words.begin(), "firstbyte");
  return parse_options(static_cast<int>(words.size()), words.data());
}

template <typename Which>
Which command_of(const Words& words) {
  const auto parsed = parse_words(words);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? std::get<Which>(std::get<Options>(*parsed).command) : Which{};
}

std::string refused_words(const Words& words) {
  const auto parsed = parse_words(words);
  if (parsed) return "accepted";
  const Error& error = parsed.error();
  return error.field.empty() ? error.message : error.field + ": " + error.message;
}

std::string printed_for(const Words& words) {
  const auto parsed = parse_words(words);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? std::get<Printed>(*parsed).text : "";
}

TEST(CommandLine, HelpReadsAsTheGoldenFiles) {
  fakes::expect_golden("cli/firstbyte-help.txt", printed_for({"--help"}));
  fakes::expect_golden("cli/firstbyte-test-help.txt", printed_for({"test", "--help"}));
  fakes::expect_golden("cli/firstbyte-compare-help.txt", printed_for({"compare", "--help"}));
}

TEST(CommandLine, ATestWaitsAndAsksAllCitiesUnlessToldOtherwise) {
  const auto test = command_of<TestCommand>({"test", "https://example.com"});
  EXPECT_EQ(test.target.url, "https://example.com/");
  EXPECT_TRUE(test.wait);
  EXPECT_FALSE(test.json);
  EXPECT_TRUE(test.from.empty());
  EXPECT_FALSE(command_of<TestCommand>({"test", "https://a/", "--no-wait"}).wait);
  EXPECT_TRUE(command_of<TestCommand>({"test", "https://a/", "--wait"}).wait);
}

TEST(CommandLine, CitiesAreAListOrRepeated) {
  EXPECT_THAT(
      command_of<TestCommand>({"test", "--from", "Tokyo,New York", "--from", "rome", "https://a/"})
          .from,
      ElementsAre("Tokyo", "New York", "rome"));
}

TEST(CommandLine, ATestIsAskedForAsAProbeIs) {
  const auto test =
      command_of<TestCommand>({"test", "https://a/", "--samples", "3", "--reuse", "warm",
                               "--expect-status", "200-299", "--resolver", "192.0.2.53"});
  EXPECT_EQ(test.target.samples, 3);
  EXPECT_EQ(test.target.reuse, Reuse::kWarm);
  EXPECT_EQ(test.target.expect.status, (StatusRange{200, 299}));
  EXPECT_EQ(test.target.resolver, (Endpoint{"192.0.2.53", 0}));
}

TEST(CommandLine, RefusesInOneSentence) {
  EXPECT_EQ(refused_words({"tset"}), "there is no command tset; `firstbyte --help` lists them");
  EXPECT_EQ(refused_words({"test", "ftp://a/"}), "URL: the scheme must be http or https, not ftp");
  EXPECT_EQ(refused_words({"test", "https://a/", "--resolver", "dns"}),
            "--resolver: dns is not IP or IP:PORT");
  EXPECT_EQ(refused_words({"test", "https://a/", "--samples", "11"}),
            "--samples: 11 is not between 1 and 10");
  EXPECT_EQ(refused_words({"completion", "ksh"}), "SHELL: ksh is not one of bash, zsh, fish");
}

// It would be seen by everybody on the machine.
TEST(CommandLine, ATokenIsNoArgument) {
  EXPECT_EQ(refused_words({"agents", "--token", "fbt_1"}).substr(0, 13), "The following");
}

// Every flag that is declared, in each of what is made of the declaration.
TEST(CommandLine, CompletionAndManualKnowEveryFlag) {
  const auto app = whole_command_line();
  const std::string bash = *completion_script(*app, "bash");
  const std::string zsh = *completion_script(*app, "zsh");
  const std::string fish = *completion_script(*app, "fish");
  const std::string manual = man_page(*app);
  std::size_t flags = 0;
  for (const CommandShape& command : commands_of(*app)) {
    EXPECT_THAT(bash, HasSubstr("    " + command.name + ")\n"));
    EXPECT_THAT(fish, HasSubstr("-a " + command.name + " -d"));
    EXPECT_THAT(manual, HasSubstr(".SS firstbyte " + command.name));
    for (const FlagShape& flag : command.flags) {
      for (const std::string& name : flag.names) {
        ++flags;
        EXPECT_THAT(bash, HasSubstr(name));
        EXPECT_THAT(zsh, HasSubstr("'*" + name + "["));
        if (!name.starts_with("--")) continue;
        EXPECT_THAT(fish, HasSubstr(" -l " + name.substr(2)));
      }
    }
  }
  EXPECT_GT(flags, 50U);
}

TEST(CommandLine, CompletionKnowsTheWordsOfAFlag) {
  const auto app = whole_command_line();
  EXPECT_THAT(*completion_script(*app, "bash"),
              HasSubstr("--reuse) COMPREPLY=($(compgen -W 'cold resumed warm'"));
  EXPECT_THAT(*completion_script(*app, "zsh"), HasSubstr("(cold resumed warm)"));
  EXPECT_THAT(*completion_script(*app, "fish"), HasSubstr("-l reuse -x -a 'cold resumed warm'"));
}

TEST(CommandLine, TheManualEscapesWhatRoffObeys) {
  CLI::App app{".first\n'second \\ third-fourth", "firstbyte"};
  EXPECT_THAT(man_page(app), HasSubstr("\\&.first\n\\&'second \\e third\\-fourth"));
}

}  // namespace
}  // namespace firstbyte::cli
