// diag, diag_embed, diagflat, trace; tril, triu and their indices; block_diag.
#include "core/ops/diagonals.h"

#include <algorithm>

#include "core/kernels/copy.h"
#include "core/kernels/creation.h"
#include "core/ops/batching.h"
#include "core/ops/creation.h"
#include "core/ops/promotion.h"
#include "core/ops/reduction.h"
#include "core/ops/view_copies.h"
#include "core/ops/view_parts.h"

namespace lampas {

extern const Op<Tensor(const TensorList&)> block_diag;

namespace {

Tensor diag_embed_rule(Call& call, const Tensor& input, int64_t offset, int64_t dim1, int64_t dim2) {
  int64_t rank = input.dim() + 1;
  check(input.dim() > 0, "diag_embed(): expected a tensor of at least one dim");
  int64_t first = wrap_dim(dim1, rank), second = wrap_dim(dim2, rank);
  check(first != second, "diagonal dimensions cannot be identical ", dim1, ", ", dim2);
  int64_t length = input.sizes().back() + std::abs(offset);
  Shape sizes(input.sizes().begin(), input.sizes().end() - 1);
  sizes.insert(static_cast<size_t>(std::min(first, second)), length);
  sizes.insert(static_cast<size_t>(std::max(first, second)), length);
  Tensor output = call.output(sizes, input.dtype(), input.device());
  if (Recording node = call.record("DiagEmbedBackward0", {input}))
    node.derivative([offset, first, second](const Gradients& grad, Wanted) {
      return Gradients{diagonal(grad[0], offset, first, second)};
    });
  GradModeGuard unrecorded(false);
  kernels::fill(output.device(), 0, output);
  kernels::copy(output.device(), input, diagonal(output, offset, first, second));
  return output;
}

BatchedValue diag_embed_of_batch(const OpBase&, BatchedValues& arguments, int64_t) {
  Tensor input = batch_first(arguments[0]);
  auto shifted = [&](size_t i) { return wrap_dim(unbox<int64_t>(arguments[i].value), input.dim()) + 1; };
  return {diag_embed(input, unbox<int64_t>(arguments[1].value), shifted(2), shifted(3)), 0};
}

Tensor diag_rule(Call& call, const Tensor& input, int64_t diagonal) {
  GradModeGuard recorded(grad_mode.enabled && !call.into_out());
  check(input.dim() == 1 || input.dim() == 2, "diag(): Supports 1D or 2D tensors. Got ", input.dim(), "D");
  return input.dim() == 1 ? diag_embed(input, diagonal, 0, 1) : diagonal_copy(input, diagonal, 0, 1);
}

Tensor diagflat_rule(Call&, const Tensor& input, int64_t offset) {
  return diag_embed(view(as_contiguous(input), {-1}), offset, 0, 1);
}

Tensor trace_rule(Call& call, const Tensor& input) {
  check(input.dim() == 2, "trace: expected a matrix, but got tensor with dim ", input.dim());
  if (input.dtype() == DType::bool_) fail(ErrorKind::not_implemented, "\"trace\" not implemented for 'Bool'");
  DType dtype = is_integral(input.dtype()) ? DType::int64 : input.dtype();
  Tensor output = call.output({}, dtype, input.device());
  if (Recording node = call.record("TraceBackward0", {input})) {
    Shape sizes = input.sizes();
    node.derivative([sizes](const Gradients& grad, Wanted) {
      return Gradients{diagonal_backward(expand(grad[0], {std::min(sizes[0], sizes[1])}), sizes, 0, 0, 1)};
    });
  }
  GradModeGuard unrecorded(false);
  kernels::copy(output.device(), sum_all(diagonal(input, 0, 0, 1)), output);
  return output;
}

BatchedValue trace_of_batch(const OpBase&, BatchedValues& arguments, int64_t) {
  Tensor input = batch_first(arguments[0]);
  check(input.dim() == 3, "trace: expected a matrix, but got tensor with dim ", input.dim() - 1);
  return {sum_dims(diagonal(input, 0, 1, 2), {-1}, false), 0};
}

// Zeros the part of every row before (or behind) the diagonal. The matrices are the last two dims.
void zero_triangle(const Tensor& output, int64_t diagonal, bool upper) {
  const Shape &sizes = output.sizes(), &strides = output.strides();
  size_t row_dim = sizes.size() - 2, column_dim = sizes.size() - 1;
  int64_t rows = sizes[row_dim], columns = sizes[column_dim];
  for (int64_t row = 0; row < rows; ++row) {
    // Row r keeps the columns from r + diagonal on (upper), or those up to it (lower).
    int64_t border = std::clamp<int64_t>(row + diagonal + (upper ? 0 : 1), 0, columns);
    int64_t begin = upper ? 0 : border, end = upper ? border : columns;
    if (begin == end) continue;
    Shape part = sizes;
    part[row_dim] = 1;
    part[column_dim] = end - begin;
    int64_t offset = output.offset() + row * strides[row_dim] + begin * strides[column_dim];
    kernels::fill(output.device(), 0, alias(output, part, strides, offset));
  }
}

template <bool upper>
Tensor triangle_rule(Call& call, const Tensor& input, int64_t diagonal) {
  check(input.dim() >= 2, upper ? "triu" : "tril", ": input tensor must have at least 2 dimensions");
  // Beyond the matrix nothing changes, and the sums below cannot overflow.
  int64_t furthest = input.size(-1) + input.size(-2);
  diagonal = std::clamp(diagonal, -furthest, furthest);
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record(upper ? "TriuBackward0" : "TrilBackward0", {input}))
    node.derivative([diagonal](const Gradients& grad, Wanted) {
      return Gradients{(upper ? triu : tril)(grad[0], diagonal)};
    });
  kernels::copy(output.device(), input, output);
  if (output.numel() > 0) zero_triangle(output, diagonal, upper);
  return output;
}

BatchedValue of_trailing_dims(const OpBase& op, BatchedValues& arguments, int64_t) {
  Tensor input = batch_first(arguments[0]);
  check(input.dim() >= 3, op.name(), ": input tensor must have at least 2 dimensions");
  Values physical{Value(input), arguments[1].value};
  return {op.call(physical), 0};
}

// The places of a triangle, row by row: (2, count).
template <bool upper>
Tensor triangle_indices_rule(Call& call, int64_t row, int64_t col, int64_t offset, std::optional<DType> dtype,
                             std::optional<Device> device) {
  call.not_differentiable();
  check(row >= 0, "row must be non-negative, got", row);
  check(col >= 0, "col must be non-negative, got", col);
  using Wide = __int128;  // sums and products of any two sizes fit
  const Wide shift = Wide(offset) + (upper ? 0 : 1);
  // Row r is divided at column clamp(r + shift, 0, col): at 0 before row `rise`, at col from row `full` on.
  auto border = [&](int64_t r) { return static_cast<int64_t>(std::clamp<Wide>(r + shift, 0, col)); };
  auto row_at = [&](Wide r) { return static_cast<int64_t>(std::clamp<Wide>(r, 0, row)); };
  const int64_t rise = row_at(-shift), full = row_at(col - shift);
  const Wide left = Wide(full - rise) * (Wide(rise) + full - 1 + 2 * shift) / 2 + Wide(row - full) * col;
  const Wide places = upper ? Wide(row) * col - left : left;
  check(places <= INT64_MAX / 2, "Storage size calculation overflowed: a triangle of ", row, " rows and ",
        col, " columns");
  const int64_t count = static_cast<int64_t>(places);
  Tensor output = call.output({2, count}, dtype.value_or(DType::int64), device.value_or(Device{}));
  if (count == 0) return output;
  int64_t place = output.offset();
  for (int64_t r = upper ? 0 : rise; r < (upper ? full : row); ++r) {
    const int64_t begin = upper ? border(r) : 0, length = upper ? col - begin : border(r);
    if (length == 0) continue;
    kernels::fill(output.device(), r, alias(output, {length}, {1}, place));
    kernels::arange(output.device(), begin, 1, alias(output, {length}, {1}, place + count));
    place += length;
  }
  return output;
}

// A number or a vector stands for a matrix of one row.
Tensor as_matrix(const Tensor& tensor) {
  if (tensor.dim() == 2) return tensor;
  return alias(tensor, {1, tensor.numel()}, {0, tensor.dim() == 0 ? 1 : tensor.strides()[0]},
               tensor.offset());
}

Tensor block_diag_rule(Call& call, const TensorList& tensors) {
  TensorList blocks;
  int64_t rows = 0, columns = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    check(tensors[i].dim() <= 2, "torch.block_diag: Input tensors must have 2 or fewer dimensions. Input ", i,
          " has ", tensors[i].dim(), " dimensions");
    blocks.push_back(as_matrix(tensors[i]));
    rows += blocks[i].sizes()[0];
    columns += blocks[i].sizes()[1];
  }
  bool none = tensors.empty();
  Tensor output = call.output({none ? 1 : rows, columns}, none ? default_dtype() : result_type(tensors),
                              none ? Device{} : tensors[0].device());
  if (Recording node = call.record("BlockDiagBackward0", tensors)) {
    std::vector<Shape> shapes, matrices;
    for (size_t i = 0; i < tensors.size(); ++i) {
      shapes.push_back(tensors[i].sizes());
      matrices.push_back(blocks[i].sizes());
    }
    node.derivative([shapes, matrices](const Gradients& grad, Wanted wanted) {
      Gradients result;
      int64_t row = 0, column = 0;
      for (size_t i = 0; i < shapes.size(); ++i) {
        int64_t next_row = row + matrices[i][0], next_column = column + matrices[i][1];
        Tensor part;
        if (wanted[i])
          part = reshape(slice(slice(grad[0], 0, row, next_row, 1), 1, column, next_column, 1), shapes[i]);
        result.push_back(part);
        row = next_row;
        column = next_column;
      }
      return result;
    });
  }
  kernels::fill(output.device(), 0, output);
  int64_t row = 0, column = 0;
  const Shape& strides = output.strides();
  for (const Tensor& block : blocks) {
    int64_t offset = output.offset() + row * strides[0] + column * strides[1];
    if (block.numel() > 0)
      kernels::copy(output.device(), block, alias(output, block.sizes(), strides, offset));
    row += block.sizes()[0];
    column += block.sizes()[1];
  }
  return output;
}

