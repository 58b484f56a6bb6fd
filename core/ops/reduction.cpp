// sum: dims folded into one value each.
#include "core/ops/reduction.h"

#include "core/kernels/reduction.h"
#include "core/ops/creation.h"
#include "core/ops/promotion.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

// A gradient of the reduced shape, spread over the input's sizes again.
Tensor spread(const Tensor& grad, const Shape& sizes, uint64_t mask, bool keepdim) {
  if (keepdim || grad.dim() == 0) return expand(grad, sizes);
  Shape with_ones;
  for (size_t dim = 0; dim < sizes.size(); ++dim) with_ones.push_back(mask >> dim & 1 ? 1 : sizes[dim]);
  return expand(grad.sizes() == with_ones ? grad : reshape(grad, with_ones), sizes);
}

Tensor sum_rule(Call& call, const Tensor& input, const std::optional<Shape>& dim, bool keepdim,
                std::optional<DType> dtype) {
  uint64_t mask = dims_mask(dim.value_or(Shape()), input.dim());
  DType result = dtype.value_or(is_integral(input.dtype()) ? DType::int64 : input.dtype());
  Tensor output = call.output(reduced_shape(input.sizes(), mask, keepdim), result, input.device());
  if (Recording node = call.record(dim ? "SumBackward1" : "SumBackward0", {input})) {
    Shape sizes = input.sizes();
    node.derivative([sizes, mask, keepdim](const Gradients& grad, Wanted) {
      return Gradients{spread(grad[0], sizes, mask, keepdim)};
    });
  }
  kernels::sum(input.device(), converted(input, result), mask, output);
  return output;
}

}  // namespace

const Op<Tensor(const Tensor&, const std::optional<Shape>&, bool, std::optional<DType>)> sum{
    "sum(Tensor input, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    sum_rule,
    {.forms = function | method | out, .forward = Forward::linear, .autocast = Autocast::float32},
    R"(Sum the elements of a tensor, or of its given dims.

    Args:
        input: a tensor of any shape; bool and integers are summed as int64.
        dim: the dims to fold; all of them when not given.
        keepdim: keep the folded dims with size 1.
        dtype: the dtype in which to sum and of the result.

    >>> lampas.sum(lampas.tensor([[1, 2], [3, 4]]), dim=0)
    tensor([4, 6])
)"};

}  // namespace lampas
