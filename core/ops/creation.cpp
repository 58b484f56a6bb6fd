// clone, copy_, fill_, conversion between dtypes and devices, and the plain makers the core itself uses.
#include "core/ops/creation.h"

#include "core/kernels/copy.h"
#include "core/kernels/creation.h"
#include "core/ops/promotion.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

Tensor clone_into(Call& call, const Tensor& input, const Tensor& output) {
  if (Recording node = call.record("CloneBackward0", {input}))
    node.derivative([](const Gradients& grad, Wanted) { return Gradients{grad[0]}; });
  kernels::copy(input.device(), input, output);
  return output;
}

Tensor clone_rule(Call& call, const Tensor& input) {
  return clone_into(call, input, call.elementwise_output({input}, input.dtype()));
}

Tensor contiguous_copy_rule(Call& call, const Tensor& input) {
  return clone_into(call, input, call.output(input.sizes(), input.dtype(), input.device()));
}

Tensor copy_rule(Call& call, const Tensor& input, const Tensor& src) {
  if (!can_expand(src.sizes(), input.sizes()))
    fail(ErrorKind::runtime, "output with shape ", input.sizes(), " doesn't match the broadcast shape ",
         broadcast_shapes(input.sizes(), src.sizes()));
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record("CopyBackwards", {input, src})) {
    DType dtype = src.dtype();
    Device device = src.device();
    node.derivative([dtype, device](const Gradients& grad, Wanted wanted) {
      Tensor zero = wanted[0] ? zeros_like(grad[0]) : Tensor();
      if (!wanted[1]) return Gradients{zero, Tensor()};
      bool alike = grad[0].dtype() == dtype && grad[0].device() == device;
      return Gradients{zero, alike ? grad[0] : to_copy(grad[0], dtype, device)};
    });
  }
  if (src.device() == input.device())
    kernels::copy(input.device(), src, output);
  else
    kernels::copy_across(src, output);
  return output;
}

Tensor to_copy_rule(Call& call, const Tensor& input, OptionalDType dtype, OptionalDevice device) {
  Tensor output =
      call.elementwise_output({input}, dtype.value_or(input.dtype()), device.value_or(input.device()));
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
  call.allow_overlapping_target();
  // PyTorch lets infinity stand for what is too large for a half.
  bool half = input.dtype() == DType::float16 || input.dtype() == DType::bfloat16;
  check_fits(value, half ? DType::float64 : input.dtype());
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record(call.in_place() ? "FillBackward2" : "FillBackward0", {input}))
    node.derivative([](const Gradients& grad, Wanted) { return Gradients{zeros_like(grad[0])}; });
  kernels::fill(input.device(), value, output);
  return output;
}

Tensor fill_tensor_rule(Call& call, const Tensor& input, const Tensor& value) {
  check(value.dim() == 0, "fill_ only supports 0-dimension value tensor but got tensor with ", value.dim(),
        " dimensions.");
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record(call.in_place() ? "FillBackward3" : "FillBackward1", {input, value}))
    node.derivative([](const Gradients& grad, Wanted wanted) {
      return Gradients{wanted[0] ? zeros_like(grad[0]) : Tensor(), grad[0]};  // the engine sums
    });
  Shape repeated(output.sizes().size(), 0);
  kernels::copy(output.device(), alias(value, output.sizes(), repeated, value.offset()), output);
  return output;
}

Tensor zero_rule(Call& call, const Tensor& input) {
  call.allow_overlapping_target();
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record("ZeroBackward0", {input}))
    node.derivative([](const Gradients& grad, Wanted) { return Gradients{zeros_like(grad[0])}; });
  kernels::fill(input.device(), 0, output);
  return output;
}

Tensor contiguous_rule(Call&, const Tensor& input) { return as_contiguous(input); }

}  // namespace

const Op<Tensor(const Tensor&)> clone{
    "clone(Tensor input) -> Tensor",
    clone_rule,
    {.forms = function | method,
     .batching = Batching::elementwise,
     .forward = Forward::linear,
     .elementwise = true},
    R"(Copy a tensor, in its order of dims in memory; gradients flow through the copy.

    >>> lampas.clone(lampas.tensor([1, 2]))
    tensor([1, 2])
)"};

