// How a stage tells its caller that it could not do its work. A failed *probe* is not an Error: it
// is a measurement with a Failure in it (see measurement.h).
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace firstbyte {

// One clear sentence about what went wrong, and who can mend it.
struct Error {
  enum class Kind {
    kInvalid,    // the input is wrong; `field` names it; asking again will not help
    kTransient,  // may pass: back off and go on
    kFatal,      // will not pass: stop with the sentence
  };

  Kind kind = Kind::kFatal;
  std::string message;
  // What the message is about: a flag ("--http"), a JSON pointer ("/url"), or empty.
  std::string field;
};

template <typename T = void>
using Expected = std::expected<T, Error>;

inline std::unexpected<Error> invalid(std::string field, std::string message) {
  return std::unexpected(Error{Error::Kind::kInvalid, std::move(message), std::move(field)});
}

inline std::unexpected<Error> transient(std::string message) {
  return std::unexpected(Error{Error::Kind::kTransient, std::move(message), {}});
}

inline std::unexpected<Error> fatal(std::string message, std::string field = {}) {
  return std::unexpected(Error{Error::Kind::kFatal, std::move(message), std::move(field)});
}

}  // namespace firstbyte
