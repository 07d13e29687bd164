// Records what passes an interface, with the kernel's stamp of each packet in nanoseconds: the
// truth that the accuracy benchmark holds tools against. Until SIGTERM; then prints what it
// counted.
//
// Unlike tcpdump it does not wait for blocks to fill, and it looks only a hundred times a second,
// so that it takes next to nothing from what is measured.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "lab/wire/fd.h"

namespace firstbyte::bench {
namespace {

constexpr timespec kPause{.tv_sec = 0, .tv_nsec = 10'000'000};
// Of the kernel's memory, for what comes during a pause that became long; used only when needed.
constexpr int kReceiveBuffer = 512 << 20;
constexpr unsigned kLongestPacket = 65'536;
constexpr unsigned kBatch = 32;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

wire::Fd open_socket(const std::string& interface) {
  wire::Fd fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) fail("a packet socket");
  const int on = 1;
  if (setsockopt(fd.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0) fail("SO_TIMESTAMPNS");
  if (setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer) != 0)
    fail("SO_RCVBUFFORCE");
  sockaddr_ll place{};
  place.sll_family = AF_PACKET;
  place.sll_protocol = htons(ETH_P_ALL);
  place.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
  if (place.sll_ifindex == 0) fail(interface);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) fail(interface);
  return fd;
}

// The classic format with nanoseconds, in this machine's byte order.
class PcapFile {
 public:
  explicit PcapFile(const std::string& path) : file_(std::fopen(path.c_str(), "wb"), &std::fclose) {
    if (!file_) fail(path);
    std::setvbuf(file_.get(), nullptr, _IOFBF, 1 << 20);
    // Magic number, version 2.4, (two unused), longest packet, Ethernet.
    put(std::array<std::uint32_t, 6>{0xa1b23c4d, 0x0004'0002, 0, 0, kLongestPacket, 1});
  }

  void add(const timespec& stamp, const char* bytes, std::uint32_t length) {
    put(std::array<std::uint32_t, 4>{static_cast<std::uint32_t>(stamp.tv_sec),
                                     static_cast<std::uint32_t>(stamp.tv_nsec), length, length});
    std::fwrite(bytes, 1, length, file_.get());
  }

  void finish() {
    if (std::fflush(file_.get()) != 0 || std::ferror(file_.get()) != 0) fail("writing packets");
  }

 private:
  template <std::size_t N>
  void put(const std::array<std::uint32_t, N>& words) {
    std::fwrite(words.data(), sizeof(std::uint32_t), N, file_.get());
  }

  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

std::optional<timespec> stamp_of(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    return stamp;
  }
  return std::nullopt;
}

class Recorder {
 public:
  Recorder(const std::string& interface, const std::string& path)
      : socket_(open_socket(interface)), file_(path), bytes_(kBatch * kLongestPacket) {}

  // All that is there now.
  void take() {
    while (take_batch() == kBatch) {
    }
  }

  void finish() {
    take();
    file_.finish();
    tpacket_stats stats{};
    socklen_t length = sizeof stats;
    if (getsockopt(socket_.get(), SOL_PACKET, PACKET_STATISTICS, &stats, &length) != 0)
      fail("PACKET_STATISTICS");
    fmt::print("{{\"packets\": {}, \"lost\": {}, \"unstamped\": {}}}\n", packets_, stats.tp_drops,
               unstamped_);
  }

 private:
  unsigned take_batch() {
    std::array<mmsghdr, kBatch> messages{};
    std::array<iovec, kBatch> pieces{};
    for (unsigned i = 0; i < kBatch; ++i) {
      pieces[i] = {bytes_.data() + i * kLongestPacket, kLongestPacket};
      messages[i].msg_hdr.msg_iov = &pieces[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_control = control_[i].data();
      messages[i].msg_hdr.msg_controllen = control_[i].size();
    }
    const int got = recvmmsg(socket_.get(), messages.data(), kBatch, MSG_DONTWAIT, nullptr);
    if (got <= 0) return 0;
    for (unsigned i = 0; i < static_cast<unsigned>(got); ++i) {
      const std::optional<timespec> stamp = stamp_of(messages[i].msg_hdr);
      ++packets_;
      if (!stamp) ++unstamped_;
      file_.add(stamp.value_or(timespec{}), bytes_.data() + i * kLongestPacket,
                messages[i].msg_len);
    }
    return static_cast<unsigned>(got);
  }

  const wire::Fd socket_;
  PcapFile file_;
  std::vector<char> bytes_;
  std::array<std::array<char, 128>, kBatch> control_{};
  std::uint64_t packets_ = 0;
  std::uint64_t unstamped_ = 0;
};

void run(const std::string& interface, const std::string& path) {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  sigprocmask(SIG_BLOCK, &stops, nullptr);
  Recorder recorder(interface, path);
  fmt::print("ready\n");
  std::fflush(stdout);
  while (sigtimedwait(&stops, nullptr, &kPause) < 0) recorder.take();
  recorder.finish();
}

}  // namespace
}  // namespace firstbyte::bench

int main(int argc, char** argv) {
  CLI::App app{"Records the packets that pass an interface."};
  std::string interface;
  std::string path;
  app.add_option("--interface", interface, "which one")->required();
  app.add_option("--write", path, "the pcap file")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    firstbyte::bench::run(interface, path);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_recorder: {}\n", error.what());
    return 1;
  }
}
