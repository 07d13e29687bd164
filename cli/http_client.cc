#include "cli/http_client.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <utility>

#include "cli/problem.h"

namespace firstbyte::cli {
namespace {

constexpr std::size_t kMostBody = 64 * 1024 * 1024;
constexpr std::size_t kMostProblem = 64 * 1024;
constexpr long kConnectSeconds = 10;
constexpr long kAnswerSeconds = 60;
// A stream with nothing to tell carries a comment every 15 s.
constexpr long kSilenceSeconds = 40;
constexpr long kOk = 200;
constexpr long kFirstOfNoSuccess = 300;

}  // namespace

// One request and its answer.
class HttpClient::Transfer {
 public:
  Transfer(const CollectorAccess& access, const std::string& path)
      : access_(access), handle_(curl_easy_init(), &curl_easy_cleanup) {
    if (!handle_) return;
    set(CURLOPT_URL, (access.collector + "/api/v1" + path).c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_USERAGENT, "firstbyte/" FIRSTBYTE_VERSION);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    set(CURLOPT_ERRORBUFFER, reason_.data());
    set(CURLOPT_WRITEFUNCTION, &Transfer::write);
    set(CURLOPT_WRITEDATA, this);
    if (!access.ca_file.empty()) set(CURLOPT_CAINFO, access.ca_file.c_str());
    if (!access.token.empty()) add_header("Authorization: Bearer " + access.token);
  }

  template <typename Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(handle_.get(), option, value);
  }
  void add_header(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) return;
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  }
  // Bytes of an answer with status 200 go to it, others are kept.
  void give_to(const std::function<bool(std::string_view)>& take) { take_ = &take; }

  Expected<std::string> perform() {
    if (!handle_) return fatal("libcurl cannot be started");
    set(CURLOPT_HTTPHEADER, headers_.get());
    const CURLcode code = curl_easy_perform(handle_.get());
    if (code != CURLE_OK && !enough_) return std::unexpected(unreachable(code));
    if (status() >= kOk && status() < kFirstOfNoSuccess) return std::move(body_);
    return std::unexpected(problem_error(status(), body_, retry_after()));
  }

 private:
  static std::size_t write(char* bytes, std::size_t, std::size_t size, void* self) {
    return static_cast<Transfer*>(self)->took({bytes, size}) ? size : CURL_WRITEFUNC_ERROR;
  }

  bool took(std::string_view bytes) {
    if (take_ != nullptr && status() == kOk) {
      enough_ = !(*take_)(bytes);
      return !enough_;
    }
    const std::size_t most = status() < kFirstOfNoSuccess ? kMostBody : kMostProblem;
    if (body_.size() + bytes.size() > most) {
      too_large_ = true;
      return false;
    }
    body_ += bytes;
    return true;
  }

  long status() const {
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  std::string retry_after() const {
    curl_header* header = nullptr;
    const auto found = curl_easy_header(handle_.get(), "Retry-After", 0, CURLH_HEADER, -1, &header);
    return found == CURLHE_OK ? header->value : "";
  }

  Error unreachable(CURLcode code) const {
    if (too_large_) {
      return {Error::Kind::kFatal,
              fmt::format("the answer of {} is larger than a collector's", access_.collector),
              "--collector"};
    }
    const bool for_good =
        code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE;
    const char* why = reason_[0] != '\0' ? reason_.data() : curl_easy_strerror(code);
    return {for_good ? Error::Kind::kFatal : Error::Kind::kTransient,
            fmt::format("the collector at {} cannot be reached: {}", access_.collector, why),
            code == CURLE_SSL_CACERT_BADFILE ? "--ca" : "--collector"};
  }

  const CollectorAccess& access_;
  Handle handle_;
  HeaderList headers_{nullptr, &curl_slist_free_all};
  std::array<char, CURL_ERROR_SIZE> reason_{};
  const std::function<bool(std::string_view)>* take_ = nullptr;
  bool enough_ = false;
  bool too_large_ = false;
  std::string body_;
};

HttpClient::HttpClient(CollectorAccess access) : access_(std::move(access)) {}

Expected<std::string> HttpClient::get(const std::string& path) const {
  Transfer transfer(access_, path);
  transfer.set(CURLOPT_TIMEOUT, kAnswerSeconds);
  return transfer.perform();
}

Expected<std::string> HttpClient::post(const std::string& path, const std::string& json) const {
  Transfer transfer(access_, path);
  transfer.set(CURLOPT_TIMEOUT, kAnswerSeconds);
  transfer.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(json.size()));
  transfer.set(CURLOPT_POSTFIELDS, json.c_str());
  transfer.add_header("Content-Type: application/json");
  return transfer.perform();
}

Expected<> HttpClient::stream(const std::string& path, const std::string& last_event_id,
                              const std::function<bool(std::string_view)>& take) const {
  Transfer transfer(access_, path);
  transfer.set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  transfer.set(CURLOPT_LOW_SPEED_TIME, kSilenceSeconds);
  transfer.add_header("Accept: text/event-stream");
  if (!last_event_id.empty()) transfer.add_header("Last-Event-ID: " + last_event_id);
  transfer.give_to(take);
  const Expected<std::string> ended = transfer.perform();
  return ended ? Expected<>{} : std::unexpected(ended.error());
}

}  // namespace firstbyte::cli
