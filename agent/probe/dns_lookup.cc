#include "agent/probe/dns_lookup.h"

#include <arpa/nameser.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "agent/probe/address_policy.h"
#include "agent/probe/dns_message.h"

namespace firstbyte::agent {
namespace {

// How long one query may wait; the probe's own deadline may come first.
constexpr int kTryMs = 5000;
constexpr int kTries = 1;

Failure failure_of(int status, const std::string& name) {
  const auto fail = [](Cause cause, std::string message) {
    return Failure{Phase::kDns, Origin::kResolver, cause, std::move(message)};
  };
  switch (status) {
    case ARES_ENOTFOUND:
      return fail(Cause::kNxdomain, fmt::format("the resolver says that {} does not exist", name));
    case ARES_ENODATA:
      return fail(Cause::kNoAddress, fmt::format("{} has no address", name));
    case ARES_ESERVFAIL:
      return fail(Cause::kServfail, "the resolver answered SERVFAIL");
    case ARES_EREFUSED:
      return fail(Cause::kRefused, "the resolver refused to answer");
    case ARES_ECONNREFUSED:
      return fail(Cause::kUnreachable, "the resolver could not be reached");
    case ARES_ETIMEOUT:
      return fail(Cause::kTimeout, "the resolver did not answer in time");
    case ARES_EFORMERR:
    case ARES_ENOTIMP:
    case ARES_EBADRESP:
    case ARES_EBADNAME:
      return fail(Cause::kBadAnswer,
                  fmt::format("the lookup of {} failed: {}", name, ares_strerror(status)));
    default:
      return {Phase::kDns, Origin::kAgent, Cause::kInternal, ares_strerror(status)};
  }
}

}  // namespace

std::string Resolver::to_string() const {
  if (ip.empty()) return {};
  return ip.find(':') == std::string::npos ? fmt::format("{}:{}", ip, port)
                                           : fmt::format("[{}]:{}", ip, port);
}

Expected<Resolver> parse_resolver(std::string_view text) {
  const auto refuse =
      invalid("--resolver",
              fmt::format("{} is not IP or IP:PORT, such as 9.9.9.9 or [2620:fe::fe]:53", text));
  Resolver resolver;
  std::string_view rest;  // ":PORT", or nothing
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return refuse;
    resolver.ip = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (!resolver.ip.contains(':')) return refuse;
  } else {
    // Several colons: an IPv6 address, which takes a port only behind brackets.
    const auto colon = text.find(':');
    const bool has_port = colon != std::string_view::npos && colon == text.rfind(':');
    resolver.ip = has_port ? text.substr(0, colon) : text;
    if (has_port) rest = text.substr(colon);
  }
  if (!parse_address(resolver.ip)) return refuse;
  if (rest.empty()) return resolver;
  if (!rest.starts_with(':')) return refuse;
  const std::string_view port = rest.substr(1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), resolver.port);
  if (error != std::errc{} || end != port.data() + port.size() || resolver.port == 0) return refuse;
  return resolver;
}

DnsLookup::DnsLookup(EventLoop& loop, const Resolver& resolver, PhaseRecorder& recorder)
    : loop_(loop),
      recorder_(recorder),
      resolver_(resolver.to_string()),
      self_(std::make_shared<DnsLookup*>(this)) {
  ares_options options{};
  options.timeout = kTryMs;
  options.tries = kTries;
  options.sock_state_cb_data = this;
  options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<DnsLookup*>(self)->on_socket(fd, readable != 0, writable != 0);
  };
  // One query to one server: a lost packet shows as a timeout, never as a slow answer whose first
  // try is out of sight. NOSEARCH: the name is asked for as it stands, whatever search list this
  // host has. NOCHECKRESP: a resolver that answers SERVFAIL, REFUSED or NOTIMP has answered; c-ares
  // would ask again, and in the end say that it could not be reached.
  options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOCHECKRESP | ARES_FLAG_PRIMARY;
  init_status_ = ares_init_options(
      &channel_, &options,
      ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
  if (init_status_ == ARES_SUCCESS) ares_set_socket_functions(channel_, &kSocketFunctions, this);
  if (init_status_ == ARES_SUCCESS && !resolver_.empty()) {
    init_status_ = ares_set_servers_ports_csv(channel_, resolver_.c_str());
  }
}

DnsLookup::~DnsLookup() {
  *self_ = nullptr;
  done_ = nullptr;
  if (timer_) loop_.cancel(*timer_);
  if (channel_ != nullptr) ares_destroy(channel_);
  for (const ares_socket_t fd : sockets_) loop_.unwatch(fd);
}

void DnsLookup::start(const std::string& name, Family family, Done done) {
  name_ = name;
  family_ = family;
  done_ = std::move(done);
  if (init_status_ != ARES_SUCCESS) {
    finish(failure_of(init_status_, name_));
    return;
  }
  answer_ = DnsAnswer{.resolver = resolver_, .addresses = {}, .cnames = {}};
  query(family == Family::kIpv6 ? ns_t_aaaa : ns_t_a);
}

