#include "tests/bench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <fstream>

namespace firstbyte::bench {
namespace {

boost::json::value json_value(std::optional<double> bound) {
  return bound ? boost::json::value(*bound) : nullptr;
}

}  // namespace

double percentile(std::vector<double> values, double p) {
  std::ranges::sort(values);
  const auto rank =
      static_cast<std::size_t>(std::ceil(p / 100 * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

void Report::add(const std::string& figure, double value, const std::string& unit,
                 std::optional<double> most) {
  figures_.push_back({figure, value, unit, most, {}});
}

void Report::add_rate(const std::string& figure, double value, const std::string& unit,
                      double least) {
  figures_.push_back({figure, value, unit, {}, least});
}

int Report::finish(const std::string& json_file) const {
  fmt::print("{}\n{:<44} {:>10}  {:<6} {:>10}\n", name_, "", "measured", "", "bound");
  boost::json::object figures;
  bool all_hold = true;
  for (const Figure& figure : figures_) {
    const std::string bound = figure.most    ? fmt::format("<= {:.1f}", *figure.most)
                              : figure.least ? fmt::format(">= {:.1f}", *figure.least)
                                             : "-";
    fmt::print("{:<44} {:>10.2f}  {:<6} {:>10}{}\n", figure.name, figure.value, figure.unit, bound,
               figure.holds() ? "" : "  MISSED");
    figures[figure.name] = {{"value", figure.value},
                            {"unit", figure.unit},
                            {"at_most", json_value(figure.most)},
                            {"at_least", json_value(figure.least)}};
    all_hold = all_hold && figure.holds();
  }
  if (!json_file.empty()) {
    std::ofstream(json_file) << boost::json::serialize(
                                    boost::json::object{{"bench", name_}, {"figures", figures}})
                             << '\n';
  }
  return all_hold ? 0 : 1;
}

}  // namespace firstbyte::bench
