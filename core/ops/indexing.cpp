// index, index_put, index_select, masked_select, nonzero, item: elements at places that tensors name.
#include "core/ops/indexing.h"

#include <algorithm>

#include "core/kernels/copy.h"
#include "core/kernels/elementwise.h"
#include "core/kernels/indexing.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/joining.h"
#include "core/ops/promotion.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"
#include "core/ops/view_parts.h"
#include "core/ops/warning.h"

namespace lampas {
namespace {

bool is_mask(const Tensor& index) {
  return index.defined() && (index.dtype() == DType::bool_ || index.dtype() == DType::uint8);
}

// The indices with each mask replaced by the positions of its true elements, one index for each of its dims.
TensorList without_masks(const Tensor& input, const TensorList& indices) {
  TensorList result;
  for (const Tensor& index : indices) {
    if (!index.defined()) {
      result.push_back(index);
      continue;
    }
    bool integer = index.dtype() == DType::int64 || index.dtype() == DType::int32;
    if (!integer && !is_mask(index))
      fail(ErrorKind::index, "tensors used as indices must be long, int, byte or bool tensors");
    if (integer) {
      result.push_back(index);
      continue;
    }
    if (index.dtype() == DType::uint8)
      warn("indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.");
    int64_t begin = static_cast<int64_t>(result.size());
    for (int64_t dim = 0; dim < index.dim(); ++dim) {
      bool fits = begin + dim < input.dim() && index.sizes()[dim] == input.sizes()[begin + dim];
      if (!fits)
        fail(ErrorKind::index, "The shape of the mask ", index.sizes(), " at index ", dim,
             " does not match the shape of the indexed tensor ", input.sizes(), " at index ", begin + dim);
    }
    Tensor positions = nonzero(detach(index));
    if (index.dim() == 0)
      fail(ErrorKind::index, "a mask without dims names no dim: unsqueeze it and the indexed tensor");
    for (int64_t dim = 0; dim < index.dim(); ++dim) result.push_back(select(positions, 1, dim));
  }
  if (static_cast<int64_t>(result.size()) > input.dim())
    fail(ErrorKind::index, "too many indices for tensor of dimension ", input.dim(), " (got ", result.size(),
         ")");
  return result;
}

// How `indices` look into a tensor.
struct Lookup {
  Tensor offsets;     // one place for each position of the broadcast indices
  Shape index_sizes;  // of the broadcast indices
  Shape rest_sizes;   // of the dims without an index, which are looked at as a whole
  Shape rest_strides;
  size_t index_at = 0;  // where the broadcast indices stand among the result's dims

