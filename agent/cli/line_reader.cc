#include "agent/cli/line_reader.h"

#include <algorithm>
#include <utility>

namespace firstbyte::agent {

void LineReader::feed(std::string_view bytes) {
  input_ = bytes;
  at_ = 0;
}

void LineReader::end() { ended_ = true; }

std::optional<Line> LineReader::next() {
  const std::string_view rest = std::string_view(input_).substr(at_);
  const std::size_t length = rest.find('\n');
  append(rest.substr(0, length));
  if (length != std::string_view::npos) {
    at_ += length + 1;
    return take();
  }
  at_ = input_.size();
  if (ended_ && (!line_.empty() || too_long_)) return take();
  return std::nullopt;
}

void LineReader::append(std::string_view piece) {
  const std::size_t room = kMaxLine - line_.size();
  too_long_ = too_long_ || piece.size() > room;
  line_ += piece.substr(0, room);
}

Line LineReader::take() {
  if (!too_long_ && line_.ends_with('\r')) line_.pop_back();
  return {++taken_, std::exchange(line_, {}), std::exchange(too_long_, false)};
}

}  // namespace firstbyte::agent
