// The bulky part of a measurement as the JSON text of `result_detail`:
//
//   {"headers": [["x-edge-route", "ny1"], ...], "headers_truncated": false,
//    "body_bytes": null | 1234, "body_truncated": false,
//    "dns": null | {"resolver", "addresses": [{"address", "ttl_s"}], "cnames", "over_tcp",
//        "omitted"?},
//    "tls": null | {"version", "cipher", "subject", "issuer", "not_after_us", "resumed"},
//    "tcp": null | {"rtt_us", "min_rtt_us", "retransmits", "congestion_control"},
//    "tls_alert": null | 48, "clock_stepped": false,
//    "control": null | {"url", "measured_at_us", "ttfb_us", "cause"},
//    "redirects": [...], "samples": [...]}
//
// A redirect or sample is all of this and, in the same object, what a result has columns for:
//
//   {"test_id", "url", "measured_at_us", "total_us",
//    "phases": {"dns": {"begin_us", "end_us", "own_us", "by_kernel"}, ...},
//    "status": null | 200, "http_version", "remote": null | {"ip", "port"}, "local",
//    "failure": null | {"phase", "origin", "cause", "message"},
//    "family", "reuse", "loop_lag_us": null | 0, "overloaded"}
#pragma once

#include <string>
#include <string_view>

#include "common/error.h"
#include "common/measurement.h"

namespace firstbyte::collector {

std::string detail_to_json(const Measurement& measurement);

// Fills these parts of `measurement` in, of its failure only the alert. The Error says what about
// the text is wrong. What was stored before a member was there has its default. The self-check
// is completed where there is one: its other half has columns.
Expected<> detail_from_json(std::string_view text, Measurement& measurement);

}  // namespace firstbyte::collector
