#include "agent/schedule/kept_assignment.h"

#include <fmt/format.h>

#include <system_error>

#include "common/private_file.h"
#include "proto/codec.h"

namespace firstbyte::agent {
namespace {

// gRPC takes no larger message, and so no larger assignment.
constexpr std::size_t kMostBytes = 4 * 1024 * 1024;

}  // namespace

KeptAssignment::KeptAssignment(const std::filesystem::path& data_dir)
    : file_(data_dir.empty() ? std::filesystem::path() : data_dir / "assignment.pb") {}

Expected<std::optional<Assignment>> KeptAssignment::load() const {
  std::error_code unreachable;
  if (file_.empty() || !std::filesystem::exists(file_, unreachable)) return std::nullopt;
  const Expected<std::string> bytes = read_private_file(file_, "--data-dir", kMostBytes);
  if (!bytes) return std::unexpected(bytes.error());
  v1::Assignment message;
  if (!message.ParseFromString(*bytes)) {
    return fatal(fmt::format("{} is not an assignment", file_.string()), "--data-dir");
  }
  Expected<Assignment> assignment = decode(message);
  if (!assignment) {
    return fatal(fmt::format("{} cannot be used: {}", file_.string(), assignment.error().message),
                 "--data-dir");
  }
  return *std::move(assignment);
}

Expected<> KeptAssignment::keep(const Assignment& assignment) const {
  if (file_.empty()) return {};
  const std::string bytes = encode(assignment).SerializeAsString();
  if (bytes.size() > kMostBytes) {
    return invalid("checks", fmt::format("they are {} bytes, and up to {} are kept", bytes.size(),
                                         kMostBytes));
  }
  return write_private_file(file_, bytes);
}

}  // namespace firstbyte::agent
