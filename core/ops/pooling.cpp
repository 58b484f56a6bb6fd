// The arguments of pooling ops: windows, and the sizes that come out.
#include "core/ops/pooling.h"

#include <string_view>

namespace lampas {

using kernels::Pooling;

namespace {

// " kH: 2 kW: 2", with the letters of PyTorch's dims.
std::string named_sizes(const char* name, const Shape& sizes) {
  static constexpr char letters[] = {'T', 'H', 'W'};
  std::string result;
  for (size_t i = 0; i < sizes.size(); ++i)
    result += text(" ", name, letters[std::size(letters) - sizes.size() + i], ": ", sizes[i]);
  return result;
}

}  // namespace

Shape pooling_argument(const char* op, const char* name, const char* verb, const Shape& values, size_t dims) {
  static const char* const counts[] = {"", "one int", "two ints", "three ints"};
  if (values.size() == 1) return Shape(dims, values[0]);
  check(values.size() == dims, op, ": ", name, " must ", verb, ", or a tuple of ", counts[dims]);
  return values;
}

Pooling pooling_window(const char* op, size_t dims, const Shape& kernel_size,
                       const std::optional<Shape>& stride, const Shape& padding, const Shape& dilation) {
  Pooling pooling;
  pooling.dims = dims;
  pooling.kernel = pooling_argument(
      op, "kernel_size", op == std::string_view("avg_pool3d") ? "be a single int" : "either be a single int",
      kernel_size, dims);
  bool no_stride = !stride || stride->empty();
  pooling.stride = no_stride
                       ? pooling.kernel
                       : pooling_argument(op, "stride", "either be omitted, a single int", *stride, dims);
  pooling.padding = pooling_argument(op, "padding", "either be a single int", padding, dims);
  pooling.dilation = pooling_argument(op, "dilation", "be either a single int", dilation, dims);
  for (size_t i = 0; i < dims; ++i) {
    int64_t kernel = pooling.kernel[i], pad = pooling.padding[i], dilation_here = pooling.dilation[i];
    check(pooling.stride[i] != 0, "stride should not be zero");
    check(pad >= 0, "pad must be non-negative, but got pad: ", pad);
    check(pad <= ((static_cast<__int128>(kernel) - 1) * dilation_here + 1) / 2,
          "pad should be at most half of effective kernel size, but got pad=", pad, ", kernel_size=", kernel,
          " and dilation=", dilation_here);
    check(kernel > 0, "kernel size should be greater than zero, but got", named_sizes("k", pooling.kernel));
    check(pooling.stride[i] > 0, "stride should be greater than zero, but got",
          named_sizes("d", pooling.stride));
    check(dilation_here > 0, "dilation should be greater than zero, but got",
          named_sizes("dilation", pooling.dilation));
  }
  return pooling;
}

void check_pooling_input(const Tensor& input, size_t dims) {
  auto rank = static_cast<int64_t>(dims) + 2;
  bool fits = input.dim() == rank || input.dim() == rank - 1;
  for (int64_t dim = input.dim() == rank ? 1 : 0; dim < input.dim(); ++dim) fits &= input.sizes()[dim] > 0;
  if (fits) return;
  if (dims == 3 || (input.dim() != rank && input.dim() != rank - 1))
    fail(ErrorKind::runtime, "non-empty ", rank - 1, "D or ", rank,
         "D (batch mode) tensor expected for input");
  fail(ErrorKind::runtime, "Expected ", rank - 1, "D or ", rank,
       "D (batch mode) tensor with optional 0 dim batch size for input, but got:", input.sizes());
}

// "2x6x6"
static std::string joined(const Shape& sizes, size_t first) {
  std::string result;
  for (size_t i = first; i < sizes.size(); ++i) result += (i > first ? "x" : "") + std::to_string(sizes[i]);
  return result;
}

Shape pooled_sizes(const Tensor& input, const Pooling& pooling, bool ceil_mode) {
  Shape sizes = input.sizes();
  size_t lead = sizes.size() - pooling.dims;
  bool fits = true;
  for (size_t i = 0; i < pooling.dims; ++i) {
    int64_t stride = pooling.stride[i], size = sizes[lead + i];
    int64_t room = size + 2 * pooling.padding[i] - pooling.dilation[i] * (pooling.kernel[i] - 1) - 1;
    int64_t rounding = ceil_mode ? stride - 1 : 0;
    int64_t count = room + rounding < 0 ? 0 : (room + rounding) / stride + 1;
    // A window that begins in the padding behind the last element is none.
    if (ceil_mode && (count - 1) * stride >= size + pooling.padding[i]) --count;
    fits &= count > 0;
    sizes[lead + i] = count;
  }
  size_t channels = lead - 1;
  check(fits, "Given input size: (", joined(input.sizes(), channels), "). Calculated output size: (",
        joined(sizes, channels), "). Output size is too small");
  return sizes;
}

}  // namespace lampas
