// The bulky part of a measurement (headers, DNS answer, TLS and TCP facts) as the JSON text of
// `result_detail`:
//
//   {"headers": [["x-edge-route", "ny1"], ...], "headers_truncated": false,
//    "dns": null | {"resolver", "addresses": [{"address", "ttl_s"}], "cnames"},
//    "tls": null | {"version", "cipher", "subject", "issuer", "not_after_us"},
//    "tcp": null | {"rtt_us", "min_rtt_us", "retransmits", "congestion_control"}}
#pragma once

#include <string>
#include <string_view>

#include "common/error.h"
#include "common/measurement.h"

namespace firstbyte::collector {

std::string detail_to_json(const Measurement& measurement);

// Fills these parts of `measurement` in. The Error says what about the text is wrong.
Expected<> detail_from_json(std::string_view text, Measurement& measurement);

}  // namespace firstbyte::collector
