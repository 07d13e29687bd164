// The first contact with a collector, of which only a fingerprint is known.
#pragma once

#include <chrono>
#include <string>

#include "common/error.h"

namespace firstbyte::agent {

// Asks the collector at "HOST:PORT" for the certificates it shows and gives, in PEM, the authority
// among them that has this fingerprint ("sha256:..."). Nothing is believed but the fingerprint: the
// connection is dropped then, and the next one is checked against that authority. Errors are kFatal
// and name "--collector" (it cannot be reached, or does not speak TLS) or "--ca-fingerprint" (it
// shows others).
Expected<std::string> fetch_authority(const std::string& collector, const std::string& fingerprint,
                                      std::chrono::seconds limit);

}  // namespace firstbyte::agent
