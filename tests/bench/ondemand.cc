// How much the product adds to a global test: from POST to the last city's terminal event, minus
// the slowest probe's own total. Runs beside the demo stack (lab/demo.py exec), reads FIRSTBYTE_URL
// and FIRSTBYTE_TARGET_URL.

#include <curl/curl.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "tests/bench/report.h"

namespace firstbyte::bench {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) {
    throw std::runtime_error(fmt::format("{} is not set; run it by ./dev bench ondemand", name));
  }
  return value;
}

// One keep-alive connection for the POSTs, one for each event stream.
class Browser {
 public:
  Browser() : easy_(curl_easy_init()), headers_(nullptr) {
    headers_ = curl_slist_append(headers_, "Content-Type: application/json");
  }
  ~Browser() {
    curl_slist_free_all(headers_);
    curl_easy_cleanup(easy_);
  }
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  json::value post(const std::string& url, const std::string& body) {
    std::string answer;
    curl_easy_reset(easy_);
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body.c_str());
    const auto append = +[](char* data, std::size_t, std::size_t size, void* out) {
      static_cast<std::string*>(out)->append(data, size);
      return size;
    };
    request(url, append, &answer);
    return json::parse(answer);
  }

  // Calls `on_frame` for each event as it arrives.
  template <typename OnFrame>
  void events(const std::string& url, OnFrame on_frame) {
    struct State {
      std::string buffer;
      OnFrame& on_frame;
    } state{{}, on_frame};
    curl_easy_reset(easy_);
    const auto split = +[](char* data, std::size_t, std::size_t size, void* out) {
      auto& [buffer, sink] = *static_cast<State*>(out);
      buffer.append(data, size);
      for (auto end = buffer.find("\n\n"); end != std::string::npos; end = buffer.find("\n\n")) {
        sink(buffer.substr(0, end));
        buffer.erase(0, end + 2);
      }
      return size;
    };
    request(url, split, &state);
  }

 private:
  using WriteFunction = std::size_t (*)(char*, std::size_t, std::size_t, void*);

  void request(const std::string& url, WriteFunction write, void* data) {
    curl_easy_setopt(easy_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy_, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, write);
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, data);
    const CURLcode code = curl_easy_perform(easy_);
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status >= 400) {
      throw std::runtime_error(
          fmt::format("{}: status {}, {}", url, status, curl_easy_strerror(code)));
    }
  }

  CURL* easy_;
  curl_slist* headers_;
};

struct OneTest {
  double overhead_ms = 0;
  double slowest_ms = 0;
  std::size_t cities = 0;
};

// Keeps the time at which the last city ended, and the longest that any probe took by its own
// count.
struct Watch {
  Clock::time_point last_end{};
  double slowest_ms = 0;
  std::size_t ended = 0;

  void take(const json::object& city, Clock::time_point now) {
    if (city.at("result").is_null()) return;
    const json::object& result = city.at("result").as_object();
    if (result.at("state").as_string() != "finished") {
      throw std::runtime_error("a probe did not finish: " + json::serialize(result.at("failure")));
    }
    ++ended;
    last_end = now;
    const auto total = result.at("timings").at("total_us").to_number<double>();
    slowest_ms = std::max(slowest_ms, total / 1000);
  }
};

OneTest run_once(Browser& browser, const std::string& base, const std::string& target) {
  const std::string body = json::serialize(json::object{{"url", target}});
  const Clock::time_point start = Clock::now();
  const json::value test = browser.post(base + "/api/v1/tests", body);
  const std::string id(test.at("id").as_string());
  Watch watch;
  browser.events(fmt::format("{}/api/v1/tests/{}/events", base, id), [&](const std::string& frame) {
    const Clock::time_point now = Clock::now();
    const auto data = frame.find("data: ");
    const auto event = frame.find("event: ");
    if (data == std::string::npos || event == std::string::npos) return;
    const json::value value = json::parse(frame.substr(data + 6));
    if (frame.compare(event + 7, 8, "snapshot") == 0) {
      for (const json::value& city : value.at("cities").as_array())
        watch.take(city.as_object(), now);
    } else if (frame.compare(event + 7, 4, "city") == 0) {
      watch.take(value.as_object(), now);
    }
  });
  const double elapsed = std::chrono::duration<double, std::milli>(watch.last_end - start).count();
  return {elapsed - watch.slowest_ms, watch.slowest_ms, watch.ended};
}

int run(int tests, const std::string& json_file) {
  const std::string base = environment("FIRSTBYTE_URL");
  const std::string target = environment("FIRSTBYTE_TARGET_URL");
  Browser browser;
  // By itself: whatever agents and collector do only once is in it.
  const OneTest first = run_once(browser, base, target);
  std::vector<double> overhead;
  std::vector<double> slowest;
  std::size_t cities = 0;
  for (int i = 0; i < tests; ++i) {
    const OneTest one = run_once(browser, base, target);
    overhead.push_back(one.overhead_ms);
    slowest.push_back(one.slowest_ms);
    cities = one.cities;
  }
  Report report(fmt::format("ondemand: {} tests, {} agents", tests, cities));
  report.add("overhead p50", percentile(overhead, 50), "ms", 15);
  report.add("overhead p95", percentile(overhead, 95), "ms", 50);
  report.add("overhead max", percentile(overhead, 100), "ms");
  report.add("overhead of a first test, before them", first.overhead_ms, "ms");
  report.add("slowest probe's own total p50", percentile(slowest, 50), "ms");
  report.add("slowest probe's own total p95", percentile(slowest, 95), "ms");
  return report.finish(json_file);
}

}  // namespace
}  // namespace firstbyte::bench

int main(int argc, char** argv) {
  CLI::App app{"From POST to the last city's terminal event, minus the slowest probe's own total."};
  int tests = 100;
  std::string json_file;
  std::string bin_dir;
  app.add_option("--tests", tests, "how many tests to run")->capture_default_str();
  app.add_option("--json", json_file, "write the figures to this file");
  app.add_option("--bin-dir", bin_dir, "not used here; every benchmark takes it");
  CLI11_PARSE(app, argc, argv);
  try {
    return firstbyte::bench::run(tests, json_file);
  } catch (const std::exception& error) {
    fmt::print(stderr, "ondemand: {}\n", error.what());
    return 2;
  }
}
