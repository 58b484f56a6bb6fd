// cat and stack; split, chunk and unbind, which are views.
#include "core/ops/joining.h"

#include <algorithm>

#include "core/kernels/copy.h"
#include "core/ops/creation.h"
#include "core/ops/promotion.h"
#include "core/ops/view_dims.h"
#include "core/ops/view_parts.h"

namespace lampas {

extern const Op<TensorList(const Tensor&, int64_t, int64_t)> unsafe_split;
extern const Op<TensorList(const Tensor&, const Shape&, int64_t)> unsafe_split_with_sizes;

namespace {

// PyTorch lets an empty vector stand among tensors of any rank.
bool is_skipped(const Tensor& tensor) { return tensor.dim() == 1 && tensor.numel() == 0; }

void check_joinable(const Tensor& first, const Tensor& other, int64_t dim, size_t position) {
  check(other.dim() == first.dim(), "Tensors must have same number of dimensions: got ", first.dim(), " and ",
        other.dim());
  for (int64_t i = 0; i < first.dim(); ++i) {
    if (i == dim || first.sizes()[i] == other.sizes()[i]) continue;
    fail(ErrorKind::runtime, "Sizes of tensors must match except in dimension ", dim, ". Expected size ",
         first.sizes()[i], " but got size ", other.sizes()[i], " for tensor number ", position,
         " in the list.");
  }
}

// A view of `output` in which part `position` of a join lies.
Tensor region(const Tensor& output, int64_t dim, int64_t begin, int64_t size) {
  Shape sizes = output.sizes();
  sizes[dim] = size;
  return alias(output, sizes, output.strides(), output.offset() + begin * output.strides()[dim]);
}

Tensor cat_rule(Call& call, const TensorList& tensors, int64_t dim) {
  if (tensors.empty()) fail(ErrorKind::value, "torch.cat(): expected a non-empty list of Tensors");
  for (size_t i = 0; i < tensors.size(); ++i)
    check(tensors[i].dim() > 0, "zero-dimensional tensor (at position ", i, ") cannot be concatenated");
  auto shaping = std::find_if_not(tensors.begin(), tensors.end(), is_skipped);
  const Tensor& first = shaping == tensors.end() ? tensors[0] : *shaping;
  dim = wrap_dim(dim, first.dim());
  Shape sizes = first.sizes(), lengths;
  sizes[dim] = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    bool skipped = is_skipped(tensors[i]);
    if (!skipped) check_joinable(first, tensors[i], dim, i);
    lengths.push_back(skipped ? 0 : tensors[i].sizes()[dim]);
    sizes[dim] += lengths.back();
  }
  Tensor output = call.output(sizes, result_type(tensors), first.device());
  if (Recording node = call.record("CatBackward0", tensors)) {
    std::vector<bool> skipped;
    for (const Tensor& tensor : tensors) skipped.push_back(is_skipped(tensor));
    node.derivative([lengths, skipped, dim](const Gradients& grad, Wanted wanted) {
      Gradients result;
      int64_t begin = 0;
      for (size_t i = 0; i < lengths.size(); ++i) {
        bool used = wanted[i] && !skipped[i];
        result.push_back(used ? slice(grad[0], dim, begin, begin + lengths[i], 1) : Tensor());
        begin += lengths[i];
      }
      return result;
    });
  }
  int64_t begin = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (lengths[i] > 0 && tensors[i].numel() > 0)
      kernels::copy(output.device(), tensors[i], region(output, dim, begin, lengths[i]));
    begin += lengths[i];
  }
  return output;
}

