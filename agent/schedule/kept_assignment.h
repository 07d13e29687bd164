// The assignment that an agent got last, in its data folder: what it probes from its start until
// the collector says something else. One thread.
#pragma once

#include <filesystem>
#include <optional>

#include "common/check.h"
#include "common/error.h"

namespace firstbyte::agent {

class KeptAssignment {
 public:
  // Without a data folder nothing is kept.
  explicit KeptAssignment(const std::filesystem::path& data_dir);

  // Absent when there is none. The Error says why one that is there cannot be used; the next
  // keep() puts another in its place.
  Expected<std::optional<Assignment>> load() const;
  // Complete or not at all, of up to 4 MiB, and only readable by its owner: request headers may be
  // secrets.
  Expected<> keep(const Assignment& assignment) const;

 private:
  const std::filesystem::path file_;  // empty: none
};

}  // namespace firstbyte::agent
