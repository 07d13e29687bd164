#include "agent/cli/curl_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/json.hpp>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <system_error>

#include "common/text_style.h"

namespace firstbyte::agent {
namespace {

namespace json = boost::json;

constexpr const char* kUserAgent = "firstbyte-agent/" FIRSTBYTE_VERSION;  // the probe's own

// curl's JSON has some two kilobytes, and the server's certificates where it tells those too.
constexpr std::size_t kMaxOutput = 1024 * 1024;

std::optional<Micros> seconds_of(const json::object& report, std::string_view name) {
  constexpr double kDay = 24 * 3600;  // more is nonsense, and would overflow
  const json::value* value = report.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const auto seconds = value->to_number<double>();
  const auto micros = seconds > 0 && seconds < kDay ? std::llround(seconds * 1e6) : 0;
  return micros > 0 ? std::optional(Micros{micros}) : std::nullopt;
}

std::int64_t number_of(const json::object& report, std::string_view name) {
  const json::value* value = report.if_contains(name);
  if (value == nullptr) return 0;
  json::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  return error ? 0 : number;
}

std::string text_of(const json::object& report, std::string_view name) {
  const json::value* value = report.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

// "libcurl/7.88.1 OpenSSL/3.0.22 ..."
std::string version_of(std::string_view components) {
  const auto slash = components.find('/');
  if (slash == std::string_view::npos) return "";
  const std::string_view rest = components.substr(slash + 1);
  return std::string(rest.substr(0, rest.find(' ')));
}

bool is_content_type(const std::pair<std::string, std::string>& header) {
  return boost::algorithm::iequals(header.first, "content-type");
}

// None for what curl does by itself.
std::optional<const char*> version_flag(HttpVersion version) {
  switch (version) {
    case HttpVersion::kAuto:
      return std::nullopt;
    case HttpVersion::k1_1:
      return "--http1.1";
    case HttpVersion::k2:
      return "--http2";
    case HttpVersion::k3:
      return "--http3-only";
  }
  return std::nullopt;
}

class SpawnFiles {
 public:
  SpawnFiles() { posix_spawn_file_actions_init(&files_); }
  ~SpawnFiles() { posix_spawn_file_actions_destroy(&files_); }
  SpawnFiles(const SpawnFiles&) = delete;
  SpawnFiles& operator=(const SpawnFiles&) = delete;
  posix_spawn_file_actions_t* get() { return &files_; }

 private:
  posix_spawn_file_actions_t files_{};
};

// With no input, its output in `out`, and silent on standard error: its JSON tells the error.
Expected<pid_t> spawn_curl(std::vector<std::string> arguments, int out) {
  arguments.insert(arguments.begin(), "curl");
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  SpawnFiles files;
  posix_spawn_file_actions_addopen(files.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(files.get(), out, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(files.get(), STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int failed = posix_spawnp(&pid, "curl", files.get(), nullptr, argv.data(), environ);
  if (failed == ENOENT) return fatal("curl is not installed");
  if (failed != 0) {
    return fatal(
        fmt::format("curl cannot be started: {}", std::generic_category().message(failed)));
  }
  return pid;
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 16 * 1024> chunk{};
  while (text.size() < kMaxOutput) {
    const ssize_t got = read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace

std::vector<std::string> curl_arguments(const CurlRequest& request) {
  const Target& target = request.target;
  std::vector<std::string> arguments{
      "--disable",  // ~/.curlrc; must be the first
      "--silent",     "--globoff",
      "--proto",      "=http,https",
      "--noproxy",    "*",
      "--user-agent", kUserAgent,
      "--cacert",     request.ca_file,
      "--connect-to", fmt::format("::{}", endpoint_text(request.address)),
      "--max-time",   fmt::format("{:.3f}", static_cast<double>(target.timeout.count()) / 1e6),
      "--output",     "/dev/null",
      "--write-out",  "%{json}",
      "--url",        target.url};
  if (target.method == Method::kHead) arguments.emplace_back("--head");
  if (target.method == Method::kPost) {
    // --data would read a file where the body begins with @. By itself curl would call the body a
    // form; a colon with nothing behind it takes that away.
    arguments.insert(arguments.end(), {"--data-raw", target.body, "--header", "Expect:"});
    if (std::ranges::none_of(target.headers, is_content_type)) {
      arguments.insert(arguments.end(), {"--header", "Content-Type:"});
    }
  }
  for (const auto& [name, value] : target.headers) {
    // curl spells an empty value so.
    arguments.insert(arguments.end(),
                     {"--header", value.empty() ? name + ";" : fmt::format("{}: {}", name, value)});
  }
  if (const auto flag = version_flag(target.http_version)) arguments.emplace_back(*flag);
  return arguments;
}

Expected<CurlReport> parse_curl_report(std::string_view text) {
  json::error_code error;
  const json::value parsed = json::parse({text.data(), text.size()}, error);
  if (error || !parsed.is_object()) return fatal("curl did not answer in JSON");
  const json::object& object = parsed.get_object();
  CurlReport report;
  report.version = version_of(text_of(object, "curl_version"));
  report.namelookup = seconds_of(object, "time_namelookup");
  report.connect = seconds_of(object, "time_connect");
  report.appconnect = seconds_of(object, "time_appconnect");
  report.pretransfer = seconds_of(object, "time_pretransfer");
  report.starttransfer = seconds_of(object, "time_starttransfer");
  report.total = seconds_of(object, "time_total");
  if (const auto status = number_of(object, "http_code"); status > 0 && status < 1000) {
    report.status = static_cast<int>(status);
  }
  report.http_version = text_of(object, "http_version");
  if (report.http_version == "0") report.http_version.clear();
  report.body_bytes = std::max<std::int64_t>(0, number_of(object, "size_download"));
  if (const auto code = number_of(object, "exitcode"); code != 0) {
    report.error = fmt::format("{} (exit code {})", text_of(object, "errormsg"), code);
  }
  return report;
}

Expected<CurlReport> run_curl(const CurlRequest& request) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fatal("curl cannot be started: no pipe");
  const Expected<pid_t> pid = spawn_curl(curl_arguments(request), ends[1]);
  close(ends[1]);
  const std::string text = pid ? read_all(ends[0]) : "";
  close(ends[0]);
  if (!pid) return std::unexpected(pid.error());
  while (waitpid(*pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return parse_curl_report(text);
}

}  // namespace firstbyte::agent