const Op<Tensor(const Tensor&)> contiguous_copy{
    "_contiguous_copy(Tensor input) -> Tensor",
    contiguous_copy_rule,
    {.forms = Forms{}, .batching = Batching::elementwise, .forward = Forward::linear, .elementwise = true},
    "clone whose elements lie in order."};

const Op<Tensor(const Tensor&, const Tensor&)> copy{
    "copy(Tensor input, Tensor src) -> Tensor",
    copy_rule,
    {.forms = in_place, .batching = Batching::elementwise, .elementwise = true, .any_device = true},
    R"(Overwrite a tensor with `src`, which broadcasts and is converted in dtype and device.

    >>> lampas.zeros(2).copy_(lampas.tensor([1, 2]))
    tensor([1., 2.])
)"};

const Op<Tensor(const Tensor&, OptionalDType, OptionalDevice)> to_copy{
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

const Op<Tensor(const Tensor&, const Tensor&)> fill_tensor{
    "fill.Tensor(Tensor input, Tensor value) -> Tensor",
    fill_tensor_rule,
    {.forms = function | in_place, .batching = Batching::elementwise, .elementwise = true},
    R"(Set every element to the one of `value`, a tensor without dims.

    >>> lampas.zeros(2).fill_(lampas.tensor(3))
    tensor([3., 3.])
)"};

const Op<Tensor(const Tensor&)> zero{
    "zero(Tensor input) -> Tensor",
    zero_rule,
    {.forms = in_place, .batching = Batching::elementwise, .forward = Forward::linear, .elementwise = true},
    R"(Set every element to zero.

    >>> lampas.tensor([1, 2]).zero_()
    tensor([0, 0])
)"};

const Op<Tensor(const Tensor&)> contiguous{
    "contiguous(Tensor input) -> Tensor",
    contiguous_rule,
    {.forms = method, .composite = true},
    R"(Give a tensor whose elements lie in order and without gaps: itself, or a copy.

    >>> lampas.tensor([[1, 2], [3, 4]]).t().contiguous().stride()
    (2, 1)
)"};

Tensor made_output(Call& call, const Shape& size, OptionalDType dtype, OptionalDevice device,
                   DType otherwise) {
  call.not_differentiable();
  check(elements_fit(size), "Storage size calculation overflowed with sizes=", size);
  const Tensor* target = call.target();
  if (target && target->defined()) {
    check(!dtype || *dtype == target->dtype(), "dtype ", scalar_type_name(dtype.value_or(otherwise)),
          " does not match dtype of out parameter (", scalar_type_name(target->dtype()), ")");
    dtype = target->dtype();
    if (!device) device = target->device();
    if (target->sizes() != size) resize(*target, size);  // here PyTorch does not warn
  }
  return call.output(size, dtype.value_or(otherwise), device.value_or(Device{}));
}

Tensor output_like(Call& call, const Tensor& input, OptionalDType dtype, OptionalDevice device) {
  call.not_differentiable();
  return call.elementwise_output({input}, dtype.value_or(input.dtype()), device.value_or(input.device()));
}

Tensor full(const Shape& sizes, const Scalar& value, DType dtype, Device device) {
  Tensor result = new_tensor(sizes, dtype, device);
  kernels::fill(device, value, result);
  return result;
}

Tensor zeros(const Shape& sizes, DType dtype, Device device) { return full(sizes, 0, dtype, device); }

Tensor arange_of(int64_t count, Device device) {
  Tensor result = new_tensor({count}, DType::int64, device);
  kernels::arange(device, 0, 1, result);
  return result;
}

Tensor zeros_like(const Tensor& tensor) { return zeros(tensor.sizes(), tensor.dtype(), tensor.device()); }

Tensor ones_like(const Tensor& tensor) { return full(tensor.sizes(), 1, tensor.dtype(), tensor.device()); }

Tensor cast(const Tensor& tensor, DType dtype) {
  return tensor.dtype() == dtype ? tensor : to_copy(tensor, dtype, std::nullopt);
}

}  // namespace lampas
