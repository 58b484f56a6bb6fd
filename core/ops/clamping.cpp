// clamp, clamp_min, clamp_max: elements kept between bounds, which are numbers or tensors.
#include <cmath>
#include <limits>

#include "core/kernels/copy.h"
#include "core/kernels/elementwise.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/promotion.h"

namespace lampas {
namespace {

using Bound = std::optional<Scalar>;

void check_bounds(bool any) { check(any, "torch.clamp: At least one of 'min' or 'max' must not be None"); }

void check_not_complex(DType dtype) {
  if (is_complex(dtype)) fail(ErrorKind::not_implemented, "clamp is not supported for complex types");
}

// A bound as the kernel reads it; a missing one is the end of the dtype's range.
Parameter as_parameter(const Bound& bound, DType dtype, bool upper) {
  Parameter parameter;
  parameter.real = upper ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
  int bits = static_cast<int>(item_size(dtype)) * 8 - is_signed(dtype);
  int64_t greatest = bits >= 63 ? std::numeric_limits<int64_t>::max() : (int64_t{1} << bits) - 1;
  if (dtype == DType::uint64) greatest = -1;  // all bits
  parameter.integer = upper ? greatest : is_signed(dtype) ? -greatest - 1 : 0;
  if (bound) {
    parameter.real = bound->to<double>();
    parameter.integer = bound->to<int64_t>();
  }
  return parameter;
}

Tensor clamp_to(Call& call, const char* node_name, const Tensor& input, Bound min, Bound max) {
  check_bounds(min || max);
  TensorList meeting{input};
  if (min) meeting.push_back(number_tensor(*min));
  if (max) meeting.push_back(number_tensor(*max));
  DType dtype = result_type(meeting);
  check_not_complex(dtype);
  if (min && is_integral(dtype)) check_fits(*min, dtype);
  if (max && is_integral(dtype)) check_fits(*max, dtype);
  Tensor output = call.elementwise_output({input}, dtype);
  if (Recording node = call.record(node_name, {input})) {
    Saved saved_input = node.save("self", input);
    node.derivative([saved_input, min, max](const Gradients& grad, Wanted) {
      Tensor x = saved_input(), inside;
      if (min) inside = ge(x, number_tensor(*min));
      if (max) {
        Tensor below = le(x, number_tensor(*max));
        inside = min ? mul(inside, below) : below;  // of bools: and
      }
      return Gradients{where(inside, grad[0], number_tensor(0))};
    });
  }
  if ((min && std::isnan(min->to<double>())) || (max && std::isnan(max->to<double>()))) {
    kernels::fill(input.device(), std::numeric_limits<double>::quiet_NaN(), output);
    return output;
  }
  Parameter parameters[] = {as_parameter(min, dtype, false), as_parameter(max, dtype, true)};
  kernels::unary(input.device(), UnaryFunction::clamp, parameters, Converted(input, dtype), output);
  return output;
}

Tensor clamp_rule(Call& call, const Tensor& input, Bound min, Bound max) {
  return clamp_to(call, "ClampBackward1", input, min, max);
}

Tensor clamp_min_rule(Call& call, const Tensor& input, Scalar min) {
  return clamp_to(call, "ClampMinBackward0", input, min, std::nullopt);
}

Tensor clamp_max_rule(Call& call, const Tensor& input, Scalar max) {
  return clamp_to(call, "ClampMaxBackward0", input, std::nullopt, max);
}

// With tensors as bounds. Where the two cross, the upper one wins.
Tensor clamp_tensor_rule(Call& call, const Tensor& input, const Tensor& min, const Tensor& max) {
  check_bounds(min.defined() || max.defined());
  DType dtype = result_type({input, min, max});
  check_not_complex(dtype);
  if (dtype == DType::bool_)
    fail(ErrorKind::not_implemented, "\"clamp_kernel_impl\" not implemented for 'Bool'");
  Tensor output = call.elementwise_output({input, min, max}, dtype);
  if (Recording node = call.record("ClampBackward0", {input, min, max})) {
    Saved saved_input = node.save("self", input);
    Saved saved_min = node.save("min", min), saved_max = node.save("max", max);
    node.derivative([=](const Gradients& grad, Wanted wanted) {
      Tensor x = saved_input(), low = saved_min(), high = saved_max(), zero = number_tensor(0);
      Tensor inside = low.defined() ? ge(x, low) : le(x, high);
      if (low.defined() && high.defined()) inside = mul(inside, le(x, high));
      Gradients result(3);
      if (wanted[0]) result[0] = where(inside, grad[0], zero);
      if (low.defined() && wanted[1]) {
        Tensor raised = lt(x, low);
        if (high.defined()) raised = mul(raised, lt(low, high));
        result[1] = where(raised, grad[0], zero);
      }
      if (high.defined() && wanted[2]) {
        Tensor lowered = gt(x, high);
        if (low.defined()) lowered = add(lowered, lt(high, low), 1);  // of bools: or
        result[2] = where(lowered, grad[0], zero);
      }
      return result;
    });
  }
  Converted x(input, dtype);
  if (!min.defined()) {
    kernels::binary(output.device(), BinaryFunction::minimum, nullptr, x, Converted(max, dtype), output);
    return output;
  }
  // In place, `max` may be the tensor that is overwritten.
  bool keeps_max = max.defined() && max.same_as(output);
  Tensor raised = keeps_max ? new_tensor(output.sizes(), dtype, output.device()) : output;
  kernels::binary(output.device(), BinaryFunction::maximum, nullptr, x, Converted(min, dtype), raised);
  if (max.defined())
    kernels::binary(output.device(), BinaryFunction::minimum, nullptr, raised, Converted(max, dtype), output);
  return output;
}

// With one tensor as the bound. An element that equals it keeps its gradient.
template <bool lower>
Tensor clamp_one_tensor_rule(Call& call, const Tensor& input, const Tensor& bound) {
  DType dtype = result_type({input, bound});
  Tensor output = call.elementwise_output({input, bound}, dtype);
  if (Recording node = call.record(lower ? "ClampMinBackward1" : "ClampMaxBackward1", {input, bound})) {
    Saved saved_input = node.save("self", input), saved_bound = node.save("bound", bound);
    node.derivative([saved_input, saved_bound](const Gradients& grad, Wanted) {
      Tensor x = saved_input(), limit = saved_bound(), zero = number_tensor(0);
      Tensor inside = lower ? ge(x, limit) : le(x, limit), outside = lower ? lt(x, limit) : gt(x, limit);
      return Gradients{where(inside, grad[0], zero), where(outside, grad[0], zero)};
    });
  }
  kernels::binary(output.device(), lower ? BinaryFunction::maximum : BinaryFunction::minimum, nullptr,
                  Converted(input, dtype), Converted(bound, dtype), output);
  return output;
}

constexpr Traits plain{
    .forms = function | method | in_place | out, .batching = Batching::elementwise, .elementwise = true};
using WithNumber = Op<Tensor(const Tensor&, Scalar)>;

}  // namespace

const Op<Tensor(const Tensor&, Bound, Bound)> clamp{
    "clamp(Tensor input, Scalar? min=None, Scalar? max=None) -> Tensor", clamp_rule, plain,
    R"(Keep elements between two bounds; NaN stays.

    Args:
        input: a real tensor.
        min, max: numbers or tensors that broadcast; one may be None. Where they cross, `max` wins.

    Raises RuntimeError where both are None.

    >>> lampas.clamp(lampas.tensor([-1.0, 0.5, 2.0]), 0, 1)
    tensor([0.0000, 0.5000, 1.0000])
)"};

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&)> clamp_tensor{
    "clamp.Tensor(Tensor input, Tensor? min=None, Tensor? max=None) -> Tensor", clamp_tensor_rule, plain,
    R"(Keep elements between the elements of two other tensors; one may be None.

    >>> lampas.clamp(lampas.tensor([-1.0, 5.0]), lampas.tensor([0.0, 0.0]), lampas.tensor([1.0, 2.0]))
    tensor([0., 2.])
)"};

