// What the store's tests share: a folder that goes away, a store in it, sample values, and the
// callbacks turned into return values.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "collector/store/sqlite_store.h"

namespace firstbyte::collector::store_test {

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "firstbyte-store-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path database() const { return path_ / "firstbyte.db"; }

 private:
  std::filesystem::path path_;
};

// Everything SQLite says about the schema, in an order that does not depend on its internals.
inline std::string dump_schema(Database& database) {
  Statement schema(database, R"(
      SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name)");
  std::string text =
      "PRAGMA user_version = " + std::to_string(database.number("PRAGMA user_version").value()) +
      ";\n";
  auto rows = schema.query().value();
  while (rows.next().value()) text += "\n" + rows.take<std::string>() + ";\n";
  return text;
}

inline void write_file(const std::filesystem::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

// Every file of a folder with its bytes, less the lock, which says nothing about the data.
inline std::map<std::string, std::string> contents(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename() != "collector.lock") {
      files[entry.path().filename().string()] = read_file(entry.path());
    }
  }
  return files;
}

// Waits for the callback of one write.
template <typename T>
Expected<T> await(const std::function<void(Store::Done<T>)>& write) {
  std::promise<Expected<T>> promise;
  write([&](Expected<T> outcome) { promise.set_value(std::move(outcome)); });
  return promise.get_future().get();
}

inline Expected<> create(Store& store, const Test& test) {
  return await<void>([&](auto done) { store.create_test(test, done); });
}

inline Expected<BatchCommit> append(Store& store, const ResultBatch& batch) {
  return await<BatchCommit>([&](auto done) { store.append(batch, done); });
}

inline Expected<bool> settle(Store& store, const CityOutcome& outcome) {
  return await<bool>([&](auto done) { store.settle(outcome, done); });
}

inline Expected<> record(Store& store, const AgentIdentity& identity, const std::string& version,
                         WallTime seen_at) {
  return await<void>([&](auto done) { store.record_agent(identity, version, seen_at, done); });
}

inline WallTime at(std::int64_t micros) { return WallTime(Micros(micros)); }

inline const AgentIdentity kNewYork{"agent-ny", "New York",          "US", "North America", 40.71,
                                    -74.01,     std::uint32_t{64512}};
inline const AgentIdentity kSaoPaulo{"agent-sp", "São Paulo", "BR",        "South America",
                                     -23.55,     -46.63,      std::nullopt};

inline Test test_with(std::string id, const std::vector<AgentIdentity>& agents) {
  Test test{.id = std::move(id),
            .target = {.url = "https://demo.example/"},
            .created_at = at(1'700'000'000'123'456),
            .deadline_at = at(1'700'000'010'123'456),
            .cities = {}};
  for (const AgentIdentity& agent : agents) test.cities.push_back({.agent = agent, .received = {}});
  return test;
}

inline Timings whole_timings() {
  const auto span = [](std::int64_t begin, std::int64_t end, std::int64_t own = 0) {
    return Span{Micros{begin}, Micros{end}, Micros{own},
                own > 0 ? Span::Clock::kKernel : Span::Clock::kAgent};
  };
  return Timings::make({span(10, 1'010, 20), span(1'020, 9'020, 30), span(9'100, 18'100, 800),
                        span(18'200, 34'200), span(34'200, 34'900, 50)},
                       Micros{35'000})
      .value();
}

// With every field filled.
inline ReceivedMeasurement finished(std::string test_id) {
  ReceivedMeasurement received;
  received.received_at = at(1'700'000'001'500'000);
  received.clock = ClockOffset{Micros{-1'234}, Micros{56}};
  Measurement& m = received.measurement;
  m.test_id = std::move(test_id);
  m.url = "https://demo.example/";
  m.measured_at = at(1'700'000'001'000'000);
  m.timings = whole_timings();
  m.status = 200;
  m.http_version = "2";
  m.remote = Endpoint{"203.0.113.7", 443};
  m.local = Endpoint{"198.51.100.4", 65'535};
  m.dns = DnsAnswer{"192.0.2.53:53",
                    {{"203.0.113.7", std::chrono::seconds{30}}, {"203.0.113.8", {}}},
                    {"edge.example", "pop.example"}};
  m.tls = TlsFacts{"TLSv1.3", "TLS_AES_256_GCM_SHA384", "CN=demo.example", "CN=Demo CA",
                   at(1'800'000'000'000'000)};
  m.tcp = TcpConnection{Micros{8'000}, Micros{7'900}, 3, "bbr"};
  m.headers = {{"x-edge-route", "ny1"}, {"via", "first"}, {"via", "second"}, {"empty", ""}};
  m.headers_truncated = true;
  m.body_bytes = 65'536;
  m.body_truncated = true;
  m.family = Family::kIpv6;
  m.reuse = Reuse::kWarm;
  m.self_check = {
      Micros{12'000}, true, true,
      ControlCheck{"https://control.example/", at(1'700'000'000'000'000), {}, Cause::kRefused}};
  return received;
}

inline ReceivedMeasurement failed(std::string test_id) {
  ReceivedMeasurement received;
  received.received_at = at(1'700'000'002'000'000);
  Measurement& m = received.measurement;
  m.test_id = std::move(test_id);
  m.url = "https://demo.example/";
  m.measured_at = at(1'700'000'001'000'000);
  PhaseSpans spans;
  spans[0] = Span{Micros{10}, Micros{900}};
  m.timings = Timings::make(spans, Micros{5'000'000}).value();
  m.failure =
      Failure{Phase::kConnect, Origin::kTarget, Cause::kTimeout, "No answer within 5 s.", 80};
  return received;
}

inline ResultBatch batch_of(const AgentIdentity& agent, std::vector<SequencedMeasurement> results,
                            std::uint64_t boot = 7) {
  return ResultBatch{.agent = agent, .boot = boot, .results = std::move(results)};
}

class StoreTest : public testing::Test {
 protected:
  void SetUp() override { open(); }

  void open(SqliteStore::Options options = {}) {
    auto opened = SqliteStore::open(folder_.path(), std::move(options));
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  void close() { store_.reset(); }
  void reopen() {
    close();
    open();
  }

  firstbyte::collector::Test load(const std::string& id) {
    auto test = store_->load_test(id);
    EXPECT_TRUE(test) << test.error().message;
    EXPECT_TRUE(test && *test) << id << " is not there";
    return test && *test ? **test : firstbyte::collector::Test{};
  }

  // Asks the file itself, as an operator with the sqlite3 shell would.
  std::int64_t number(const char* sql) {
    auto database = Database::open(folder_.database(), Database::Access::kReadOnly);
    return database.value().number(sql).value();
  }
  void execute(const std::string& sql) {
    auto database = Database::open(folder_.database(), Database::Access::kReadWrite);
    const auto executed = database.value().execute(sql);
    ASSERT_TRUE(executed) << executed.error().message;
  }

  TempFolder folder_;
  std::unique_ptr<SqliteStore> store_;
};

}  // namespace firstbyte::collector::store_test
