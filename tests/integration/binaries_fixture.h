// Tests of the real binaries, with a folder for whatever they leave.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/fakes/collector_golden.h"
#include "tests/fakes/collector_process.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte {

class BinariesFixture : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"FIRSTBYTE_COLLECTOR", "FIRSTBYTE_AGENT"}) {
      if (fakes::environment(name) == nullptr)
        GTEST_SKIP() << name << " does not say where the binary is";
    }
  }

  // The collector's folder.
  std::string data() const { return folder_ / "data"; }
  // By the name of the variable that says where it is.
  std::unique_ptr<fakes::Process> run(const char* program,
                                      std::vector<std::string> arguments) const {
    return std::make_unique<fakes::Process>(fakes::environment(program), std::move(arguments),
                                            folder_.path());
  }
  static std::uint16_t http_port(const fakes::Process& collector) {
    return static_cast<std::uint16_t>(collector.number_after("http=127.0.0.1:"));
  }
  static std::string grpc_address(const fakes::Process& collector) {
    return "127.0.0.1:" + std::to_string(collector.number_after("grpc=127.0.0.1:"));
  }

  const fakes::TempDir folder_;
};

}  // namespace firstbyte