  Shape result_sizes() const {
    Shape sizes = rest_sizes;
    for (size_t i = 0; i < index_sizes.size(); ++i) sizes.insert(index_at + i, index_sizes[i]);
    return sizes;
  }
  // A tensor of the result's shape with the dims of the indices first, as the kernels take it.
  Tensor kernel_order(const Tensor& result) const {
    Shape sizes = result.sizes(), strides = result.strides(), front_sizes, front_strides;
    for (size_t i = 0; i < index_sizes.size(); ++i) {
      front_sizes.push_back(sizes[index_at + i]);
      front_strides.push_back(strides[index_at + i]);
    }
    for (size_t i = 0; i < sizes.size(); ++i) {
      if (i >= index_at && i < index_at + index_sizes.size()) continue;
      front_sizes.push_back(sizes[i]);
      front_strides.push_back(strides[i]);
    }
    return alias(result, front_sizes, front_strides, result.offset());
  }
  // What the kernels call R: the dims without an index, from the first element.
  Tensor rest(const Tensor& input) const { return alias(input, rest_sizes, rest_strides, input.offset()); }
};

Shape broadcast_indices(const TensorList& indices) {
  Shape sizes;
  bool fits = true;
  for (const Tensor& index : indices) {
    if (!index.defined()) continue;
    try {
      sizes = broadcast_shapes(sizes, index.sizes());
    } catch (const Error&) {
      fits = false;
      break;
    }
  }
  if (fits) return sizes;
  std::string shapes;
  for (const Tensor& index : indices)
    if (index.defined()) shapes += (shapes.empty() ? "" : ", ") + to_text(index.sizes());
  fail(ErrorKind::index, "shape mismatch: indexing tensors could not be broadcast together with shapes ",
       shapes);
}

// `indices` hold no masks.
Lookup look_up(const Tensor& input, const TensorList& indices) {
  Lookup lookup;
  lookup.index_sizes = broadcast_indices(indices);
  lookup.offsets = zeros(lookup.index_sizes, DType::int64, input.device());
  bool begun = false, ended = false, split = false;
  int64_t position = 0;
  for (int64_t dim = 0; dim < input.dim(); ++dim) {
    bool indexed = dim < static_cast<int64_t>(indices.size()) && indices[dim].defined();
    if (!indexed) {
      ended |= begun;
      lookup.rest_sizes.push_back(input.sizes()[dim]);
      lookup.rest_strides.push_back(input.strides()[dim]);
      continue;
    }
    split |= ended;
    if (!begun) lookup.index_at = lookup.rest_sizes.size();
    begun = true;
    int64_t size = input.sizes()[dim];
    if (size == 0 && lookup.offsets.numel() > 0)
      fail(ErrorKind::index, "index is out of bounds for dimension with size 0");
    kernels::add_index_offsets(input.device(), indices[dim], size, input.strides()[dim], position++,
                               lookup.offsets);
  }
  if (split) lookup.index_at = 0;  // indices that do not stand together move to the front
  return lookup;
}

// Saved index tensors, undefined ones in their places.
std::vector<Saved> save_all(Recording& node, const TensorList& indices) {
  std::vector<Saved> saved;
  for (const Tensor& entry : indices) saved.push_back(node.save("indices", entry));
  return saved;
}
TensorList read_all(const std::vector<Saved>& saved) {
  TensorList tensors;
  for (const Saved& entry : saved) tensors.push_back(entry());
  return tensors;
}

Tensor index_rule(Call& call, const Tensor& input, const TensorList& indices) {
  TensorList plain = without_masks(input, indices);
  Lookup lookup = look_up(input, plain);
  Tensor output = call.output(lookup.result_sizes(), input.dtype(), input.device());
  if (Recording node = call.record("IndexBackward0", {input})) {
    std::vector<Saved> saved = save_all(node, plain);
    Shape sizes = input.sizes();
    node.derivative([saved, sizes](const Gradients& grad, Wanted) {
      Tensor zero = zeros(sizes, grad[0].dtype(), grad[0].device());
      return Gradients{index_put(zero, read_all(saved), grad[0], true)};
    });
  }
  if (output.numel() > 0)
    kernels::take(input.device(), lookup.rest(input), lookup.offsets, lookup.kernel_order(output));
  return output;
}

// The one mask among `indices`, where there is nothing else, in a shape that broadcasts with the input.
Tensor only_mask(const Tensor& input, const TensorList& indices) {
  Tensor mask;
  size_t before = 0;  // dims in front of it
  for (size_t i = 0; i < indices.size(); ++i) {
    if (!indices[i].defined()) continue;
    if (mask.defined()) return Tensor();
    mask = indices[i];
    before = i;
  }
  if (!mask.defined() || mask.dtype() != DType::bool_ || mask.dim() == 0) return Tensor();
  Shape sizes = mask.sizes(), strides = mask.strides();
  size_t end = before + sizes.size();
  if (end > input.sizes().size()) return Tensor();
  for (size_t i = 0; i < sizes.size(); ++i)
    if (sizes[i] != input.sizes()[before + i]) return Tensor();
  for (size_t i = end; i < input.sizes().size(); ++i) {
    sizes.push_back(1);
    strides.push_back(0);
  }
  return alias(mask, sizes, strides, mask.offset());
}

void warn_of_expanded(const Call& call, const Tensor& input, const char* op, const char* example) {
  if (call.in_place() && may_overlap_itself(input.sizes(), input.strides()))
    warn(text("Use of ", op,
              " on expanded tensors is deprecated. Please clone() the tensor before performing ",
              "this operation. This also applies to advanced indexing e.g. ", example));
}

// One value where a mask holds: no places need to be found, and the value is converted.
Tensor put_where(Call& call, const Tensor& input, const Tensor& mask, const Tensor& values) {
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record("IndexPutBackward0", {input, values})) {
    Saved saved_mask = node.save("indices", mask);
    node.derivative([saved_mask](const Gradients& grad, Wanted wanted) {
      Tensor zero = zeros({}, grad[0].dtype(), grad[0].device());
      return Gradients{wanted[0] ? masked_fill(grad[0], saved_mask(), 0) : Tensor(),
                       wanted[1] ? where(saved_mask(), grad[0], zero) : Tensor()};  // the engine sums
    });
  }
  Tensor value = alias(values, {}, {}, values.offset());
  kernels::where(output.device(), mask, Converted(value, input.dtype()), input, output);
  return output;
}

Tensor index_put_rule(Call& call, const Tensor& input, const TensorList& indices, const Tensor& values,
                      bool accumulate) {
  call.allow_overlapping_target();
  warn_of_expanded(call, input, "index_put_", "tensor[indices] = tensor");
  if (!accumulate && values.numel() == 1) {
    if (Tensor mask = only_mask(input, indices); mask.defined()) {
      warn_of_expanded(call, input, "masked_fill_", "tensor[mask] = scalar");
      return put_where(call, input, mask, values);
    }
  }
  if (input.device().kind == DeviceKind::meta && std::any_of(indices.begin(), indices.end(), is_mask)) {
    call.not_differentiable();  // how many values a mask takes cannot be known; the result's shape can
    return call.output(input.sizes(), input.dtype(), input.device());
  }
  TensorList plain = without_masks(input, indices);
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  Lookup lookup = look_up(output, plain);
  Shape result_sizes = lookup.result_sizes();
  if (!can_expand(values.sizes(), result_sizes))
    fail(ErrorKind::runtime, "shape mismatch: value tensor of shape ", values.sizes(),
         " cannot be broadcast to indexing result of shape ", result_sizes);
  if (input.dtype() != values.dtype())
    fail(ErrorKind::runtime, "Index put requires the source and destination dtypes match, got ",
         scalar_type_name(input.dtype()), " for the destination and ", scalar_type_name(values.dtype()),
         " for the source.");
  if (Recording node = call.record("IndexPutBackward0", {input, values})) {
    std::vector<Saved> saved = save_all(node, plain);
    node.derivative([saved, accumulate](const Gradients& grad, Wanted wanted) {
      TensorList places = read_all(saved);
      Tensor grad_input;
      if (wanted[0]) {
        Tensor zero = zeros({}, grad[0].dtype(), grad[0].device());
        grad_input = accumulate ? grad[0] : index_put(grad[0], places, zero, false);
      }
      return Gradients{grad_input, wanted[1] ? index(grad[0], places) : Tensor()};  // the engine sums
    });
  }
  if (!output.same_as(input)) kernels::copy(output.device(), input, output);
  Tensor source = new_tensor(result_sizes, values.dtype(), values.device());
  kernels::copy(values.device(), values, source);
  if (source.numel() > 0)
    kernels::put(output.device(), lookup.kernel_order(source), lookup.offsets, lookup.rest(output),
                 accumulate ? std::optional(Fold::sum) : std::nullopt);
  return output;
}

}  // namespace

