#include "lab/wire/packet_pool.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace firstbyte::wire {
namespace {

std::vector<std::byte> bytes_of(std::size_t size, unsigned seed) {
  std::minstd_rand random(seed + 1);
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

std::vector<std::byte> read_back(PacketPool& pool, PacketPool::Packet packet) {
  PacketPool::Pieces room;
  std::vector<std::byte> bytes;
  for (const iovec& piece : pool.pieces(packet, room)) {
    const auto* start = static_cast<const std::byte*>(piece.iov_base);
    bytes.insert(bytes.end(), start, start + piece.iov_len);
  }
  return bytes;
}

// Of the whole process, in bytes.
std::size_t resident() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0;
  std::size_t pages = 0;
  file >> total >> pages;
  return pages * 4096;
}

TEST(PacketPool, GivesBackWhatWasPutIn) {
  PacketPool pool;
  for (const std::size_t size : {1UZ, 2047UZ, 2048UZ, 2049UZ, 4096UZ, 65'560UZ}) {
    const auto packet = pool.store(bytes_of(size, 3));
    ASSERT_TRUE(packet);
    EXPECT_EQ(read_back(pool, *packet), bytes_of(size, 3)) << size;
    pool.release(*packet);
  }
}

TEST(PacketPool, TakesTheLargestPacketAndNoLarger) {
  PacketPool pool;
  const std::vector<std::byte> bytes(PacketPool::kLargestPacket + 1);
  EXPECT_FALSE(pool.store(bytes));
  EXPECT_TRUE(pool.store(std::span(bytes).first(PacketPool::kLargestPacket)));
}

TEST(PacketPool, KeepsPacketsApartWhileOthersComeAndGo) {
  PacketPool pool;
  std::vector<std::pair<PacketPool::Packet, unsigned>> kept;
  std::minstd_rand random(5);
  for (unsigned i = 0; i < 3'000; ++i) {
    if (kept.size() > 50) {
      const std::size_t victim = random() % kept.size();
      const auto [packet, seed] = kept[victim];
      ASSERT_EQ(read_back(pool, packet), bytes_of(packet.bytes, seed));
      pool.release(packet);
      kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(victim));
    }
    const auto packet = pool.store(bytes_of(1 + random() % 9'000, i));
    ASSERT_TRUE(packet);
    kept.emplace_back(*packet, i);
  }
}

TEST(PacketPool, IsFullAtItsBoundAndAsGoodAsNewAfterwards) {
  PacketPool pool;
  const std::vector<std::byte> bytes(PacketPool::kLargestPacket);
  std::vector<PacketPool::Packet> packets;
  while (const auto packet = pool.store(bytes)) packets.push_back(*packet);
  EXPECT_EQ(packets.size(), PacketPool::kChunks / 34);
  EXPECT_EQ(pool.free_chunks(), PacketPool::kChunks % 34);
  for (const PacketPool::Packet packet : packets) pool.release(packet);
  EXPECT_EQ(pool.free_chunks(), PacketPool::kChunks);
  EXPECT_TRUE(pool.store(bytes));
}

TEST(PacketPool, ReturnsItsMemoryWhenThePacketsAreGone) {
  PacketPool pool;
  const std::vector<std::byte> bytes(60'000);
  std::vector<PacketPool::Packet> packets;
  packets.reserve(600);
  const std::size_t before = resident();
  for (int i = 0; i < 600; ++i) packets.push_back(pool.store(bytes).value());
  EXPECT_GT(resident(), before + 30'000'000);
  for (const PacketPool::Packet packet : packets) pool.release(packet);
  EXPECT_LT(resident(), before + 4'000'000);
}

}  // namespace
}  // namespace firstbyte::wire
