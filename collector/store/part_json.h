// What a redirect or a sample says that a result has columns for, as members of the object that
// holds its detail; detail_json.h describes them.
#pragma once

#include "collector/store/json_reader.h"
#include "collector/store/json_writer.h"
#include "common/measurement.h"

namespace firstbyte::collector {

void write_part(JsonWriter& json, const Measurement& measurement);

// The reader is not ok() afterwards when something is missing or of another shape.
void read_part(JsonReader& reader, Measurement& measurement);

}  // namespace firstbyte::collector