Tensor stack_rule(Call& call, const TensorList& tensors, int64_t dim) {
  check(!tensors.empty(), "stack expects a non-empty TensorList");
  const Tensor& first = tensors[0];
  for (size_t i = 1; i < tensors.size(); ++i)
    check(tensors[i].sizes() == first.sizes(), "stack expects each tensor to be equal size, but got ",
          first.sizes(), " at entry 0 and ", tensors[i].sizes(), " at entry ", i);
  dim = wrap_dim(dim, first.dim() + 1);
  Shape sizes = first.sizes();
  sizes.insert(static_cast<size_t>(dim), static_cast<int64_t>(tensors.size()));
  Tensor output = call.output(sizes, result_type(tensors), first.device());
  if (Recording node = call.record("StackBackward0", tensors)) {
    size_t count = tensors.size();
    node.derivative([count, dim](const Gradients& grad, Wanted wanted) {
      Gradients result;
      for (size_t i = 0; i < count; ++i)
        result.push_back(wanted[i] ? select(grad[0], dim, static_cast<int64_t>(i)) : Tensor());
      return result;
    });
  }
  Shape part_sizes = first.sizes(), part_strides = output.strides();
  part_strides.erase(static_cast<size_t>(dim));
  for (size_t i = 0; i < tensors.size(); ++i) {
    int64_t offset = output.offset() + static_cast<int64_t>(i) * output.strides()[dim];
    kernels::copy(output.device(), tensors[i], alias(output, part_sizes, part_strides, offset));
  }
  return output;
}

// The gradients of all parts; a part without one counts as zeros of the given sizes.
TensorList filled(const Gradients& grad, const Shape& sizes, int64_t dim, const Shape& lengths) {
  auto present = std::find_if(grad.begin(), grad.end(), [](const Tensor& part) { return part.defined(); });
  TensorList parts;
  for (size_t i = 0; i < grad.size(); ++i) {
    Shape part_sizes = sizes;
    part_sizes[dim] = lengths[i];
    parts.push_back(grad[i].defined() ? grad[i] : zeros(part_sizes, present->dtype(), present->device()));
  }
  return parts;
}

// `views`: whether the parts are views for autograd. Those of the unsafe ops are not: writing into them is
// allowed, and the caller answers for nobody else reading the memory.
TensorList split_by_lengths(Call& call, const char* node_name, const Tensor& input, int64_t dim,
                            const Shape& lengths, bool views = true) {
  TensorList parts;
  int64_t begin = 0;
  for (int64_t length : lengths) {
    Shape sizes = input.sizes();
    sizes[dim] = length;
    int64_t offset = input.offset() + begin * input.strides()[dim];
    parts.push_back(views ? call.view(input, sizes, input.strides(), offset, true)
                          : alias(input, sizes, input.strides(), offset));
    begin += length;
  }
  if (Recording node = call.record(node_name, {input})) {
    Shape sizes = input.sizes();
    node.derivative([sizes, dim, lengths](const Gradients& grad, Wanted) {
      return Gradients{cat(filled(grad, sizes, dim, lengths), dim)};
    });
  }
  return parts;
}

template <bool views>
TensorList split_rule(Call& call, const Tensor& input, int64_t split_size, int64_t dim) {
  check(input.dim() != 0, "split expects at least a 1-dimensional tensor");
  check(split_size >= 0, "split expects split_size be non-negative, but got split_size=", split_size);
  dim = wrap_dim(dim, input.dim());
  int64_t size = input.sizes()[dim];
  check(split_size > 0 || size == 0,
        "split_size can only be 0 if dimension size is 0, but got dimension size of ", size);
  Shape lengths;
  for (int64_t begin = 0; begin < size; begin += std::min(split_size, size - begin))
    lengths.push_back(std::min(split_size, size - begin));
  if (lengths.empty()) lengths.push_back(0);
  return split_by_lengths(call, views ? "SplitBackward0" : "UnsafeSplitBackward0", input, dim, lengths,
                          views);
}

template <bool views>
TensorList split_with_sizes_rule(Call& call, const Tensor& input, const Shape& split_sizes, int64_t dim) {
  check(input.dim() != 0, "split expects at least a 1-dimensional tensor");
  dim = wrap_dim(dim, input.dim());
  int64_t left = input.sizes()[dim];  // not a sum of the lengths: that may overflow
  for (int64_t length : split_sizes) {
    check(length >= 0, "split_with_sizes expects split_sizes have only non-negative entries, but got ",
          "split_sizes=", split_sizes);
    left = length <= left ? left - length : -1;
  }
  check(left == 0, "split_with_sizes expects split_sizes to sum exactly to ", input.sizes()[dim],
        " (input tensor's size at dimension ", dim, "), but got split_sizes=", split_sizes);
  return split_by_lengths(call, views ? "SplitWithSizesBackward0" : "UnsafeSplitWithSizesBackward0", input,
                          dim, split_sizes, views);
}

