// The agents of a collector for people: a row each.
#pragma once

#include <string>
#include <vector>

#include "cli/views.h"
#include "common/text_style.h"

namespace firstbyte::cli {

std::string agents_text(const std::vector<AgentView>& agents, const TextStyle& style);

}  // namespace firstbyte::cli