Tensor offsets_along(const Tensor& index, int64_t size, int64_t stride) {
  Tensor offsets = new_tensor({index.numel()}, DType::int64, index.device());
  Tensor places = index.dim() == 0 ? alias(index, {1}, {1}, index.offset()) : index;
  // Unlike indexing, this takes no negative index.
  kernels::gather_offsets(index.device(), Converted(places, DType::int64), 0, {size}, {stride}, offsets);
  return offsets;
}

namespace {

Tensor index_select_rule(Call& call, const Tensor& input, int64_t dim, const Tensor& index) {
  dim = wrap_dim(dim, input.dim());
  if (index.dim() > 1) fail(ErrorKind::index, "index_select(): Index is supposed to be a vector");
  check(index.dtype() == DType::int64 || index.dtype() == DType::int32,
        "index_select(): Expected dtype int32 or int64 for index");
  if (const Tensor* target = call.target(); target && target->defined()) check_no_overlap_within(*target);
  check(input.dim() > 0 || index.numel() == 1, "index_select(): Index to scalar can have only 1 value, got ",
        index.numel(), " value(s)");
  Shape sizes = input.sizes(), rest_sizes = sizes, rest_strides = input.strides();
  int64_t size = 1, stride = 0;
  if (input.dim() > 0) {
    size = sizes[dim];
    stride = input.strides()[dim];
    sizes[dim] = index.numel();
    rest_sizes.erase(static_cast<size_t>(dim));
    rest_strides.erase(static_cast<size_t>(dim));
  }
  Tensor output = call.output(sizes, input.dtype(), input.device());
  if (Recording node = call.record("IndexSelectBackward0", {input})) {
    Saved saved_index = node.save("index", index);
    Shape before = input.sizes();
    node.derivative([saved_index, before, dim](const Gradients& grad, Wanted) {
      if (before.empty()) return Gradients{grad[0]};
      TensorList places(static_cast<size_t>(dim));
      places.push_back(reshape(saved_index(), {-1}));
      return Gradients{index_put(zeros(before, grad[0].dtype(), grad[0].device()), places, grad[0], true)};
    });
  }
  Tensor offsets;
  try {
    offsets = offsets_along(index, size, stride);
  } catch (const Error&) {  // it has a message of its own
    fail(ErrorKind::index, "index out of range in self");
  }
  // The kernel wants the dim of the indices first.
  Shape order_sizes = output.sizes(), order_strides = output.strides();
  if (input.dim() > 0) {
    order_sizes.erase(static_cast<size_t>(dim));
    order_strides.erase(static_cast<size_t>(dim));
    order_sizes.insert(0, output.sizes()[dim]);
    order_strides.insert(0, output.strides()[dim]);
  } else {
    order_sizes.insert(0, 1);
    order_strides.insert(0, 1);
  }
  if (output.numel() == 0) return output;
  kernels::take(input.device(), alias(input, rest_sizes, rest_strides, input.offset()), offsets,
                alias(output, order_sizes, order_strides, output.offset()));
  return output;
}

Tensor masked_select_rule(Call& call, const Tensor& input, const Tensor& mask) {
  check(mask.dtype() == DType::bool_, "masked_select: expected BoolTensor for mask");
  Shape sizes = broadcast_shapes(mask.sizes(), input.sizes());
  // A mask without dims would be no index.
  Shape at_least_one = sizes.empty() ? Shape{1} : sizes;
  TensorList indices{expand(detach(mask), at_least_one)};
  Tensor source = expand(detach(input), at_least_one);
  TensorList plain = without_masks(source, indices);
  Lookup lookup = look_up(source, plain);
  Tensor output = call.output(lookup.result_sizes(), input.dtype(), input.device());
  if (Recording node = call.record("MaskedSelectBackward0", {input})) {
    std::vector<Saved> saved = save_all(node, plain);
    node.derivative([saved, at_least_one, sizes](const Gradients& grad, Wanted) {
      Tensor zero = zeros(at_least_one, grad[0].dtype(), grad[0].device());
      return Gradients{reshape(index_put(zero, read_all(saved), grad[0], false), sizes)};  // the engine sums
    });
  }
  if (output.numel() > 0)
    kernels::take(source.device(), lookup.rest(source), lookup.offsets, lookup.kernel_order(output));
  return output;
}

Tensor nonzero_rule(Call& call, const Tensor& input) {
  call.not_differentiable();
  if (input.device().kind == DeviceKind::meta)
    fail(ErrorKind::not_implemented, "nonzero(): a meta tensor has no values to look at");
  int64_t count = 0;
  kernels::count_nonzero(input.device(), input, count);
  Tensor output = call.output({count, input.dim()}, DType::int64, input.device());
  if (output.is_contiguous()) {
    kernels::nonzero(input.device(), input, output);
  } else {
    Tensor positions = new_tensor(output.sizes(), DType::int64, output.device());
    kernels::nonzero(input.device(), input, positions);
    kernels::copy(output.device(), positions, output);
  }
  return output;
}

TensorList where_condition_rule(Call&, const Tensor& condition) {
  Tensor looked_at = condition.dim() == 0 ? unsqueeze(detach(condition), 0) : detach(condition);
  return unbind(nonzero(looked_at), 1);
}

Scalar item_rule(Call&, const Tensor& input) {
  check(input.numel() == 1, "a Tensor with ", input.numel(), " elements cannot be converted to Scalar");
  check(input.device().kind != DeviceKind::meta, "Tensor.item() cannot be called on meta tensors");
  Scalar value(0);
  kernels::read(input.device(), input, value);
  return value;
}

bool is_nonzero_rule(Call&, const Tensor& input) {
  check(input.numel() != 0, "Boolean value of Tensor with no values is ambiguous");
  check(input.numel() == 1, "Boolean value of Tensor with more than one value is ambiguous");
  return item(input).to<bool>();
}

}  // namespace

