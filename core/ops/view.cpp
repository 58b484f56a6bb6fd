// as_strided, view, expand, reshape and its relatives: other shapes over the same memory.
#include "core/ops/view.h"

#include <algorithm>

#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/indexing.h"

namespace lampas {
namespace {

Tensor as_strided_rule(Call& call, const Tensor& input, const Shape& size, const Shape& stride,
                       std::optional<int64_t> storage_offset) {
  check(size.size() == stride.size(), "mismatch in length of strides and shape");
  int64_t offset = storage_offset.value_or(input.offset());
  if (input.body().storage) tensor_over(input.body().storage, input.dtype(), size, stride, offset);
  Tensor output = call.view(input, size, stride, offset);
  if (Recording node = call.record(call.in_place() ? "AsStridedBackward1" : "AsStridedBackward0", {input})) {
    Geometry base = geometry_of(input), shown{size, stride, offset};
    node.derivative([base, shown](const Gradients& grad, Wanted) {
      return Gradients{as_strided_backward(grad[0], base, shown)};
    });
  }
  return output;
}

Tensor view_rule(Call& call, const Tensor& input, const Shape& size) {
  Shape sizes = infer_size(size, input.numel());
  std::optional<Shape> strides = view_strides(input.sizes(), input.strides(), sizes);
  check(strides.has_value(),
        "view size is not compatible with input tensor's size and stride (at least one dimension spans "
        "across two contiguous subspaces). Use .reshape(...) instead.");
  Tensor output = call.view(input, sizes, *strides, input.offset());
  if (Recording node = call.record("ViewBackward0", {input})) {
    Shape before = input.sizes();
    node.derivative([before](const Gradients& grad, Wanted) { return Gradients{reshape(grad[0], before)}; });
  }
  return output;
}

Tensor unsafe_view_rule(Call& call, const Tensor& input, const Shape& size) {
  Shape sizes = infer_size(size, input.numel());
  Tensor output = alias(input, sizes, *view_strides(input.sizes(), input.strides(), sizes), input.offset());
  if (Recording node = call.record("UnsafeViewBackward0", {input})) {
    Shape before = input.sizes();
    node.derivative([before](const Gradients& grad, Wanted) { return Gradients{reshape(grad[0], before)}; });
  }
  return output;
}

// The same bytes as elements of another dtype. The last size changes with the element size.
Tensor view_dtype_rule(Call& call, const Tensor& input, DType dtype) {
  call.not_differentiable();
  Shape sizes = input.sizes(), strides = input.strides();
  int64_t offset = input.offset();
  int64_t from = static_cast<int64_t>(item_size(input.dtype())), to = static_cast<int64_t>(item_size(dtype));
  auto complain = [&](const auto&... parts) {
    fail(ErrorKind::runtime, parts..., " to view ", scalar_type_name(input.dtype()), " as ",
         scalar_type_name(dtype), " (different element sizes)");
  };
  auto complain_of = [&](const char* what, int64_t got, int64_t divisor) {
    fail(ErrorKind::runtime, "self.", what, " must be divisible by ", divisor, " to view ",
         scalar_type_name(input.dtype()), " as ", scalar_type_name(dtype),
         " (different element sizes), but got ", got);
  };
  if (from != to) {
    if (input.dim() == 0) complain("self.dim() cannot be 0");
    if (strides.back() != 1 && from > to)
      fail(ErrorKind::runtime, "self.stride(-1) must be 1 to view ", scalar_type_name(input.dtype()), " as ",
           scalar_type_name(dtype), " (different element sizes), but got ", strides.back());
    if (from > to) {
      int64_t ratio = from / to;
      for (int64_t& stride : strides) stride *= ratio;
      strides.back() = 1;
      sizes.back() *= ratio;
      offset *= ratio;
    } else {
      int64_t ratio = to / from;
      if (sizes.back() % ratio != 0) complain_of("size(-1)", sizes.back(), ratio);
      if (offset % ratio != 0) complain_of("storage_offset()", offset, ratio);
      if (strides.back() != 1)
        fail(ErrorKind::runtime, "self.stride(-1) must be 1 to view ", scalar_type_name(input.dtype()),
             " as ", scalar_type_name(dtype), " (different element sizes), but got ", strides.back());
      for (size_t dim = 0; dim + 1 < strides.size(); ++dim) {
        if (strides[dim] % ratio != 0) complain_of(text("stride(", dim, ")").c_str(), strides[dim], ratio);
        strides[dim] /= ratio;
      }
      sizes.back() /= ratio;
      offset /= ratio;
    }
  }
  Tensor output = alias(input, sizes, strides, offset);
  output.body().dtype = dtype;
  return output;
}

Tensor expand_rule(Call& call, const Tensor& input, const Shape& size) {
  int64_t added = static_cast<int64_t>(size.size()) - input.dim();
  if (added < 0)
    fail(ErrorKind::runtime, "expand(torch.", scalar_type_name(input.dtype()), "Tensor{", input.sizes(),
         "}, size=", size, "): the number of sizes provided (", size.size(),
         ") must be greater or equal to the number of dimensions in the tensor (", input.dim(), ")");
  Shape sizes = size, strides(size.size(), 0);
  for (int64_t dim = static_cast<int64_t>(size.size()); dim-- > 0;) {
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

Tensor reshape_rule(Call&, const Tensor& input, const Shape& shape) {
  Shape sizes = infer_size(shape, input.numel());
  if (view_strides(input.sizes(), input.strides(), sizes)) return view(input, sizes);
  return unsafe_view(contiguous_copy(input), sizes);
}

Tensor view_as_rule(Call&, const Tensor& input, const Tensor& other) { return view(input, other.sizes()); }

Tensor reshape_as_rule(Call&, const Tensor& input, const Tensor& other) {
  return reshape(input, other.sizes());
}

Tensor expand_as_rule(Call&, const Tensor& input, const Tensor& other) {
  return expand(input, other.sizes());
}

Tensor flatten_rule(Call&, const Tensor& input, int64_t start_dim, int64_t end_dim) {
  start_dim = wrap_dim(start_dim, input.dim());
  end_dim = wrap_dim(end_dim, input.dim());
  check(start_dim <= end_dim, "flatten() has invalid args: start_dim cannot come after end_dim");
  if (input.dim() == 0) return reshape(input, {1});
  if (start_dim == end_dim) return input;
  Shape sizes;
  int64_t folded = 1;
  for (int64_t dim = 0; dim < input.dim(); ++dim) {
    int64_t size = input.sizes()[dim];
    if (dim < start_dim || dim > end_dim) sizes.push_back(size);
    if (dim >= start_dim && dim <= end_dim) folded *= size;
    if (dim == end_dim) sizes.push_back(folded);
  }
  return reshape(input, sizes);
}

Tensor ravel_rule(Call&, const Tensor& input) { return view(as_contiguous(input), {-1}); }

Tensor unflatten_rule(Call&, const Tensor& input, int64_t dim, const Shape& sizes) {
  dim = wrap_dim(dim, input.dim());
  check(!sizes.empty(), "unflatten: sizes must be non-empty");
  int64_t before = input.dim() == 0 ? 1 : input.sizes()[dim];
  int64_t known = 1;
  bool inferred = false;
  for (int64_t size : sizes) {
    inferred |= size == -1;
    if (size != -1) known *= size;
  }
  bool fits = inferred ? known != 0 && before % known == 0 : known == before;
  check(fits, "unflatten: Provided sizes ", sizes, " don't multiply up to the size of dim ", dim, " (",
        before, ") in the input tensor");
  Shape replaced = infer_size(sizes, before), shape;
  for (int64_t i = 0; i < input.dim(); ++i) {
    if (i != dim)
      shape.push_back(input.sizes()[i]);
    else
      for (int64_t size : replaced) shape.push_back(size);
  }
  return view(input, input.dim() == 0 ? replaced : shape);
}

Tensor detach_rule(Call& call, const Tensor& input) {
  call.not_differentiable();
  return alias(input);
}

Tensor alias_rule(Call& call, const Tensor& input) {
  Tensor output = call.view(input, input.sizes(), input.strides(), input.offset());
  if (Recording node = call.record("AliasBackward0", {input}))
    node.derivative([](const Gradients& grad, Wanted) { return Gradients{grad[0]}; });
  return output;
}

constexpr Traits view_method{.forms = method, .batching = Batching::leading, .forward = Forward::linear};
constexpr Traits composite_method{.forms = method, .composite = true};
constexpr Traits composite_function{.forms = function | method, .composite = true};

}  // namespace

const Op<Tensor(const Tensor&, const Shape&, const Shape&, std::optional<int64_t>)> as_strided_op{
    "as_strided(Tensor input, int[] size, int[] stride, int? storage_offset=None) -> Tensor",
    as_strided_rule,
    {.forms = function | method | in_place, .forward = Forward::linear},
    R"(View the storage with the given sizes, strides and offset, all counted in elements.

    >>> lampas.as_strided(lampas.tensor([1, 2, 3]), (2, 2), (1, 1))
    tensor([[1, 2],
            [2, 3]])
)"};

const Op<Tensor(const Tensor&, const Shape&)> view{
    "view(Tensor input, int[] size) -> Tensor", view_rule, view_method,
    R"(View the same elements in another shape; -1 stands for the size that fits.

    >>> lampas.tensor([1, 2, 3, 4]).view(2, -1)
    tensor([[1, 2],
            [3, 4]])
)"};

const Op<Tensor(const Tensor&, DType)> view_dtype{
    "view.dtype(Tensor input, ScalarType dtype) -> Tensor",
    view_dtype_rule,
    {.forms = method, .batching = Batching::leading, .forward = Forward::none},
    R"(View the same bytes as elements of another dtype; the last size changes with the element size.

    >>> lampas.tensor([1.0]).view(lampas.int32)
    tensor([1065353216], dtype=torch.int32)
)"};

const Op<Tensor(const Tensor&, const Shape&)> unsafe_view{
    "_unsafe_view(Tensor input, int[] size) -> Tensor",
    unsafe_view_rule,
    {.forms = Forms{}, .batching = Batching::leading, .forward = Forward::linear},
    "View a tensor that nobody else holds in another shape."};

const Op<Tensor(const Tensor&, const Shape&)> expand{
    "expand(Tensor input, int[] size) -> Tensor", expand_rule, view_method,
    R"(Repeat dims of size 1 without copying; -1 leaves a dim as it is.

    >>> lampas.tensor([[1], [2]]).expand(2, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
)"};

const Op<Tensor(const Tensor&, const Shape&)> reshape{
    "reshape(Tensor input, int[] shape) -> Tensor", reshape_rule, composite_function,
    R"(Give a tensor another shape: a view where there is one, else a copy.

    Args:
        input: a tensor.
        shape: the new sizes, with the same number of elements; one of them may be -1.

    >>> lampas.reshape(lampas.tensor([[1, 2], [3, 4]]), (-1,))
    tensor([1, 2, 3, 4])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> view_as{"view_as(Tensor input, Tensor other) -> Tensor",
                                                       view_as_rule, composite_method,
                                                       R"(View a tensor in the shape of `other`.

    >>> lampas.tensor([1, 2]).view_as(lampas.tensor([[1], [1]]))
    tensor([[1],
            [2]])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> reshape_as{"reshape_as(Tensor input, Tensor other) -> Tensor",
                                                          reshape_as_rule, composite_method,
                                                          R"(Give a tensor the shape of `other`.

    >>> lampas.tensor([1, 2]).reshape_as(lampas.tensor([[1], [1]]))
    tensor([[1],
            [2]])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> expand_as{"expand_as(Tensor input, Tensor other) -> Tensor",
                                                         expand_as_rule, composite_method,
                                                         R"(Repeat dims of size 1 up to the shape of `other`.

    >>> lampas.tensor([1]).expand_as(lampas.tensor([5, 6]))
    tensor([1, 1])
)"};

const Op<Tensor(const Tensor&, int64_t, int64_t)> flatten{
    "flatten(Tensor input, int start_dim=0, int end_dim=-1) -> Tensor", flatten_rule, composite_function,
    R"(Fold the dims from `start_dim` to `end_dim` into one.

    Raises RuntimeError where `start_dim` comes after `end_dim`.

    >>> lampas.flatten(lampas.tensor([[1, 2], [3, 4]]))
    tensor([1, 2, 3, 4])
)"};

const Op<Tensor(const Tensor&)> ravel{"ravel(Tensor input) -> Tensor", ravel_rule, composite_function,
                                      R"(Give a tensor one dim.

    >>> lampas.ravel(lampas.tensor([[1, 2], [3, 4]]))
    tensor([1, 2, 3, 4])
)"};

const Op<Tensor(const Tensor&, int64_t, const Shape&)> unflatten{
    "unflatten(Tensor input, int dim, int[] sizes) -> Tensor", unflatten_rule, composite_function,
    R"(View one dim as several of the given sizes; one of them may be -1.

    >>> lampas.unflatten(lampas.tensor([1, 2, 3, 4]), 0, (2, -1))
    tensor([[1, 2],
            [3, 4]])
)"};

const Op<Tensor(const Tensor&)> detach{
    "detach(Tensor input) -> Tensor",
    detach_rule,
    {.forms = function | method, .batching = Batching::elementwise, .forward = Forward::none},
    R"(Show the same memory without history: no gradient flows through the result.

    >>> lampas.tensor([1.0], requires_grad=True).detach().requires_grad
    False
)"};

const Op<Tensor(const Tensor&)> alias_op{
    "alias(Tensor input) -> Tensor",
    alias_rule,
    {.forms = Forms{}, .batching = Batching::elementwise, .forward = Forward::linear},
    "View a tensor as it is."};

namespace {

// One past the furthest element.
int64_t end_of(const Geometry& geometry) {
  int64_t last = geometry.offset;
  for (size_t dim = 0; dim < geometry.sizes.size(); ++dim) {
    if (geometry.sizes[dim] == 0) return geometry.offset;
    last += (geometry.sizes[dim] - 1) * geometry.strides[dim];
  }
  return last + 1;
}

}  // namespace

Tensor as_strided_backward(const Tensor& grad, const Geometry& base, const Geometry& shown) {
  // A stand-in for the storage that both lie in, from the first element that either reaches.
  int64_t begin = std::min(base.offset, shown.offset);
  int64_t length = std::max(end_of(base), end_of(shown)) - begin;
  Tensor storage = zeros({length}, grad.dtype(), grad.device());
  auto positions = [&](const Geometry& geometry) {
    Tensor all = arange_of(length, grad.device());
    return reshape(as_strided(all, geometry.sizes, geometry.strides, geometry.offset - begin), {-1});
  };
  // A transform's tensor cannot be written into the plain storage.
  if (may_overlap_itself(shown.sizes, shown.strides) || grad.is_wrapped())
    storage = scatter_add(storage, 0, positions(shown), reshape(grad, {-1}));
  else
    copy_(as_strided(storage, shown.sizes, shown.strides, shown.offset - begin), grad);
  if (may_overlap_itself(base.sizes, base.strides)) {
    // An element that the base itself shows several times: each of its places gets an equal share.
    Tensor places = positions(base);
    Tensor ones = ones_like(zeros(places.sizes(), grad.dtype(), grad.device()));
    Tensor count = scatter_add(zeros({length}, grad.dtype(), grad.device()), 0, places, ones);
    storage = div(storage, maximum(count, ones_like(count)));
  }
  return as_strided(storage, base.sizes, base.strides, base.offset - begin);
}

}  // namespace lampas