const WithNumber clamp_min{"clamp_min(Tensor input, Scalar min) -> Tensor", clamp_min_rule, plain,
                           R"(Raise elements below `min` to it.

    >>> lampas.clamp_min(lampas.tensor([-1, 5]), 0)
    tensor([0, 5])
)"};

const WithNumber clamp_max{"clamp_max(Tensor input, Scalar max) -> Tensor", clamp_max_rule, plain,
                           R"(Lower elements above `max` to it.

    >>> lampas.clamp_max(lampas.tensor([-1, 5]), 0)
    tensor([-1,  0])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> clamp_min_tensor{
    "clamp_min.Tensor(Tensor input, Tensor min) -> Tensor", clamp_one_tensor_rule<true>, plain,
    R"(Raise elements below those of another tensor to them.

    >>> lampas.clamp_min(lampas.tensor([-1, 5]), lampas.tensor([0, 6]))
    tensor([0, 6])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> clamp_max_tensor{
    "clamp_max.Tensor(Tensor input, Tensor max) -> Tensor", clamp_one_tensor_rule<false>, plain,
    R"(Lower elements above those of another tensor to them.

    >>> lampas.clamp_max(lampas.tensor([-1, 5]), lampas.tensor([0, 6]))
    tensor([-1,  5])
)"};

}  // namespace lampas
