// repeat and tile, repeat_interleave, flip, roll, rot90 and their relatives.
#include "core/ops/rearranging.h"

#include <utility>

#include "core/kernels/copy.h"
#include "core/ops/batching.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/cumulative.h"
#include "core/ops/indexing.h"
#include "core/ops/reduction.h"
#include "core/ops/view_parts.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, std::optional<int64_t>)> repeat_interleave_indices;
extern const Op<Tensor(const Tensor&, int64_t, const Shape&)> rot90;

namespace {

// Each dim in two: how often it is repeated, and its size.
Shape interleaved(const Shape& repeats, const Shape& sizes) {
  Shape result;
  for (size_t dim = 0; dim < repeats.size(); ++dim) {
    result.push_back(repeats[dim]);
    result.push_back(sizes[dim]);
  }
  return result;
}

Shape with_leading_ones(Shape sizes, size_t rank) {
  while (sizes.size() < rank) sizes.insert(0, 1);
  return sizes;
}

Tensor repeat_rule(Call& call, const Tensor& input, const Shape& repeats) {
  check(static_cast<int64_t>(repeats.size()) >= input.dim(),
        "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor");
  Shape padded = with_leading_ones(input.sizes(), repeats.size()), sizes;
  for (size_t dim = 0; dim < repeats.size(); ++dim) sizes.push_back(repeats[dim] * padded[dim]);
  for (int64_t size : sizes)
    check(size >= 0, "Trying to create tensor with negative dimension ", size, ": ", sizes);
  Tensor output = call.output(sizes, input.dtype(), input.device());
  if (Recording node = call.record("RepeatBackward0", {input})) {
    Shape before = input.sizes(), split = interleaved(repeats, padded), dims;
    for (size_t dim = 0; dim < repeats.size(); ++dim) dims.push_back(static_cast<int64_t>(2 * dim));
    node.derivative([before, split, dims](const Gradients& grad, Wanted) {
      if (dims.empty()) return Gradients{grad[0]};
      return Gradients{reshape(sum_dims(reshape(grad[0], split), dims, false), before)};
    });
  }
  if (output.numel() == 0) return output;
  // Both sides as (repeats, size) for each dim: the source repeats by strides of zero.
  Shape from_strides, to_strides;
  for (size_t dim = 0; dim < repeats.size(); ++dim) {
    int64_t own = static_cast<int64_t>(dim) - static_cast<int64_t>(repeats.size()) + input.dim();
    from_strides.push_back(0);
    from_strides.push_back(own < 0 ? 0 : input.strides()[own]);
    to_strides.push_back(padded[dim] * output.strides()[dim]);
    to_strides.push_back(output.strides()[dim]);
  }
  Shape both = interleaved(repeats, padded);
  kernels::copy(output.device(), alias(input, both, from_strides, input.offset()),
                alias(output, both, to_strides, output.offset()));
  return output;
}

// The batch dim goes first and is repeated once; an example of lower rank gets its dims after it.
BatchedValue repeat_of_batch(const OpBase&, BatchedValues& arguments, int64_t) {
  Tensor input = batch_first(arguments[0]);
  Shape repeats = unbox<Shape>(arguments[1].value), sizes = input.sizes();
  while (sizes.size() < repeats.size() + 1) sizes.insert(1, 1);
  repeats.insert(0, 1);
  return {repeat(reshape(input, sizes), repeats), 0};
}

Tensor tile_rule(Call&, const Tensor& input, const Shape& dims) {
  return repeat(input, with_leading_ones(dims, static_cast<size_t>(input.dim())));
}

// Where each element comes from: i, repeats[i] times. A mark stands where the source moves on by one.
Tensor repeat_interleave_indices_rule(Call&, const Tensor& repeats, std::optional<int64_t> output_size) {
  if (repeats.dtype() != DType::int64 && repeats.dtype() != DType::int32)
    fail(ErrorKind::not_implemented, "\"repeat_interleave_cpu\" not implemented for '",
         scalar_type_name(repeats.dtype()), "'");
  check(repeats.dim() == 1, "repeat_interleave only accept 1D vector as repeat");
  if (repeats.numel() == 0) return zeros({0}, repeats.dtype(), repeats.device());
  Tensor counts = cast(repeats, DType::int64);
  check(!is_nonzero(any(lt(counts, zeros({}, DType::int64, counts.device())))),
        "repeats can not be negative");
  Tensor ends = cumsum(counts, 0, std::nullopt);
  int64_t total = item(select(ends, 0, -1)).to<int64_t>();
  check(output_size.value_or(total) == total, "allocated size does not match required size");
  Tensor marks = zeros({total + 1}, DType::int64, repeats.device());
  Tensor starts = slice(ends, 0, 0, repeats.numel() - 1, 1);
  marks = scatter_add(marks, 0, starts, ones_like(starts));
  return cast(slice(cumsum(marks, 0, std::nullopt), 0, 0, total, 1), repeats.dtype());
}

// What is repeated, and along which dim: the elements in a row where no dim is given.
std::pair<Tensor, int64_t> interleaved_source(const Tensor& input, std::optional<int64_t> dim) {
  if (!dim) return {reshape(input, {-1}), 0};
  if (input.dim() == 0)
    fail(ErrorKind::index, "Dimension specified as ", *dim, " but tensor has no dimensions");
  return {input, wrap_dim(*dim, input.dim())};
}

Tensor repeat_interleave_tensor_rule(Call&, const Tensor& input, const Tensor& repeats,
                                     std::optional<int64_t> dim, std::optional<int64_t> output_size) {
  auto [source, wrapped] = interleaved_source(input, dim);
  int64_t size = source.sizes()[wrapped];
  check(repeats.dim() <= 1, "repeats must be 0-dim or 1-dim tensor");
  bool one = repeats.dim() == 0 || repeats.numel() == 1;
  check(one || repeats.numel() == size, "repeats must have the same size as input along dim, but got ",
        "repeats.size(0) = ", one ? 1 : repeats.numel(), " and input.size(", dim.value_or(0), ") = ", size);
  Tensor each = one ? expand(reshape(repeats, {1}), {size}) : repeats;
  return index_select(source, wrapped, repeat_interleave_indices(each, output_size));
}

Tensor repeat_interleave_int_rule(Call&, const Tensor& input, int64_t repeats, std::optional<int64_t> dim,
                                  std::optional<int64_t> output_size) {
  check(repeats >= 0, "Repeats must be non-negative");
  auto [source, wrapped] = interleaved_source(input, dim);
  Shape sizes = source.sizes();
  check(output_size.value_or(sizes[wrapped] * repeats) == sizes[wrapped] * repeats,
        "repeat_interleave: Invalid output_size, expected ", sizes[wrapped] * repeats, " but got ",
        output_size.value_or(0));
  Shape expanded = sizes;
  expanded.insert(static_cast<size_t>(wrapped) + 1, repeats);
  sizes[wrapped] *= repeats;
  return view(contiguous_copy(expand(unsqueeze(source, wrapped + 1), expanded)), sizes);
}

// The same elements with the dims of `mask` read backwards.
Tensor mirrored(const Tensor& tensor, uint64_t mask) {
  Shape strides = tensor.strides();
  int64_t offset = tensor.offset();
  for (size_t dim = 0; dim < strides.size(); ++dim) {
    if (!(mask >> dim & 1) || tensor.sizes()[dim] == 0) continue;
    offset += (tensor.sizes()[dim] - 1) * strides[dim];
    strides[dim] = -strides[dim];
  }
  return alias(tensor, tensor.sizes(), strides, offset);
}

Tensor flip_rule(Call& call, const Tensor& input, const Shape& dims) {
  uint64_t mask = dims.empty() ? 0 : dims_mask(dims, input.dim());
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record("FlipBackward0", {input}))
    node.derivative([dims](const Gradients& grad, Wanted) { return Gradients{flip(grad[0], dims)}; });
  kernels::copy(output.device(), input, mirrored(output, mask));
  return output;
}

