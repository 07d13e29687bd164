// The memory that packets in flight lie in: bounded, and given back when they are gone. One thread.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace firstbyte::wire {

// Packets lie in chains of chunks. The lowest free chunk is always taken first, so that what is in
// use stays together, and 128 kB that are free go back to the kernel at once: a lab that has just
// carried a download is soon as small as before it. The first megabyte is kept, which is more than
// idle routers have in flight.
class PacketPool {
 public:
  // Above the frames of an Ethernet, so that only super-packets take more than one.
  static constexpr std::size_t kChunkBytes = 2048;
  static constexpr std::size_t kChunks = 32'768;  // 64 MB
  // A super-packet with its headers.
  static constexpr std::size_t kLargestPacket = 34 * kChunkBytes;

  struct Packet {
    std::uint16_t first_chunk;
    std::uint32_t bytes;
  };

  PacketPool();
  ~PacketPool();
  PacketPool(const PacketPool&) = delete;
  PacketPool& operator=(const PacketPool&) = delete;

  // Copies; absent when there is no room, or the packet is above kLargestPacket.
  std::optional<Packet> store(std::span<const std::byte> bytes);
  // Where it lies, good until it is released; `room` takes any packet.
  using Pieces = std::array<iovec, kLargestPacket / kChunkBytes>;
  std::span<iovec> pieces(Packet packet, Pieces& room);
  void release(Packet packet);

  std::size_t free_chunks() const { return free_chunks_; }

 private:
  static constexpr std::size_t kWords = kChunks / 64;

  std::byte* at(std::size_t chunk) const { return memory_ + chunk * kChunkBytes; }
  std::size_t take_lowest();
  void give_back(std::size_t chunk);

  // Constant after construction. Both cost memory only where they are written.
  std::byte* memory_ = nullptr;
  std::uint16_t* next_ = nullptr;  // of a packet's chunks

  std::size_t free_chunks_ = kChunks;
  std::size_t lowest_word_ = 0;  // those below have nothing free
  std::array<std::uint64_t, kWords> free_;
};

}  // namespace firstbyte::wire
