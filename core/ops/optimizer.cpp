// Optimizer steps: all parameters in one call.
#include "core/kernels/optimizer.h"
#include "core/kernels/copy.h"
#include "core/ops/history.h"
#include "core/ops/op.h"

namespace lampas {
namespace {

// A tensor as a step takes it: float32 or float64, contiguous; `finish` writes back what was copied.
class Operand {
 public:
  explicit Operand(const Tensor& tensor) : tensor_(tensor), plain_(tensor) {
    if (!tensor.defined()) return;
    bool wide = tensor.dtype() == DType::float32 || tensor.dtype() == DType::float64;
    if (wide && tensor.is_contiguous()) return;
    plain_ = new_tensor(tensor.sizes(), wide ? tensor.dtype() : DType::float32, tensor.device());
    kernels::copy(tensor.device(), tensor, plain_);
  }
  const Tensor& plain() const { return plain_; }
  void finish() const {
    if (!tensor_.defined()) return;
    if (!plain_.same_as(tensor_)) kernels::copy(tensor_.device(), plain_, tensor_);
    tensor_.bump_version();
  }

 private:
  Tensor tensor_, plain_;
};

// A list with a tensor for each parameter, and what errors call one.
struct Role {
  const TensorList& tensors;
  const char* name;
  bool may_be_undefined = false;
};

void check_role(const TensorList& params, const Role& role) {
  check(role.tensors.size() == params.size(), "a step takes as many ", role.name, "s as parameters, not ",
        role.tensors.size(), " for ", params.size());
  for (size_t i = 0; i < params.size(); ++i) {
    const Tensor &param = params[i], &other = role.tensors[i];
    if (role.may_be_undefined && !other.defined()) continue;
    check(
        param.sizes() == other.sizes() && param.dtype() == other.dtype() && param.device() == other.device(),
        "a parameter of shape ", param.sizes(), " and dtype ", name_of(param.dtype()), " has a ", role.name,
        " of shape ", other.sizes(), " and dtype ", name_of(other.dtype()));
  }
}

// All checks come before the first change: a step is taken as a whole or not at all.
void check_step(const TensorList& params, const TensorList& grads, std::initializer_list<Role> states) {
  for (const Tensor& param : params) {
    check(is_floating(param.dtype()), "optimizers change floating point parameters, not ",
          name_of(param.dtype()));
    check_writable(param);
  }
  check_role(params, {grads, "gradient"});
  for (const Role& state : states) check_role(params, state);
}

void check_step_numbers(const TensorList& params, const TensorList& steps) {
  check(steps.size() == params.size(), "a step takes as many step numbers as parameters, not ", steps.size(),
        " for ", params.size());
  for (const Tensor& step : steps)
    check(step.numel() == 1 && (step.dtype() == DType::float32 || step.dtype() == DType::float64),
          "a step number is one element of float32 or float64, not ", step.sizes(), " of ",
          name_of(step.dtype()));
}

TensorList sgd_step_rule(Call& call, const TensorList& params, const TensorList& grads,
                         const TensorList& momentum_buffers, double lr, double momentum, double dampening,
                         double weight_decay, bool nesterov, bool maximize) {
  call.not_differentiable();
  check_step(params, grads, {});
  if (momentum != 0) check_role(params, {momentum_buffers, "momentum buffer", true});
  TensorList buffers;
  for (size_t i = 0; i < params.size(); ++i) {
    const Tensor &param = params[i], &grad = grads[i];
    Tensor buffer;
    SgdStep step{lr, momentum, dampening, weight_decay, nesterov, maximize, false};
    if (momentum != 0) {
      buffer = momentum_buffers[i];
      step.first_step = !buffer.defined();
      if (step.first_step) buffer = new_tensor(param.sizes(), param.dtype(), param.device());
      buffers.push_back(buffer);
    }
    Operand param_operand(param), grad_operand(grad), buffer_operand(buffer);
    kernels::sgd_step(param.device(), param_operand.plain(), grad_operand.plain(), buffer_operand.plain(),
                      step);
    param_operand.finish();
    buffer_operand.finish();
  }
  return buffers;
}

Tensor at(const TensorList& tensors, size_t i) { return tensors.empty() ? Tensor() : tensors[i]; }

// Takes one step of each parameter: kernel(device, param, grad, states..., step number, options).
template <class Step, class Options, class... States>
TensorList step_all(const Step& kernel, const Options& options, const TensorList& params,
                    const TensorList& grads, const TensorList& steps, const States&... states) {
  for (size_t i = 0; i < params.size(); ++i) {
    Operand param(params[i]), grad(grads[i]);
    [&](const auto&... operands) {
      kernel(params[i].device(), param.plain(), grad.plain(), operands.plain()..., steps[i], options);
      (operands.finish(), ...);
    }(Operand(at(states, i))...);
    param.finish();
    steps[i].bump_version();
  }
  return params;
}

TensorList adam_step_rule(Call& call, const TensorList& params, const TensorList& grads,
                          const TensorList& exp_avgs, const TensorList& exp_avg_sqs,
                          const TensorList& max_exp_avg_sqs, const TensorList& steps, double lr, double beta1,
                          double beta2, double eps, double weight_decay, bool decoupled_weight_decay,
                          bool maximize) {
  call.not_differentiable();
  check_step(params, grads, {{exp_avgs, "exp_avg"}, {exp_avg_sqs, "exp_avg_sq"}});
  if (!max_exp_avg_sqs.empty()) check_role(params, {max_exp_avg_sqs, "max_exp_avg_sq"});
  check_step_numbers(params, steps);
  AdamStep options{lr, beta1, beta2, eps, weight_decay, decoupled_weight_decay, maximize};
  return step_all(kernels::adam_step, options, params, grads, steps, exp_avgs, exp_avg_sqs, max_exp_avg_sqs);
}

TensorList rmsprop_step_rule(Call& call, const TensorList& params, const TensorList& grads,
                             const TensorList& square_avgs, const TensorList& momentum_buffers,
                             const TensorList& grad_avgs, const TensorList& steps, double lr, double alpha,
                             double eps, double weight_decay, double momentum, bool centered, bool maximize) {
  call.not_differentiable();
  check_step(params, grads, {{square_avgs, "square_avg"}});
  if (momentum != 0) check_role(params, {momentum_buffers, "momentum buffer"});
  if (centered) check_role(params, {grad_avgs, "grad_avg"});
  check_step_numbers(params, steps);
  static const TensorList unused;
  RmspropStep options{lr, alpha, eps, weight_decay, momentum, centered, maximize};
  return step_all(kernels::rmsprop_step, options, params, grads, steps, square_avgs,
                  momentum != 0 ? momentum_buffers : unused, centered ? grad_avgs : unused);
}

TensorList adagrad_step_rule(Call& call, const TensorList& params, const TensorList& grads,
                             const TensorList& sums, const TensorList& steps, double lr, double lr_decay,
                             double weight_decay, double eps, bool maximize) {
  call.not_differentiable();
  check_step(params, grads, {{sums, "sum"}});
  check_step_numbers(params, steps);
  AdagradStep options{lr, lr_decay, weight_decay, eps, maximize};
  return step_all(kernels::adagrad_step, options, params, grads, steps, sums);
}

TensorList adadelta_step_rule(Call& call, const TensorList& params, const TensorList& grads,
                              const TensorList& square_avgs, const TensorList& acc_deltas,
                              const TensorList& steps, double lr, double rho, double eps, double weight_decay,
                              bool maximize) {
  call.not_differentiable();
  check_step(params, grads, {{square_avgs, "square_avg"}, {acc_deltas, "acc_delta"}});
  check_step_numbers(params, steps);
  AdadeltaStep options{lr, rho, eps, weight_decay, maximize};
  return step_all(kernels::adadelta_step, options, params, grads, steps, square_avgs, acc_deltas);
}

const Op<TensorList(const TensorList&, const TensorList&, const TensorList&, double, double, double, double,
                    bool, bool)>
    sgd_step{
        "sgd_step(Tensor[] params, Tensor[] grads, Tensor?[] momentum_buffers, float lr, float momentum, "
        "float "
        "dampening, float weight_decay, bool nesterov, bool maximize) -> Tensor[]",
        sgd_step_rule,
        {.forms = function},
        R"(Change parameters by one step of stochastic gradient descent, in place.

    Args:
        params: the parameters; run it without recording.
        grads: their gradients.
        momentum_buffers: one for each parameter, None before its first step; ignored without momentum.
        lr, momentum, dampening, weight_decay, nesterov, maximize: as in `optim.SGD`.

    Returns the momentum buffers. Source: Sutskever et al., On the importance of initialization and momentum
    in deep learning, 2013, in PyTorch's form.

    >>> lampas._core.sgd_step([lampas.ones(1)], [lampas.ones(1)], [], 0.5, 0., 0., 0., False, False)
    []
)"};

const Op<TensorList(const TensorList&, const TensorList&, const TensorList&, const TensorList&,
                    const TensorList&, const TensorList&, double, double, double, double, double, bool, bool)>
    adam_step{
        "adam_step(Tensor[] params, Tensor[] grads, Tensor[] exp_avgs, Tensor[] exp_avg_sqs, Tensor[] "
        "max_exp_avg_sqs, Tensor[] steps, float lr, float beta1, float beta2, float eps, float weight_decay, "
        "bool decoupled_weight_decay, bool maximize) -> Tensor[]",
        adam_step_rule,
        {.forms = function, .any_device = true},
        R"(Change parameters and their state by one step of Adam or AdamW, in place; return the parameters.

    Args:
        params: the parameters; run it without recording.
        grads, exp_avgs, exp_avg_sqs: a gradient and two averages for each, of the parameter's shape and dtype.
        max_exp_avg_sqs: likewise with amsgrad, else an empty list.
        steps: the number of steps taken, one float element for each parameter; it is raised by one.
        lr, beta1, beta2, eps, weight_decay, decoupled_weight_decay, maximize: as in `optim.Adam`.

    Source: Kingma and Ba, Adam: A method for stochastic optimization, 2014, in PyTorch's form.

    >>> param, zeros = lampas.ones(1), lampas.zeros(2, 1)
    >>> state = [zeros[0]], [zeros[1]], [], [lampas.tensor(0.)]
    >>> lampas._core.adam_step([param], [lampas.ones(1)], *state, 0.5, 0.9, 0.999, 0., 0., False, False)
    [tensor([0.5000])]
)"};

const Op<TensorList(const TensorList&, const TensorList&, const TensorList&, const TensorList&,
                    const TensorList&, const TensorList&, double, double, double, double, double, bool, bool)>
    rmsprop_step{
        "rmsprop_step(Tensor[] params, Tensor[] grads, Tensor[] square_avgs, Tensor[] momentum_buffers, "
        "Tensor[] grad_avgs, Tensor[] steps, float lr, float alpha, float eps, float weight_decay, float "
        "momentum, bool centered, bool maximize) -> Tensor[]",
        rmsprop_step_rule,
        {.forms = function, .any_device = true},
        R"(Change parameters and their state by one step of RMSprop, in place; return the parameters.

    Args:
        params: the parameters; run it without recording.
        grads, square_avgs: a gradient and an average for each, of the parameter's shape and dtype.
        momentum_buffers, grad_avgs: likewise, read only with momentum and where centered.
        steps: the number of steps taken, one float element for each parameter; it is raised by one.
        lr, alpha, eps, weight_decay, momentum, centered, maximize: as in `optim.RMSprop`.

    Source: Tieleman and Hinton, Lecture 6.5, 2012, in PyTorch's form.

    >>> state = [lampas.zeros(1)], [], [], [lampas.tensor(0.)]
    >>> options = 0.5, 0.75, 0., 0., 0., False, False
    >>> lampas._core.rmsprop_step([lampas.ones(1)], [lampas.ones(1)], *state, *options)
    [tensor([0.])]
)"};

const Op<TensorList(const TensorList&, const TensorList&, const TensorList&, const TensorList&, double,
                    double, double, double, bool)>
    adagrad_step{
        "adagrad_step(Tensor[] params, Tensor[] grads, Tensor[] sums, Tensor[] steps, float lr, float "
        "lr_decay, float weight_decay, float eps, bool maximize) -> Tensor[]",
        adagrad_step_rule,
        {.forms = function, .any_device = true},
        R"(Change parameters and their state by one step of Adagrad, in place; return the parameters.

    Args:
        params: the parameters; run it without recording.
        grads, sums: a gradient and a sum of squares for each, of the parameter's shape and dtype.
        steps: the number of steps taken, one float element for each parameter; it is raised by one.
        lr, lr_decay, weight_decay, eps, maximize: as in `optim.Adagrad`.

    Source: Duchi et al., Adaptive subgradient methods, 2011, in PyTorch's form.

    >>> state = [lampas.zeros(1)], [lampas.tensor(0.)]
    >>> lampas._core.adagrad_step([lampas.ones(1)], [lampas.ones(1)], *state, 0.5, 0., 0., 0., False)
    [tensor([0.5000])]
)"};

const Op<TensorList(const TensorList&, const TensorList&, const TensorList&, const TensorList&,
                    const TensorList&, double, double, double, double, bool)>
    adadelta_step{
        "adadelta_step(Tensor[] params, Tensor[] grads, Tensor[] square_avgs, Tensor[] acc_deltas, Tensor[] "
        "steps, float lr, float rho, float eps, float weight_decay, bool maximize) -> Tensor[]",
        adadelta_step_rule,
        {.forms = function, .any_device = true},
        R"(Change parameters and their state by one step of Adadelta, in place; return the parameters.

    Args:
        params: the parameters; run it without recording.
        grads, square_avgs, acc_deltas: a gradient and two averages for each, of the parameter's shape and dtype.
        steps: the number of steps taken, one float element for each parameter; it is raised by one.
        lr, rho, eps, weight_decay, maximize: as in `optim.Adadelta`.

    Source: Zeiler, ADADELTA: An adaptive learning rate method, 2012, in PyTorch's form.

    >>> state = [lampas.zeros(1)], [lampas.ones(1)], [lampas.tensor(0.)]
    >>> lampas._core.adadelta_step([lampas.ones(1)], [lampas.ones(1)], *state, 0.5, 0.75, 0., 0., False)
    [tensor([0.])]
)"};

}  // namespace
}  // namespace lampas
