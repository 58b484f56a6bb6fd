// Division that rounds, what remains of it, and bits shifted.
#include <cmath>

#include "core/kernels/integer.h"
#include "core/ops/arithmetic.h"
#include "core/ops/creation.h"
#include "core/ops/pointwise.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, const Tensor&, std::optional<std::string>)> div_mode;

namespace {

using namespace arithmetic;
using namespace pointwise;
using kernels::IntegerFunction;

// Of integers by `integers`, of floating numbers by `floats`.
void run_either(IntegerFunction integers, SpecialBinary floats, const Tensor& input, const Tensor& other,
                const Tensor& output) {
  DType dtype = output.dtype();
  Converted first(input, dtype), second(other, dtype);
  if (is_integral(dtype))
    kernels::integer_binary(output.device(), integers, first, second, output);
  else
    kernels::special_binary(output.device(), floats, first, second, output);
}

void run_floor(const Tensor& input, const Tensor& other, const Tensor& output) {
  run_either(IntegerFunction::floor_divide, SpecialBinary::floor_divide, input, other, output);
}
void run_trunc(const Tensor& input, const Tensor& other, const Tensor& output) {
  DType dtype = output.dtype();
  Converted first(input, dtype), second(other, dtype);
  if (is_integral(dtype)) {
    kernels::integer_binary(output.device(), IntegerFunction::trunc_divide, first, second, output);
  } else {
    run(BinaryFunction::div, first, second, output);
    run(UnaryFunction::trunc, output, output);
  }
}

[[noreturn]] void fail_derivative(const char* name) {
  fail(ErrorKind::runtime, "derivative for aten::", name, " is not implemented");
}

// fmod and remainder: the quotient that was taken away is the other's slope.
template <bool floors>
Tensor remainder_of(Call& call, const Tensor& input, const Tensor& other) {
  Tensor output = call.elementwise_output({input, other}, common_dtype(input, other));
  bool number = other.body().wrapped_number;  // PyTorch's node has no edge for a number
  if (input.body().wrapped_number && floors) {
    if (Recording node = call.record("NotImplemented", {other}))
      node.derivative([](const Gradients&, Wanted) -> Gradients { fail_derivative("remainder"); });
  } else if (number) {
    if (Recording node = call.record(floors ? "RemainderBackward0" : "FmodBackward0", {input}))
      node.derivative([](const Gradients& grad, Wanted) { return Gradients{grad[0]}; });
  } else if (Recording node = call.record(floors ? "RemainderBackward1" : "FmodBackward1", {input, other})) {
    Saved saved_input = node.save("self", input), saved_other = node.save("other", other);
    node.derivative([saved_input, saved_other](const Gradients& grad, Wanted wanted) {
      Gradients result{grad[0], Tensor()};
      if (wanted[1])
        result[1] = -grad[0] * div_mode(saved_input(), saved_other(), floors ? "floor" : "trunc");
      return result;
    });
  }
  run_either(floors ? IntegerFunction::remainder : IntegerFunction::fmod,
             floors ? SpecialBinary::remainder : SpecialBinary::fmod, input, other, output);
  return output;
}

Tensor floor_divide_rule(Call& call, const Tensor& input, const Tensor& other) {
  Tensor output = call.elementwise_output({input, other}, common_dtype(input, other));
  if (Recording node = call.record("NotImplemented", {input, other})) {
    if (other.body().wrapped_number) node.node()->next.pop_back();
    node.derivative([](const Gradients&, Wanted) -> Gradients { fail_derivative("floor_divide"); });
  }
  run_floor(input, other, output);
  return output;
}

Tensor div_mode_rule(Call& call, const Tensor& input, const Tensor& other,
                     std::optional<std::string> rounding_mode) {
  bool floors = rounding_mode == "floor";
  check(!rounding_mode || floors || rounding_mode == "trunc",
        "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '",
        rounding_mode.value_or(""), "'");
  DType dtype = common_dtype(input, other);
  if (!rounding_mode) dtype = floating_result(dtype);
  Tensor output = call.elementwise_output({input, other}, dtype);
  if (Recording node = call.record("DivBackward2", {input, other})) {
    bool exact = !rounding_mode;
    Saved saved_input = exact ? node.save("self", input) : Saved();
    Saved saved_other = exact ? node.save("other", other) : Saved();
    node.derivative([exact, saved_input, saved_other](const Gradients& grad, Wanted) {
      if (!exact) return Gradients{zeros_like(grad[0]), zeros_like(grad[0])};
      Tensor divisor = conjugate(saved_other());
      return Gradients{grad[0] / divisor, -(grad[0] * (conjugate(saved_input()) / divisor) / divisor)};
    });
  }
  if (!rounding_mode)
    run(BinaryFunction::div, Converted(input, dtype), Converted(other, dtype), output);
  else
    floors ? run_floor(input, other, output) : run_trunc(input, other, output);
  return output;
}

// Of integers alone.
template <IntegerFunction function>
Tensor integer_rule(Call& call, const Tensor& input, const Tensor& other) {
  call.not_differentiable();
  DType dtype = common_dtype(input, other);
  broadcast_shapes(input.sizes(), other.sizes());  // shapes that do not fit are told before the dtype
  if (!is_integral(dtype, false))
    fail(ErrorKind::not_implemented, "\"integer_cpu\" not implemented for '", scalar_type_name(dtype), "'");
  Tensor output = call.elementwise_output({input, other}, dtype);
  kernels::integer_binary(output.device(), function, Converted(input, dtype), Converted(other, dtype),
                          output);
  return output;
}

constexpr Traits flat{
    .forms = every_form, .batching = Batching::elementwise, .forward = Forward::none, .elementwise = true};
using BinaryOp = Op<Tensor(const Tensor&, const Tensor&)>;

}  // namespace

