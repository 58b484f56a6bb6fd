// cumsum, and the same from the other end, which is its derivative.
#include "core/ops/cumulative.h"

#include "core/kernels/cumulative.h"
#include "core/ops/promotion.h"

namespace lampas {
namespace {

extern const CumulativeOp reverse_cumsum;

// A scalar counts as a line of one element.
Tensor as_line(const Tensor& tensor) {
  return tensor.dim() > 0 ? tensor : alias(tensor, {1}, {1}, tensor.offset());
}

template <bool reverse>
Tensor cumulative_rule(Call& call, const Tensor& input, int64_t dim, std::optional<DType> dtype) {
  dim = wrap_dim(dim, input.dim());
  DType result = dtype.value_or(is_integral(input.dtype()) ? DType::int64 : input.dtype());
  if (const Tensor* target = call.target(); target && target->defined() && !dtype) result = target->dtype();
  if (result == DType::bool_)
    fail(ErrorKind::not_implemented, "\"cumsum_out_cpu\" not implemented for 'Bool'");
  Tensor output = call.output(input.sizes(), result, input.device());
  if (Recording node = call.record(reverse ? "ReverseCumsumBackward0" : "CumsumBackward0", {input}))
    node.derivative([dim](const Gradients& grad, Wanted) {
      return Gradients{(reverse ? cumsum : reverse_cumsum)(grad[0], dim, std::nullopt)};
    });
  Converted converted_input(input, result);
  kernels::cumulative_sum(input.device(), as_line(converted_input), dim, reverse, as_line(output));
  return output;
}

}  // namespace

const CumulativeOp cumsum{"cumsum(Tensor input, int dim, *, ScalarType? dtype=None) -> Tensor",
                          cumulative_rule<false>,
                          {.forms = function | method | in_place | out,
                           .batching = Batching::leading,
                           .forward = Forward::linear,
                           .autocast = Autocast::float32},
                          R"(Sum along a dim and keep every intermediate sum.

    Args:
        input: a tensor of any shape; bool and integers are summed as int64.
        dim: the dim to sum along.
        dtype: the dtype in which to sum and of the result.

    >>> lampas.cumsum(lampas.tensor([1, 2, 3]), dim=0)
    tensor([1, 3, 6])
)"};

namespace {

const CumulativeOp reverse_cumsum{
    "_reverse_cumsum(Tensor input, int dim, *, ScalarType? dtype=None) -> Tensor",
    cumulative_rule<true>,
    {.forms = Forms{}, .batching = Batching::leading, .forward = Forward::linear},
    "cumsum from the other end."};

}  // namespace
}  // namespace lampas
