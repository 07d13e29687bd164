#include "lab/health/bird_client.h"

#include <sys/un.h>

#include <algorithm>
#include <cstring>

#include "lab/health/stream_socket.h"

namespace firstbyte::health {
namespace {

Address unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  Address result;
  std::memcpy(&result.storage, &address, sizeof address);
  result.size = sizeof address;
  return result;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "0009-any4: disabled" goes on, "0000 " is the last line of a reply; lines without a code belong
// to the one before.
bool is_last(std::string_view line) {
  return line.size() >= 5 && std::ranges::all_of(line.substr(0, 4), is_digit) && line[4] == ' ';
}

bool is_error(std::string_view line) {
  return (line.starts_with('8') || line.starts_with('9')) && line.size() >= 5 &&
         std::ranges::all_of(line.substr(0, 4), is_digit);
}

class Session {
 public:
  explicit Session(const StreamSocket& socket) : socket_(socket) {}

  // BIRD's greeting, or what it says to a command: an Error when any line of it is one.
  Expected<> read_reply() {
    Expected<> result;
    while (true) {
      const Expected<std::string> line = read_line();
      if (!line) return std::unexpected(line.error());
      if (is_error(*line)) result = transient(*line);
      if (is_last(*line)) return result;
    }
  }

  Expected<> command(const std::string& text) {
    if (const auto sent = socket_.send(text + "\n"); !sent) return sent;
    return read_reply();
  }

 private:
  Expected<std::string> read_line() {
    std::size_t end = 0;
    while ((end = read_.find('\n')) == std::string::npos) {
      const Expected<std::string> more = socket_.receive();
      if (!more) return std::unexpected(more.error());
      if (more->empty()) return transient("it hung up");
      if (read_.size() > kLongestLine) return transient("it does not speak BIRD's protocol");
      read_ += *more;
    }
    std::string line = read_.substr(0, end);
    read_.erase(0, end + 1);
    return line;
  }

  static constexpr std::size_t kLongestLine = 64 * 1024;

  const StreamSocket& socket_;
  std::string read_;
};

}  // namespace

Expected<> BirdClient::announce(bool enabled) const {
  const MonotonicTime deadline = std::chrono::steady_clock::now() + timeout_;
  const auto failure = [&](const Error& error) {
    return transient("BIRD at " + socket_ + (enabled ? ", enable: " : ", disable: ") +
                     error.message);
  };
  const auto socket = StreamSocket::connect(unix_address(socket_), deadline);
  if (!socket) return failure(socket.error());
  Session session(*socket);
  if (const auto greeting = session.read_reply(); !greeting) return failure(greeting.error());
  for (const std::string& protocol : protocols_) {
    const auto done = session.command((enabled ? "enable " : "disable ") + protocol);
    if (!done) return failure(done.error());
  }
  return {};
}

}  // namespace firstbyte::health
