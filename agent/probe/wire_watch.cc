#include "agent/probe/wire_watch.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace firstbyte::agent {
namespace {

constexpr std::size_t kRecordHeader = SSL3_RT_HEADER_LENGTH;
constexpr std::size_t kAllThereIs = 1U << 20U;
// Many times what an answer takes of which 64 KiB of body and 256 KiB of head are read.
constexpr std::size_t kMostReceived = 4U << 20U;
// What a stamp may be late unnoticed. An allowance, since the network card delivers packets
// that come close together as one; it leaves room below the 150 µs that the accuracy bench allows
// `wait` of answers in several packets.
constexpr Micros kTogether{100};

std::size_t record_length(const unsigned char* header) {
  return static_cast<std::size_t>(header[3]) << 8U | header[4];
}

std::string congestion_control_of(int fd) {
  std::array<char, 16> name{};
  socklen_t size = name.size();
  if (getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(), &size) != 0) return {};
  return name.data();
}

}  // namespace

WireWatch::WireWatch(int fd) : fd_(fd) { stamp_arrivals(fd); }

void WireWatch::connected() {
  if (connected_) return;
  connected_ = true;
  // Keys of departures count from here on, and nothing has been written yet.
  stamp_departures(fd_);
  congestion_control_ = congestion_control_of(fd_);
  if (const auto facts = tcp_facts(fd_)) {
    first_rtt_ = facts->rtt;
    syn_retransmits_ = facts->retransmits;
  }
}

void WireWatch::begin_again() {
  departures_.drain(fd_);
  exchange_ = Exchange{};
  // Over plain HTTP nobody counts the bytes, but whoever was answered has left.
  const std::optional<std::uint32_t> last = departures_.last_key();
  exchange_.begin = tls_ || !last ? sent_ : *last + 1;
  if (const auto facts = tcp_facts(fd_)) exchange_.retransmits_before = facts->retransmits;
}

void WireWatch::after_action() {
  if (closed_) return;
  departures_.drain(fd_);
  // Of what has been read meanwhile (session tickets, say) nothing is left to be merged with.
  if (!first_byte_matters()) return;
  const auto facts = tcp_facts(fd_);
  if (facts && waiting_to_be_read(fd_) == 0) segments_in_ = facts->data_segments_in;
}

std::uint32_t WireWatch::before_action(std::uint32_t epoll_events, Micros away) {
  if (closed_) return epoll_events;
  // A stamp that came late, as its packet had to wait; the others were taken after the action.
  if ((epoll_events & EPOLLERR) != 0 && departures_.drain(fd_)) {
    epoll_events &= ~std::uint32_t{EPOLLERR};
  }
  if ((epoll_events & EPOLLOUT) != 0 && (epoll_events & (EPOLLERR | EPOLLHUP)) == 0) connected();
  if ((epoll_events & EPOLLIN) == 0) return epoll_events;
  away_ = away;
  // What was left unread then may have come as early as what was read.
  if (!record_ || !record_->followed) {
    emptied_ = {std::chrono::system_clock::now() - away, segments_in_};
  }
  if (const auto facts = tcp_facts(fd_)) {
    segments_ = facts->data_segments_in - segments_in_;
    segments_in_ = facts->data_segments_in;
    records_read_ = 0;
    segment_size_ = facts->segment_size_in;
    ended_ = !facts->established;
  }
  if (record_ && record_->missing > 0) {
    const Peeked rest = peek_arrival(fd_, record_->missing);
    record_->missing -= rest.bytes;
    record_->followed = rest.waiting > rest.bytes;
    if (!record_->first.at && first_byte_matters()) record_->first = first_byte(rest.bytes);
    if (rest.last) record_->last = last_byte(rest);
    if (record_->type) take_record(*record_->type);
  }
  if (!tls_ && connected_) look_at_plain();
  return epoll_events;
}

bool WireWatch::first_byte_matters() const { return handshake_over() && !exchange_.response_began; }