Tensor fliplr_rule(Call&, const Tensor& input) {
  check(input.dim() >= 2, "Input must be >= 2-d.");
  return flip(input, {1});
}

Tensor flipud_rule(Call&, const Tensor& input) {
  check(input.dim() >= 1, "Input must be >= 1-d.");
  return flip(input, {0});
}

// Copies `input` into `output`, each dim moved on by shifts[dim] and wrapped round: two ranges a dim.
void copy_rolled(const Tensor& input, const Tensor& output, const Shape& shifts, size_t dim) {
  if (dim == shifts.size()) {
    if (input.numel() > 0) kernels::copy(output.device(), input, output);
    return;
  }
  int64_t size = input.sizes()[dim], shift = shifts[dim];
  auto range = [dim](const Tensor& tensor, int64_t begin, int64_t length) {
    Shape sizes = tensor.sizes();
    sizes[dim] = length;
    return alias(tensor, sizes, tensor.strides(), tensor.offset() + begin * tensor.strides()[dim]);
  };
  if (shift == 0) return copy_rolled(input, output, shifts, dim + 1);
  copy_rolled(range(input, 0, size - shift), range(output, shift, size - shift), shifts, dim + 1);
  copy_rolled(range(input, size - shift, shift), range(output, 0, shift), shifts, dim + 1);
}

