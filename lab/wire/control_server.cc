#include "lab/wire/control_server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "lab/wire/control_request.h"

namespace firstbyte::wire {
namespace {

// Above what the kernel gives by default, since nothing here waits for a client to read.
constexpr int kSendBuffer = 1 << 20;

Error failure(const std::string& path, const char* what) {
  return {Error::Kind::kFatal,
          fmt::format("{} {}: {}", what, path, std::generic_category().message(errno)),
          "--control"};
}

Expected<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return invalid("--control",
                   fmt::format("a socket's path has 1 to {} bytes", sizeof address.sun_path - 1));
  }
  std::ranges::copy(path, address.sun_path);
  return address;
}

// Only a socket: a typing error must not cost anybody a file.
void remove_stale(const std::string& path) {
  struct stat found{};
  if (lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) unlink(path.c_str());
}

Expected<Fd> listen_at(const std::string& path) {
  const Expected<sockaddr_un> address = address_of(path);
  if (!address) return std::unexpected(address.error());
  remove_stale(path);
  Fd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // The file takes its mode from the descriptor: at no moment is it open to others.
  if (!listener || fchmod(listener.get(), 0600) != 0 ||
      bind(listener.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0 ||
      listen(listener.get(), 16) != 0) {
    return std::unexpected(failure(path, "cannot listen at"));
  }
  return listener;
}

}  // namespace

Expected<std::unique_ptr<ControlServer>> ControlServer::open(std::string path, EventLoop& loop,
                                                             Answer answer) {
  Expected<Fd> listener = listen_at(path);
  if (!listener) return std::unexpected(listener.error());
  return std::unique_ptr<ControlServer>(
      new ControlServer(std::move(path), *std::move(listener), loop, std::move(answer)));
}

ControlServer::ControlServer(std::string path, Fd listener, EventLoop& loop, Answer answer)
    : path_(std::move(path)),
      listener_(std::move(listener)),
      loop_(loop),
      answer_(std::move(answer)) {
  loop_.watch(listener_.get(), [this] { accept_client(); });
}

ControlServer::~ControlServer() {
  unlink(path_.c_str());
  loop_.forget(listener_.get());
  for (const auto& [fd, client] : clients_) loop_.forget(fd);
}

void ControlServer::accept_client() {
  Fd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket || clients_.size() >= kMostClients) return;
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
  const int fd = socket.get();
  clients_.emplace(fd, Client{std::move(socket), {}});
  loop_.watch(fd, [this, fd] { serve(fd); });
}

void ControlServer::serve(int fd) {
  const auto client = clients_.find(fd);
  if (serve_line(client->second)) return;
  loop_.forget(fd);
  clients_.erase(client);
}

// Looks before it takes: what is behind the first line stays in the socket, for epoll to report.
bool ControlServer::serve_line(Client& client) {
  read_.resize(kLongestLine);
  const int fd = client.socket.get();
  const ssize_t there = recv(fd, read_.data(), read_.size(), MSG_PEEK);
  if (there < 0) return errno == EAGAIN || errno == EINTR;
  if (there == 0) return false;
  const std::size_t end =
      std::string_view(read_).substr(0, static_cast<std::size_t>(there)).find('\n');
  const bool whole = end != std::string_view::npos;
  const std::size_t taken = whole ? end + 1 : static_cast<std::size_t>(there);
  recv(fd, read_.data(), taken, 0);
  client.begun.append(read_, 0, whole ? end : taken);
  if (client.begun.size() > kLongestLine) {
    client.begun = error_answer("the line is longer than 64 kB");
    send(fd, client.begun.data(), client.begun.size(), MSG_NOSIGNAL);
    return false;
  }
  return !whole || answer_line(client);
}

bool ControlServer::answer_line(Client& client) {
  const std::string text = answer_(std::exchange(client.begun, {}));
  const ssize_t sent = send(client.socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
  return sent == static_cast<ssize_t>(text.size());
}

}  // namespace firstbyte::wire
