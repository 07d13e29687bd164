#include "proto/wire_bounds.h"

namespace firstbyte {

Micros decode_micros(std::uint64_t value, std::string_view field, Bounds& bounds) {
  return Micros{
      static_cast<std::int64_t>(bounds.between<std::uint64_t>(value, 0, kMaxProbeMicros, field))};
}

v1::Endpoint encode(const Endpoint& endpoint) {
  v1::Endpoint message;
  message.set_ip(endpoint.ip);
  message.set_port(endpoint.port);
  return message;
}

Endpoint decode(const v1::Endpoint& message, std::string_view field, Bounds& bounds) {
  return {
      bounds.text(message.ip(), field),
      static_cast<std::uint16_t>(bounds.between<std::uint32_t>(message.port(), 0, 65535, field))};
}

void add_headers(google::protobuf::RepeatedPtrField<v1::Header>& list, const Headers& headers) {
  for (const auto& [name, value] : headers) {
    v1::Header* header = list.Add();
    header->set_name(name);
    header->set_value(value);
  }
}

Headers decode_headers(const google::protobuf::RepeatedPtrField<v1::Header>& list,
                       std::size_t most_headers, std::size_t most_bytes, std::string_view field,
                       Bounds& bounds) {
  Headers headers;
  bounds.count(list.size(), field, most_headers);
  std::size_t bytes = 0;
  for (const v1::Header& header : list) {
    bytes += header.name().size() + header.value().size();
    if (bytes > most_bytes) {
      bounds.breach(field, fmt::format("are larger than {} bytes together", most_bytes));
    }
    if (bounds.error()) return {};
    headers.emplace_back(header.name(), header.value());
  }
  return headers;
}

}  // namespace firstbyte
