// curl's times beside ours, with what makes each of them differ.
#pragma once

#include <string>

#include "agent/cli/curl_run.h"
#include "common/measurement.h"
#include "common/text_style.h"

namespace firstbyte::agent {

// `request` is what curl was asked for, and we as well.
std::string curl_comparison(const Measurement& ours, const CurlRequest& request,
                            const CurlReport& curl, const TextStyle& style);

}  // namespace firstbyte::agent
