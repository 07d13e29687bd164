#include "lab/wire/forwarder.h"

#include <fmt/format.h>

#include <utility>

namespace firstbyte::wire {
namespace {

constexpr int kSentAtOnce = 64;

Expected<int> index_of(const WireConfig& config, const char* key, const std::string& interface) {
  const Expected<int> index = PacketSocket::index_of(interface);
  if (index) return *index;
  return fatal(fmt::format("{}: {}", key, index.error().message), "wire " + config.name);
}

}  // namespace

Expected<std::unique_ptr<Forwarder>> Forwarder::open(std::vector<WireConfig> configs,
                                                     EventLoop& loop, std::uint64_t seed) {
  Expected<PacketSocket> socket = PacketSocket::open();
  if (!socket) return std::unexpected(socket.error());
  std::unique_ptr<Forwarder> forwarder(new Forwarder(*std::move(socket), seed));
  for (WireConfig& config : configs) {
    if (const auto added = forwarder->add(std::move(config)); !added) {
      return std::unexpected(added.error());
    }
  }
  loop.watch(forwarder->socket_.fd(), [self = forwarder.get()] { self->receive(); });
  return forwarder;
}

Expected<> Forwarder::add(WireConfig config) {
  const Expected<int> a = index_of(config, "a", config.a);
  if (!a) return std::unexpected(a.error());
  const Expected<int> b = index_of(config, "b", config.b);
  if (!b) return std::unexpected(b.error());
  const auto out_at = [this](int interface) {
    return [this, interface](std::span<iovec> packet) { return socket_.send(interface, packet); };
  };
  Wire& wire = wires_.emplace_back(std::move(config), pool_, random_, kPacketHeaderBytes,
                                   out_at(*a), out_at(*b));
  ends_.emplace(*a, End{wire, wire.a_to_b()});
  ends_.emplace(*b, End{wire, wire.b_to_a()});
  return {};
}

// One batch, so that what is due gets its turn; epoll comes back while there is more.
void Forwarder::receive() {
  for (const auto& [interface, packet, arrival] : batch_.read(socket_.fd())) {
    const auto end = ends_.find(interface);
    if (end == ends_.end()) continue;  // the loopback device, say
    if (packet.empty()) {
      end->second.into.count_overflowed(1);
    } else {
      end->second.into.arrive(packet, arrival, end->second.wire.settings());
    }
  }
}

MonotonicTime Forwarder::send_due() {
  MonotonicTime due = MonotonicTime::max();
  for (int sent = 0; sent <= kSentAtOnce; ++sent) {
    Direction* first = first_due();
    due = first == nullptr ? MonotonicTime::max() : first->due();
    const MonotonicTime now = std::chrono::steady_clock::now();
    if (due > now || sent == kSentAtOnce) break;
    first->send_first(now);
  }
  return due;
}

// A lab has some fifty wires: looking at each is quicker than keeping them in order.
Direction* Forwarder::first_due() {
  Direction* first = nullptr;
  for (Wire& wire : wires_) {
    for (Direction* direction : {&wire.a_to_b(), &wire.b_to_a()}) {
      if (first == nullptr || direction->due() < first->due()) first = direction;
    }
  }
  return first;
}

}  // namespace firstbyte::wire