constexpr Traits triangle{.forms = function | method | in_place | out,
                          .batching = Batching::custom,
                          .forward = Forward::linear,
                          .batching_rule = of_trailing_dims};
constexpr Traits makes{.forms = function, .batching = Batching::loop, .forward = Forward::none};

}  // namespace

const Op<Tensor(const Tensor&, int64_t, int64_t, int64_t)> diag_embed{
    "diag_embed(Tensor input, int offset=0, int dim1=-2, int dim2=-1) -> Tensor",
    diag_embed_rule,
    {.forms = function | method,
     .batching = Batching::custom,
     .forward = Forward::linear,
     .batching_rule = diag_embed_of_batch},
    R"(Place the last dim of a tensor on the diagonal of two new dims of zeros.

    Args:
        input: (…, length).
        offset: how far above the main diagonal; negative below.
        dim1, dim2: where in the result the two dims are.

    >>> lampas.diag_embed(lampas.tensor([1, 2]))
    tensor([[1, 0],
            [0, 2]])
)"};

const Op<Tensor(const Tensor&, int64_t)> diag{
    "diag(Tensor input, int diagonal=0) -> Tensor",
    diag_rule,
    {.forms = function | method | out, .composite = true},
    R"(Make a diagonal matrix of a vector, or copy the diagonal of a matrix.

    >>> lampas.diag(lampas.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
)"};

const Op<Tensor(const Tensor&, int64_t)> diagflat{
    "diagflat(Tensor input, int offset=0) -> Tensor",
    diagflat_rule,
    {.forms = function | method, .composite = true},
    R"(Make a matrix with the elements of a tensor on a diagonal.

    >>> lampas.diagflat(lampas.tensor([[1, 2]]))
    tensor([[1, 0],
            [0, 2]])
)"};

const Op<Tensor(const Tensor&)> trace{"trace(Tensor input) -> Tensor",
                                      trace_rule,
                                      {.forms = function | method,
                                       .batching = Batching::custom,
                                       .forward = Forward::linear,
                                       .autocast = Autocast::float32,
                                       .batching_rule = trace_of_batch},
                                      R"(Sum the diagonal of a matrix.

    >>> lampas.trace(lampas.tensor([[1., 2.], [3., 4.]]))
    tensor(5.)
)"};

const Op<Tensor(const Tensor&, int64_t)> tril{"tril(Tensor input, int diagonal=0) -> Tensor",
                                              triangle_rule<false>, triangle,
                                              R"(Zero what lies above a diagonal of the last two dims.

    >>> lampas.tril(lampas.tensor([[1, 2], [3, 4]]))
    tensor([[1, 0],
            [3, 4]])
)"};

const Op<Tensor(const Tensor&, int64_t)> triu{"triu(Tensor input, int diagonal=0) -> Tensor",
                                              triangle_rule<true>, triangle,
                                              R"(Zero what lies below a diagonal of the last two dims.

    >>> lampas.triu(lampas.tensor([[1, 2], [3, 4]]))
    tensor([[1, 2],
            [0, 4]])
)"};

using TriangleIndices = Op<Tensor(int64_t, int64_t, int64_t, std::optional<DType>, std::optional<Device>)>;

const TriangleIndices tril_indices{
    "tril_indices(int row, int col, int offset=0, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
    triangle_indices_rule<false>, makes,
    R"(Give the places on and below a diagonal of a (row, col) matrix, as (2, count) indices.

    >>> lampas.tril_indices(2, 2)
    tensor([[0, 1, 1],
            [0, 0, 1]])
)"};

const TriangleIndices triu_indices{
    "triu_indices(int row, int col, int offset=0, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
    triangle_indices_rule<true>, makes,
    R"(Give the places on and above a diagonal of a (row, col) matrix, as (2, count) indices.

    >>> lampas.triu_indices(2, 2)
    tensor([[0, 0, 1],
            [0, 1, 1]])
)"};

const Op<Tensor(const TensorList&)> block_diag{"block_diag(Tensor[] tensors) -> Tensor",
                                               block_diag_rule,
                                               {.forms = function,
                                                .batching = Batching::loop,
                                                .forward = Forward::linear,
                                                .autocast = Autocast::promote},
                                               R"(Place matrices one after the other on the diagonal of zeros.

    >>> lampas.block_diag(lampas.tensor([[1, 2]]), lampas.tensor([3]))
    tensor([[1, 2, 0],
            [0, 0, 3]])
)"};

}  // namespace lampas