Tensor roll_rule(Call& call, const Tensor& input, const Shape& shifts, const Shape& dims) {
  check(!shifts.empty(), "`shifts` required");
  bool flat = dims.empty() && shifts.size() == 1;
  check(flat || shifts.size() == dims.size(), "shifts and dimensions must align. shifts: ", shifts.size(),
        ", dims:", dims.size());
  Tensor source = input;
  if (flat && !input.is_contiguous()) {
    source = new_tensor(input.sizes(), input.dtype(), input.device());
    kernels::copy(input.device(), input, source);
  }
  if (flat) source = alias(source, {input.numel()}, {1}, source.offset());
  Shape moved(source.sizes().size(), 0);
  for (size_t i = 0; i < shifts.size(); ++i) {
    int64_t dim = flat ? 0 : wrap_dim(dims[i], source.dim(), false), size = source.sizes()[dim];
    if (size > 0) moved[dim] = ((moved[dim] + shifts[i]) % size + size) % size;
  }
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record("RollBackward0", {input})) {
    Shape back;
    for (int64_t shift : shifts) back.push_back(-shift);
    node.derivative(
        [back, dims](const Gradients& grad, Wanted) { return Gradients{roll(grad[0], back, dims)}; });
  }
  copy_rolled(source, flat ? alias(output, {input.numel()}, {1}, output.offset()) : output, moved, 0);
  return output;
}

BatchedValue roll_of_batch(const OpBase&, BatchedValues& arguments, int64_t) {
  Tensor input = batch_first(arguments[0]);
  const Shape &shifts = unbox<Shape>(arguments[1].value), sizes = input.sizes();
  Shape dims = unbox<Shape>(arguments[2].value);
  if (dims.empty()) return {reshape(roll(reshape(input, {sizes[0], -1}), shifts, {1}), sizes), 0};
  if (sizes.size() == 1) return {input, 0};  // examples of one element
  for (int64_t& dim : dims) dim = wrap_dim(dim, input.dim() - 1) + 1;
  return {roll(input, shifts, dims), 0};
}

Tensor rot90_rule(Call& call, const Tensor& input, int64_t k, const Shape& dims) {
  check(dims.size() == 2, "expected total rotation dims == 2, but got dims = ", dims.size());
  check(input.dim() >= 2, "expected total dims >= 2, but got total dims = ", input.dim());
  int64_t first = wrap_dim(dims[0], input.dim()), second = wrap_dim(dims[1], input.dim());
  check(first != second, "expected rotation dims to be different, but got dim0 = ", dims[0],
        " and dim1 = ", dims[1]);
  int64_t turns = (k % 4 + 4) % 4;
  Shape sizes = input.sizes();
  if (turns % 2) std::swap(sizes[first], sizes[second]);
  Tensor output = call.output(sizes, input.dtype(), input.device());
  if (Recording node = call.record("Rot90Backward0", {input}))
    node.derivative([k, dims](const Gradients& grad, Wanted) { return Gradients{rot90(grad[0], -k, dims)}; });
  Tensor target = alias(output);
  if (turns % 2) {  // a quarter turn is a mirrored transpose
    Shape swapped = target.sizes(), strides = target.strides();
    std::swap(swapped[first], swapped[second]);
    std::swap(strides[first], strides[second]);
    target = alias(output, swapped, strides, output.offset());
  }
  uint64_t of_first = uint64_t{1} << first, of_second = uint64_t{1} << second;
  uint64_t masks[] = {0, of_second, of_first | of_second, of_first};
  kernels::copy(output.device(), input, mirrored(target, masks[turns]));
  return output;
}

constexpr Traits composite{.forms = function | method, .composite = true};
constexpr Traits moves_dims{
    .forms = function | method, .batching = Batching::leading, .forward = Forward::linear};

}  // namespace

const Op<Tensor(const Tensor&, const Shape&)> repeat{"repeat(Tensor input, int[] repeats) -> Tensor",
                                                     repeat_rule,
                                                     {.forms = method,
                                                      .batching = Batching::custom,
                                                      .forward = Forward::linear,
                                                      .batching_rule = repeat_of_batch},
                                                     R"(Repeat a tensor along each dim, by copying.

    Args:
        repeats: how often, for each dim; more numbers than dims add dims in front.

    >>> lampas.tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
)"};

