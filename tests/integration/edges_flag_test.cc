#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "tests/fakes/collector_process.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte {
namespace {

TEST(EdgesFlag, IsReadWithTheConfiguration) {
  const char* collector = fakes::environment("FIRSTBYTE_COLLECTOR");
  if (collector == nullptr) GTEST_SKIP() << "FIRSTBYTE_COLLECTOR does not say where the binary is";
  const fakes::TempDir folder;
  const std::string file =
      folder.write("edges.yaml", "rules:\n  - header: x-pop\n    pattern: '^([a-z]+)'\n");
  const auto check = [&] {
    return std::make_unique<fakes::Process>(
        collector,
        std::vector<std::string>{"--data-dir", folder / "data", "--edges", file, "--check-config"},
        folder.path());
  };
  EXPECT_EQ(check()->wait(), 0);
  folder.write("edges.yaml", "rules:\n  - header: x-pop\n    pattern: '^([a-z]+'\n");
  EXPECT_EQ(fakes::refusal(*check()),
            "firstbyte-collector: --edges: edges.yaml:3: pattern: is no regular expression: "
            "missing ): ^([a-z]+\n");
  EXPECT_FALSE(std::filesystem::exists(folder / "data"));
}

}  // namespace
}  // namespace firstbyte
