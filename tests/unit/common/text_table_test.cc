#include "common/text_table.h"

#include <gtest/gtest.h>

namespace firstbyte {
namespace {

TEST(TextTable, AlignsItsColumnsByCharacters) {
  EXPECT_EQ(text_table({{"CITY", "ID"}, {"São Paulo", "a"}, {"Rome", ""}}),
            "CITY       ID\n"
            "São Paulo  a\n"
            "Rome\n");
}

}  // namespace
}  // namespace firstbyte
