// The floor under every HTTPS prober's cost: OpenSSL's own client, TCP connection and TLS handshake
// with verification, over and over, and nothing else.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "lab/wire/fd.h"

namespace firstbyte::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Flags {
  std::string address;
  std::string name;
  std::string ca_file;
  std::uint16_t port = 443;
  unsigned threads = 8;
  double seconds = 5;
};

[[noreturn]] void fail(const std::string& what) {
  const unsigned long code = ERR_get_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : std::strerror(errno);
  throw std::runtime_error(what + ": " + (reason != nullptr ? reason : "unknown"));
}

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;

Context verifying_context(const std::string& ca_file) {
  Context context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  if (!context || SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) != 1)
    fail(ca_file);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

wire::Fd connected(const Flags& flags) {
  wire::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(flags.port);
  if (inet_pton(AF_INET, flags.address.c_str(), &to.sin_addr) != 1)
    throw std::runtime_error(flags.address + " is no address");
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    fail(flags.address);
  return fd;
}

void one_handshake(SSL_CTX* context, const Flags& flags) {
  const wire::Fd fd = connected(flags);
  const Session session(SSL_new(context), &SSL_free);
  SSL_set_fd(session.get(), fd.get());
  SSL_set_tlsext_host_name(session.get(), flags.name.c_str());
  SSL_set1_host(session.get(), flags.name.c_str());
  if (SSL_connect(session.get()) != 1) fail("handshake");
}

double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void run(const Flags& flags) {
  const Context context = verifying_context(flags.ca_file);
  one_handshake(context.get(), flags);
  std::atomic<std::uint64_t> count = 0;
  std::atomic<std::uint64_t> failed = 0;
  const double used_before = processor_seconds();
  const Clock::time_point began = Clock::now();
  const auto end = began + std::chrono::duration<double>(flags.seconds);
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < flags.threads; ++i) {
    threads.emplace_back([&] {
      while (Clock::now() < end) {
        try {
          one_handshake(context.get(), flags);
          ++count;
        } catch (const std::exception&) {
          ++failed;
        }
      }
    });
  }
  threads.clear();
  const std::chrono::duration<double> took = Clock::now() - began;
  fmt::print("{{\"probes\": {}, \"failed\": {}, \"wall_s\": {:.4f}, \"cpu_s\": {:.4f}}}\n",
             count.load(), failed.load(), took.count(), processor_seconds() - used_before);
}

}  // namespace
}  // namespace firstbyte::bench

int main(int argc, char** argv) {
  CLI::App app{"TLS handshakes by OpenSSL's client, as many as go."};
  firstbyte::bench::Flags flags;
  app.add_option("--address", flags.address, "of the server")->required();
  app.add_option("--name", flags.name, "that its certificate must be for")->required();
  app.add_option("--ca-file", flags.ca_file, "who must have signed it")->required();
  app.add_option("--port", flags.port)->capture_default_str();
  app.add_option("--threads", flags.threads, "handshakes at once")->capture_default_str();
  app.add_option("--seconds", flags.seconds)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    firstbyte::bench::run(flags);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_handshakes: {}\n", error.what());
    return 1;
  }
}
