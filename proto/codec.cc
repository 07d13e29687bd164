#include "proto/codec.h"

#include "proto/wire_bounds.h"

namespace firstbyte {

v1::Phase encode(Phase phase) { return encode_enum<v1::Phase>(phase); }
Expected<Phase> decode(v1::Phase phase) { return decode_enum(phase, Phase::kTransfer, "phase"); }

v1::AgentIdentity encode(const AgentIdentity& identity) {
  v1::AgentIdentity message;
  message.set_id(identity.id);
  message.set_city(identity.city);
  message.set_country(identity.country);
  message.set_region(identity.region);
  message.set_latitude(identity.latitude);
  message.set_longitude(identity.longitude);
  if (identity.asn) message.set_asn(*identity.asn);
  return message;
}

Expected<AgentIdentity> decode(const v1::AgentIdentity& message) {
  Bounds bounds;
  AgentIdentity identity;
  identity.id = bounds.required(message.id(), "identity.id", 64);
  identity.city = bounds.required(message.city(), "identity.city", 64);
  identity.country = bounds.text(message.country(), "identity.country", 2);
  identity.region = bounds.text(message.region(), "identity.region", 64);
  identity.latitude = bounds.between(message.latitude(), -90.0, 90.0, "identity.latitude");
  identity.longitude = bounds.between(message.longitude(), -180.0, 180.0, "identity.longitude");
  if (message.has_asn()) identity.asn = message.asn();
  if (!is_agent_id(identity.id)) bounds.breach("identity.id", "is not a valid agent id");
  bounds.printable(identity.city, "identity.city");
  bounds.printable(identity.country, "identity.country");
  bounds.printable(identity.region, "identity.region");
  if (bounds.error()) return std::unexpected(*bounds.error());
  return identity;
}

}  // namespace firstbyte
