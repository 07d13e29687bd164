#include "collector/api/test_csv.h"

#include <array>
#include <boost/json.hpp>
#include <optional>
#include <string_view>

#include "collector/api/json_parts.h"
#include "collector/api/test_json.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

// Which object of the API's JSON a column is read from.
enum class Of : std::uint8_t {
  kTest,
  kCity,
  kResult,   // of the city: said once for all of its samples
  kSample,   // or the result, of a city that was asked once
  kTimings,  // of the sample
  kNumber,   // of the sample, from 1
};

struct Column {
  std::string_view name;
  Of of;
  std::string_view pointer = {};  // to the member, where it is not called as the column is
};

// What is looked at first stands left, what it consists of stands right.
constexpr std::array kColumns{
    Column{"test_id", Of::kTest},
    Column{"test_url", Of::kTest},
    Column{"agent_id", Of::kCity},
    Column{"city", Of::kCity, "/agent/city"},
    Column{"country", Of::kCity, "/agent/country"},
    Column{"region", Of::kCity, "/agent/region"},
    Column{"state", Of::kCity},
    Column{"sample", Of::kNumber},
    Column{"url", Of::kSample},
    Column{"status", Of::kSample},
    Column{"rating", Of::kSample},
    Column{"edge", Of::kSample},
    Column{"edge_header", Of::kSample},
    Column{"edge_rule", Of::kSample},
    Column{"dns_us", Of::kTimings},
    Column{"connect_us", Of::kTimings},
    Column{"tls_us", Of::kTimings},
    Column{"wait_us", Of::kTimings},
    Column{"transfer_us", Of::kTimings},
    Column{"other_us", Of::kTimings},
    Column{"ttfb_us", Of::kTimings},
    Column{"total_us", Of::kTimings},
    Column{"failure_phase", Of::kSample, "/failure/phase"},
    Column{"failure_origin", Of::kSample, "/failure/origin"},
    Column{"failure_cause", Of::kSample, "/failure/cause"},
    Column{"failure_message", Of::kSample, "/failure/message"},
    Column{"remote_ip", Of::kSample},
    Column{"remote_port", Of::kSample},
    Column{"family", Of::kSample},
    Column{"reuse", Of::kSample},
    Column{"http_version", Of::kSample},
    Column{"tls_version", Of::kSample, "/tls/version"},
    Column{"resolver", Of::kSample, "/dns/resolver"},
    Column{"redirects", Of::kSample},
    Column{"tcp_rtt_us", Of::kSample, "/tcp/rtt_us"},
    Column{"tcp_retransmits", Of::kSample, "/tcp/retransmits"},
    Column{"loop_lag_us", Of::kSample, "/self_check/loop_lag_us"},
    Column{"overloaded", Of::kSample, "/self_check/overloaded"},
    Column{"clock_stepped", Of::kSample, "/self_check/clock_stepped"},
    Column{"measured_at", Of::kSample},
    Column{"received_at", Of::kResult},
    Column{"clock_offset_us", Of::kResult},
    Column{"clock_error_us", Of::kResult},
    Column{"dns_since_start_us", Of::kTimings},
    Column{"connect_since_start_us", Of::kTimings},
    Column{"tls_since_start_us", Of::kTimings},
    Column{"wait_since_start_us", Of::kTimings},
    Column{"transfer_since_start_us", Of::kTimings},
    Column{"dns_own_us", Of::kTimings},
    Column{"connect_own_us", Of::kTimings},
    Column{"tls_own_us", Of::kTimings},
    Column{"wait_own_us", Of::kTimings},
    Column{"transfer_own_us", Of::kTimings},
    Column{"dns_clock", Of::kTimings},
    Column{"connect_clock", Of::kTimings},
    Column{"tls_clock", Of::kTimings},
    Column{"wait_clock", Of::kTimings},
    Column{"transfer_clock", Of::kTimings},
    Column{"other_before_dns_us", Of::kTimings},
    Column{"other_before_connect_us", Of::kTimings},
    Column{"other_before_tls_us", Of::kTimings},
    Column{"other_before_wait_us", Of::kTimings},
    Column{"other_before_transfer_us", Of::kTimings},
    Column{"other_within_us", Of::kTimings},
    Column{"other_after_us", Of::kTimings},
};

// What a spreadsheet calculates, be it after it has dropped white space in front. Where it is set
// up for East Asian text the full-width signs mean the same.
bool looks_like_formula(std::string_view text) {
  for (const std::string_view sign :
       {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"}) {
    if (text.starts_with(sign)) return true;
  }
  return false;
}

// In quotes wherever something in it may end the cell, whatever the separator is taken to be.
std::string text_cell(std::string_view text) {
  const bool formula = looks_like_formula(text);
  if (!formula && text.find_first_of("\",;\t\r\n") == std::string_view::npos) {
    return std::string(text);
  }
  std::string cell = formula ? "\"'" : "\"";
  for (const char c : text) {
    if (c == '"') cell += '"';
    cell += c;
  }
  return cell + '"';
}

std::string cell_of(const json::value& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return text_cell(value.get_string());
  if (value.is_array()) return std::to_string(value.get_array().size());
  return json::serialize(value);  // a number, true or false
}

// What a row is read from; null where there is none.
struct Row {
  const json::value& test;
  const json::value& city;
  const json::value* result = nullptr;
  const json::value* sample = nullptr;
  std::optional<std::size_t> number{};

  const json::value* source(Of of) const {
    switch (of) {
      case Of::kTest:
        return &test;
      case Of::kCity:
        return &city;
      case Of::kResult:
        return result;
      case Of::kSample:
        return sample;
      case Of::kTimings:
        return sample == nullptr ? nullptr : &sample->at("timings");
      case Of::kNumber:
        break;
    }
    return nullptr;
  }

  std::string cell(const Column& column) const {
    if (column.of == Of::kNumber) return number ? std::to_string(*number) : "";
    const json::value* from = source(column.of);
    if (from == nullptr) return {};
    boost::system::error_code absent;
    const json::value* value = column.pointer.empty() ? from->as_object().if_contains(column.name)
                                                      : from->find_pointer(column.pointer, absent);
    // Of nothing measured there is nothing to count.
    if (value == nullptr || (value->is_array() && !number)) return {};
    return cell_of(*value);
  }
};

template <typename CellOf>
void append_line(std::string& csv, CellOf cell_of_column) {
  std::string_view separator;
  for (const Column& column : kColumns) {
    csv += separator;
    csv += cell_of_column(column);
    separator = ",";
  }
  csv += "\r\n";
}

void append_row(std::string& csv, const Row& row) {
  append_line(csv, [&](const Column& column) { return row.cell(column); });
}

void append_city(std::string& csv, const json::value& test, const json::value& city) {
  const json::value& result = city.at("result");
  if (result.is_null()) return append_row(csv, {test, city});
  const json::array& samples = result.at("samples").as_array();
  std::size_t number = 0;
  for (const json::value& sample : samples) {
    append_row(csv, {test, city, &result, &sample, ++number});
  }
  if (!samples.empty()) return;
  const bool measured = !result.at("measured_at").is_null();
  append_row(csv, {test, city, &result, &result, measured ? std::optional(1) : std::nullopt});
}

}  // namespace

std::string test_csv(const Test& test, const EdgeRules& edges) {
  std::string csv;
  append_line(csv, [](const Column& column) { return std::string(column.name); });
  const json::value told =
      json::object{{"test_id", json_text(test.id)}, {"test_url", json_text(test.target.url)}};
  for (const TestCity& city : test.cities) append_city(csv, told, city_object(city, edges));
  return csv;
}

}  // namespace firstbyte::collector