TensorList split_sizes_rule(Call&, const Tensor& input, const Shape& split_size, int64_t dim) {
  return split_with_sizes(input, split_size, dim);
}

template <bool views>
TensorList chunk_rule(Call&, const Tensor& input, int64_t chunks, int64_t dim) {
  check(input.dim() > 0, "chunk expects at least a 1-dimensional tensor");
  check(chunks > 0, "chunk expects `chunks` to be greater than 0, got: ", chunks);
  dim = wrap_dim(dim, input.dim());
  int64_t size = input.sizes()[dim];
  int64_t length = size / chunks + (size % chunks != 0);
  // An empty dim still gives the number of chunks that was asked for.
  if (length == 0)
    return (views ? split_with_sizes : unsafe_split_with_sizes)(input, Shape(static_cast<size_t>(chunks), 0),
                                                                dim);
  return (views ? split : unsafe_split)(input, length, dim);
}

TensorList unbind_rule(Call& call, const Tensor& input, int64_t dim) {
  dim = wrap_dim(dim, input.dim(), false);
  Shape sizes = input.sizes(), strides = input.strides();
  int64_t count = sizes[dim], step = strides[dim];
  sizes.erase(static_cast<size_t>(dim));
  strides.erase(static_cast<size_t>(dim));
  TensorList parts;
  for (int64_t i = 0; i < count; ++i)
    parts.push_back(call.view(input, sizes, strides, input.offset() + i * step, true));
  if (Recording node = call.record("UnbindBackward0", {input})) {
    Shape with_dim = sizes;
    with_dim.insert(static_cast<size_t>(dim), 1);
    node.derivative([with_dim, dim](const Gradients& grad, Wanted) {
      Gradients parts;
      for (const Tensor& part : grad) parts.push_back(part.defined() ? unsqueeze(part, dim) : Tensor());
      Shape ones(grad.size(), 1);
      return Gradients{cat(filled(parts, with_dim, dim, ones), dim)};
    });
  }
  return parts;
}

// vmap's rules: of a list, all tensors come with their batch dim first.
BatchedValue cat_of_batch(const OpBase&, BatchedValues& arguments, int64_t) {
  TensorList tensors;  // an empty vector of each example would no longer be skipped
  int64_t rank = 1;
  for (const Tensor& tensor : std::get<TensorList>(arguments[0].value)) {
    if (tensor.dim() == 2 && tensor.sizes()[1] == 0) continue;
    tensors.push_back(tensor);
    rank = tensor.dim() - 1;
  }
  if (tensors.empty()) tensors.push_back(std::get<TensorList>(arguments[0].value).at(0));
  return {cat(tensors, wrap_dim(unbox<int64_t>(arguments[1].value), rank) + 1), 0};
}

BatchedValue stack_of_batch(const OpBase&, BatchedValues& arguments, int64_t) {
  const TensorList& tensors = std::get<TensorList>(arguments[0].value);
  check(!tensors.empty(), "stack expects a non-empty TensorList");
  return {stack(tensors, wrap_dim(unbox<int64_t>(arguments[1].value), tensors[0].dim()) + 1), 0};
}

constexpr Traits composite_function{.forms = function | method, .composite = true};
constexpr Traits parts_traits{
    .forms = function | method, .batching = Batching::leading, .forward = Forward::linear};
constexpr Traits joining(BatchingRule rule) {
  return {.forms = function | out,
          .batching = Batching::custom,
          .forward = Forward::linear,
          .autocast = Autocast::promote,
          .batching_rule = rule};
}

}  // namespace

const Op<Tensor(const TensorList&, int64_t)> cat{"cat(Tensor[] tensors, int dim=0) -> Tensor", cat_rule,
                                                 joining(cat_of_batch),
                                                 R"(Join tensors along a dim.

    Args:
        tensors: tensors of the same sizes except along `dim`; empty vectors are skipped.
        dim: the dim along which they follow each other.

    Raises RuntimeError where the sizes do not fit, ValueError for an empty list.

    >>> lampas.cat([lampas.tensor([1, 2]), lampas.tensor([3])])
    tensor([1, 2, 3])
)"};

