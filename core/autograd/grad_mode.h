// Per-thread switches: whether ops are recorded, and whether new tensors are inference tensors.
#pragma once

namespace lampas {

struct GradMode {
  bool enabled = true;
  bool inference = false;
};
inline thread_local constinit GradMode grad_mode;

class GradModeGuard {
 public:
  explicit GradModeGuard(bool enabled) : before_(grad_mode) { grad_mode.enabled = enabled; }
  ~GradModeGuard() { grad_mode = before_; }
  GradModeGuard(const GradModeGuard&) = delete;

 private:
  GradMode before_;
};

}  // namespace lampas
