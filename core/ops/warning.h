// Warnings the core raises; the bindings turn them into Python warnings.
#pragma once

#include <string>

namespace lampas {

using WarningHandler = void (*)(const std::string& message);
void set_warning_handler(WarningHandler handler);
// A UserWarning in Python; may throw where warnings are errors.
void warn(const std::string& message);

}  // namespace lampas
