// Pictures of another size: the ops behind nn.functional.interpolate, as linear maps along each dim.
#include <cmath>

#include "core/ops/line_map.h"
#include "core/ops/op.h"

namespace lampas {
namespace {

using OptionalReal = std::optional<double>;

// Elements of the input from one of the output to the next. Real: the type that PyTorch computes places in.
template <class Real>
Real step_of(int64_t in, int64_t out, bool align_corners, OptionalReal scale) {
  if (align_corners) return out > 1 ? static_cast<Real>(in - 1) / static_cast<Real>(out - 1) : Real(0);
  if (scale && *scale > 0) return static_cast<Real>(1.0 / *scale);
  return static_cast<Real>(in) / static_cast<Real>(out);
}

// Where output o lies in the input.
template <class Real>
Real place_of(Real step, int64_t o, bool align_corners) {
  Real place = static_cast<Real>(o);
  return align_corners ? step * place : step * (place + Real(0.5)) - Real(0.5);
}

template <class Real>
LineMap nearest(int64_t in, int64_t out, OptionalReal scale, bool exact) {
  LineMap map;
  map.in_size = in;
  Real step = step_of<Real>(in, out, false, scale), shift = exact ? Real(0.5) : Real(0);
  for (int64_t o = 0; o < out; ++o) {
    auto place = static_cast<int64_t>(std::floor((static_cast<Real>(o) + shift) * step));
    map.add(std::min(place, in - 1), 1);
    map.finish_row();
  }
  return map;
}

template <class Real>
LineMap linear(int64_t in, int64_t out, OptionalReal scale, bool align_corners) {
  LineMap map;
  map.in_size = in;
  Real step = step_of<Real>(in, out, align_corners, scale);
  for (int64_t o = 0; o < out; ++o) {
    if (in == out) {
      map.add(o, 1);
    } else {
      Real place = std::max(place_of(step, o, align_corners), Real(0));
      int64_t before = std::min(static_cast<int64_t>(place), in - 1);
      Real behind = std::min(std::max(place - static_cast<Real>(before), Real(0)), Real(1));
      map.add(before, Real(1) - behind);
      map.add(std::min(before + 1, in - 1), behind);
    }
    map.finish_row();
  }
  return map;
}

// The cubic convolution kernel of R. Keys, 1981, at a distance.
template <class Real>
Real keys_kernel(Real distance, Real a) {
  Real x = std::fabs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

template <class Real>
LineMap cubic(int64_t in, int64_t out, OptionalReal scale, bool align_corners) {
  LineMap map;
  map.in_size = in;
  Real step = step_of<Real>(in, out, align_corners, scale);
  for (int64_t o = 0; o < out; ++o) {
    Real place = place_of(step, o, align_corners), first = std::floor(place);
    for (int64_t i = -1; i <= 2; ++i) {
      int64_t column = std::min(std::max<int64_t>(static_cast<int64_t>(first) + i, 0), in - 1);
      map.add(column, keys_kernel<Real>(place - first - static_cast<Real>(i), Real(-0.75)));
    }
    map.finish_row();
  }
  return map;
}

// With antialiasing the kernel widens with the step, as Pillow resizes pictures. `reach`: of the kernel, 1
// for linear, 2 for cubic.
template <class Real>
LineMap antialiased(int64_t in, int64_t out, OptionalReal scale, bool align_corners, int64_t reach) {
  LineMap map;
  map.in_size = in;
  Real step = step_of<Real>(in, out, align_corners, scale), wide = std::max(step, Real(1));
  Real support = static_cast<Real>(reach) * wide;
  for (int64_t o = 0; o < out; ++o) {
    Real center = step * (static_cast<Real>(o) + Real(0.5)), total = 0;
    int64_t begin = std::max<int64_t>(static_cast<int64_t>(center - support + Real(0.5)), 0);
    int64_t end = std::min(static_cast<int64_t>(center + support + Real(0.5)), in);
    std::vector<Real> weights;
    for (int64_t i = begin; i < end; ++i) {
      Real distance = (static_cast<Real>(i) - center + Real(0.5)) / wide;
      weights.push_back(reach == 1 ? std::max(Real(1) - std::fabs(distance), Real(0))
                                   : keys_kernel<Real>(distance, Real(-0.5)));
      total += weights.back();
    }
    for (int64_t i = begin; i < end; ++i)
      map.add(i, total != 0 ? weights[static_cast<size_t>(i - begin)] / total : Real(0));
    map.finish_row();
  }
  return map;
}

enum class Method { nearest, nearest_exact, linear, cubic, linear_antialiased, cubic_antialiased };

template <class Real>
LineMap line_map_of(Method method, int64_t in, int64_t out, OptionalReal scale, bool align_corners) {
  check_fits_in_memory(out);
  switch (method) {
    case Method::nearest:
    case Method::nearest_exact:
      return nearest<Real>(in, out, scale, method == Method::nearest_exact);
    case Method::linear:
      return linear<Real>(in, out, scale, align_corners);
    case Method::cubic:
      return cubic<Real>(in, out, scale, align_corners);
    default:
      return antialiased<Real>(in, out, scale, align_corners, method == Method::linear_antialiased ? 1 : 2);
  }
}

// "(H: 4, W: 5)"
std::string named_sizes(const Shape& sizes, size_t first, size_t dims) {
  static constexpr const char* names[] = {"D: ", "H: ", "W: "};
  std::string result;
  for (size_t dim = 0; dim < dims; ++dim)
    result += (dim ? ", " : "(") + (names[3 - dims + dim] + std::to_string(sizes[first + dim]));
  return result + ")";
}

Tensor upsample(Method method, const LineMapNode& node, const Tensor& input, const Shape& output_size,
                bool align_corners, std::initializer_list<OptionalReal> scales) {
  size_t dims = scales.size();
  check(output_size.size() == dims, "It is expected output_size equals to ", dims, ", but got size ",
        output_size.size());
  check(input.dim() == static_cast<int64_t>(dims) + 2, "It is expected input_size equals to ", dims + 2,
        ", but got size ", input.dim());
  bool positive = true;
  for (size_t dim = 0; dim < dims; ++dim) positive &= input.sizes()[dim + 2] > 0 && output_size[dim] > 0;
  check(positive, "Input and output sizes should be greater than 0, but got input ",
        named_sizes(input.sizes(), 2, dims), dims == 1 ? " and " : " ", "output ",
        named_sizes(output_size, 0, dims));
  bool plain = method == Method::nearest || method == Method::nearest_exact;
  bool picture = plain || dims == 2;
  if (!is_floating(input.dtype()) && !(picture && input.dtype() == DType::uint8))
    fail(ErrorKind::not_implemented, "\"compute_indices_weights_", plain ? "nearest" : "linear",
         "\" not implemented for '", scalar_type_name(input.dtype()), "'");
  check(input.numel() != 0 || input.sizes()[0] == 0, "Non-empty ", dims + 2,
        "D data tensor expected but got a tensor with sizes ", input.sizes());
  std::vector<LineMap> maps;
  bool precise = input.dtype() == DType::float64;
  for (size_t dim = 0; dim < dims; ++dim) {
    int64_t in = input.sizes()[dim + 2], out = output_size[dim];
    OptionalReal scale = scales.begin()[dim];
    maps.push_back(precise ? line_map_of<double>(method, in, out, scale, align_corners)
                           : line_map_of<float>(method, in, out, scale, align_corners));
  }
  return map_lines(input, std::move(maps), node);
}

constexpr LineMapNode nearest_nodes[] = {
    {"UpsampleNearest1DBackward0", "UpsampleNearest1DBackwardBackward0"},
    {"UpsampleNearest2DBackward0", "UpsampleNearest2DBackwardBackward0"},
    {"UpsampleNearest3DBackward0", "UpsampleNearest3DBackwardBackward0"},
};
constexpr LineMapNode exact_nodes[] = {
    {"UpsampleNearestExact1DBackward0", "UpsampleNearestExact1DBackwardBackward0"},
    {"UpsampleNearestExact2DBackward0", "UpsampleNearestExact2DBackwardBackward0"},
    {"UpsampleNearestExact3DBackward0", "UpsampleNearestExact3DBackwardBackward0"},
};
constexpr LineMapNode linear_nodes[] = {
    {"UpsampleLinear1DBackward0", "UpsampleLinear1DBackwardBackward0"},
    {"UpsampleBilinear2DBackward0", "UpsampleBilinear2DBackwardBackward0"},
    {"UpsampleTrilinear3DBackward0", "UpsampleTrilinear3DBackwardBackward0"},
};
constexpr LineMapNode cubic_nodes{"UpsampleBicubic2DBackward0", "UpsampleBicubic2DBackwardBackward0"};
constexpr LineMapNode linear_antialiased_nodes{
    "UpsampleBilinear2DAaBackward0", "UpsampleBilinear2DAaBackwardBackward0", Autocast::unchanged, false};
constexpr LineMapNode cubic_antialiased_nodes{
    "UpsampleBicubic2DAaBackward0", "UpsampleBicubic2DAaBackwardBackward0", Autocast::unchanged, false};

template <Method method, const LineMapNode* nodes>
Tensor nearest1d_rule(Call&, const Tensor& input, const Shape& size, OptionalReal scale) {
  return upsample(method, nodes[0], input, size, false, {scale});
}
template <Method method, const LineMapNode* nodes>
Tensor nearest2d_rule(Call&, const Tensor& input, const Shape& size, OptionalReal height,
                      OptionalReal width) {
  return upsample(method, nodes[1], input, size, false, {height, width});
}
template <Method method, const LineMapNode* nodes>
Tensor nearest3d_rule(Call&, const Tensor& input, const Shape& size, OptionalReal depth, OptionalReal height,
                      OptionalReal width) {
  return upsample(method, nodes[2], input, size, false, {depth, height, width});
}
Tensor linear1d_rule(Call&, const Tensor& input, const Shape& size, bool align_corners, OptionalReal scale) {
  return upsample(Method::linear, linear_nodes[0], input, size, align_corners, {scale});
}
template <Method method, const LineMapNode* nodes>
Tensor picture_rule(Call&, const Tensor& input, const Shape& size, bool align_corners, OptionalReal height,
                    OptionalReal width) {
  return upsample(method, *nodes, input, size, align_corners, {height, width});
}
Tensor trilinear_rule(Call&, const Tensor& input, const Shape& size, bool align_corners, OptionalReal depth,
                      OptionalReal height, OptionalReal width) {
  return upsample(Method::linear, linear_nodes[2], input, size, align_corners, {depth, height, width});
}

constexpr Traits composite{.forms = function, .composite = true};

using Nearest1d = Op<Tensor(const Tensor&, const Shape&, OptionalReal)>;
using Nearest2d = Op<Tensor(const Tensor&, const Shape&, OptionalReal, OptionalReal)>;
using Nearest3d = Op<Tensor(const Tensor&, const Shape&, OptionalReal, OptionalReal, OptionalReal)>;
using Linear1d = Op<Tensor(const Tensor&, const Shape&, bool, OptionalReal)>;
using OfPictures = Op<Tensor(const Tensor&, const Shape&, bool, OptionalReal, OptionalReal)>;
using Trilinear = Op<Tensor(const Tensor&, const Shape&, bool, OptionalReal, OptionalReal, OptionalReal)>;

const Nearest1d upsample_nearest1d{
    "upsample_nearest1d(Tensor input, int[1] output_size, float? scales=None) -> Tensor",
    nearest1d_rule<Method::nearest, nearest_nodes>, composite,
    R"(Resize lines (batch, channels, length) by repeating or leaving out elements.

    >>> lampas.upsample_nearest1d(lampas.tensor([[[1., 2.]]]), [4])
    tensor([[[1., 1., 2., 2.]]])
)"};
const Nearest2d upsample_nearest2d{
    "upsample_nearest2d(Tensor input, int[2] output_size, float? scales_h=None, float? scales_w=None) -> "
    "Tensor",
    nearest2d_rule<Method::nearest, nearest_nodes>, composite, "upsample_nearest1d of pictures."};
const Nearest3d upsample_nearest3d{
    "upsample_nearest3d(Tensor input, int[3] output_size, float? scales_d=None, float? scales_h=None, float? "
    "scales_w=None) -> Tensor",
    nearest3d_rule<Method::nearest, nearest_nodes>, composite, "upsample_nearest1d of volumes."};
const Nearest1d upsample_nearest_exact1d{
    "_upsample_nearest_exact1d(Tensor input, int[1] output_size, float? scales=None) -> Tensor",
    nearest1d_rule<Method::nearest_exact, exact_nodes>, composite,
    "upsample_nearest1d that takes the element nearest to an output's middle."};
const Nearest2d upsample_nearest_exact2d{
    "_upsample_nearest_exact2d(Tensor input, int[2] output_size, float? scales_h=None, float? scales_w=None) "
    "-> "
    "Tensor",
    nearest2d_rule<Method::nearest_exact, exact_nodes>, composite, "_upsample_nearest_exact1d of pictures."};
const Nearest3d upsample_nearest_exact3d{
    "_upsample_nearest_exact3d(Tensor input, int[3] output_size, float? scales_d=None, float? scales_h=None, "
    "float? scales_w=None) -> Tensor",
    nearest3d_rule<Method::nearest_exact, exact_nodes>, composite, "_upsample_nearest_exact1d of volumes."};
const Linear1d upsample_linear1d{
    "upsample_linear1d(Tensor input, int[1] output_size, bool align_corners, float? scales=None) -> Tensor",
    linear1d_rule, composite,
    R"(Resize lines (batch, channels, length) by straight lines between elements.

    >>> lampas.upsample_linear1d(lampas.tensor([[[1., 3.]]]), [3], True)
    tensor([[[1., 2., 3.]]])
)"};
const OfPictures upsample_bilinear2d{
    "upsample_bilinear2d(Tensor input, int[2] output_size, bool align_corners, float? scales_h=None, float? "
    "scales_w=None) -> Tensor",
    picture_rule<Method::linear, &linear_nodes[1]>, composite,
    "upsample_linear1d along both dims of pictures."};
const Trilinear upsample_trilinear3d{
    "upsample_trilinear3d(Tensor input, int[3] output_size, bool align_corners, float? scales_d=None, float? "
    "scales_h=None, float? scales_w=None) -> Tensor",
    trilinear_rule, composite, "upsample_linear1d along the three dims of volumes."};
const OfPictures upsample_bicubic2d{
    "upsample_bicubic2d(Tensor input, int[2] output_size, bool align_corners, float? scales_h=None, float? "
    "scales_w=None) -> Tensor",
    picture_rule<Method::cubic, &cubic_nodes>, composite,
    "Resize pictures by cubic convolution. Source: R. Keys, Cubic convolution interpolation, 1981."};
const OfPictures upsample_bilinear2d_antialiased{
    "_upsample_bilinear2d_aa(Tensor input, int[2] output_size, bool align_corners, float? scales_h=None, "
    "float? "
    "scales_w=None) -> Tensor",
    picture_rule<Method::linear_antialiased, &linear_antialiased_nodes>, composite,
    "upsample_bilinear2d that averages over all elements an output covers."};
const OfPictures upsample_bicubic2d_antialiased{
    "_upsample_bicubic2d_aa(Tensor input, int[2] output_size, bool align_corners, float? scales_h=None, "
    "float? "
    "scales_w=None) -> Tensor",
    picture_rule<Method::cubic_antialiased, &cubic_antialiased_nodes>, composite,
    "upsample_bicubic2d that averages over all elements an output covers."};

}  // namespace
}  // namespace lampas
