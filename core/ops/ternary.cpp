// addcmul, addcdiv, lerp: ops of three tensors that broadcast against each other.
#include "core/ops/ternary.h"

#include "core/kernels/copy.h"
#include "core/kernels/elementwise.h"
#include "core/ops/binary.h"
#include "core/ops/creation.h"
#include "core/ops/promotion.h"
#include "core/ops/unary.h"

namespace lampas {
namespace {

void run(TernaryFunction function, const Parameter* parameter, const Tensor& first, const Tensor& second,
         const Tensor& third, const Tensor& output) {
  DType dtype = output.dtype();
  kernels::ternary(output.device(), function, parameter, Converted(first, dtype), Converted(second, dtype),
                   Converted(third, dtype), output);
}

Tensor addcmul_rule(Call& call, const Tensor& input, const Tensor& tensor1, const Tensor& tensor2,
                    Scalar value) {
  DType dtype = result_type({input, tensor1, tensor2});
  if (dtype == DType::bool_)
    fail(ErrorKind::not_implemented, "\"addcmul_cpu_out\" not implemented for 'Bool'");
  Tensor output = call.elementwise_output({input, tensor1, tensor2}, dtype);
  if (Recording node = call.record("AddcmulBackward0", {input, tensor1, tensor2})) {
    Saved saved1 = tensor2.requires_grad() ? node.save("tensor1", tensor1) : Saved();
    Saved saved2 = tensor1.requires_grad() ? node.save("tensor2", tensor2) : Saved();
    node.derivative([saved1, saved2, value](const Gradients& grad, Wanted wanted) {
      auto times = [&](const Tensor& factor) { return mul(grad[0], conjugate(scaled(factor, value))); };
      return Gradients{wanted[0] ? grad[0] : Tensor(), wanted[1] ? times(saved2()) : Tensor(),
                       wanted[2] ? times(saved1()) : Tensor()};
    });
  }
  Parameter parameter = as_parameter(value);
  run(TernaryFunction::addcmul, &parameter, input, tensor1, tensor2, output);
  return output;
}

Tensor addcdiv_rule(Call& call, const Tensor& input, const Tensor& tensor1, const Tensor& tensor2,
                    Scalar value) {
  check(
      !is_integral(tensor1.dtype()) || !is_integral(tensor2.dtype()),
      "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a "
      "true "
      "division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * "
      "torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / "
      "tensor2) for float inputs. The future addcdiv behavior is just the latter implementation: (input + "
      "value * "
      "tensor1 / tensor2), for all dtypes.");
  DType dtype = result_type({input, tensor1, tensor2});
  Tensor output = call.elementwise_output({input, tensor1, tensor2}, dtype);
  if (Recording node = call.record("AddcdivBackward0", {input, tensor1, tensor2})) {
    Saved saved1 = tensor2.requires_grad() ? node.save("tensor1", tensor1) : Saved();
    Saved saved2 = node.save("tensor2", tensor2);
    node.derivative([saved1, saved2, value](const Gradients& grad, Wanted wanted) {
      Gradients result{wanted[0] ? grad[0] : Tensor(), Tensor(), Tensor()};
      Tensor divisor = saved2();
      if (wanted[1]) result[1] = mul(grad[0], conjugate(div(number_tensor(value), divisor)));
      if (wanted[2])
        result[2] = neg(mul(grad[0], conjugate(div(scaled(saved1(), value), mul(divisor, divisor)))));
      return result;
    });
  }
  Parameter parameter = as_parameter(value);
  run(TernaryFunction::addcdiv, &parameter, input, tensor1, tensor2, output);
  return output;
}

void check_lerp(const Tensor& input, const Tensor& other, const char* name) {
  if (other.dtype() != input.dtype())
    fail(ErrorKind::runtime, "expected dtype ", compiler_name(input.dtype()), " for `", name,
         "` but got dtype ", compiler_name(other.dtype()));
}

// `number`: the weight was a Python number.
Tensor interpolate(Call& call, const Tensor& input, const Tensor& end, const Tensor& weight, bool number) {
  check_lerp(input, end, "end");
  check_lerp(input, weight, "weight");
  if (!is_differentiable(input.dtype()))
    fail(ErrorKind::not_implemented, number ? "\"lerp_kernel_scalar\"" : "\"lerp_kernel_tensor\"",
         " not implemented for '", scalar_type_name(input.dtype()), "'");
  Tensor output = call.elementwise_output({input, end, weight}, input.dtype());
  if (Recording node = call.record(number ? "LerpBackward0" : "LerpBackward1", {input, end, weight})) {
    if (number) node.node()->next.pop_back();  // PyTorch's node has no edge for a number
    Saved saved_weight = node.save("weight", weight);
    Saved saved_input = weight.requires_grad() ? node.save("self", input) : Saved();
    Saved saved_end = weight.requires_grad() ? node.save("end", end) : Saved();
    node.derivative([=](const Gradients& grad, Wanted wanted) {
      Tensor share = mul(grad[0], saved_weight());
      Gradients result{wanted[0] ? sub(grad[0], share, 1) : Tensor(), wanted[1] ? share : Tensor()};
      if (!number) result.push_back(wanted[2] ? mul(grad[0], sub(saved_end(), saved_input(), 1)) : Tensor());
      return result;
    });
  }
  if (is_complex(output.dtype())) {
    GradModeGuard unrecorded(false);
    kernels::copy(output.device(), add(input, mul(weight, sub(end, input, 1)), 1), output);
  } else {
    run(TernaryFunction::lerp, nullptr, input, end, weight, output);
  }
  return output;
}

Tensor lerp_rule(Call& call, const Tensor& input, const Tensor& end, const Tensor& weight) {
  return interpolate(call, input, end, weight, false);
}

Tensor lerp_number_rule(Call& call, const Tensor& input, const Tensor& end, Scalar weight) {
  return interpolate(call, input, end, full({}, weight, input.dtype(), input.device()), true);
}

constexpr Traits traits{.forms = function | method | in_place | out,
                        .batching = Batching::elementwise,
                        .autocast = Autocast::promote,
                        .elementwise = true};

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, Scalar)> addcmul{
    "addcmul(Tensor input, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor", addcmul_rule,
    traits,
    R"(Compute input + value * tensor1 * tensor2, element by element.

    Args:
        input, tensor1, tensor2: tensors that broadcast against each other.
        value: the factor of the product.

    >>> lampas.addcmul(lampas.ones(2), lampas.ones(2), lampas.ones(2), value=3)
    tensor([4., 4.])
)"};

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, Scalar)> addcdiv{
    "addcdiv(Tensor input, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor", addcdiv_rule,
    traits,
    R"(Compute input + value * tensor1 / tensor2, element by element.

    Args:
        input, tensor1, tensor2: tensors that broadcast against each other; one of the last two is floating.
        value: the factor of the quotient.

    >>> lampas.addcdiv(lampas.ones(2), lampas.ones(2), lampas.full((2,), 2.0))
    tensor([1.5000, 1.5000])
)"};

const Op<Tensor(const Tensor&, const Tensor&, Scalar)> lerp_number{
    "lerp(Tensor input, Tensor end, Scalar weight) -> Tensor", lerp_number_rule, traits,
    R"(Go from `input` to `end` by the share `weight`: input + weight * (end - input).

    Args:
        input, end: floating point tensors of one dtype that broadcast against each other.
        weight: a number or a tensor.

    >>> lampas.lerp(lampas.zeros(2), lampas.ones(2), 0.25)
    tensor([0.2500, 0.2500])
)"};

}  // namespace

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&)> lerp{
    "lerp.tensor(Tensor input, Tensor end, Tensor weight) -> Tensor", lerp_rule, traits,
    "lerp with a share for each element."};

}  // namespace lampas
