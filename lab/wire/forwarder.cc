#include "lab/wire/forwarder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace firstbyte::wire {
namespace {

constexpr int kSentAtOnce = 64;

Direction::Send out_at(const PacketSocket& socket) {
  return [&socket](std::span<iovec> packet) { return socket.send(packet); };
}

}  // namespace

Expected<std::unique_ptr<Forwarder>> Forwarder::open(std::vector<WireConfig> configs,
                                                     EventLoop& loop, std::uint64_t seed) {
  std::unique_ptr<Forwarder> forwarder(new Forwarder(loop, seed));
  for (WireConfig& config : configs) {
    if (const auto added = forwarder->add(std::move(config)); !added) {
      return std::unexpected(added.error());
    }
  }
  return forwarder;
}

Expected<> Forwarder::add(WireConfig config) {
  const Expected<PacketSocket*> a = open_end(config, "a", config.a);
  if (!a) return std::unexpected(a.error());
  const Expected<PacketSocket*> b = open_end(config, "b", config.b);
  if (!b) return std::unexpected(b.error());
  Wire& wire = wires_.emplace_back(std::move(config), pool_, random_, kPacketHeaderBytes,
                                   out_at(**a), out_at(**b));
  connect(**a, wire, wire.a_to_b());
  connect(**b, wire, wire.b_to_a());
  return {};
}

Expected<PacketSocket*> Forwarder::open_end(const WireConfig& config, const char* key,
                                            const std::string& interface) {
  Expected<PacketSocket> socket = PacketSocket::open(interface);
  if (socket) return &sockets_.emplace_back(*std::move(socket));
  return fatal(fmt::format("{}: {}", key, socket.error().message), "wire " + config.name);
}

void Forwarder::connect(PacketSocket& socket, Wire& wire, Direction& into) {
  const End& end = ends_.emplace_back(socket, wire, into);
  loop_.watch(socket.fd(), [this, &end] { receive(end); });
}

// One batch, so that every socket gets its turn; epoll comes back to one that has more.
void Forwarder::receive(const End& end) {
  for (const auto& [packet, arrival] : batch_.read(end.socket.fd())) {
    if (packet.empty()) {
      end.into.count_overflowed(1);
    } else {
      end.into.arrive(packet, arrival, end.wire.settings());
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
  const auto first =
      std::ranges::min_element(ends_, {}, [](const End& end) { return end.into.due(); });
  return first == ends_.end() ? nullptr : &first->into;
}

void Forwarder::count_missed() {
  for (const End& end : ends_) end.into.count_overflowed(end.socket.take_missed());
}

}  // namespace firstbyte::wire
