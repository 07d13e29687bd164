// Reads the JSON that the store once wrote itself.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace firstbyte::collector {

// Reads members of an object; one that is missing or of another type leaves `ok()` false.
class JsonReader {
 public:
  explicit JsonReader(const boost::json::value& value) : object_(value.if_object()) {}

  std::string text(std::string_view name) { return text(member(name)); }
  std::string text(const boost::json::value* value) {
    const boost::json::string* found = value != nullptr ? value->if_string() : nullptr;
    return check(found) ? std::string(*found) : std::string();
  }
  std::int64_t integer(std::string_view name) {
    const boost::json::value* value = member(name);
    const std::int64_t* found = value != nullptr ? value->if_int64() : nullptr;
    return check(found) ? *found : 0;
  }
  std::uint64_t count(std::string_view name) {
    const boost::json::value* value = member(name);
    boost::system::error_code wrong;
    const bool number = check(value) && value->is_number();
    const auto found = number ? value->to_number<std::uint64_t>(wrong) : 0;
    require(number && !wrong);
    return found;
  }
  Micros micros(std::string_view name) { return Micros(integer(name)); }
  bool boolean(std::string_view name) {
    const boost::json::value* value = member(name);
    const bool* found = value != nullptr ? value->if_bool() : nullptr;
    return check(found) && *found;
  }
  const boost::json::array& array(std::string_view name) { return array(member(name)); }
  const boost::json::array& array(const boost::json::value* value) {
    static const boost::json::array kEmpty;
    const boost::json::array* found = value != nullptr ? value->if_array() : nullptr;
    return check(found) ? *found : kEmpty;
  }
  bool absent(std::string_view name) {
    const boost::json::value* value = member(name);
    return !check(value) || value->is_null();
  }
  // Whether it is there and not null, which neither way is wrong: members that came later are not
  // there in what was stored before.
  bool has(std::string_view name) {
    const boost::json::value* value = member(name);
    return value != nullptr && !value->is_null();
  }
  // For members read by other readers.
  void require(bool ok) { ok_ = ok_ && ok; }
  const boost::json::value* member(std::string_view name) {
    return check(object_) ? object_->if_contains(name) : nullptr;
  }

  bool ok() const { return ok_; }

 private:
  bool check(const void* found) {
    require(found != nullptr);
    return found != nullptr;
  }

  const boost::json::object* object_;
  bool ok_ = true;
};

}  // namespace firstbyte::collector
