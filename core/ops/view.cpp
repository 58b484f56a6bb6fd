// as_strided, view, expand: other shapes over the same memory.
#include "core/ops/view.h"

#include "core/ops/creation.h"

namespace lampas {
namespace {

Tensor as_strided_rule(Call& call, const Tensor& input, const Shape& size, const Shape& stride,
                       std::optional<int64_t> storage_offset) {
  check(size.size() == stride.size(), "mismatch in length of strides and shape");
  int64_t offset = storage_offset.value_or(input.offset());
  if (input.body().storage) tensor_over(input.body().storage, input.dtype(), size, stride, offset);
  Tensor output = call.view(input, size, stride, offset);
  if (Recording node = call.record("AsStridedBackward0", {input})) {
    Shape base_sizes = input.sizes();
    int64_t relative = offset - input.offset();
    node.derivative([base_sizes, size, stride, relative](const Gradients& grad, Wanted) {
      return Gradients{as_strided_backward(grad[0], base_sizes, size, stride, relative)};
    });
  }
  return output;
}

Tensor view_rule(Call& call, const Tensor& input, const Shape& size) {
  Shape sizes = infer_size(size, input.numel());
  std::optional<Shape> strides = view_strides(input.sizes(), input.strides(), sizes);
  check(strides.has_value(),
        "view size is not compatible with input tensor's size and stride (at least one dimension spans "
        "across two "
        "contiguous subspaces). Use .reshape(...) instead.");
  Tensor output = call.view(input, sizes, *strides, input.offset());
  if (Recording node = call.record("ViewBackward0", {input})) {
    Shape before = input.sizes();
    node.derivative([before](const Gradients& grad, Wanted) { return Gradients{reshape(grad[0], before)}; });
  }
  return output;
}

Tensor expand_rule(Call& call, const Tensor& input, const Shape& size) {
  int64_t added = static_cast<int64_t>(size.size()) - input.dim();
  if (added < 0)
    fail(ErrorKind::runtime, "expand(", "torch.", scalar_type_name(input.dtype()), "Tensor{", input.sizes(),
         "}, size=", size, "): the number of sizes provided (", size.size(),
         ") must be greater or equal to the number of dimensions in the tensor (", input.dim(), ")");
  Shape sizes = size, strides(size.size(), 0);
  for (int64_t dim = 0; dim < static_cast<int64_t>(size.size()); ++dim) {
    int64_t own = dim - added;
    int64_t current = own >= 0 ? input.sizes()[own] : 1;
    if (sizes[dim] == -1) {
      if (own < 0)
        fail(ErrorKind::runtime,
             "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ", dim);
      sizes[dim] = current;
    }
    if (sizes[dim] != current && current != 1)
      fail(ErrorKind::runtime, "The expanded size of the tensor (", sizes[dim],
           ") must match the existing size (", current, ") at non-singleton dimension ", dim,
           ".  Target sizes: ", size, ".  Tensor sizes: ", input.sizes());
    strides[dim] = own >= 0 && current == sizes[dim] ? input.strides()[own] : 0;
  }
  Tensor output = call.view(input, sizes, strides, input.offset());
  if (Recording node = call.record("ExpandBackward0", {input}))
    node.derivative([](const Gradients& grad, Wanted) { return Gradients{grad[0]}; });  // the engine sums
  return output;
}

}  // namespace

const Op<Tensor(const Tensor&, const Shape&, const Shape&, std::optional<int64_t>)> as_strided_op{
    "as_strided(Tensor input, int[] size, int[] stride, int? storage_offset=None) -> Tensor",
    as_strided_rule,
    {.forms = function | method},
    R"(View the storage with the given sizes, strides and offset, all counted in elements.

    >>> lampas.as_strided(lampas.tensor([1, 2, 3]), (2, 2), (1, 1))
    tensor([[1, 2],
            [2, 3]])
)"};

const Op<Tensor(const Tensor&, const Shape&)> view{
    "view(Tensor input, int[] size) -> Tensor",
    view_rule,
    {.forms = method, .batching = Batching::leading, .forward = Forward::linear},
    R"(View the same elements in another shape; -1 stands for the size that fits.

    >>> lampas.tensor([1, 2, 3, 4]).view(2, -1)
    tensor([[1, 2],
            [3, 4]])
)"};

const Op<Tensor(const Tensor&, const Shape&)> expand{
    "expand(Tensor input, int[] size) -> Tensor",
    expand_rule,
    {.forms = method, .batching = Batching::leading, .forward = Forward::linear},
    R"(Repeat dims of size 1 without copying; -1 leaves a dim as it is.

    >>> lampas.tensor([[1], [2]]).expand(2, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
)"};

Tensor as_strided_backward(const Tensor& grad, const Shape& base_sizes, const Shape& sizes,
                           const Shape& strides, int64_t offset) {
  check(!may_overlap_itself(sizes, strides),
        "the gradient of as_strided with overlapping elements is not implemented");
  Tensor result = zeros(base_sizes, grad.dtype(), grad.device());
  copy_(as_strided(result, sizes, strides, offset), grad);
  return result;
}

Tensor reshape(const Tensor& input, const Shape& shape) {
  Shape sizes = infer_size(shape, input.numel());
  if (view_strides(input.sizes(), input.strides(), sizes)) return view(input, sizes);
  return view(clone(input), sizes);
}

}  // namespace lampas
