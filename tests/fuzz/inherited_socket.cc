#include "collector/api/inherited_socket.h"

#include <map>
#include <string>

#include "tests/fuzz/require.h"

using firstbyte::fuzz::require;

// LISTEN_FDS and LISTEN_PID, a line each, for a process that has no such socket.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto end = text.find('\n');
  std::map<std::string, std::string> variables{{"LISTEN_FDS", text.substr(0, end)}};
  if (end != std::string::npos) variables["LISTEN_PID"] = text.substr(end + 1);
  firstbyte::collector::ActivatedProcess process{
      .find_variable =
          [&](const char* name) {
            const auto found = variables.find(name);
            return found == variables.end() ? nullptr : found->second.c_str();
          },
      .unset_variable = [&](const char* name) { return variables.erase(name) == 1 ? 0 : -1; },
      .pid = 4711,
      .first_fd = -1};
  const auto socket = firstbyte::collector::InheritedSocket::take(process);
  require(variables.empty(), "the variables are not left to others");
  require(!socket || !*socket, "there is no socket to take");
  require(socket || socket.error().field == "LISTEN_FDS", "a refusal names the variable");
  return 0;
}
