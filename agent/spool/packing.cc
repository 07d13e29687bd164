#include "agent/spool/packing.h"

#include <zlib.h>

#include <new>

namespace firstbyte::agent {
namespace {

// 16 KiB, and raw: the file has checksums of neither kind, SQLite finds what is torn. Both this and
// the memory level keep what deflate takes at 96 KiB.
constexpr int kWindowBits = -14;
constexpr int kMemoryLevel = 6;

Bytef* bytes_of(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

std::string pack(std::string_view raw, std::string_view dictionary) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kWindowBits, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  if (!dictionary.empty()) {
    deflateSetDictionary(&stream, bytes_of(dictionary), static_cast<uInt>(dictionary.size()));
  }
  std::string packed(deflateBound(&stream, raw.size()), '\0');
  stream.next_in = bytes_of(raw);
  stream.avail_in = static_cast<uInt>(raw.size());
  stream.next_out = bytes_of(packed);
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

Expected<std::string> unpack(std::string_view packed, std::size_t size,
                             std::string_view dictionary) {
  z_stream stream{};
  if (inflateInit2(&stream, kWindowBits) != Z_OK) throw std::bad_alloc();
  if (!dictionary.empty()) {
    inflateSetDictionary(&stream, bytes_of(dictionary), static_cast<uInt>(dictionary.size()));
  }
  std::string raw(size, '\0');
  stream.next_in = bytes_of(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = bytes_of(raw);
  stream.avail_out = static_cast<uInt>(raw.size());
  const int ended = inflate(&stream, Z_FINISH);
  const bool whole = ended == Z_STREAM_END && stream.total_out == size && stream.avail_in == 0;
  inflateEnd(&stream);
  if (!whole) return fatal("a result in the spool is not as it was written");
  return raw;
}

}  // namespace firstbyte::agent
