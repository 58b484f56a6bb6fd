// constant_pad_nd: a border of one value, or, with negative numbers, less than the tensor.
#include "core/ops/padding.h"

#include <algorithm>

#include "core/kernels/copy.h"
#include "core/ops/batching.h"

namespace lampas {
namespace {

// `sizes` of a view whose element 0 lies `begin` elements behind the first one along each dim.
Tensor window(const Tensor& tensor, const Shape& sizes, const Shape& begin) {
  int64_t offset = tensor.offset();
  for (size_t dim = 0; dim < begin.size(); ++dim) offset += begin[dim] * tensor.strides()[dim];
  return alias(tensor, sizes, tensor.strides(), offset);
}

Tensor constant_pad_nd_rule(Call& call, const Tensor& input, const Shape& pad, Scalar value) {
  int64_t padded_dims = static_cast<int64_t>(pad.size()) / 2;
  check(pad.size() % 2 == 0, "Length of pad must be even but instead it equals ", pad.size());
  check(padded_dims <= input.dim(),
        "Length of pad should be no more than twice the number of dimensions of the input. Pad length is ",
        pad.size(), "while the input has ", input.dim(), "dimensions.");
  Shape sizes = input.sizes(), shared = sizes;
  Shape from(sizes.size(), 0), to(sizes.size(), 0);  // where the part that stays begins on each side
  for (int64_t i = 0; i < padded_dims; ++i) {
    int64_t dim = input.dim() - 1 - i, before = pad[2 * i], behind = pad[2 * i + 1];
    int64_t size = sizes[dim] + before + behind;
    check(size >= 0, "The input size ", sizes[dim], ", plus negative padding ", before, " and ", behind,
          " resulted in a negative output size, which is invalid. Check dimension ", dim, " of your input.");
    shared[dim] =
        std::max<int64_t>(sizes[dim] + std::min<int64_t>(before, 0) + std::min<int64_t>(behind, 0), 0);
    from[dim] = std::max<int64_t>(-before, 0);
    to[dim] = std::max<int64_t>(before, 0);
    sizes[dim] = size;
  }
  Tensor output = call.output(sizes, input.dtype(), input.device());
  if (Recording node = call.record("ConstantPadNdBackward0", {input})) {
    Shape undone;
    for (int64_t amount : pad) undone.push_back(-amount);
    node.derivative(
        [undone](const Gradients& grad, Wanted) { return Gradients{constant_pad_nd(grad[0], undone, 0)}; });
  }
  kernels::fill(output.device(), value, output);
  if (count_elements(shared) > 0)
    kernels::copy(output.device(), window(input, shared, from), window(output, shared, to));
  return output;
}

}  // namespace

const Op<Tensor(const Tensor&, const Shape&, Scalar)> constant_pad_nd{
    "constant_pad_nd(Tensor input, int[] pad, Scalar value=0) -> Tensor",
    constant_pad_nd_rule,
    {.forms = function, .batching = Batching::custom, .batching_rule = batch_in_front},
    R"(Put a border of one value around a tensor.

    Args:
        input: a tensor.
        pad: how many elements before and behind, for the last dim, then for the one before it, and so on;
            negative numbers take elements away.
        value: what the border is filled with.

    Raises RuntimeError where a size would become negative.

    >>> lampas.constant_pad_nd(lampas.tensor([1, 2]), (1, 2), 7)
    tensor([7, 1, 2, 7, 7])
)"};

}  // namespace lampas
