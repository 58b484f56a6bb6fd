// transpose, permute, squeeze, unsqueeze and their relatives: the same elements with other dims.
#include "core/ops/view_dims.h"

#include <utility>

#include "core/ops/batching.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

Tensor with_dims_swapped(Call& call, const Tensor& input, int64_t dim0, int64_t dim1) {
  Shape sizes = input.sizes(), strides = input.strides();
  if (input.dim() > 0) {
    std::swap(sizes[dim0], sizes[dim1]);
    std::swap(strides[dim0], strides[dim1]);
  }
  return call.view(input, sizes, strides, input.offset());
}

Tensor transpose_rule(Call& call, const Tensor& input, int64_t dim0, int64_t dim1) {
  dim0 = wrap_dim(dim0, input.dim());
  dim1 = wrap_dim(dim1, input.dim());
  Tensor output = with_dims_swapped(call, input, dim0, dim1);
  if (Recording node = call.record(call.in_place() ? "TransposeBackward1" : "TransposeBackward0", {input}))
    node.derivative(
        [dim0, dim1](const Gradients& grad, Wanted) { return Gradients{transpose(grad[0], dim0, dim1)}; });
  return output;
}

Tensor t_rule(Call& call, const Tensor& input) {
  check(input.dim() <= 2, "t() expects a tensor with <= 2 dimensions, but self is ", input.dim(), "D");
  Tensor output = with_dims_swapped(call, input, 0, input.dim() < 2 ? 0 : 1);
  if (Recording node = call.record(call.in_place() ? "TBackward1" : "TBackward0", {input}))
    node.derivative([](const Gradients& grad, Wanted) { return Gradients{t(grad[0])}; });
  return output;
}

Tensor permute_rule(Call& call, const Tensor& input, const Shape& dims) {
  if (static_cast<int64_t>(dims.size()) != input.dim())
    fail(ErrorKind::runtime,
         "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the "
         "desired ordering of dimensions i.e. input.dim() = ",
         input.dim(), " is not equal to len(dims) = ", dims.size());
  Shape sizes, strides, inverse(dims.size(), -1);
  for (size_t i = 0; i < dims.size(); ++i) {
    int64_t dim = wrap_dim(dims[i], input.dim());
    check(inverse[dim] == -1, "permute(): duplicate dims are not allowed.");
    inverse[dim] = static_cast<int64_t>(i);
    sizes.push_back(input.sizes()[dim]);
    strides.push_back(input.strides()[dim]);
  }
  Tensor output = call.view(input, sizes, strides, input.offset());
  if (Recording node = call.record("PermuteBackward0", {input}))
    node.derivative(
        [inverse](const Gradients& grad, Wanted) { return Gradients{permute(grad[0], inverse)}; });
  return output;
}

Shape wrapped_once(const Shape& dims, int64_t rank, const char* which) {
  Shape wrapped;
  for (int64_t dim : dims) wrapped.push_back(wrap_dim(dim, rank));
  for (size_t i = 0; i < wrapped.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      check(wrapped[i] != wrapped[j], "movedim: repeated dim in `", which, "` (", dims, ")");
  return wrapped;
}

Tensor movedim_rule(Call&, const Tensor& input, const Shape& source, const Shape& destination) {
  if (source.size() != destination.size())
    fail(ErrorKind::runtime, "movedim: Invalid source or destination dims: source (", source,
         " dims) should contain the same number of dims as destination (", destination, " dims)");
  Shape from = wrapped_once(source, input.dim(), "source");
  Shape to = wrapped_once(destination, input.dim(), "destination");
  if (input.dim() == 0) return alias_op(input);
  Shape order(static_cast<size_t>(input.dim()), -1);
  for (size_t i = 0; i < from.size(); ++i) order[to[i]] = from[i];
  // The dims that stay fill the free places in their order.
  int64_t next = 0;
  auto moves = [&](int64_t dim) {
    for (int64_t moved : from)
      if (moved == dim) return true;
    return false;
  };
  for (int64_t& dim : order) {
    if (dim != -1) continue;
    while (moves(next)) ++next;
    dim = next++;
  }
  return permute(input, order);
}

// Drops the dims of `mask` that have size 1.
Tensor squeezed(Call& call, const char* node_name, const Tensor& input, uint64_t mask) {
  Shape sizes, strides;
  for (int64_t dim = 0; dim < input.dim(); ++dim) {
    if ((mask >> dim & 1) && input.sizes()[dim] == 1) continue;
    sizes.push_back(input.sizes()[dim]);
    strides.push_back(input.strides()[dim]);
  }
  Tensor output = call.view(input, sizes, strides, input.offset());
  if (Recording node = call.record(node_name, {input})) {
    Shape before = input.sizes();
    node.derivative([before](const Gradients& grad, Wanted) { return Gradients{reshape(grad[0], before)}; });
  }
  return output;
}

Tensor squeeze_rule(Call& call, const Tensor& input) {
  return squeezed(call, call.in_place() ? "SqueezeBackward3" : "SqueezeBackward0", input,
                  dims_mask({}, input.dim()));
}

Tensor squeeze_dim_rule(Call& call, const Tensor& input, int64_t dim) {
  return squeezed(call, call.in_place() ? "SqueezeBackward4" : "SqueezeBackward1", input,
                  uint64_t{1} << wrap_dim(dim, input.dim()));
}

Tensor squeeze_dims_rule(Call& call, const Tensor& input, const Shape& dim) {
  return squeezed(call, call.in_place() ? "SqueezeBackward5" : "SqueezeBackward2", input,
                  dim.empty() ? 0 : dims_mask(dim, input.dim()));
}

Tensor unsqueeze_rule(Call& call, const Tensor& input, int64_t dim) {
  dim = wrap_dim(dim, input.dim() + 1);
  Shape sizes = input.sizes(), strides = input.strides();
  int64_t stride = dim < input.dim() ? sizes[dim] * strides[dim] : 1;
  sizes.insert(static_cast<size_t>(dim), 1);
  strides.insert(static_cast<size_t>(dim), stride);
  Tensor output = call.view(input, sizes, strides, input.offset());
  if (Recording node = call.record(call.in_place() ? "UnsqueezeBackward1" : "UnsqueezeBackward0", {input}))
    node.derivative([dim](const Gradients& grad, Wanted) { return Gradients{squeeze_dim(grad[0], dim)}; });
  return output;
}

// vmap's rules for ops whose dims depend on the rank. The batch dim goes first.
BatchedValue t_of_batch(const OpBase&, BatchedValues& arguments, int64_t) {
  Tensor input = batch_first(arguments[0]);
  check(input.dim() <= 3, "t() expects a tensor with <= 2 dimensions, but self is ", input.dim() - 1, "D");
  return {input.dim() < 3 ? input : transpose(input, 1, 2), 0};
}

BatchedValue squeeze_of_batch(const OpBase&, BatchedValues& arguments, int64_t) {
  Tensor input = batch_first(arguments[0]);
  Shape dims;
  for (int64_t dim = 1; dim < input.dim(); ++dim) dims.push_back(dim);
  return {squeeze_dims(input, dims), 0};
}

BatchedValue unsqueeze_of_batch(const OpBase&, BatchedValues& arguments, int64_t) {
  Tensor input = batch_first(arguments[0]);
  return {unsqueeze(input, wrap_dim(unbox<int64_t>(arguments[1].value), input.dim()) + 1), 0};
}

constexpr Traits view_traits{
    .forms = function | method | in_place, .batching = Batching::leading, .forward = Forward::linear};
constexpr Traits permute_traits{
    .forms = function | method, .batching = Batching::leading, .forward = Forward::linear};
constexpr Traits composite_function{.forms = function | method, .composite = true};

}  // namespace

