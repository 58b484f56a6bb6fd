// im2col and col2im, nn.functional's unfold and fold: the blocks that a window sees as it slides over a
// picture, as columns; and the sum of such columns as a picture.
#include "core/kernels/dense.h"
#include "core/ops/batching.h"
#include "core/ops/line_map.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

using BlocksOp = Op<Tensor(const Tensor&, const Shape&, const Shape&, const Shape&, const Shape&)>;
using PictureOp =
    Op<Tensor(const Tensor&, const Shape&, const Shape&, const Shape&, const Shape&, const Shape&)>;
extern const BlocksOp im2col;
extern const PictureOp col2im;

struct Blocks {
  Shape kernel, dilation, padding, stride;
  Shape picture;  // (height, width)
  Shape counts;   // blocks along each dim
};

std::string pair(const Shape& values) { return text("(", values[0], ", ", values[1], ")"); }

void check_pair(const char* name, const char* what, const char* names, const Shape& values, int64_t least,
                const char* bound) {
  check(values.size() == 2, "It is expected ", name, " equals to 2, but got size ", values.size());
  check(values[0] >= least && values[1] >= least, what, " should be ", bound, ", but got ", names,
        "_height: ", values[0], " ", names, "_width: ", values[1]);
}

Blocks blocks_of(const Shape& picture, const Shape& kernel, const Shape& dilation, const Shape& padding,
                 const Shape& stride) {
  check_pair("kernel_size", "kernel size", "kernel", kernel, 1, "greater than zero");
  check_pair("dilation", "dilation", "dilation", dilation, 1, "greater than zero");
  check_pair("padding", "padding", "pad", padding, 0, "non-negative");
  check_pair("stride", "stride", "stride", stride, 1, "greater than zero");
  Blocks blocks{kernel, dilation, padding, stride, picture, {}};
  bool fits = true;
  for (size_t dim = 0; dim < 2; ++dim) {
    int64_t room = picture[dim] + 2 * padding[dim] - dilation[dim] * (kernel[dim] - 1) - 1;
    int64_t steps = room >= 0 ? room / stride[dim] : -((-room + stride[dim] - 1) / stride[dim]);
    blocks.counts.push_back(steps + 1);
    fits &= blocks.counts[dim] >= 1;
  }
  check(fits, "Given input with spatial size ", pair(picture), ", kernel_size=", pair(kernel),
        ", dilation=", pair(dilation), ", padding=", pair(padding),
        ", calculated shape of the array of sliding blocks as ", pair(blocks.counts),
        ", but its components must be at least one.");
  return blocks;
}

void check_blocks_dtype(const Tensor& input, const char* kernel) {
  if (is_integral(input.dtype()) && input.dtype() != DType::bool_)
    fail(ErrorKind::not_implemented, "\"", kernel, "\" not implemented for '",
         scalar_type_name(input.dtype()), "'");
}

// Row (place in the kernel, block) of one dim shows the element that the block has there; none in the
// padding.
LineMap sliding(const Blocks& blocks, size_t dim) {
  LineMap map;
  map.in_size = blocks.picture[dim];
  for (int64_t k = 0; k < blocks.kernel[dim]; ++k)
    for (int64_t block = 0; block < blocks.counts[dim]; ++block) {
      int64_t place = block * blocks.stride[dim] + k * blocks.dilation[dim] - blocks.padding[dim];
      if (place >= 0 && place < blocks.picture[dim]) map.add(place, 1);
      map.finish_row();
    }
  return map;
}

// (batch, channels, kernel height, blocks down, kernel width, blocks across), the order of the linear maps,
// and its view as columns (batch, channels, kernel height, kernel width, blocks down, blocks across).
Shape grid_sizes(int64_t batch, int64_t channels, const Blocks& blocks) {
  return {batch, channels, blocks.kernel[0], blocks.counts[0], blocks.kernel[1], blocks.counts[1]};
}
Tensor as_columns(const Tensor& grid) {
  auto pick = [](const Shape& values) {
    return Shape{values[0], values[1], values[2], values[4], values[3], values[5]};
  };
  return alias(grid, pick(grid.sizes()), pick(grid.strides()), grid.offset());
}

// Whether a picture or its columns come in a batch, and how many there are.
struct Lead {
  bool batched;
  int64_t batch, channels;
};

Tensor im2col_rule(Call& call, const Tensor& input, const Shape& kernel, const Shape& dilation,
                   const Shape& padding, const Shape& stride) {
  int64_t rank = input.dim();
  if (rank != 3 && rank != 4) wrap_dim(2, rank);
  check((rank == 3 || rank == 4) && input.size(-1) != 0 && input.size(-2) != 0 && input.size(-3) != 0,
        "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for "
        "input, but got: ",
        input.sizes());
  Lead lead{rank == 4, rank == 4 ? input.sizes()[0] : 1, input.size(-3)};
  Blocks blocks = blocks_of({input.size(-2), input.size(-1)}, kernel, dilation, padding, stride);
  check_blocks_dtype(input, "im2col_out_cpu");
  int64_t count = blocks.counts[0] * blocks.counts[1];
  Shape sizes{lead.batch, lead.channels * kernel[0] * kernel[1], count};
  if (!lead.batched) sizes.erase(0);
  Tensor output = call.output(sizes, input.dtype(), input.device());
  if (!is_differentiable(input.dtype())) {
    call.not_differentiable();
  } else if (Recording node = call.record("Im2ColBackward0", {input})) {
    node.derivative([blocks](const Gradients& grad, Wanted) {
      return Gradients{
          col2im(grad[0], blocks.picture, blocks.kernel, blocks.dilation, blocks.padding, blocks.stride)};
    });
  }
  if (output.numel() == 0) return output;
  Tensor grid = new_tensor(grid_sizes(lead.batch, lead.channels, blocks), input.dtype(), input.device());
  kernels::map_lines(input.device(), dense(input), {sliding(blocks, 0), sliding(blocks, 1)}, grid);
  Shape columns = as_columns(grid).sizes();
  kernels::copy(input.device(), as_columns(grid),
                alias(output, columns, contiguous_strides(columns), output.offset()));
  return output;
}