void DnsLookup::query(int type) {
  type_ = type;
  asked_.reset();
  heard_.reset();
  recorder_.enter(Phase::kDns);
  recorder_.wire().open_turn(Phase::kDns);
  ares_query(
      channel_, name_.c_str(), ns_c_in, type,
      [](void* self, int status, int /*timeouts*/, unsigned char* message, int length) {
        const auto size = static_cast<std::size_t>(message == nullptr ? 0 : length);
        static_cast<DnsLookup*>(self)->answered(status, {message, size});
      },
      this);
  arm_timer();
}

void DnsLookup::answered(int status, std::span<const std::uint8_t> message) {
  if (!done_) return;  // the channel is being destroyed
  recorder_.leave();
  if (asked_ && heard_) {
    recorder_.wire().add_turn(Phase::kDns, *asked_, *heard_);
  } else {
    recorder_.wire().doubt(Phase::kDns);
  }
  status = take(status, message);
  if (status == ARES_ENODATA && type_ == ns_t_a && family_ == Family::kAny) {
    loop_.post([self = self_] {
      if (*self != nullptr) (*self)->query(ns_t_aaaa);
    });
    return;
  }
  if (status == ARES_SUCCESS) {
    finish(std::nullopt);
  } else {
    finish(failure_of(status, name_));
  }
}

// Keeps what the message says, and gives what is left of its status. A message of NXDOMAIN and the
// like may hold the CNAMEs that led there.
int DnsLookup::take(int status, std::span<const std::uint8_t> message) {
  if (message.empty()) return status;
  Expected<DnsAnswer> parsed = parse_dns_answer(message);
  if (!parsed) return status == ARES_SUCCESS ? ARES_EBADRESP : status;
  if (!parsed->cnames.empty()) answer_->cnames = std::move(parsed->cnames);
  if (status != ARES_SUCCESS) return status;
  answer_->addresses = std::move(parsed->addresses);
  // A chain of CNAMEs may end in nothing of the type that was asked for.
  return answer_->addresses.empty() ? ARES_ENODATA : status;
}

void DnsLookup::finish(std::optional<Failure> failure) {
  loop_.post([self = self_, failure = std::move(failure)]() mutable {
    if (*self == nullptr || !(*self)->done_) return;
    const Done done = std::exchange((*self)->done_, nullptr);
    done(std::move(failure));
  });
}

const ares_socket_functions DnsLookup::kSocketFunctions{
    .asocket =
        [](int family, int type, int protocol, void* self) {
          return static_cast<DnsLookup*>(self)->open_socket(family, type, protocol);
        },
    .aclose = [](ares_socket_t fd, void*) { return close(fd); },
    .aconnect = [](ares_socket_t fd, const sockaddr* address, ares_socklen_t size,
                   void*) { return connect(fd, address, size); },
    .arecvfrom =
        [](ares_socket_t fd, void* data, std::size_t size, int flags, sockaddr* from,
           ares_socklen_t* from_size, void* self) {
          return static_cast<DnsLookup*>(self)->receive(fd, data, size, flags, from, from_size);
        },
    .asendv =
        [](ares_socket_t fd, const iovec* pieces, int count, void* self) {
          return static_cast<DnsLookup*>(self)->send_query(
              fd, std::span(pieces, static_cast<std::size_t>(count)));
        },
};

ares_socket_t DnsLookup::open_socket(int family, int type, int protocol) {
  // Functions of our own also take over what c-ares would have done with its socket.
  const int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  departures_ = {};
  datagrams_ = 0;
  if (fd < 0) return ARES_SOCKET_BAD;
  // An answer too long for a datagram is asked for again over TCP, whose bytes are not looked at.
  if (type != SOCK_DGRAM || !stamp_departures(fd)) recorder_.wire().doubt(Phase::kDns);
  return fd;
}

ares_ssize_t DnsLookup::send_query(ares_socket_t fd, std::span<const iovec> pieces) {
  const ares_ssize_t sent = writev(fd, pieces.data(), static_cast<int>(pieces.size()));
  if (sent < 0) return sent;
  departures_.drain(fd);
  if (!asked_) asked_ = departures_.of(datagrams_);
  ++datagrams_;
  return sent;
}

ares_ssize_t DnsLookup::receive(ares_socket_t fd, void* data, std::size_t size, int flags,
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
  if (got < 0) return got;
  if (from_size != nullptr) *from_size = message.msg_namelen;
  heard_ = arrival_of(message);
  return got;
}

void DnsLookup::on_socket(ares_socket_t fd, bool readable, bool writable) {
  if (!readable && !writable) {
    loop_.unwatch(fd);
    sockets_.erase(fd);
    return;
  }
  sockets_.insert(fd);
  const std::uint32_t events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
  loop_.watch(fd, events, [this, fd](std::uint32_t ready) {
    // A stamp that came late, since the query had to wait for its departure, looks like an error.
    if ((ready & EPOLLERR) != 0 && departures_.drain(fd)) {
      if (!asked_) asked_ = departures_.of(0);
      ready &= ~std::uint32_t{EPOLLERR};
      if (ready == 0) return;
    }
    const bool failed = (ready & (EPOLLERR | EPOLLHUP)) != 0;
    ares_process_fd(channel_, failed || (ready & EPOLLIN) != 0 ? fd : ARES_SOCKET_BAD,
                    failed || (ready & EPOLLOUT) != 0 ? fd : ARES_SOCKET_BAD);
    arm_timer();
  });
}

void DnsLookup::arm_timer() {
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

}  // namespace firstbyte::agent