const Op<Tensor(const Tensor&, const Tensor&, std::optional<std::string>)> div_mode{
    "div.mode(Tensor input, Tensor other, *, str? rounding_mode) -> Tensor", div_mode_rule, plain,
    R"(Divide `input` by `other` and round the quotient.

    Args:
        rounding_mode: None, 'trunc' for towards zero or 'floor' for down; integers stay integers then.

    >>> lampas.div(lampas.tensor([7, -7]), 2, rounding_mode='floor')
    tensor([ 3, -4])
)"};

const BinaryOp floor_divide{"floor_divide(Tensor input, Tensor other) -> Tensor", floor_divide_rule, flat,
                            R"(Divide and round down, as Python does with //.

    >>> lampas.floor_divide(lampas.tensor([7, -7]), 2)
    tensor([ 3, -4])
)"};

const BinaryOp remainder{"remainder(Tensor input, Tensor other) -> Tensor", remainder_of<true>, plain,
                         R"(Give what remains of a division rounded down: Python's %, of the divisor's sign.

    >>> lampas.remainder(lampas.tensor([7, -7]), 3)
    tensor([1, 2])
)"};

const BinaryOp fmod{"fmod(Tensor input, Tensor other) -> Tensor", remainder_of<false>, plain,
                    R"(Give what remains of a division rounded towards zero, of the dividend's sign.

    >>> lampas.fmod(lampas.tensor([7, -7]), 3)
    tensor([ 1, -1])
)"};

const BinaryOp gcd{"gcd(Tensor input, Tensor other) -> Tensor", integer_rule<IntegerFunction::gcd>, flat,
                   R"(Take the greatest common divisor of two integers.

    >>> lampas.gcd(lampas.tensor([6, 9]), lampas.tensor([4, 6]))
    tensor([2, 3])
)"};

const BinaryOp lcm{"lcm(Tensor input, Tensor other) -> Tensor", integer_rule<IntegerFunction::lcm>, flat,
                   R"(Take the least common multiple of two integers.

    >>> lampas.lcm(lampas.tensor([6, 9]), lampas.tensor([4, 6]))
    tensor([12, 18])
)"};

const BinaryOp bitwise_left_shift{"bitwise_left_shift(Tensor input, Tensor other) -> Tensor",
                                  integer_rule<IntegerFunction::left_shift>, flat,
                                  R"(Shift the bits of integers to the left.

    >>> lampas.bitwise_left_shift(lampas.tensor([1, 3]), 2)
    tensor([ 4, 12])
)"};

const BinaryOp bitwise_right_shift{"bitwise_right_shift(Tensor input, Tensor other) -> Tensor",
                                   integer_rule<IntegerFunction::right_shift>, flat,
                                   R"(Shift the bits of integers to the right; the sign stays.

    >>> lampas.bitwise_right_shift(lampas.tensor([8, -8]), 2)
    tensor([ 2, -2])
)"};

}  // namespace lampas
