// Errors the core throws. Each carries the Python exception type it becomes at the boundary.
#pragma once

#include <exception>
#include <sstream>
#include <string>
#include <utility>

namespace lampas {

enum class ErrorKind { runtime, index, type, value, not_implemented, out_of_memory, interrupted, assertion };

class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}
  ErrorKind kind() const noexcept { return kind_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ErrorKind kind_;
  std::string message_;
};

// Joins its arguments as a stream would: text("size ", 3) is "size 3".
template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream stream;
  (stream << ... << parts);
  return std::move(stream).str();
}

template <class... Parts>
[[noreturn]] [[gnu::noinline]] [[gnu::cold]] void fail(ErrorKind kind, const Parts&... parts) {
  throw Error(kind, text(parts...));
}

// Throws PyTorch's RuntimeError with the joined message unless `condition` holds.
template <class... Parts>
inline void check(bool condition, const Parts&... parts) {
  if (!condition) [[unlikely]]
    fail(ErrorKind::runtime, parts...);
}

}  // namespace lampas
