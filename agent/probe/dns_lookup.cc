#include "agent/probe/dns_lookup.h"

#include <arpa/nameser.h>
#include <fmt/format.h>

#include <cassert>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "agent/probe/dns_message.h"

namespace firstbyte::agent {
namespace {

Failure blame(Cause cause, std::string message) {
  return {Phase::kDns, Origin::kResolver, cause, std::move(message)};
}

Failure blame_agent(Cause cause, std::string message) {
  return {Phase::kDns, Origin::kAgent, cause, std::move(message)};
}

// c-ares says "connection refused" of whatever went wrong with its sockets.
Failure socket_failure(const DnsChannel::Reply& reply) {
  const std::string why = std::generic_category().message(reply.error);
  switch (reply.error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return blame_agent(Cause::kInternal, "no socket to ask the resolver: " + why);
    default:
      break;
  }
  if (reply.tcp_was_open) {
    const bool reset = reply.error == ECONNRESET;
    return blame(reset ? Cause::kReset : Cause::kClosed,
                 fmt::format("the resolver {} the connection for an answer too long for a datagram",
                             reset ? "reset" : "closed"));
  }
  return blame(
      Cause::kUnreachable,
      fmt::format("the resolver could not be reached{}: {}",
                  reply.over_tcp ? " over TCP, for an answer too long for a datagram" : "", why));
}

Failure failure_of(const DnsChannel::Reply& reply, const std::string& name) {
  const bool answered = !reply.message.empty();
  switch (reply.status) {
    case ARES_ENOTFOUND:
      // c-ares keeps what is Tor's to itself (RFC 7686).
      if (!answered) {
        return blame_agent(Cause::kNxdomain, fmt::format("{} is no name for DNS to know", name));
      }
      return blame(Cause::kNxdomain, fmt::format("the resolver says that {} does not exist", name));
    case ARES_ENODATA:
      return blame(Cause::kNoAddress, fmt::format("{} has no address", name));
    case ARES_ESERVFAIL:
      return blame(Cause::kServfail, "the resolver answered SERVFAIL");
    case ARES_EREFUSED:
      return blame(Cause::kRefused, "the resolver refused to answer");
    case ARES_ECONNREFUSED:
      return socket_failure(reply);
    case ARES_ETIMEOUT:
      return blame(Cause::kTimeout, "the resolver did not answer in time");
    case ARES_EFORMERR:
    case ARES_ENOTIMP:
    case ARES_EBADRESP:
      return blame(Cause::kBadAnswer,
                   fmt::format("the lookup of {} failed: {}", name, ares_strerror(reply.status)));
    default:
      return blame_agent(Cause::kInternal, ares_strerror(reply.status));
  }
}

// What is asked for of each family, in words.
std::string_view words_of(Family family) {
  switch (family) {
    case Family::kIpv4:
      return "IPv4 address";
    case Family::kIpv6:
      return "IPv6 address";
    default:
      return "address";
  }
}

}  // namespace

DnsLookup::DnsLookup(DnsChannels& channels, const Resolver& resolver, PhaseRecorder& recorder)
    : channels_(channels),
      recorder_(recorder),
      channel_(channels.take(resolver)),
      self_(std::make_shared<DnsLookup*>(this)) {}

DnsLookup::~DnsLookup() {
  *self_ = nullptr;
  if (channel_) channels_.give_back(*std::move(channel_));
}

void DnsLookup::start(const std::string& name, Family family, Done done) {
  assert(family != Family::kBoth);
  name_ = name;
  family_ = family;
  done_ = std::move(done);
  if (!channel_) {
    finish(blame_agent(Cause::kInternal, channel_.error().message));
    return;
  }
  answer_ = DnsAnswer{.resolver = (*channel_)->resolver().to_string(),
                      .addresses = {},
                      .cnames = {},
                      .over_tcp = false,
                      .omitted = 0};
  query(family == Family::kIpv6 ? ns_t_aaaa : ns_t_a);
}

void DnsLookup::query(int type) {
  recorder_.enter(Phase::kDns);
  (*channel_)->query(name_, type, recorder_.wire(),
                     [this, type](const DnsChannel::Reply& reply) { answered(type, reply); });
}

void DnsLookup::answered(int type, const DnsChannel::Reply& reply) {
  recorder_.leave();
  std::optional<Failure> failure = take(reply);
  const bool no_address = failure && failure->cause == Cause::kNoAddress;
  if (no_address && family_ == Family::kAny && type == ns_t_a) {
    channels_.loop().post([self = self_] {
      if (*self != nullptr) (*self)->query(ns_t_aaaa);
    });
    return;
  }
  finish(std::move(failure));
}

// Keeps what the reply says, and gives what is wrong with it. A message of NXDOMAIN and the like
// may hold the CNAMEs that led there.
std::optional<Failure> DnsLookup::take(const DnsChannel::Reply& reply) {
  if (reply.over_tcp) answer_->over_tcp = true;
  const bool is_good = reply.status == ARES_SUCCESS || reply.status == ARES_ENODATA;
  if (reply.message.empty()) return failure_of(reply, name_);
  Expected<DnsAnswer> parsed = parse_dns_answer(reply.message);
  if (parsed && !parsed->cnames.empty()) answer_->cnames = std::move(parsed->cnames);
  if (parsed) answer_->omitted = parsed->omitted;
  if (!is_good) return failure_of(reply, name_);
  if (!parsed) return blame(Cause::kBadAnswer, parsed.error().message);
  answer_->addresses = std::move(parsed->addresses);
  // A chain of CNAMEs may end in nothing of the type that was asked for.
  if (!answer_->addresses.empty()) return std::nullopt;
  return blame(Cause::kNoAddress, fmt::format("{} has no {}", name_, words_of(family_)));
}

void DnsLookup::finish(std::optional<Failure> failure) {
  channels_.loop().post([self = self_, failure = std::move(failure)]() mutable {
    if (*self == nullptr || !(*self)->done_) return;
    const Done done = std::exchange((*self)->done_, nullptr);
    done(std::move(failure));
  });
}

}  // namespace firstbyte::agent
