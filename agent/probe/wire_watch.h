// Watches one TCP connection's bytes come and go, by the kernel's stamps, while libcurl and OpenSSL
// do the talking. It never takes a byte from them. Loop thread only.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/probe/kernel_stamps.h"
#include "agent/probe/wire_times.h"

namespace firstbyte::agent {

class WireWatch {
 public:
  explicit WireWatch(int fd);

  int fd() const { return fd_; }

  // The connection is there. Idempotent: libcurl may notice before the loop does.
  void connected();
  // Before the handshake; from then on on_message() hears of each record that leaves and comes, as
  // OpenSSL's message callback does.
  void expect_tls() { tls_ = true; }
  void on_message(bool written, int type, const unsigned char* data, std::size_t size,
                  const SSL* ssl);
  // Another exchange begins on the connection: its request is about to leave.
  void begin_again();

  // What epoll said, before libcurl acts on it. Gives what libcurl should be told: a stamp in the
  // error queue looks like an error, and is none.
  // So long ago at most it may have happened.
  std::uint32_t before_action(std::uint32_t epoll_events, Micros away);
  void after_action();
  // The response's head is being read. Over HTTP/1 its first byte is the first that came; over
  // HTTP/2, where the other side may speak of other things before, that of the latest record.
  void response_began(bool is_http2);
  // The descriptor is about to be closed.
  void closing();

  // What it learnt of connect, tls, wait and transfer. `body_ended`: the last byte that came was
  // the end of the response; otherwise something else was waited for after it.
  void tell(WireTimes& times, bool body_ended) const;
  // As it was at its end, or as it stands now; absent before it was there. Retransmits are those of
  // the latest exchange.
  std::optional<TcpConnection> connection() const;
  // That the other side has sent to end TLS, by its number; a mere close_notify is none.
  std::optional<std::uint8_t> alert() const { return alert_; }
  // It ends, or ended, by this side alone.
  bool given_up() const;
  // So much came over TLS that it cannot be an answer, so this side has ended the connection.
  bool flooded() const { return flooded_; }

 private:
  // When the packet with a byte came. The kernel merges packets that wait, and stamps them all as
  // the last of them.
  struct Arrival {
    std::optional<KernelTime> at;
    bool may_be_late = false;
  };
  // A TLS record on its way in; its body is read after its header, so there is time to look.
  struct Record {
    std::size_t missing = 0;  // bytes of its body that have not come yet
    Arrival first;
    Arrival last;
    bool followed = false;    // by more that was there already
    std::optional<int> type;  // once it is known
  };
  // Asked with the byte at `asked`, answered at `answered`.
  struct Turn {
    std::uint32_t asked;
    Arrival answered;
  };

  // A request and its response, as far as that has come.
  struct Exchange {
    std::uint32_t begin = 0;  // bytes sent before it
    std::uint32_t retransmits_before = 0;
    std::optional<std::uint32_t> request;  // its last byte
    Arrival first_first;                   // of the first packet or record of all,
    Arrival latest_first;                  // and of the latest one
    Arrival latest_last;
    Arrival response_first;
    bool answered = false;        // over TLS: the other side has spoken
    bool response_began = false;  // so that its first byte is known
    std::size_t received = 0;     // bytes of TLS records
  };

  void wrote_record(const unsigned char* header);
  void record_coming(const unsigned char* header, bool inner_type_follows);
  void take_record(int type);
  void take_alert(const unsigned char* alert, bool every_alert_ends);
  bool handshake_over() const;
  void look_at_plain();
  bool first_byte_matters() const;
  // Of what waits to be read. The first so many bytes of it were sent as one.
  Arrival first_byte(std::size_t sent_as_one) const;
  // Of the last byte of what was looked at; the rest of what waits lies behind it.
  Arrival last_byte(const Peeked& part) const;

  const int fd_;
  bool connected_ = false;
  bool closed_ = false;
  bool tls_ = false;
  Departures departures_;
  std::optional<std::chrono::microseconds> first_rtt_;
  std::uint32_t syn_retransmits_ = 0;
  std::optional<TcpFacts> last_facts_;
  std::string congestion_control_;

  // TLS
  std::uint32_t sent_ = 0;  // bytes since connected()
  std::optional<Record> record_;
  std::optional<Turn> turn_;  // being answered
  std::vector<Turn> turns_;   // of the handshake
  int finished_seen_ = 0;     // each side says so once
  std::optional<std::uint8_t> alert_;
  bool flooded_ = false;

  Exchange exchange_;  // the latest

  // Of what epoll has told last:
  Micros away_{};                   // how long ago at most it came
  std::uint32_t segments_in_ = 0;   // with data, until then
  std::uint32_t segments_ = 0;      // and with it
  std::uint32_t records_read_ = 0;  // of it, before the present one
  std::uint32_t segment_size_ = 0;  // bytes
  bool ended_ = false;              // nothing will follow

  // The latest moment at which nothing waited to be read, by the agent's clock.
  struct Emptied {
    KernelTime at;
    std::uint32_t segments_in = 0;  // with data, until then
  };
  Emptied emptied_;
};

}  // namespace firstbyte::agent
