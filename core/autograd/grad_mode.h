// Per-thread switches: whether ops are recorded, and whether new tensors are inference tensors.
#pragma once

namespace lampas {

struct GradMode {
  bool enabled = true;
  bool inference = false;
  bool anomaly = false;     // nodes remember where they were recorded; see engine/backward.h
  bool check_nan = true;    // in anomaly mode, a gradient with NaN is an error
  bool track_views = true;  // off inside a backward that is not recorded: nobody writes into its views
};
inline thread_local constinit GradMode grad_mode;

class GradModeGuard {
 public:
  explicit GradModeGuard(bool enabled) : before_(grad_mode) { grad_mode.enabled = enabled; }
  GradModeGuard(bool enabled, bool track_views) : GradModeGuard(enabled) {
    grad_mode.track_views = track_views;
  }
  ~GradModeGuard() { grad_mode = before_; }
  GradModeGuard(const GradModeGuard&) = delete;

 private:
  GradMode before_;
};

}  // namespace lampas
