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

void check_pair(const Tensor& param, const Tensor& other, const char* role) {
  check(is_floating(param.dtype()), "optimizers change floating point parameters, not ",
        name_of(param.dtype()));
  check(param.sizes() == other.sizes() && param.dtype() == other.dtype() && param.device() == other.device(),
        "a parameter of shape ", param.sizes(), " and dtype ", name_of(param.dtype()), " has a ", role,
        " of shape ", other.sizes(), " and dtype ", name_of(other.dtype()));
}

TensorList sgd_step_rule(Call& call, const TensorList& params, const TensorList& grads,
                         const TensorList& momentum_buffers, double lr, double momentum, double dampening,
                         double weight_decay, bool nesterov, bool maximize) {
  call.not_differentiable();
  check(params.size() == grads.size() && (momentum == 0 || momentum_buffers.size() == params.size()),
        "sgd_step takes as many gradients and momentum buffers as parameters");
  // All checks come before the first change: a step is taken as a whole or not at all.
  for (size_t i = 0; i < params.size(); ++i) {
    check_pair(params[i], grads[i], "gradient");
    check_writable(params[i]);
    if (momentum != 0 && momentum_buffers[i].defined())
      check_pair(params[i], momentum_buffers[i], "momentum buffer");
  }
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

}  // namespace
}  // namespace lampas
