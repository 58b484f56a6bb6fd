// One optimizer step over a run of a parameter's elements, compiled per instruction set.
// Included by the kernels, which choose a table, and by the file that fills them.
#pragma once

#include <stdint.h>

namespace lampas {

// The names and the order of operations are torch.optim's.
struct SgdStep {
  double lr = 0;
  double momentum = 0;
  double dampening = 0;
  double weight_decay = 0;
  bool nesterov = false;
  bool maximize = false;
  // The momentum buffer holds nothing yet: it becomes the gradient.
  bool first_step = false;
};

struct AdamStep {
  double lr = 0;
  double beta1 = 0, beta2 = 0;
  double eps = 0;
  double weight_decay = 0;
  bool decoupled_weight_decay = false;  // AdamW
  bool maximize = false;
  double step = 1;  // this step's number, from 1
};

struct RmspropStep {
  double lr = 0;
  double alpha = 0;
  double eps = 0;
  double weight_decay = 0;
  double momentum = 0;
  bool centered = false;
  bool maximize = false;
};

struct AdagradStep {
  double lr = 0;
  double lr_decay = 0;
  double weight_decay = 0;
  double eps = 0;
  bool maximize = false;
  double step = 1;  // as of AdamStep
};

struct AdadeltaStep {
  double lr = 0;
  double rho = 0;
  double eps = 0;
  double weight_decay = 0;
  bool maximize = false;
};

// All arrays are contiguous and `count` long; `momentum_buffer` is used only where momentum is not 0.
using SgdLoop = void (*)(void* param, const void* grad, void* momentum_buffer, int64_t count,
                         const SgdStep& step);

// `max_exp_avg_sq` is null unless amsgrad is wanted.
using AdamLoop = void (*)(void* param, const void* grad, void* exp_avg, void* exp_avg_sq,
                          void* max_exp_avg_sq, int64_t count, const AdamStep& step);

// `momentum_buffer` is used only where momentum is not 0, `grad_avg` only where it is centered.
using RmspropLoop = void (*)(void* param, const void* grad, void* square_avg, void* momentum_buffer,
                             void* grad_avg, int64_t count, const RmspropStep& step);

using AdagradLoop = void (*)(void* param, const void* grad, void* sum, int64_t count,
                             const AdagradStep& step);

using AdadeltaLoop = void (*)(void* param, const void* grad, void* square_avg, void* acc_delta, int64_t count,
                              const AdadeltaStep& step);

namespace vector {

struct OptimizerTable {
  SgdLoop sgd_float32, sgd_float64;
  AdamLoop adam_float32, adam_float64;
  RmspropLoop rmsprop_float32, rmsprop_float64;
  AdagradLoop adagrad_float32, adagrad_float64;
  AdadeltaLoop adadelta_float32, adadelta_float64;
};

namespace baseline {
extern const OptimizerTable optimizer;
}
namespace avx2 {
extern const OptimizerTable optimizer;
}
namespace avx512 {
extern const OptimizerTable optimizer;
}

}  // namespace vector
}  // namespace lampas