WireWatch::Arrival WireWatch::first_byte(std::size_t sent_as_one) const {
  const std::optional<KernelTime> at = peek_arrival(fd_, 1).last;
  const Peeked all = peek_arrival(fd_, kAllThereIs);
  // The end of the stream is merged like data, and not counted with it.
  const std::uint32_t segments = segments_ + (ended_ ? 1U : 0U);
  const bool alone = !ended_ && all.bytes <= sent_as_one && sent_as_one <= segment_size_;
  // What came before it (session tickets, say) will have had a segment for each record.
  const bool may_be_merged = !alone && segments > 1 + records_read_ && at == all.last;
  if (!at || !may_be_merged) return {at, false};
  const auto seen_late = std::chrono::duration_cast<Micros>(std::chrono::system_clock::now() - *at);
  return {at, std::max(seen_late, away_) > kTogether};
}

WireWatch::Arrival WireWatch::last_byte(const Peeked& part) const {
  const Arrival sound{part.last, false};
  const bool followed = part.waiting > part.bytes;
  if (!part.last || (!followed && !ended_)) return sound;
  // It came after emptied_, and what it is merged with before now. A stamp from before emptied_ was
  // seen late, so that as much could be merged with it.
  if (std::chrono::abs(*part.last - emptied_.at) <= kTogether) return sound;
  const auto facts = tcp_facts(fd_);
  if (!facts) return sound;
  const std::uint32_t segments =
      facts->data_segments_in - emptied_.segments_in + (facts->established ? 0U : 1U);
  if (segments <= 1) return sound;
  return {part.last, !followed || peek_arrival(fd_, part.bytes + 1).last == part.last};
}

void WireWatch::look_at_plain() {
  // What is left of what was looked at: its stamp may be another's by now.
  if (exchange_.latest_last.at && segments_ == 0) return;
  if (!exchange_.latest_first.at) {
    exchange_.latest_first = first_byte(0);
    exchange_.first_first = exchange_.latest_first;
    exchange_.request = departures_.last_key();
  }
  const Peeked all = peek_arrival(fd_, kAllThereIs);
  if (all.last) exchange_.latest_last = last_byte(all);
}

void WireWatch::on_message(bool written, int type, const unsigned char* data, std::size_t size,
                           const SSL* ssl) {
  // OpenSSL tells of something further, so it has read the record to its end: the rest came after
  // it was looked at here, and nobody knows when.
  if (!written && record_ && record_->missing > 0) {
    record_->missing = 0;
    record_->last = {};
    if (record_->type) take_record(*record_->type);
  }
  if (type == SSL3_RT_HEADER && size >= kRecordHeader) {
    if (written) {
      wrote_record(data);
    } else {
      record_coming(data, SSL_version(ssl) == TLS1_3_VERSION);
    }
  } else if (type == SSL3_RT_INNER_CONTENT_TYPE && !written && size > 0) {
    take_record(data[0]);
  } else if (type == SSL3_RT_HANDSHAKE && size > 0 && data[0] == SSL3_MT_FINISHED) {
    ++finished_seen_;
    // Its record is read. Of a handshake nothing but its end can be followed by something else.
    if (!written && turn_ && record_ && record_->followed) {
      turn_->answered = last_byte({0, 1, record_->last.at});
    }
  } else if (type == SSL3_RT_ALERT && !written && size == 2) {
    take_alert(data, SSL_version(ssl) == TLS1_3_VERSION);
  }
}

void WireWatch::take_alert(const unsigned char* alert, bool every_alert_ends) {
  const bool farewell = alert[1] == SSL3_AD_CLOSE_NOTIFY || alert[1] == TLS1_AD_USER_CANCELLED;
  if (!farewell && (every_alert_ends || alert[0] == SSL3_AL_FATAL)) alert_ = alert[1];
}

bool WireWatch::handshake_over() const {
  constexpr int kBoth = 2;
  return finished_seen_ >= kBoth;
}

void WireWatch::wrote_record(const unsigned char* header) {
  // Writing again ends the turn that was being answered.
  if (turn_) {
    if (record_ && record_->missing > 0) turn_->answered = {};  // the rest came unseen
    turns_.push_back(*turn_);
    turn_.reset();
  }
  sent_ += static_cast<std::uint32_t>(kRecordHeader + record_length(header));
  // Once the other side has begun to speak, nothing that leaves is the request.
  if (handshake_over() && header[0] == SSL3_RT_APPLICATION_DATA && !exchange_.answered) {
    exchange_.request = sent_ - 1;
  }
}

