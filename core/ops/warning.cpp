// Where warnings go.
#include "core/ops/warning.h"

#include <cstdio>

namespace lampas {
namespace {

WarningHandler handler_ = [](const std::string& message) {
  std::fprintf(stderr, "warning: %s\n", message.c_str());
};

std::atomic<bool> always_ = false;

}  // namespace

void set_warning_handler(WarningHandler handler) { handler_ = handler; }
void warn(const std::string& message) { handler_(message); }
void warn_once(std::atomic<bool>& warned, const std::string& message) {
  if (!warned.exchange(true) || always_) warn(message);
}
void set_warn_always(bool always) { always_ = always; }
bool warns_always() { return always_; }

}  // namespace lampas
