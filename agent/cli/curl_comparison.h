// curl's times beside ours, with what makes each of them differ.
#pragma once

#include <string>

#include "agent/cli/curl_run.h"
#include "agent/cli/text_style.h"
#include "common/measurement.h"

namespace firstbyte::agent {

// `ca_file` is the bundle that both check servers against.
std::string curl_comparison(const Measurement& ours, const CurlReport& curl,
                            const std::string& ca_file, const TextStyle& style);

}  // namespace firstbyte::agent
