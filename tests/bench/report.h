// What every benchmark does with its figures: a table for people, --json for machines, and the
// bounds.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace firstbyte::bench {

// The p-th percentile (0 to 100) by the nearest rank. `values` is not empty.
double percentile(std::vector<double> values, double p);

class Report {
 public:
  explicit Report(std::string name) : name_(std::move(name)) {}

  // A figure, with the most it may be where there is a bound.
  void add(const std::string& figure, double value, const std::string& unit,
           std::optional<double> most = std::nullopt);
  // One that is good when it is high, with the least it may be.
  void add_rate(const std::string& figure, double value, const std::string& unit, double least);

  // Prints the table, writes the file if one is named; gives the exit status: 0 when every bound
  // holds.
  int finish(const std::string& json_file) const;

 private:
  struct Figure {
    std::string name;
    double value;
    std::string unit;
    std::optional<double> most;
    std::optional<double> least;
    bool holds() const { return (!most || value <= *most) && (!least || value >= *least); }
  };

  std::string name_;
  std::vector<Figure> figures_;
};

}  // namespace firstbyte::bench