const Op<Tensor(const Tensor&, int64_t, int64_t)> transpose{
    "transpose(Tensor input, int dim0, int dim1) -> Tensor", transpose_rule, view_traits,
    R"(View a tensor with two of its dims swapped.

    >>> lampas.transpose(lampas.tensor([[1, 2], [3, 4]]), 0, 1)
    tensor([[1, 3],
            [2, 4]])
)"};

const Op<Tensor(const Tensor&)> t{"t(Tensor input) -> Tensor",
                                  t_rule,
                                  {.forms = function | method | in_place,
                                   .batching = Batching::custom,
                                   .forward = Forward::linear,
                                   .batching_rule = t_of_batch},
                                  R"(View a matrix transposed; a vector or a number stays as it is.

    Raises RuntimeError for more than two dims.

    >>> lampas.t(lampas.tensor([[1, 2]]))
    tensor([[1],
            [2]])
)"};

const Op<Tensor(const Tensor&, const Shape&)> permute{"permute(Tensor input, int[] dims) -> Tensor",
                                                      permute_rule, permute_traits,
                                                      R"(View a tensor with its dims in another order.

    Args:
        input: a tensor.
        dims: every dim once, in the new order.

    >>> lampas.permute(lampas.tensor([[1, 2]]), (1, 0))
    tensor([[1],
            [2]])
)"};

const Op<Tensor(const Tensor&, const Shape&, const Shape&)> movedim{
    "movedim(Tensor input, int[1] source, int[1] destination) -> Tensor", movedim_rule, composite_function,
    R"(Move dims to other positions; the rest keep their order.

    >>> lampas.movedim(lampas.zeros(2, 3, 4), 0, -1).shape
    torch.Size([3, 4, 2])
)"};

const Op<Tensor(const Tensor&)> squeeze{"squeeze(Tensor input) -> Tensor",
                                        squeeze_rule,
                                        {.forms = function | method | in_place,
                                         .batching = Batching::custom,
                                         .forward = Forward::linear,
                                         .batching_rule = squeeze_of_batch},
                                        R"(View a tensor without its dims of size 1.

    >>> lampas.squeeze(lampas.tensor([[1, 2]]))
    tensor([1, 2])
)"};

const Op<Tensor(const Tensor&, int64_t)> squeeze_dim{
    "squeeze.dim(Tensor input, int dim) -> Tensor", squeeze_dim_rule, view_traits,
    R"(View a tensor without the dim `dim` where that has size 1.

    >>> lampas.squeeze(lampas.tensor([[1, 2]]), 0)
    tensor([1, 2])
)"};

const Op<Tensor(const Tensor&, const Shape&)> squeeze_dims{
    "squeeze.dims(Tensor input, int[] dim) -> Tensor", squeeze_dims_rule, view_traits,
    R"(View a tensor without those of the dims `dim` that have size 1.

    >>> lampas.squeeze(lampas.tensor([[[1, 2]]]), (0, 1))
    tensor([1, 2])
)"};

const Op<Tensor(const Tensor&, int64_t)> unsqueeze{"unsqueeze(Tensor input, int dim) -> Tensor",
                                                   unsqueeze_rule,
                                                   {.forms = function | method | in_place,
                                                    .batching = Batching::custom,
                                                    .forward = Forward::linear,
                                                    .batching_rule = unsqueeze_of_batch},
                                                   R"(View a tensor with one more dim, of size 1, at `dim`.

    >>> lampas.unsqueeze(lampas.tensor([1, 2]), 1)
    tensor([[1],
            [2]])
)"};

}  // namespace lampas
