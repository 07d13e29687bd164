// Cuts a stream of bytes into lines. Holds one chunk of input and one line, however long the lines
// are: who takes all lines of a chunk before feeding the next one is bounded by that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace firstbyte::agent {

struct Line {
  std::uint64_t number = 0;  // from 1
  std::string text;          // without its end, be it LF or CR LF
  bool too_long = false;     // `text` is the beginning
};

class LineReader {
 public:
  static constexpr std::size_t kMaxLine = 8 * 1024;

  // Only once next() has nothing more.
  void feed(std::string_view bytes);
  // No more bytes come: what follows the last line end is a line too.
  void end();
  std::optional<Line> next();

 private:
  void append(std::string_view piece);
  Line take();

  std::string input_;
  std::size_t at_ = 0;
  std::string line_;
  bool too_long_ = false;
  bool ended_ = false;
  std::uint64_t taken_ = 0;
};

}  // namespace firstbyte::agent
