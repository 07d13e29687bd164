// Rows for people to read.
#pragma once

#include <string>
#include <vector>

namespace firstbyte {

// The first row is the headings. Columns are as wide as their widest cell in characters, two spaces
// apart; a line ends without spaces.
std::string text_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace firstbyte
