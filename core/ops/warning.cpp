// Where warnings go.
#include "core/ops/warning.h"

#include <cstdio>

namespace lampas {
namespace {

WarningHandler handler_ = [](const std::string& message) {
  std::fprintf(stderr, "warning: %s\n", message.c_str());
};

}  // namespace

void set_warning_handler(WarningHandler handler) { handler_ = handler; }
void warn(const std::string& message) { handler_(message); }

}  // namespace lampas
