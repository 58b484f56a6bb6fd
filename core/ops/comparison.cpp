// eq to ge, maximum, minimum, logical_not, isnan, where, masked_fill, and what is made of these.
#include "core/ops/comparison.h"

#include "core/kernels/copy.h"
#include "core/kernels/elementwise.h"
#include "core/ops/binary.h"
#include "core/ops/creation.h"
#include "core/ops/indexing.h"
#include "core/ops/promotion.h"
#include "core/ops/reduction.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"
#include "core/ops/warning.h"

namespace lampas {
namespace {

template <ComparisonFunction function>
Tensor comparison_rule(Call& call, const Tensor& input, const Tensor& other) {
  call.not_differentiable();
  DType dtype = result_type({input, other});
  Tensor output = call.elementwise_output({input, other}, DType::bool_);
  kernels::comparison(output.device(), function, Converted(input, dtype), Converted(other, dtype), output);
  return output;
}

// The larger or smaller of two elements. Equal ones share the gradient.
template <BinaryFunction function, bool larger>
Tensor extreme_rule(Call& call, const Tensor& input, const Tensor& other) {
  DType dtype = result_type({input, other});
  check(!is_complex(dtype), larger ? "maximum" : "minimum", " not implemented for complex tensors.");
  Tensor output = call.elementwise_output({input, other}, dtype);
  if (Recording node = call.record(larger ? "MaximumBackward0" : "MinimumBackward0", {input, other})) {
    Saved saved_input = node.save("self", input), saved_other = node.save("other", other);
    node.derivative([saved_input, saved_other](const Gradients& grad, Wanted wanted) {
      Tensor a = saved_input(), b = saved_other();
      Tensor shared = where(eq(a, b), div(grad[0], number_tensor(2)), grad[0]);
      // NaN is neither below nor above: then both sides get the gradient, as PyTorch gives it.
      Tensor b_wins = larger ? lt(a, b) : gt(a, b), a_wins = larger ? gt(a, b) : lt(a, b);
      return Gradients{wanted[0] ? masked_fill(shared, b_wins, 0) : Tensor(),
                       wanted[1] ? masked_fill(shared, a_wins, 0) : Tensor()};
    });
  }
  kernels::binary(output.device(), function, nullptr, Converted(input, dtype), Converted(other, dtype),
                  output);
  return output;
}

Tensor logical_not_rule(Call& call, const Tensor& input) {
  call.not_differentiable();
  Tensor output = call.elementwise_output({input}, DType::bool_);
  kernels::unary(input.device(), UnaryFunction::logical_not, nullptr, input, output);
  return output;
}

Tensor isnan_rule(Call& call, const Tensor& input) {
  call.not_differentiable();
  Tensor output = call.elementwise_output({input}, DType::bool_);
  if (is_integral(input.dtype()))
    kernels::fill(input.device(), false, output);
  else
    kernels::unary(input.device(), UnaryFunction::isnan, nullptr, input, output);
  return output;
}

Tensor isfinite_rule(Call&, const Tensor& input) {
  if (is_integral(input.dtype())) return full(input.sizes(), true, DType::bool_, input.device());
  Tensor values = detach(input);
  return eq(sub(values, values, 1), number_tensor(0));  // infinity - infinity is NaN
}

Tensor isinf_rule(Call&, const Tensor& input) {
  return mul(logical_not(isfinite(input)), logical_not(isnan(input)));
}

Tensor isclose_rule(Call&, const Tensor& input, const Tensor& other, double rtol, double atol,
                    bool equal_nan) {
  check(input.dtype() == other.dtype(), scalar_type_name(input.dtype()), " did not match ",
        scalar_type_name(other.dtype()));
  check(rtol >= 0, "rtol must be greater than or equal to zero, but got ", rtol);
  check(atol >= 0, "atol must be greater than or equal to zero, but got ", atol);
  Tensor a = detach(input), b = detach(other);
  Tensor close = eq(a, b);
  if (is_integral(a.dtype()) && rtol == 0 && atol == 0) return close;
  if (equal_nan) close = add(close, mul(isnan(a), isnan(b)), 1);  // of bools: or, and
  if (is_integral(a.dtype())) {
    a = to_copy(a, default_dtype(), std::nullopt);
    b = to_copy(b, default_dtype(), std::nullopt);
  }
  Tensor allowed = add(abs(mul(b, number_tensor(rtol))), number_tensor(atol), 1);
  Tensor difference = abs(sub(a, b, 1));
  return add(close, mul(isfinite(difference), le(difference, allowed)), 1);
}

bool allclose_rule(Call&, const Tensor& input, const Tensor& other, double rtol, double atol,
                   bool equal_nan) {
  static const OpBase* isclose = find_op("isclose");
  Values arguments{Value(input), Value(other), Value(rtol), Value(atol), Value(equal_nan)};
  return item(all(unbox<Tensor>(isclose->call(arguments)))).to<bool>();
}

bool equal_rule(Call&, const Tensor& input, const Tensor& other) {
  if (input.sizes() != other.sizes()) return false;
  return item(all(eq(detach(input), detach(other)))).to<bool>();
}

void check_condition(const Tensor& condition) {
  if (condition.dtype() == DType::bool_) return;
  if (condition.dtype() == DType::uint8)
    return warn(
        "where received a uint8 condition tensor. This behavior is deprecated and will be removed in a "
        "future version of PyTorch. Use a boolean condition instead.");
  fail(ErrorKind::runtime, "where expected condition to be a boolean tensor, but got a tensor with dtype ",
       scalar_type_name(condition.dtype()));
}

Tensor where_rule(Call& call, const Tensor& condition, const Tensor& input, const Tensor& other) {
  check_condition(condition);
  DType dtype = result_type({input, other});
  if (const Tensor* target = call.target(); target && target->defined())
    check(target->dtype() == dtype, "Expected out type to be ", scalar_type_name(dtype), " but got ",
          scalar_type_name(target->dtype()));
  Tensor output = call.elementwise_output({condition, input, other}, dtype);
  if (Recording node = call.record("WhereBackward0", {input, other})) {
    Saved saved_condition = node.save("condition", condition);
    node.derivative([saved_condition](const Gradients& grad, Wanted wanted) {
      Tensor zero = zeros({}, grad[0].dtype(), grad[0].device());
      return Gradients{wanted[0] ? where(saved_condition(), grad[0], zero) : Tensor(),
                       wanted[1] ? where(saved_condition(), zero, grad[0]) : Tensor()};
    });
  }
  kernels::where(output.device(), Converted(condition, DType::bool_), Converted(input, dtype),
                 Converted(other, dtype), output);
  return output;
}

Tensor where_method_rule(Call&, const Tensor& input, const Tensor& condition, const Tensor& other) {
  return where(condition, input, other);
}

Tensor masked_fill_output(Call& call, const Tensor& input, const Tensor& mask) {
  call.allow_overlapping_target();
  if (call.in_place() && may_overlap_itself(input.sizes(), input.strides()))
    warn(
        "Use of masked_fill_ on expanded tensors is deprecated. Please clone() the tensor before performing "
        "this operation. This also applies to advanced indexing e.g. tensor[mask] = scalar");
  if (!call.in_place())
    broadcast_shapes(mask.sizes(), input.sizes());  // throws, as PyTorch does, in this order
  check(mask.dtype() == DType::bool_, "masked_fill_ only supports boolean masks, but got mask with dtype ",
        compiler_name(mask.dtype()));
  return call.elementwise_output({input, mask}, input.dtype());
}

Tensor masked_fill_rule(Call& call, const Tensor& input, const Tensor& mask, Scalar value) {
  check_fits(value, input.dtype());
  Tensor output = masked_fill_output(call, input, mask);
  if (Recording node = call.record("MaskedFillBackward0", {input})) {
    Saved saved_mask = node.save("mask", mask);
    node.derivative([saved_mask](const Gradients& grad, Wanted) {
      return Gradients{masked_fill(grad[0], saved_mask(), 0)};
    });
  }
  kernels::where(output.device(), mask, full({}, value, input.dtype(), input.device()), input, output);
  return output;
}

Tensor masked_fill_tensor_rule(Call& call, const Tensor& input, const Tensor& mask, const Tensor& value) {
  check(value.dim() == 0, "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with ",
        value.dim(), " dimension(s).");
  bool can_be_read = value.device().kind != DeviceKind::meta;
  if (value.dtype() != input.dtype() && can_be_read) check_fits(item(detach(value)), input.dtype());
  Tensor output = masked_fill_output(call, input, mask);
  if (Recording node = call.record("MaskedFillBackward1", {input, value})) {
    Saved saved_mask = node.save("mask", mask);
    node.derivative([saved_mask](const Gradients& grad, Wanted wanted) {
      Tensor zero = zeros({}, grad[0].dtype(), grad[0].device());
      return Gradients{wanted[0] ? masked_fill(grad[0], saved_mask(), 0) : Tensor(),
                       wanted[1] ? where(saved_mask(), grad[0], zero) : Tensor()};  // the engine sums
    });
  }
  kernels::where(output.device(), mask, Converted(value, input.dtype()), input, output);
  return output;
}

constexpr Forms every_form = function | method | in_place | out;
constexpr Traits comparing{.forms = every_form,
                           .batching = Batching::elementwise,
                           .forward = Forward::none,
                           .autocast = Autocast::promote,
                           .elementwise = true};
constexpr Traits extreme{.forms = function | method | out,
                         .batching = Batching::elementwise,
                         .autocast = Autocast::promote,
                         .elementwise = true};
constexpr Traits test{.forms = function | method,
                      .batching = Batching::elementwise,
                      .forward = Forward::none,
                      .elementwise = true};
constexpr Traits composite_function{.forms = function | method, .composite = true};
constexpr Traits filling{
    .forms = function | method | in_place, .batching = Batching::elementwise, .elementwise = true};

}  // namespace

const BinaryOp eq{"eq(Tensor input, Tensor other) -> Tensor", comparison_rule<ComparisonFunction::eq>,
                  comparing, R"(Tell which elements of two tensors are equal.

    Args:
        input: a tensor.
        other: a tensor that broadcasts with `input`, or a number.

    Returns a bool tensor of the broadcast shape.

    >>> lampas.eq(lampas.tensor([1, 2]), 2)
    tensor([False,  True])
)"};

const BinaryOp ne{"ne(Tensor input, Tensor other) -> Tensor", comparison_rule<ComparisonFunction::ne>,
                  comparing, R"(Tell which elements of two tensors differ; NaN differs from itself.

    >>> lampas.ne(lampas.tensor([1, 2]), 2)
    tensor([ True, False])
)"};

const BinaryOp lt{"lt(Tensor input, Tensor other) -> Tensor", comparison_rule<ComparisonFunction::lt>,
                  comparing, R"(Tell where `input` is less than `other`.

    >>> lampas.lt(lampas.tensor([1, 2]), 2)
    tensor([ True, False])
)"};

const BinaryOp le{"le(Tensor input, Tensor other) -> Tensor", comparison_rule<ComparisonFunction::le>,
                  comparing, R"(Tell where `input` is less than `other` or equal.

    >>> lampas.le(lampas.tensor([2, 3]), 2)
    tensor([ True, False])
)"};

const BinaryOp gt{"gt(Tensor input, Tensor other) -> Tensor", comparison_rule<ComparisonFunction::gt>,
                  comparing, R"(Tell where `input` is greater than `other`.

    >>> lampas.gt(lampas.tensor([2, 3]), 2)
    tensor([False,  True])
)"};

const BinaryOp ge{"ge(Tensor input, Tensor other) -> Tensor", comparison_rule<ComparisonFunction::ge>,
                  comparing, R"(Tell where `input` is greater than `other` or equal.

    >>> lampas.ge(lampas.tensor([1, 2]), 2)
    tensor([False,  True])
)"};

const BinaryOp maximum{"maximum(Tensor input, Tensor other) -> Tensor",
                       extreme_rule<BinaryFunction::maximum, true>, extreme,
                       R"(Take the larger of two elements; NaN wins.

    The gradient of equal elements is shared between them.

    >>> lampas.maximum(lampas.tensor([1, 5]), lampas.tensor([3, 2]))
    tensor([3, 5])
)"};

const BinaryOp minimum{"minimum(Tensor input, Tensor other) -> Tensor",
                       extreme_rule<BinaryFunction::minimum, false>, extreme,
                       R"(Take the smaller of two elements; NaN wins.

    The gradient of equal elements is shared between them.

    >>> lampas.minimum(lampas.tensor([1, 5]), lampas.tensor([3, 2]))
    tensor([1, 2])
)"};

const Op<Tensor(const Tensor&)> logical_not{"logical_not(Tensor input) -> Tensor",
                                            logical_not_rule,
                                            {.forms = every_form,
                                             .batching = Batching::elementwise,
                                             .forward = Forward::none,
                                             .elementwise = true,
                                             .untracked = true},
                                            R"(Tell which elements are zero or False.

    >>> lampas.logical_not(lampas.tensor([0, 2]))
    tensor([ True, False])
)"};

const Op<Tensor(const Tensor&)> isnan{"isnan(Tensor input) -> Tensor", isnan_rule, test,
                                      R"(Tell which elements are NaN.

    >>> lampas.isnan(lampas.tensor([1.0, float('nan')]))
    tensor([False,  True])
)"};

const Op<Tensor(const Tensor&)> isfinite{"isfinite(Tensor input) -> Tensor", isfinite_rule,
                                         composite_function,
                                         R"(Tell which elements are neither infinite nor NaN.

    >>> lampas.isfinite(lampas.tensor([1.0, float('inf')]))
    tensor([ True, False])
)"};

const Op<Tensor(const Tensor&)> isinf{"isinf(Tensor input) -> Tensor", isinf_rule, composite_function,
                                      R"(Tell which elements are infinite.

    >>> lampas.isinf(lampas.tensor([1.0, float('-inf')]))
    tensor([False,  True])
)"};

const Op<Tensor(const Tensor&, const Tensor&, double, double, bool)> isclose{
    "isclose(Tensor input, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False) -> Tensor",
    isclose_rule, composite_function,
    R"(Tell where |input - other| <= atol + rtol * |other|.

    Args:
        input, other: tensors of one dtype that broadcast against each other.
        rtol, atol: the relative and the absolute tolerance.
        equal_nan: count two NaN as close.

    >>> lampas.isclose(lampas.tensor([1.0, 2.0]), lampas.tensor([1.0, 2.1]))
    tensor([ True, False])
)"};

const Op<bool(const Tensor&, const Tensor&, double, double, bool)> allclose{
    "allclose(Tensor input, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False) -> bool",
    allclose_rule, composite_function,
    R"(Tell whether |input - other| <= atol + rtol * |other| everywhere.

    >>> lampas.allclose(lampas.tensor([1.0]), lampas.tensor([1.0 + 1e-7]))
    True
)"};

const Op<bool(const Tensor&, const Tensor&)> equal{
    "equal(Tensor input, Tensor other) -> bool", equal_rule, composite_function,
    R"(Tell whether two tensors have the same size and elements.

    >>> lampas.equal(lampas.tensor([1, 2]), lampas.tensor([1, 2]))
    True
)"};

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&)> where{
    "where(Tensor condition, Tensor input, Tensor other) -> Tensor",
    where_rule,
    {.forms = function | out,
     .batching = Batching::elementwise,
     .autocast = Autocast::promote,
     .elementwise = true},
    R"(Take elements of `input` where `condition` holds, of `other` elsewhere.

    Args:
        condition: a bool tensor.
        input, other: tensors or numbers; all three broadcast.

    >>> lampas.where(lampas.tensor([True, False]), lampas.tensor([1, 2]), 0)
    tensor([1, 0])
)"};

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&)> where_method{
    "where.self(Tensor input, Tensor condition, Tensor other) -> Tensor",
    where_method_rule,
    {.forms = method, .composite = true},
    R"(Keep elements where `condition` holds, take those of `other` elsewhere.

    >>> lampas.tensor([1, 2]).where(lampas.tensor([True, False]), 0)
    tensor([1, 0])
)"};

const Op<Tensor(const Tensor&, const Tensor&, Scalar)> masked_fill{
    "masked_fill(Tensor input, Tensor mask, Scalar value) -> Tensor", masked_fill_rule, filling,
    R"(Replace elements by `value` where `mask` holds.

    Args:
        input: a tensor.
        mask: a bool tensor that broadcasts with `input`.
        value: a number, or a tensor without dims.

    >>> lampas.masked_fill(lampas.tensor([1, 2]), lampas.tensor([True, False]), 9)
    tensor([9, 2])
)"};

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&)> masked_fill_tensor{
    "masked_fill.Tensor(Tensor input, Tensor mask, Tensor value) -> Tensor", masked_fill_tensor_rule, filling,
    R"(Replace elements by the one of `value`, a tensor without dims, where `mask` holds.

    >>> lampas.masked_fill(lampas.tensor([1, 2]), lampas.tensor([True, False]), lampas.tensor(9))
    tensor([9, 2])
)"};

}  // namespace lampas