void WireWatch::record_coming(const unsigned char* header, bool inner_type_follows) {
  const std::size_t length = record_length(header);
  // libcurl reads HTTP/2 until nothing is left, in one turn of the loop: whoever sends faster than
  // it reads would hold the loop for ever, past every deadline.
  exchange_.received += kRecordHeader + length;
  if (exchange_.received > kMostReceived && !flooded_) {
    flooded_ = true;
    ::shutdown(fd_, SHUT_RDWR);
  }
  Record record;
  const Peeked whole = peek_arrival(fd_, length);
  record.missing = length - std::min(whole.bytes, length);
  record.followed = whole.waiting > whole.bytes;
  record.last = handshake_over() ? last_byte(whole) : Arrival{whole.last, false};
  if (first_byte_matters()) record.first = first_byte(length);
  ++records_read_;
  record_ = record;
  // Its true type shows when it is decrypted. Until then only TLS 1.3 hides it.
  if (!inner_type_follows || header[0] != SSL3_RT_APPLICATION_DATA) take_record(header[0]);
}

void WireWatch::take_record(int type) {
  if (!record_) return;
  record_->type = type;
  if (type == SSL3_RT_APPLICATION_DATA) {
    exchange_.answered = true;
    exchange_.latest_first = record_->first;
    if (!exchange_.first_first.at) exchange_.first_first = record_->first;
    exchange_.latest_last = record_->last;
  } else if (!handshake_over() && sent_ > 0) {
    // Of the handshake: it answers what was written last.
    if (!turn_) turn_ = Turn{sent_ - 1, {}};
    turn_->answered = record_->last;
  }
}

void WireWatch::response_began(bool is_http2) {
  if (exchange_.response_began) return;
  exchange_.response_began = true;
  exchange_.response_first = is_http2 ? exchange_.latest_first : exchange_.first_first;
}

bool WireWatch::given_up() const {
  const std::optional<TcpFacts> facts = closed_ ? last_facts_ : tcp_facts(fd_);
  return facts && facts->established;
}

void WireWatch::closing() {
  if (closed_) return;
  departures_.drain(fd_);
  last_facts_ = tcp_facts(fd_);
  closed_ = true;
}

void WireWatch::tell(WireTimes& times, bool body_ended) const {
  if (first_rtt_ && syn_retransmits_ == 0) {
    times.set_duration(Phase::kConnect, *first_rtt_);
  }
  if (turn_) times.doubt(Phase::kTls);  // asked, and not answered to the end
  if (tls_ && handshake_over()) {
    for (const Turn& turn : turns_) {
      const std::optional<KernelTime> asked = departures_.of(turn.asked);
      if (asked && turn.answered.at) {
        times.add_turn(Phase::kTls, *asked, *turn.answered.at);
        if (turn.answered.may_be_late) times.may_be_late(Phase::kTls);
      } else {
        times.doubt(Phase::kTls);
      }
    }
  }
  const Exchange& exchange = exchange_;
  const Arrival& first = exchange.response_first;
  const Arrival& last = exchange.latest_last;
  if (!first.at) return;
  if (exchange.request && *exchange.request >= exchange.begin) {
    if (const auto asked = departures_.of(*exchange.request)) {
      times.add_turn(Phase::kWait, *asked, *first.at);
      if (first.may_be_late) times.may_be_late(Phase::kWait);
    }
  }
  const bool unseen = record_ && record_->type && record_->missing > 0;
  if (last.at && body_ended && !unseen) {
    times.add_turn(Phase::kTransfer, *first.at, *last.at);
    if (first.may_be_late || last.may_be_late) times.may_be_late(Phase::kTransfer);
  }
}

std::optional<TcpConnection> WireWatch::connection() const {
  if (!first_rtt_) return std::nullopt;
  const std::optional<TcpFacts> facts = closed_ ? last_facts_ : tcp_facts(fd_);
  TcpConnection connection{*first_rtt_, std::nullopt, syn_retransmits_, congestion_control_};
  if (facts) {
    connection.min_rtt = facts->min_rtt;
    connection.retransmits = facts->retransmits;
  }
  connection.retransmits -= std::min(connection.retransmits, exchange_.retransmits_before);
  return connection;
}

}  // namespace firstbyte::agent
