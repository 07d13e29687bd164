// One lookup: a name's addresses from one resolver, without any cache.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/probe/dns_channels.h"
#include "agent/probe/phase_recorder.h"
#include "agent/probe/resolver.h"
#include "common/measurement.h"

namespace firstbyte::agent {

// Loop thread only.
class DnsLookup {
 public:
  using Done = std::function<void(std::optional<Failure>)>;

  // The channels and the recorder must outlive the lookup.
  DnsLookup(DnsChannels& channels, const Resolver& resolver, PhaseRecorder& recorder);
  // Ends the lookup; `done` is not called any more.
  ~DnsLookup();
  DnsLookup(const DnsLookup&) = delete;
  DnsLookup& operator=(const DnsLookup&) = delete;

  // Asks for the addresses of one family; kAny: for IPv4, and for IPv6 when there is no IPv4
  // address; never kBoth. The phase `dns` runs from the query's leaving to the answer's arrival.
  // `done` is called once, by the loop, never from within start(); without a failure there is at
  // least one address.
  void start(const std::string& name, Family family, Done done);

  // What is known by now: from the first query on the resolver's name, and what of an answer came,
  // be it NXDOMAIN's CNAMEs. Addresses only of a lookup that did not fail.
  const std::optional<DnsAnswer>& answer() const { return answer_; }

 private:
  void query(int type);
  void answered(int type, const DnsChannel::Reply& reply);
  std::optional<Failure> take(const DnsChannel::Reply& reply);
  void finish(std::optional<Failure> failure);

  DnsChannels& channels_;
  PhaseRecorder& recorder_;
  Expected<std::unique_ptr<DnsChannel>> channel_;
  std::string name_;
  Family family_ = Family::kAny;
  std::optional<DnsAnswer> answer_;
  Done done_;
  // c-ares calls back from within its own functions, where its channel must not be destroyed:
  // results are handed on in the loop's next turn, unless this lookup is gone by then.
  std::shared_ptr<DnsLookup*> self_;
};

}  // namespace firstbyte::agent
