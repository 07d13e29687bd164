// BIRD's control socket: text lines after a four-digit code, as its birdc speaks it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/error.h"

namespace firstbyte::health {

class BirdClient {
 public:
  // `socket` fits into a sockaddr_un.
  BirdClient(std::string socket, std::vector<std::string> protocols,
             std::chrono::milliseconds timeout = std::chrono::milliseconds{1000})
      : socket_(std::move(socket)), protocols_(std::move(protocols)), timeout_(timeout) {}

  // Enables all protocols, or disables them; that they are so already is as good. On a connection
  // of its own, within the timeout. An Error says which of the two failed and why.
  Expected<> announce(bool enabled) const;

 private:
  std::string socket_;
  std::vector<std::string> protocols_;
  std::chrono::milliseconds timeout_;
};

}  // namespace firstbyte::health