const Op<Tensor(const Tensor&, const Shape&)> tile{
    "tile(Tensor input, int[] dims) -> Tensor", tile_rule, composite,
    R"(Repeat a tensor along its last dims, as `numpy.tile` does.

    >>> lampas.tile(lampas.tensor([[1, 2], [3, 4]]), (2,))
    tensor([[1, 2, 1, 2],
            [3, 4, 3, 4]])
)"};

const Op<Tensor(const Tensor&, const Tensor&, std::optional<int64_t>, std::optional<int64_t>)>
    repeat_interleave_tensor{
        "repeat_interleave.self_Tensor(Tensor input, Tensor repeats, int? dim=None, *, "
        "int? output_size=None) -> Tensor",
        repeat_interleave_tensor_rule, composite,
        R"(Repeat each element along a dim, as often as `repeats` says for it.

    Args:
        input: any shape; flattened where `dim` is None.
        repeats: one integer for each index of `dim`, or one for all.
        output_size: the sum of the repeats, where it is known.

    >>> lampas.repeat_interleave(lampas.tensor([5, 6]), lampas.tensor([1, 2]))
    tensor([5, 6, 6])
)"};

const Op<Tensor(const Tensor&, std::optional<int64_t>)> repeat_interleave_indices{
    "repeat_interleave.Tensor(Tensor repeats, *, int? output_size=None) -> Tensor",
    repeat_interleave_indices_rule,
    {.forms = function, .composite = true},
    R"(Give 0 repeats[0] times, then 1 repeats[1] times, and so on.

    >>> lampas.repeat_interleave(lampas.tensor([1, 0, 2]))
    tensor([0, 2, 2])
)"};

const Op<Tensor(const Tensor&, int64_t, std::optional<int64_t>, std::optional<int64_t>)>
    repeat_interleave_int{
        "repeat_interleave.self_int(Tensor input, int repeats, int? dim=None, *, int? output_size=None) "
        "-> Tensor",
        repeat_interleave_int_rule, composite,
        R"(Repeat each element along a dim, `repeats` times.

    >>> lampas.repeat_interleave(lampas.tensor([5, 6]), 2)
    tensor([5, 5, 6, 6])
)"};

const Op<Tensor(const Tensor&, const Shape&)> flip{"flip(Tensor input, int[] dims) -> Tensor", flip_rule,
                                                   moves_dims,
                                                   R"(Reverse the order of elements along dims.

    >>> lampas.flip(lampas.tensor([[1, 2], [3, 4]]), (1,))
    tensor([[2, 1],
            [4, 3]])
)"};

const Op<Tensor(const Tensor&)> fliplr{"fliplr(Tensor input) -> Tensor", fliplr_rule, composite,
                                       R"(Reverse the order of columns.

    >>> lampas.fliplr(lampas.tensor([[1, 2]]))
    tensor([[2, 1]])
)"};

const Op<Tensor(const Tensor&)> flipud{"flipud(Tensor input) -> Tensor", flipud_rule, composite,
                                       R"(Reverse the order of rows.

    >>> lampas.flipud(lampas.tensor([1, 2]))
    tensor([2, 1])
)"};

const Op<Tensor(const Tensor&, const Shape&, const Shape&)> roll{
    "roll(Tensor input, int[1] shifts, int[1] dims=[]) -> Tensor",
    roll_rule,
    {.forms = function | method,
     .batching = Batching::custom,
     .forward = Forward::linear,
     .batching_rule = roll_of_batch},
    R"(Move elements on along dims; what passes the end comes in at the beginning.

    Args:
        shifts: how far, for each of `dims`; negative to the front.
        dims: along which dims; without them the tensor is rolled as if it were flat.

    >>> lampas.roll(lampas.tensor([1, 2, 3]), 1)
    tensor([3, 1, 2])
)"};

const Op<Tensor(const Tensor&, int64_t, const Shape&)> rot90{
    "rot90(Tensor input, int k=1, int[] dims=[0,1]) -> Tensor", rot90_rule, moves_dims,
    R"(Turn a tensor by 90 degrees `k` times, from the first of two dims to the second.

    >>> lampas.rot90(lampas.tensor([[1, 2], [3, 4]]))
    tensor([[2, 4],
            [1, 3]])
)"};

}  // namespace lampas
