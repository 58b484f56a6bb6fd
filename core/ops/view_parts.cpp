// select, slice, narrow, diagonal, unfold, and the ops that put gradients back where these looked.
#include "core/ops/view_parts.h"

#include <algorithm>
#include <limits>

#include "core/kernels/copy.h"
#include "core/ops/batching.h"

namespace lampas {
namespace {

// What a view of a part shows.
struct Part {
  Shape sizes, strides;
  int64_t offset;
};

// A stride by which no step is taken may be any number: then a product that overflows is replaced.
int64_t product_or(int64_t a, int64_t b, int64_t otherwise) {
  int64_t product;
  return __builtin_mul_overflow(a, b, &product) ? otherwise : product;
}

Part selected(const Tensor& input, int64_t dim, int64_t index) {
  Part part{input.sizes(), input.strides(), input.offset() + index * input.strides()[dim]};
  part.sizes.erase(static_cast<size_t>(dim));
  part.strides.erase(static_cast<size_t>(dim));
  return part;
}

Part sliced(const Tensor& input, int64_t dim, int64_t start, int64_t end, int64_t step) {
  Part part{input.sizes(), input.strides(), input.offset() + product_or(start, input.strides()[dim], 0)};
  part.sizes[dim] = end > start ? (end - start - 1) / step + 1 : 0;
  part.strides[dim] = product_or(part.strides[dim], step, part.strides[dim]);
  return part;
}

Part diagonal_of(const Tensor& input, int64_t offset, int64_t dim1, int64_t dim2) {
  const Shape &sizes = input.sizes(), &strides = input.strides();
  int64_t length =
      offset >= 0 ? std::min(sizes[dim1], sizes[dim2] - offset) : std::min(sizes[dim1] + offset, sizes[dim2]);
  length = std::max<int64_t>(length, 0);
  int64_t shift = length == 0 ? 0 : offset >= 0 ? offset * strides[dim2] : -offset * strides[dim1];
  Part part{{}, {}, input.offset() + shift};
  for (int64_t dim = 0; dim < input.dim(); ++dim) {
    if (dim == dim1 || dim == dim2) continue;
    part.sizes.push_back(sizes[dim]);
    part.strides.push_back(strides[dim]);
  }
  part.sizes.push_back(length);
  part.strides.push_back(strides[dim1] + strides[dim2]);
  return part;
}

Tensor view_of(Call& call, const Tensor& input, const Part& part) {
  return call.view(input, part.sizes, part.strides, part.offset);
}

// Fills `output` with zeros and its `part` with `grad`.
void place(const Tensor& grad, const Tensor& output, const Part& part) {
  kernels::fill(output.device(), 0, output);
  kernels::copy(output.device(), grad, alias(output, part.sizes, part.strides, part.offset));
}

Tensor select_rule(Call& call, const Tensor& input, int64_t dim, int64_t index) {
  if (input.dim() == 0) fail(ErrorKind::index, "select() cannot be applied to a 0-dim tensor.");
  dim = wrap_dim(dim, input.dim());
  int64_t size = input.sizes()[dim];
  if (index < -size || index >= size)
    fail(ErrorKind::index, "select(): index ", index, " out of range for tensor of size ", input.sizes(),
         " at dimension ", dim);
  if (index < 0) index += size;
  Tensor output = view_of(call, input, selected(input, dim, index));
  if (Recording node = call.record("SelectBackward0", {input})) {
    Shape sizes = input.sizes();
    node.derivative([sizes, dim, index](const Gradients& grad, Wanted) {
      return Gradients{select_backward(grad[0], sizes, dim, index)};
    });
  }
  return output;
}

Tensor select_backward_rule(Call& call, const Tensor& grad_output, const Shape& size, int64_t dim,
                            int64_t index) {
  Tensor output = call.output(size, grad_output.dtype(), grad_output.device());
  if (Recording node = call.record("SelectBackwardBackward0", {grad_output}))
    node.derivative(
        [dim, index](const Gradients& grad, Wanted) { return Gradients{select(grad[0], dim, index)}; });
  place(grad_output, output, selected(output, dim, index));
  return output;
}

Tensor slice_rule(Call& call, const Tensor& input, int64_t dim, std::optional<int64_t> start,
                  std::optional<int64_t> end, int64_t step) {
  if (input.dim() == 0) fail(ErrorKind::index, "slice() cannot be applied to a 0-dim tensor.");
  dim = wrap_dim(dim, input.dim());
  check(step > 0, "slice step must be positive");
  int64_t size = input.sizes()[dim];
  auto clamped = [size](int64_t position) {
    return std::clamp<int64_t>(position < 0 ? position + size : position, 0, size);
  };
  int64_t first = clamped(start.value_or(0));
  int64_t last = std::max(first, clamped(end.value_or(std::numeric_limits<int64_t>::max())));
  step = std::min(step, std::max<int64_t>(size, 1));  // a longer step shows the same and could overflow
  Tensor output = view_of(call, input, sliced(input, dim, first, last, step));
  if (Recording node = call.record("SliceBackward0", {input})) {
    Shape sizes = input.sizes();
    node.derivative([sizes, dim, first, last, step](const Gradients& grad, Wanted) {
      return Gradients{slice_backward(grad[0], sizes, dim, first, last, step)};
    });
  }
  return output;
}

Tensor slice_backward_rule(Call& call, const Tensor& grad_output, const Shape& size, int64_t dim,
                           int64_t start, int64_t end, int64_t step) {
  Tensor output = call.output(size, grad_output.dtype(), grad_output.device());
  if (Recording node = call.record("SliceBackwardBackward0", {grad_output}))
    node.derivative([dim, start, end, step](const Gradients& grad, Wanted) {
      return Gradients{slice(grad[0], dim, start, end, step)};
    });
  place(grad_output, output, sliced(output, dim, start, end, step));
  return output;
}

Tensor narrow_rule(Call&, const Tensor& input, int64_t dim, int64_t start, int64_t length) {
  check(input.dim() > 0, "narrow() cannot be applied to a 0-dim tensor.");
  check(length >= 0, "narrow(): length must be non-negative.");
  int64_t size = input.sizes()[wrap_dim(dim, input.dim())];
  if (start < -size || start > size)
    fail(ErrorKind::index, "start out of range (expected to be in range of [", -size, ", ", size,
         "], but got ", start, ")");
  if (start < 0) start += size;
  check(length <= size - start, "start (", start, ") + length (", length, ") exceeds dimension size (", size,
        ").");
  return slice(input, dim, start, start + length, 1);
}

Tensor diagonal_rule(Call& call, const Tensor& input, int64_t offset, int64_t dim1, int64_t dim2) {
  int64_t wrapped1 = wrap_dim(dim1, input.dim()), wrapped2 = wrap_dim(dim2, input.dim());
  check(wrapped1 != wrapped2, "diagonal dimensions cannot be identical ", dim1, ", ", dim2);
  Tensor output = view_of(call, input, diagonal_of(input, offset, wrapped1, wrapped2));
  if (Recording node = call.record("DiagonalBackward0", {input})) {
    Shape sizes = input.sizes();
    node.derivative([sizes, offset, wrapped1, wrapped2](const Gradients& grad, Wanted) {
      return Gradients{diagonal_backward(grad[0], sizes, offset, wrapped1, wrapped2)};
    });
  }
  return output;
}

Tensor diagonal_backward_rule(Call& call, const Tensor& grad_output, const Shape& size, int64_t offset,
                              int64_t dim1, int64_t dim2) {
  Tensor output = call.output(size, grad_output.dtype(), grad_output.device());
  if (Recording node = call.record("DiagonalBackwardBackward0", {grad_output}))
    node.derivative([offset, dim1, dim2](const Gradients& grad, Wanted) {
      return Gradients{diagonal(grad[0], offset, dim1, dim2)};
    });
  place(grad_output, output, diagonal_of(output, offset, dim1, dim2));
  return output;
}

Tensor unfold_rule(Call& call, const Tensor& input, int64_t dimension, int64_t size, int64_t step) {
  int64_t dim = wrap_dim(dimension, input.dim());
  int64_t length = input.dim() == 0 ? 1 : input.sizes()[dim];
  check(size >= 0, "size is ", size, " but must be >= 0");
  check(size <= length, "maximum size for tensor at dimension ", dim, " is ", length, " but size is ", size);
  check(step > 0, "step is ", step, " but must be > 0");
  Shape sizes = input.sizes(), strides = input.strides();
  strides.push_back(input.dim() == 0 ? 1 : strides[dim]);
  sizes.push_back(size);
  if (input.dim() > 0) {
    step = std::min(step, length + 1);  // a longer step shows the same and could overflow
    sizes[dim] = (length - size) / step + 1;
    strides[dim] *= step;
  }
  Tensor output = call.view(input, sizes, strides, input.offset());
  if (Recording node = call.record("UnfoldBackward0", {input})) {
    // As the windows of a contiguous tensor, whatever the strides of the input.
    Geometry base{input.sizes(), contiguous_strides(input.sizes()), 0}, shown = base;
    shown.sizes = sizes;
    shown.strides.push_back(input.dim() == 0 ? 1 : shown.strides[dim]);
    if (input.dim() > 0) shown.strides[dim] *= step;
    node.derivative([base, shown](const Gradients& grad, Wanted) {
      return Gradients{as_strided_backward(grad[0], base, shown)};
    });
  }
  return output;
}

BatchedValue unfold_of_batch(const OpBase&, BatchedValues& arguments, int64_t) {
  Tensor input = batch_first(arguments[0]);
  int64_t dim = wrap_dim(unbox<int64_t>(arguments[1].value), input.dim() - 1);
  int64_t size = unbox<int64_t>(arguments[2].value), step = unbox<int64_t>(arguments[3].value);
  if (input.dim() > 1) return {unfold(input, dim + 1, size, step), 0};
  return {select(unfold(unsqueeze(input, 1), 1, size, step), 1, 0), 0};
}

constexpr Traits view_traits{
    .forms = function | method, .batching = Batching::leading, .forward = Forward::linear};
constexpr Traits internal{.forms = Forms{}, .batching = Batching::leading, .forward = Forward::linear};

}  // namespace

const Op<Tensor(const Tensor&, int64_t, int64_t)> select{
    "select(Tensor input, int dim, int index) -> Tensor", select_rule, view_traits,
    R"(View the part of a tensor at one index of a dim, which goes.

    Raises IndexError where the index is out of range; negative ones count from the end.

    >>> lampas.select(lampas.tensor([[1, 2], [3, 4]]), 0, -1)
    tensor([3, 4])
)"};

const Op<Tensor(const Tensor&, int64_t, std::optional<int64_t>, std::optional<int64_t>, int64_t)> slice{
    "slice(Tensor input, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor",
    slice_rule,
    {.forms = Forms{}, .batching = Batching::leading, .forward = Forward::linear},
    "View a range of indices of a dim; bounds are clamped as Python's slices are."};

const Op<Tensor(const Tensor&, int64_t, int64_t, int64_t)> narrow{
    "narrow(Tensor input, int dim, int start, int length) -> Tensor",
    narrow_rule,
    {.forms = function | method, .composite = true},
    R"(View `length` indices of a dim, from `start` on.

    Raises RuntimeError where they reach past the end, IndexError where `start` is out of range.

    >>> lampas.narrow(lampas.tensor([1, 2, 3, 4]), 0, 1, 2)
    tensor([2, 3])
)"};

const Op<Tensor(const Tensor&, int64_t, int64_t, int64_t)> diagonal{
    "diagonal(Tensor input, int offset=0, int dim1=0, int dim2=1) -> Tensor", diagonal_rule, view_traits,
    R"(View the diagonal of two dims as the last dim of the result.

    Args:
        input: a tensor of at least two dims.
        offset: how far above the main diagonal; negative below.
        dim1, dim2: the dims that the diagonal runs through.

    >>> lampas.diagonal(lampas.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
)"};

const Op<Tensor(const Tensor&, int64_t, int64_t, int64_t)> unfold{
    "unfold(Tensor input, int dimension, int size, int step) -> Tensor",
    unfold_rule,
    {.forms = method,
     .batching = Batching::custom,
     .forward = Forward::linear,
     .batching_rule = unfold_of_batch},
    R"(View windows along a dim as one more dim at the end.

    Args:
        dimension: the dim along which they lie; its new size is the number of windows.
        size: elements in a window.
        step: how far apart windows begin.

    >>> lampas.tensor([1, 2, 3, 4]).unfold(0, 2, 1)
    tensor([[1, 2],
            [2, 3],
            [3, 4]])
)"};

const Op<Tensor(const Tensor&, const Shape&, int64_t, int64_t)> select_backward{
    "select_backward(Tensor grad_output, int[] size, int dim, int index) -> Tensor", select_backward_rule,
    internal, "Place a gradient at one index of a dim of zeros."};

const Op<Tensor(const Tensor&, const Shape&, int64_t, int64_t, int64_t, int64_t)> slice_backward{
    "slice_backward(Tensor grad_output, int[] size, int dim, int start, int end, int step) -> Tensor",
    slice_backward_rule, internal, "Place a gradient in a range of a dim of zeros."};

const Op<Tensor(const Tensor&, const Shape&, int64_t, int64_t, int64_t)> diagonal_backward{
    "diagonal_backward(Tensor grad_output, int[] size, int offset, int dim1, int dim2) -> Tensor",
    diagonal_backward_rule, internal, "Place a gradient on a diagonal of zeros."};

}  // namespace lampas
