// A test as a table.
#include "collector/api/test_csv.h"

#include <gmock/gmock.h>

#include <map>

#include "collector/api/test_json.h"
#include "tests/fakes/collector_golden.h"
#include "tests/unit/collector/api/api_fixture.h"

namespace firstbyte::collector {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Row = std::map<std::string, std::string>;

// Cells by RFC 4180, as a program would read them.
std::vector<std::vector<std::string>> parse(const std::string& csv) {
  std::vector<std::vector<std::string>> lines{{""}};
  bool quoted = false;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    std::string& cell = lines.back().back();
    if (csv[i] == '"' && quoted && csv.compare(i, 2, "\"\"") == 0) {
      cell += csv[++i];
    } else if (csv[i] == '"') {
      quoted = !quoted;
    } else if (csv[i] == ',' && !quoted) {
      lines.back().emplace_back();
    } else if (csv.compare(i, 2, "\r\n") == 0 && !quoted) {
      ++i;
      lines.push_back({""});
    } else {
      cell += csv[i];
    }
  }
  lines.pop_back();  // behind the last line's end
  return lines;
}

std::vector<Row> rows_of(const Test& test) {
  const auto lines = parse(test_csv(test, builtin_edges()));
  std::vector<Row> rows;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].size(), lines[0].size());
    for (Row& row = rows.emplace_back(); const std::string& cell : lines[i]) {
      row[lines[0].at(row.size())] = cell;
    }
  }
  return rows;
}

// The city whose edge names itself so.
Row row_with_edge(const std::string& edge) {
  collector::Test test = examples::running_test();
  test.cities.resize(1);
  test.cities[0].received->measurement.headers = {{"x-edge-route", edge}};
  return rows_of(test).at(0);
}

TEST(TestCsv, LooksLikeItsGolden) {
  fakes::expect_golden("api/test-finished.csv",
                       test_csv(examples::finished_test(), builtin_edges()));
}

TEST(TestCsv, OfSeveralSamplesEachIsARow) {
  const std::vector<Row> rows = rows_of(examples::sampled_test());
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].at("sample"), "1");
  EXPECT_EQ(rows[0].at("redirects"), "1");
  EXPECT_EQ(rows[1].at("reuse"), "resumed");
  EXPECT_EQ(rows[1].at("ttfb_us"), "33980");
  EXPECT_EQ(rows[1].at("failure_cause"), "");
  EXPECT_EQ(rows[2].at("sample"), "3");
  EXPECT_EQ(rows[2].at("failure_cause"), "alert");
  EXPECT_EQ(rows[2].at("ttfb_us"), "");
  EXPECT_EQ(rows[2].at("overloaded"), "true");
}

TEST(TestCsv, ACityUnderWayHasARowWithoutAResult) {
  const Row row = rows_of(examples::running_test()).at(3);
  EXPECT_EQ(row.at("city"), "Tokyo");
  EXPECT_EQ(row.at("state"), "tls");
  EXPECT_EQ(row.at("sample") + row.at("ttfb_us") + row.at("failure_cause"), "");
}

TEST(TestCsv, NothingMeasuredIsNoSample) {
  const Row row = rows_of(examples::finished_test()).at(2);
  EXPECT_EQ(row.at("state"), "offline");
  EXPECT_EQ(row.at("failure_cause"), "offline");
  EXPECT_EQ(row.at("sample") + row.at("total_us") + row.at("rating") + row.at("redirects"), "");
}

TEST(TestCsv, EveryTimingOfTheJsonIsAColumn) {
  const Row row = rows_of(examples::running_test()).at(0);
  const boost::json::value city =
      city_object(examples::running_test().cities.at(0), builtin_edges());
  for (const auto& [name, value] : city.at("result").at("timings").as_object()) {
    const std::string text = value.is_string() ? std::string(value.get_string())
                                               : std::to_string(value.to_number<std::int64_t>());
    EXPECT_EQ(row.at(name), text) << name;
  }
}

TEST(TestCsv, WhatASpreadsheetWouldCalculateIsText) {
  for (const std::string formula : {"=HYPERLINK(\"http://evil.example/\")", "+1", "-1+2", "@SUM(1)",
                                    "＝1", "＋1", "－1", "＠1"}) {
    EXPECT_EQ(row_with_edge(formula).at("edge"), "'" + formula);
  }
}

TEST(TestCsv, ANumberKeepsItsSign) {
  EXPECT_EQ(rows_of(examples::running_test()).at(0).at("clock_offset_us"), "-180");
}

TEST(TestCsv, WhatIsNoFormulaStaysAsItIs) {
  for (const std::string text : {"ny1", "a=b", "x-1", "'quoted'"}) {
    EXPECT_EQ(row_with_edge(text).at("edge"), text);
  }
}

TEST(TestCsv, NoValueEndsItsCellOrItsLine) {
  collector::Test test = examples::running_test();
  test.cities.resize(1);
  test.cities[0].agent.city = "a\",b;c\r\n=d\t";
  EXPECT_EQ(rows_of(test).at(0).at("city"), "a\",b;c\r\n=d\t");
  EXPECT_THAT(test_csv(test, builtin_edges()), HasSubstr(",\"a\"\",b;c\r\n=d\t\","));
}

class ApiCsvTest : public ApiTest {
 protected:
  ApiCsvTest() { store_.put(examples::finished_test()); }
  HttpResponse table(std::map<std::string, std::string> query = {}) {
    return std::get<HttpResponse>(
        ask_with("/api/v1/tests/" + examples::finished_test().id + ".csv", std::move(query)));
  }
};

TEST_F(ApiCsvTest, ATestIsDownloadedAsATable) {
  const HttpResponse response = table();
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.content_type, "text/csv; charset=utf-8; header=present");
  EXPECT_EQ(fakes::header(response, "Content-Disposition"),
            "attachment; filename=\"firstbyte-0k3v9x2m7qf5d.csv\"");
  EXPECT_EQ(response.body, test_csv(examples::finished_test(), builtin_edges()));
}

TEST_F(ApiCsvTest, SpreadsheetsAreToldThatItIsUtf8) {
  EXPECT_THAT(table({{"bom", "1"}}).body, StartsWith("\xEF\xBB\xBFtest_id,"));
  EXPECT_THAT(table({{"bom", "0"}}).body, StartsWith("test_id,"));
  EXPECT_EQ(problem_of(table({{"bom", "yes"}})), "bom must be 1 (for spreadsheets) or 0");
}

TEST_F(ApiCsvTest, OfAnUnknownTestThereIsNone) {
  EXPECT_EQ(problem_of(get("/api/v1/tests/0000000000000.csv")),
            "no test is called \"0000000000000\"");
}

}  // namespace
}  // namespace firstbyte::collector
