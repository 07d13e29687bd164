// A site over plain HTTP/1.1 that answers each path as a test tells it to, and remembers what it
// was asked. Each answer ends its connection.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/fakes/scripted_server.h"

namespace firstbyte::fakes {

class WebSite {
 public:
  using Connection = ScriptedServer::Connection;
  // Answers, or does whatever else.
  using Page = std::function<void(Connection&)>;

  explicit WebSite(Socket listener = Socket::listening())
      : server_([this](Connection& connection) { serve(connection); }, std::move(listener)) {}

  std::uint16_t port() const { return server_.port(); }
  std::string url(std::string_view path = "/", std::string_view host = "127.0.0.1") const {
    return fmt::format("http://{}:{}{}", host, port(), path);
  }

  // A path never mentioned is answered with 200.
  void page(const std::string& path, Page page) {
    const std::lock_guard lock(mutex_);
    pages_[path] = std::move(page);
  }
  void answer(const std::string& path, std::string bytes) {
    page(path,
         [bytes = std::move(bytes)](const Connection& connection) { connection.send(bytes); });
  }
  void redirect(const std::string& path, const std::string& location, int status = 302) {
    answer(path,
           http_answer(fmt::format("{} Moved", status), "Location: " + location + "\r\n", ""));
  }

  // Whole, in the order they came.
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  // The first line of each: "GET / HTTP/1.1".
  std::vector<std::string> asked() const {
    std::vector<std::string> lines;
    for (const std::string& request : requests()) {
      lines.push_back(request.substr(0, request.find("\r\n")));
    }
    return lines;
  }
  std::size_t connections() const { return server_.connections(); }

 private:
  void serve(Connection& connection) {
    std::string request = connection.read_request();
    const auto head_end = request.find("\r\n\r\n");
    if (head_end == std::string::npos) return;
    if (const auto at = request.find("Content-Length: "); at < head_end) {
      const std::size_t length = std::stoul(request.substr(at + sizeof "Content-Length: " - 1));
      while (request.size() < head_end + 4 + length) {
        const std::string more = connection.socket().receive();
        if (more.empty()) break;
        request += more;
      }
    }
    const auto path_begin = request.find(' ') + 1;
    const std::string path = request.substr(path_begin, request.find(' ', path_begin) - path_begin);
    Page page;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(std::move(request));
      if (const auto found = pages_.find(path); found != pages_.end()) page = found->second;
    }
    if (page) {
      page(connection);
    } else {
      connection.send(http_answer("200 OK", "", "ok"));
    }
  }

  mutable std::mutex mutex_;
  std::map<std::string, Page> pages_;
  std::vector<std::string> requests_;
  ScriptedServer server_;  // its threads end before what they use
};

}  // namespace firstbyte::fakes
