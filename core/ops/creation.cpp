// clone, copy_, fill_, conversion between dtypes and devices, and the plain makers the core itself uses.
#include "core/ops/creation.h"

#include "core/kernels/copy.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

Tensor clone_rule(Call& call, const Tensor& input) {
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record("CloneBackward0", {input}))
    node.derivative([](const Gradients& grad, Wanted) { return Gradients{grad[0]}; });
  kernels::copy(input.device(), input, output);
  return output;
}

Tensor copy_rule(Call& call, const Tensor& input, const Tensor& src) {
  if (!can_expand(src.sizes(), input.sizes())) broadcast_shapes(input.sizes(), src.sizes());
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record("CopyBackwards", {input, src})) {
    DType dtype = src.dtype();
    Device device = src.device();
    node.derivative([dtype, device](const Gradients& grad, Wanted wanted) {
      if (!wanted[1]) return Gradients{Tensor(), Tensor()};
      bool alike = grad[0].dtype() == dtype && grad[0].device() == device;
      return Gradients{Tensor(), alike ? grad[0] : to_copy(grad[0], dtype, device)};
    });
  }
  if (src.device() == input.device())
    kernels::copy(input.device(), src, output);
  else
    kernels::copy_across(src, output);
  return output;
}

Tensor to_copy_rule(Call& call, const Tensor& input, std::optional<DType> dtype,
                    std::optional<Device> device) {
  Tensor output = call.output(input.sizes(), dtype.value_or(input.dtype()), device.value_or(input.device()));
  if (!is_differentiable(output.dtype())) {
    call.not_differentiable();
  } else if (Recording node = call.record("ToCopyBackward0", {input})) {
    DType source_dtype = input.dtype();
    Device source_device = input.device();
    node.derivative([source_dtype, source_device](const Gradients& grad, Wanted) {
      return Gradients{to_copy(grad[0], source_dtype, source_device)};
    });
  }
  if (output.device() == input.device())
    kernels::copy(input.device(), input, output);
  else
    kernels::copy_across(input, output);
  return output;
}

Tensor fill_rule(Call& call, const Tensor& input, Scalar value) {
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record("FillBackward0", {input}))
    node.derivative([](const Gradients&, Wanted) { return Gradients{Tensor()}; });
  kernels::fill(input.device(), value, output);
  return output;
}

}  // namespace

const Op<Tensor(const Tensor&)> clone{"clone(Tensor input) -> Tensor",
                                      clone_rule,
                                      {.forms = function | method,
                                       .batching = Batching::elementwise,
                                       .forward = Forward::linear,
                                       .elementwise = true},
                                      R"(Copy a tensor; gradients flow through the copy.

    >>> lampas.clone(lampas.tensor([1, 2]))
    tensor([1, 2])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> copy{
    "copy(Tensor input, Tensor src) -> Tensor",
    copy_rule,
    {.forms = in_place, .batching = Batching::elementwise, .elementwise = true, .any_device = true},
    R"(Overwrite a tensor with `src`, which broadcasts and is converted in dtype and device.

    >>> lampas.zeros(2).copy_(lampas.tensor([1, 2]))
    tensor([1., 2.])
)"};

const Op<Tensor(const Tensor&, std::optional<DType>, std::optional<Device>)> to_copy{
    "_to_copy(Tensor input, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
    to_copy_rule,
    {.forms = function, .batching = Batching::elementwise, .elementwise = true, .any_device = true},
    "Copy a tensor into another dtype, onto another device, or both."};

const Op<Tensor(const Tensor&, Scalar)> fill{
    "fill(Tensor input, Scalar value) -> Tensor",
    fill_rule,
    {.forms = function | in_place, .batching = Batching::elementwise, .elementwise = true},
    R"(Set every element to `value`.

    >>> lampas.zeros(2).fill_(3)
    tensor([3., 3.])
)"};

Tensor full(const Shape& sizes, const Scalar& value, DType dtype, Device device) {
  Tensor result = new_tensor(sizes, dtype, device);
  kernels::fill(device, value, result);
  return result;
}

Tensor zeros(const Shape& sizes, DType dtype, Device device) { return full(sizes, 0, dtype, device); }

Tensor zeros_like(const Tensor& tensor) { return zeros(tensor.sizes(), tensor.dtype(), tensor.device()); }

Tensor ones_like(const Tensor& tensor) { return full(tensor.sizes(), 1, tensor.dtype(), tensor.device()); }

Tensor cast(const Tensor& tensor, DType dtype) {
  return tensor.dtype() == dtype ? tensor : to_copy(tensor, dtype, std::nullopt);
}

}  // namespace lampas
