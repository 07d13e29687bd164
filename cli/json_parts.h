// Reads what a collector says. A collector of another version may say more or less: a member that
// is not there, or not of its kind, is empty.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/error.h"
#include "common/measurement.h"

namespace firstbyte::cli {

// The Error says that it is no JSON object.
Expected<boost::json::object> parse_object(std::string_view text);

std::string text_of(const boost::json::object& object, std::string_view name);
std::optional<std::int64_t> number_of(const boost::json::object& object, std::string_view name);
std::optional<Micros> micros_of(const boost::json::object& object, std::string_view name);
std::optional<bool> truth_of(const boost::json::object& object, std::string_view name);
// Empty ones, which live as long as the program, where there is none.
const boost::json::object& object_of(const boost::json::object& object, std::string_view name);
const boost::json::array& array_of(const boost::json::object& object, std::string_view name);

}  // namespace firstbyte::cli