const Op<Tensor(const Tensor&, const TensorList&)> index{
    "index(Tensor input, Tensor?[] indices) -> Tensor",
    index_rule,
    {.forms = Forms{}},
    "Take the elements at the broadcast indices; None stands for a whole dim, a bool tensor for its places."};

const Op<Tensor(const Tensor&, const TensorList&, const Tensor&, bool)> index_put{
    "index_put(Tensor input, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor",
    index_put_rule,
    // In place it may write at once: places and values are read into memory of their own first.
    {.forms = function | method | in_place, .elementwise = true},
    R"(Overwrite the elements at the broadcast indices, or add to them.

    Args:
        input: a tensor.
        indices: integer or bool tensors, one for each of the first dims.
        values: a tensor of the same dtype that broadcasts to the indexed shape.
        accumulate: add; an element that is named several times gets the sum.

    Raises IndexError for an index that is out of bounds.

    >>> lampas.zeros(3).index_put((lampas.tensor([0, 2]),), lampas.tensor([1.0, 2.0]))
    tensor([1., 0., 2.])
)"};

const Op<Tensor(const Tensor&, int64_t, const Tensor&)> index_select{
    "index_select(Tensor input, int dim, Tensor index) -> Tensor",
    index_select_rule,
    {.forms = function | method | out},
    R"(Take the parts of a tensor at the given indices of a dim.

    Args:
        input: a tensor.
        dim: the dim to look along.
        index: a vector of int32 or int64.

    Raises IndexError for an index that is out of range.

    >>> lampas.index_select(lampas.tensor([[1, 2], [3, 4]]), 1, lampas.tensor([1, 1]))
    tensor([[2, 2],
            [4, 4]])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> masked_select{
    "masked_select(Tensor input, Tensor mask) -> Tensor",
    masked_select_rule,
    {.forms = function | method | out},
    R"(Take the elements where `mask` holds, as a vector.

    >>> lampas.masked_select(lampas.tensor([1, 2, 3]), lampas.tensor([True, False, True]))
    tensor([1, 3])
)"};

const Op<Tensor(const Tensor&)> nonzero{"nonzero(Tensor input) -> Tensor",
                                        nonzero_rule,
                                        {.forms = function | method | out, .forward = Forward::none},
                                        R"(Find the elements that are not zero: one row of indices for each.

    >>> lampas.nonzero(lampas.tensor([[0, 5], [6, 0]]))
    tensor([[0, 1],
            [1, 0]])
)"};

const Op<TensorList(const Tensor&)> where_condition{
    "where.condition(Tensor condition) -> Tensor[]",
    where_condition_rule,
    {.forms = function, .composite = true},
    R"(Find the elements that are not zero: one vector of indices for each dim.

    >>> lampas.where(lampas.tensor([[0, 5], [6, 0]]))
    (tensor([0, 1]), tensor([1, 0]))
)"};

const Op<Scalar(const Tensor&)> item{"item(Tensor input) -> Scalar",
                                     item_rule,
                                     {.forms = method, .forward = Forward::none},
                                     R"(Read the one element of a tensor as a Python number.

    Raises RuntimeError for a tensor with another number of elements.

    >>> lampas.tensor([2.5]).item()
    2.5
)"};

const Op<bool(const Tensor&)> is_nonzero{"is_nonzero(Tensor input) -> bool",
                                         is_nonzero_rule,
                                         {.forms = function | method, .forward = Forward::none},
                                         R"(Tell whether the one element of a tensor is not zero.

    Raises RuntimeError for a tensor with another number of elements.

    >>> lampas.is_nonzero(lampas.tensor([2.5]))
    True
)"};

}  // namespace lampas