Tensor col2im_rule(Call& call, const Tensor& input, const Shape& output_size, const Shape& kernel,
                   const Shape& dilation, const Shape& padding, const Shape& stride) {
  check(output_size.size() == 2, "It is expected output_size equals to 2, but got size ", output_size.size());
  check_pair("kernel_size", "kernel size", "kernel", kernel, 1, "greater than zero");
  int64_t rank = input.dim(), area;
  if (__builtin_mul_overflow(kernel[0], kernel[1], &area)) area = INT64_MAX;  // divides no size either
  check((rank == 2 || rank == 3) && input.size(-1) != 0 && input.size(-2) != 0,
        "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions "
        "for "
        "input, but got: ",
        input.sizes());
  check(input.size(-2) % area == 0,
        "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
        "input.size(1)=",
        input.size(-2), " and kernel_size=", pair(kernel), ".");
  Blocks blocks = blocks_of(output_size, kernel, dilation, padding, stride);
  check(input.size(-1) == blocks.counts[0] * blocks.counts[1], "Given output_size=", pair(output_size),
        ", kernel_size=", pair(kernel), ", dilation=", pair(dilation), ", padding=", pair(padding),
        ", stride=", pair(stride),
        ", expected size of input's dimension 2 to match the calculated number of sliding blocks ",
        blocks.counts[0], " * ", blocks.counts[1], " = ", blocks.counts[0] * blocks.counts[1],
        ", but got input.size(2)=", input.size(-1), ".");
  check_blocks_dtype(input, "col2im_out_cpu");
  Lead lead{rank == 3, rank == 3 ? input.sizes()[0] : 1, input.size(-2) / area};
  Shape sizes{lead.batch, lead.channels, output_size[0], output_size[1]};
  if (!lead.batched) sizes.erase(0);
  Tensor output = call.output(sizes, input.dtype(), input.device());
  if (!is_differentiable(input.dtype())) {
    call.not_differentiable();
  } else if (Recording node = call.record("Col2ImBackward0", {input})) {
    node.derivative([blocks](const Gradients& grad, Wanted) {
      return Gradients{im2col(grad[0], blocks.kernel, blocks.dilation, blocks.padding, blocks.stride)};
    });
  }
  if (output.numel() == 0) return output;
  Tensor grid = new_tensor(grid_sizes(lead.batch, lead.channels, blocks), input.dtype(), input.device());
  Tensor columns = as_columns(grid), source = dense(input);
  kernels::copy(input.device(),
                alias(source, columns.sizes(), contiguous_strides(columns.sizes()), source.offset()),
                columns);
  Shape flat{lead.batch, lead.channels, kernel[0] * blocks.counts[0], kernel[1] * blocks.counts[1]};
  kernels::map_lines(input.device(), alias(grid, flat, contiguous_strides(flat), 0),
                     {transposed(sliding(blocks, 0)), transposed(sliding(blocks, 1))}, output);
  return output;
}

// A batch of batches is a longer batch; examples without a batch become one.
template <int64_t batched_rank>
BatchedValue folded_batch(const OpBase& op, BatchedValues& arguments, int64_t batch_size) {
  Tensor input = expanded_batch_first(arguments[0], batch_size);
  bool folds = input.dim() == batched_rank + 1;
  Shape lead{batch_size};
  if (folds) {
    lead.push_back(input.sizes()[1]);
    Shape sizes(input.sizes().begin() + 1, input.sizes().end());
    sizes[0] *= batch_size;
    input = reshape(input, sizes);
  }
  Values physical{Value(input)};
  for (size_t i = 1; i < arguments.size(); ++i) physical.push_back(arguments[i].value);
  Tensor result = std::get<Tensor>(op.call(physical));
  if (folds) {
    Shape sizes = result.sizes();
    sizes.erase(0);
    sizes.insert(0, lead[1]);
    sizes.insert(0, lead[0]);
    result = reshape(result, sizes);
  }
  return {Value(result), 0};
}

const BlocksOp im2col{
    "im2col(Tensor input, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride) -> Tensor",
    im2col_rule,
    {.forms = function,
     .batching = Batching::custom,
     .forward = Forward::linear,
     .batching_rule = folded_batch<4>},
    R"(Show what a window sees at each place of a picture as a column.

    Args:
        input: (batch, channels, height, width), or without the batch.
        kernel_size, dilation, padding, stride: of the window, (height, width).

    Returns (batch, channels * kernel height * kernel width, places).

    >>> lampas.im2col(lampas.tensor([[[1., 2.], [3., 4.]]]), (2, 1), (1, 1), (0, 0), (1, 1))
    tensor([[1., 2.],
            [3., 4.]])
)"};
const PictureOp col2im{
    "col2im(Tensor input, int[2] output_size, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] "
    "stride) "
    "-> Tensor",
    col2im_rule,
    {.forms = function,
     .batching = Batching::custom,
     .forward = Forward::linear,
     .batching_rule = folded_batch<3>},
    R"(Add up columns, as im2col makes them, in a picture of `output_size`.

    >>> lampas.col2im(lampas.ones(4, 2), (2, 3), (2, 2), (1, 1), (0, 0), (1, 1))
    tensor([[[1., 2., 1.],
             [1., 2., 1.]]])
)"};

}  // namespace
}  // namespace lampas