const Op<Tensor(const TensorList&, int64_t)> stack{"stack(Tensor[] tensors, int dim=0) -> Tensor", stack_rule,
                                                   joining(stack_of_batch),
                                                   R"(Join tensors of one shape along a new dim.

    Raises RuntimeError where the sizes differ.

    >>> lampas.stack([lampas.tensor([1, 2]), lampas.tensor([3, 4])])
    tensor([[1, 2],
            [3, 4]])
)"};

const Op<TensorList(const Tensor&, int64_t, int64_t)> split{
    "split(Tensor input, int split_size, int dim=0) -> Tensor[]", split_rule<true>, parts_traits,
    R"(View a tensor as parts of `split_size` along a dim; the last part may be smaller.

    >>> lampas.split(lampas.tensor([1, 2, 3]), 2)
    (tensor([1, 2]), tensor([3]))
)"};

const Op<TensorList(const Tensor&, const Shape&, int64_t)> split_sizes{
    "split.sizes(Tensor input, int[] split_size, int dim=0) -> Tensor[]", split_sizes_rule,
    composite_function,
    R"(View a tensor as parts of the given sizes along a dim.

    Raises RuntimeError where they do not sum to the dim's size.

    >>> lampas.split(lampas.tensor([1, 2, 3]), [1, 2])
    (tensor([1]), tensor([2, 3]))
)"};

const Op<TensorList(const Tensor&, const Shape&, int64_t)> split_with_sizes{
    "split_with_sizes(Tensor input, int[] split_sizes, int dim=0) -> Tensor[]", split_with_sizes_rule<true>,
    parts_traits,
    R"(View a tensor as parts of the given sizes along a dim.

    Raises RuntimeError where they do not sum to the dim's size.

    >>> lampas.split_with_sizes(lampas.tensor([1, 2, 3]), [1, 2])
    (tensor([1]), tensor([2, 3]))
)"};

const Op<TensorList(const Tensor&, int64_t, int64_t)> chunk{
    "chunk(Tensor input, int chunks, int dim=0) -> Tensor[]", chunk_rule<true>, composite_function,
    R"(View a tensor as at most `chunks` parts of one size along a dim; the last may be smaller.

    >>> lampas.chunk(lampas.tensor([1, 2, 3]), 2)
    (tensor([1, 2]), tensor([3]))
)"};

const Op<TensorList(const Tensor&, int64_t, int64_t)> unsafe_split{
    "unsafe_split(Tensor input, int split_size, int dim=0) -> Tensor[]", split_rule<false>, parts_traits,
    R"(Split a tensor as `split` does; autograd lets the parts be written in place.

    >>> lampas.unsafe_split(lampas.tensor([1, 2, 3]), 2)
    (tensor([1, 2]), tensor([3]))
)"};

const Op<TensorList(const Tensor&, const Shape&, int64_t)> unsafe_split_with_sizes{
    "unsafe_split_with_sizes(Tensor input, int[] split_sizes, int dim=0) -> Tensor[]",
    split_with_sizes_rule<false>, parts_traits,
    R"(Split a tensor as `split_with_sizes` does; autograd lets the parts be written in place.

    >>> lampas.unsafe_split_with_sizes(lampas.tensor([1, 2, 3]), [1, 2])
    (tensor([1]), tensor([2, 3]))
)"};

const Op<TensorList(const Tensor&, int64_t, int64_t)> unsafe_chunk{
    "unsafe_chunk(Tensor input, int chunks, int dim=0) -> Tensor[]", chunk_rule<false>, composite_function,
    R"(Split a tensor as `chunk` does; autograd lets the parts be written in place.

    >>> lampas.unsafe_chunk(lampas.tensor([1, 2, 3]), 2)
    (tensor([1, 2]), tensor([3]))
)"};

const Op<TensorList(const Tensor&, int64_t)> unbind{"unbind(Tensor input, int dim=0) -> Tensor[]",
                                                    unbind_rule, parts_traits,
                                                    R"(View the parts of a tensor along a dim, which goes.

    >>> lampas.unbind(lampas.tensor([[1, 2], [3, 4]]))
    (tensor([1, 2]), tensor([3, 4]))
)"};

}  // namespace lampas
