// Whether a request asks for this collector by a name of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firstbyte::collector {

// `host` is the value of Host, with or without a port. An address is known, since a name is what a
// rebinding needs; so is localhost with what is below it, which no DNS may lead elsewhere
// (RFC 6761); and so are `names`.
bool is_known_host(std::string_view host, const std::vector<std::string>& names);

}  // namespace firstbyte::collector
