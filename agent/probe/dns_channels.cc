#include "agent/probe/dns_channels.h"

#include <arpa/nameser.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "agent/probe/address_policy.h"

namespace firstbyte::agent {
namespace {

// How long one query may wait; the probe's own deadline may come first.
constexpr int kTryMs = 5000;
constexpr int kTries = 1;
// 70 KiB each. As many as wait at once at 200 probes a second and 80 ms a query.
constexpr std::size_t kMaxIdle = 16;

bool is_no_failure(int error) { return error == EAGAIN || error == EINPROGRESS; }

}  // namespace

Expected<std::unique_ptr<DnsChannel>> DnsChannel::open(EventLoop& loop, const Resolver& resolver) {
  // c-ares takes a list, and more in it than an address.
  if (!parse_address(resolver.ip)) {
    return fatal(fmt::format("the resolver {} is not an IP address", resolver.ip));
  }
  std::unique_ptr<DnsChannel> made(new DnsChannel(loop, resolver));
  ares_options options{};
  // One query to one server: a lost packet shows as a timeout, never as a slow answer whose first
  // try is out of sight. NOSEARCH: the name is asked for as it stands, whatever search list this
  // host has. NOCHECKRESP: a resolver that answers SERVFAIL, REFUSED or NOTIMP has answered; c-ares
  // would ask again, and in the end say that it could not be reached.
  options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOCHECKRESP | ARES_FLAG_PRIMARY;
  options.timeout = kTryMs;
  options.tries = kTries;
  options.sock_state_cb_data = made.get();
  options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<DnsChannel*>(self)->on_socket(fd, readable != 0, writable != 0);
  };
  // What is left out c-ares looks up in /etc/resolv.conf and other files.
  std::string lookups = "b";
  options.lookups = lookups.data();
  options.ndots = 1;
  int status = ares_init_options(&made->channel_, &options,
                                 ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                                     ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS | ARES_OPT_NDOTS |
                                     ARES_OPT_SERVERS | ARES_OPT_DOMAINS | ARES_OPT_SORTLIST);
  if (status == ARES_SUCCESS) {
    ares_set_socket_functions(made->channel_, &kSocketFunctions, made.get());
    status = ares_set_servers_ports_csv(made->channel_, resolver.to_string().c_str());
  }
  if (status != ARES_SUCCESS) {
    return fatal(
        fmt::format("{} cannot be asked: {}", resolver.to_string(), ares_strerror(status)));
  }
  return made;
}

DnsChannel::DnsChannel(EventLoop& loop, Resolver resolver)
    : loop_(loop), resolver_(std::move(resolver)) {}

DnsChannel::~DnsChannel() {
  answered_ = nullptr;
  if (timer_) loop_.cancel(*timer_);
  if (channel_ != nullptr) ares_destroy(channel_);
}

void DnsChannel::query(const std::string& name, int type, WireTimes& wire, Answered answered) {
  answered_ = std::move(answered);
  wire_ = &wire;
  udp_ = {};
  tcp_ = {};
  error_ = 0;
  wire.open_turn(Phase::kDns);
  ares_query(
      channel_, name.c_str(), ns_c_in, type,
      [](void* self, int status, int /*timeouts*/, unsigned char* message, int length) {
        const auto size = static_cast<std::size_t>(message == nullptr ? 0 : length);
        static_cast<DnsChannel*>(self)->answered(status, {message, size});
      },
      this);
  arm_timer();
}

void DnsChannel::answered(int status, std::span<const std::uint8_t> message) {
  if (!answered_) return;  // the channel is being destroyed
  tell_wire(!message.empty());
  const Answered answered = std::exchange(answered_, nullptr);
  answered({.status = status,
            .message = message,
            .over_tcp = tcp_.fd >= 0,
            .tcp_was_open = tcp_.sent > 0,
            .error = error_});
}

void DnsChannel::tell_wire(bool is_answer) {
  const auto out = udp_.departures.of(0);
  const auto tcp_out = tcp_.sent > 0 ? tcp_.departures.of(tcp_.sent - 1) : std::nullopt;
  const bool over_tcp = tcp_.fd >= 0;
  const bool is_stamped =
      is_answer && out && udp_.heard && (!over_tcp || (tcp_out && tcp_.heard && tcp_.handshake));
  if (!is_stamped) {
    wire_->doubt(Phase::kDns);
    return;
  }
  wire_->add_turn(Phase::kDns, *out, *udp_.heard);
  // The handshake was a wait as well, and nobody stamps a SYN: put before the query it adds up.
  if (over_tcp) wire_->add_turn(Phase::kDns, *tcp_out - *tcp_.handshake, *tcp_.heard);
}

const ares_socket_functions DnsChannel::kSocketFunctions{
    .asocket =
        [](int family, int type, int protocol, void* self) {
          return static_cast<DnsChannel*>(self)->open_socket(family, type, protocol);
        },
    .aclose = [](ares_socket_t fd, void*) { return close(fd); },
    .aconnect =
        [](ares_socket_t fd, const sockaddr* address, ares_socklen_t size, void* self) {
          return static_cast<DnsChannel*>(self)->connect_socket(fd, address, size);
        },
    .arecvfrom =
        [](ares_socket_t fd, void* data, std::size_t size, int flags, sockaddr* from,
           ares_socklen_t* from_size, void* self) {
          return static_cast<DnsChannel*>(self)->receive(fd, data, size, flags, from, from_size);
        },
    .asendv =
        [](ares_socket_t fd, const iovec* pieces, int count, void* self) {
          return static_cast<DnsChannel*>(self)->send(
              fd, std::span(pieces, static_cast<std::size_t>(count)));
        },
};

