#include "lab/wire/packet_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace firstbyte::wire {
namespace {

constexpr std::size_t kChunksBytes = PacketPool::kChunks * PacketPool::kChunkBytes;
constexpr std::size_t kAllBytes = kChunksBytes + PacketPool::kChunks * sizeof(std::uint16_t);
constexpr std::size_t kWordBytes = 64 * PacketPool::kChunkBytes;
constexpr std::size_t kKeptWords = 8;

std::size_t chunks_for(std::size_t bytes) {
  return std::max<std::size_t>(1, (bytes + PacketPool::kChunkBytes - 1) / PacketPool::kChunkBytes);
}

}  // namespace

PacketPool::PacketPool() {
  free_.fill(~std::uint64_t{0});
  void* memory = mmap(nullptr, kAllBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  // A huge page would make 2 MB of the first packet's 2 kB.
  madvise(memory, kAllBytes, MADV_NOHUGEPAGE);
  memory_ = static_cast<std::byte*>(memory);
  next_ = reinterpret_cast<std::uint16_t*>(memory_ + kChunksBytes);
}

PacketPool::~PacketPool() { munmap(memory_, kAllBytes); }

std::optional<PacketPool::Packet> PacketPool::store(std::span<const std::byte> bytes) {
  if (bytes.size() > kLargestPacket || chunks_for(bytes.size()) > free_chunks_) return std::nullopt;
  const std::size_t first = take_lowest();
  std::size_t chunk = first;
  for (std::size_t done = 0; done < bytes.size();) {
    if (done > 0) {
      next_[chunk] = static_cast<std::uint16_t>(take_lowest());
      chunk = next_[chunk];
    }
    const std::size_t part = std::min(kChunkBytes, bytes.size() - done);
    std::memcpy(at(chunk), bytes.data() + done, part);
    done += part;
  }
  return Packet{static_cast<std::uint16_t>(first), static_cast<std::uint32_t>(bytes.size())};
}

std::span<iovec> PacketPool::pieces(Packet packet, Pieces& room) {
  const std::size_t count = chunks_for(packet.bytes);
  std::size_t chunk = packet.first_chunk;
  for (std::size_t i = 0; i < count; ++i) {
    room[i] = {at(chunk), std::min(kChunkBytes, packet.bytes - i * kChunkBytes)};
    chunk = next_[chunk];
  }
  return std::span(room).first(count);
}

void PacketPool::release(Packet packet) {
  std::size_t chunk = packet.first_chunk;
  for (std::size_t left = chunks_for(packet.bytes); left > 0; --left) {
    const std::size_t next = next_[chunk];
    give_back(chunk);
    chunk = next;
  }
}

// Only called while there is one.
std::size_t PacketPool::take_lowest() {
  while (free_[lowest_word_] == 0) ++lowest_word_;
  const int bit = std::countr_zero(free_[lowest_word_]);
  free_[lowest_word_] &= free_[lowest_word_] - 1;
  --free_chunks_;
  return lowest_word_ * 64 + static_cast<std::size_t>(bit);
}

void PacketPool::give_back(std::size_t chunk) {
  const std::size_t word = chunk / 64;
  free_[word] |= std::uint64_t{1} << (chunk % 64);
  ++free_chunks_;
  lowest_word_ = std::min(lowest_word_, word);
  if (word >= kKeptWords && free_[word] == ~std::uint64_t{0}) {
    madvise(at(word * 64), kWordBytes, MADV_DONTNEED);
  }
}

}  // namespace firstbyte::wire
