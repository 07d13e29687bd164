#include "agent/cli/line_reader.h"

#include <fuzzer/FuzzedDataProvider.h>

#include <vector>

#include "tests/fuzz/require.h"

namespace {

using firstbyte::agent::Line;
using firstbyte::agent::LineReader;
using firstbyte::fuzz::require;

// What the reader promises, said of the whole input at once.
std::vector<Line> lines_of(std::string_view input) {
  std::vector<Line> lines;
  while (!input.empty()) {
    const auto end = input.find('\n');
    std::string_view line = input.substr(0, end);
    const bool too_long = line.size() > LineReader::kMaxLine;
    if (!too_long && line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(
        {lines.size() + 1, std::string(line.substr(0, LineReader::kMaxLine)), too_long});
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  }
  return lines;
}

}  // namespace

// Pieces, each fed as often as said before it: so that short inputs make long lines.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMaxInput = 64 * 1024;
  FuzzedDataProvider input(data, size);
  LineReader reader;
  std::string whole;
  std::vector<Line> lines;
  const auto take = [&] {
    while (auto line = reader.next()) lines.push_back(*std::move(line));
  };
  while (input.remaining_bytes() > 0 && whole.size() < kMaxInput) {
    const auto times = input.ConsumeIntegralInRange<int>(1, 2000);
    const std::string piece = input.ConsumeRandomLengthString(16);
    std::string chunk;
    for (int i = 0; i < times; ++i) chunk += piece;
    whole += chunk;
    reader.feed(chunk);
    take();
  }
  reader.end();
  take();

  const std::vector<Line> expected = lines_of(whole);
  require(lines.size() == expected.size(), "no line is lost or made up");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    require(lines[i].number == expected[i].number, "lines are counted from 1");
    require(lines[i].too_long == expected[i].too_long, "a line that is too long says so");
    require(lines[i].text == expected[i].text, "a line has its text, whatever the pieces were");
  }
  return 0;
}