ares_socket_t DnsChannel::open_socket(int family, int type, int protocol) {
  // Functions of our own also take over what c-ares would have done with its socket.
  const int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (fd < 0) {
    error_ = errno;
    return ARES_SOCKET_BAD;
  }
  (type == SOCK_DGRAM ? udp_ : tcp_).fd = fd;
  // Without stamps there will be no turn to tell of.
  if (type == SOCK_DGRAM) stamp_departures(fd);
  return fd;
}

int DnsChannel::connect_socket(ares_socket_t fd, const sockaddr* address, ares_socklen_t size) {
  const int result = connect(fd, address, size);
  if (result != 0 && !is_no_failure(errno)) error_ = errno;
  return result;
}

ares_ssize_t DnsChannel::send(ares_socket_t fd, std::span<const iovec> pieces) {
  Conversation& with = conversation_of(fd);
  if (fd == tcp_.fd && with.sent == 0 && stamp_departures(fd)) {
    const std::optional<TcpFacts> facts = tcp_facts(fd);
    if (facts && facts->retransmits == 0) with.handshake = facts->rtt;
  }
  const ares_ssize_t sent = writev(fd, pieces.data(), static_cast<int>(pieces.size()));
  if (sent < 0) {
    if (!is_no_failure(errno)) error_ = errno;
    return sent;
  }
  with.sent += fd == tcp_.fd ? static_cast<std::uint32_t>(sent) : 1;
  with.departures.drain(fd);
  return sent;
}

ares_ssize_t DnsChannel::receive(ares_socket_t fd, void* data, std::size_t size, int flags,
                                 sockaddr* from, ares_socklen_t* from_size) {
  alignas(cmsghdr) std::array<std::byte, 256> control{};
  iovec piece{data, size};
  msghdr message{};
  message.msg_name = from;
  message.msg_namelen = from_size == nullptr ? 0 : *from_size;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ares_ssize_t got = recvmsg(fd, &message, flags);
  if (got < 0) {
    if (!is_no_failure(errno)) error_ = errno;
    return got;
  }
  if (from_size != nullptr) *from_size = message.msg_namelen;
  // What comes by datagram after the one that was too short to hold the answer is none.
  if (fd == tcp_.fd || tcp_.fd < 0) conversation_of(fd).heard = arrival_of(message);
  return got;
}

void DnsChannel::on_socket(ares_socket_t fd, bool readable, bool writable) {
  if (!readable && !writable) {
    loop_.unwatch(fd);
    return;
  }
  const std::uint32_t events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
  loop_.watch(fd, events, [this, fd](std::uint32_t ready) {
    // A stamp that came late, since the query had to wait for its departure, looks like an error.
    if ((ready & EPOLLERR) != 0 && conversation_of(fd).departures.drain(fd)) {
      ready &= ~std::uint32_t{EPOLLERR};
      if (ready == 0) return;
    }
    const bool failed = (ready & (EPOLLERR | EPOLLHUP)) != 0;
    ares_process_fd(channel_, failed || (ready & EPOLLIN) != 0 ? fd : ARES_SOCKET_BAD,
                    failed || (ready & EPOLLOUT) != 0 ? fd : ARES_SOCKET_BAD);
    arm_timer();
  });
}

void DnsChannel::arm_timer() {
  if (timer_) loop_.cancel(*timer_);
  timer_.reset();
  timeval wait{};
  if (ares_timeout(channel_, nullptr, &wait) == nullptr) return;
  const auto delay = std::chrono::seconds{wait.tv_sec} + std::chrono::microseconds{wait.tv_usec};
  timer_ = loop_.call_at(loop_.clock().now() + delay, [this] {
    timer_.reset();
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    arm_timer();
  });
}

DnsChannels::DnsChannels(EventLoop& loop, std::string resolv_conf)
    : loop_(loop), resolv_conf_(std::move(resolv_conf)) {}

Expected<std::unique_ptr<DnsChannel>> DnsChannels::take(const Resolver& resolver) {
  if (resolver.ip.empty()) {
    const Expected<Resolver> first = system_resolver();
    if (!first) return std::unexpected(first.error());
    return take(*first);
  }
  // The latest first: its tables are still in the processor's cache.
  const auto found = std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& channel) {
    return channel->resolver() == resolver;
  });
  if (found == idle_.rend()) return DnsChannel::open(loop_, resolver);
  std::unique_ptr<DnsChannel> channel = std::move(*found);
  idle_.erase(std::prev(found.base()));
  return channel;
}

void DnsChannels::give_back(std::unique_ptr<DnsChannel> channel) {
  if (channel->is_busy()) return;
  if (idle_.size() == kMaxIdle) idle_.erase(idle_.begin());
  idle_.push_back(std::move(channel));
}

Expected<Resolver> DnsChannels::system_resolver() {
  // Looked at before it is read: what changes in between is read again next time.
  std::error_code absent;
  const auto changed = std::filesystem::last_write_time(resolv_conf_, absent);
  if (system_ && changed == system_changed_) return *system_;
  Expected<Resolver> read = read_system_resolver(resolv_conf_);
  if (!read) return read;
  system_ = *read;
  system_changed_ = changed;
  return read;
}

}  // namespace firstbyte::agent
