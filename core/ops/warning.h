// Warnings the core raises; the bindings turn them into Python warnings.
#pragma once

#include <atomic>
#include <string>

namespace lampas {

using WarningHandler = void (*)(const std::string& message);
void set_warning_handler(WarningHandler handler);
// A UserWarning in Python; may throw where warnings are errors.
void warn(const std::string& message);
// Warns only where `warned` is still false, unless warnings are always wanted.
void warn_once(std::atomic<bool>& warned, const std::string& message);
void set_warn_always(bool always);
bool warns_always();

}  // namespace lampas
