// Max pooling on the CPU: a plane at a time; 2 x 2 windows beside each other through the vector loops.
#include "core/kernels/pooling.h"

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>

#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/vector/pooling.h"
#include "core/parallel/thread_pool.h"

namespace lampas {
namespace {

using kernels::Pooling;

constexpr int64_t elements_per_grain = 65536;  // about 50 microseconds of one thread
using Extent = std::array<int64_t, 3>;         // along depth, height and width; 1 where a dim is not there

const vector::PoolingTable& table() {
  static const vector::PoolingTable& chosen =
      choose(vector::baseline::pooling, vector::avx2::pooling, vector::avx512::pooling);
  return chosen;
}

Extent spatial(const Shape& sizes, size_t dims) {
  Extent extent{1, 1, 1};
  for (size_t i = 0; i < dims; ++i) extent[3 - dims + i] = sizes[sizes.size() - dims + i];
  return extent;
}

int64_t volume(const Extent& extent) { return extent[0] * extent[1] * extent[2]; }

// The inputs that one output looks at along a dim: begin, begin + step, … before end.
struct Window {
  int64_t begin, end, step;
};

// Output `o` along dim `dim` of three.
Window window_at(const Pooling& pooling, const Extent& input, const Extent& output, size_t dim, int64_t o) {
  if (dim + pooling.dims < 3) return {0, 1, 1};
  size_t entry = dim + pooling.dims - 3;
  if (pooling.adaptive())
    return {o * input[dim] / output[dim], ((o + 1) * input[dim] + output[dim] - 1) / output[dim], 1};
  int64_t step = pooling.dilation[entry];
  int64_t begin = o * pooling.stride[entry] - pooling.padding[entry];
  int64_t end = std::min(begin + (pooling.kernel[entry] - 1) * step + 1, input[dim]);
  if (begin < 0) begin += (-begin + step - 1) / step * step;
  return {begin, end, step};
}

template <class T>
struct Largest {
  T value;
  int64_t index;
};

template <class T>
Largest<T> largest_in(const T* plane, const Extent& input, const Window& depth, const Window& rows,
                      const Window& columns) {
  using Real = std::conditional_t<std::is_class_v<T>, float, T>;
  int64_t first = (depth.begin * input[1] + rows.begin) * input[2] + columns.begin;
  Real best = std::numeric_limits<Real>::has_infinity ? -std::numeric_limits<Real>::infinity()
                                                      : std::numeric_limits<Real>::lowest();
  int64_t place = first;
  for (int64_t z = depth.begin; z < depth.end; z += depth.step)
    for (int64_t y = rows.begin; y < rows.end; y += rows.step)
      for (int64_t x = columns.begin; x < columns.end; x += columns.step) {
        int64_t index = (z * input[1] + y) * input[2] + x;
        Real value = static_cast<Real>(plane[index]);
        if (value > best || value != value) {
          best = value;
          place = index;
        }
      }
  return {T(best), place};
}

// Calls window(dim, output) for the windows of one plane.
template <class T, class WindowAt>
void pool_plane(const T* plane, const Extent& input, const Extent& output, WindowAt&& window, T* result,
                int64_t* indices) {
  for (int64_t z = 0; z < output[0]; ++z) {
    Window depth = window(0, z);
    for (int64_t y = 0; y < output[1]; ++y) {
      Window rows = window(1, y);
      for (int64_t x = 0; x < output[2]; ++x) {
        Largest<T> largest = largest_in(plane, input, depth, rows, window(2, x));
        *result++ = largest.value;
        if (indices) *indices++ = largest.index;
      }
    }
  }
}

// Calls body(plane) for each, in parallel.
template <class Body>
void for_planes(int64_t planes, int64_t elements, Body&& body) {
  int64_t grain = std::max<int64_t>(1, elements_per_grain / std::max<int64_t>(1, elements));
  parallel_for(0, planes, grain, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) body(plane);
  });
}

template <class Body>
void visit_real(DType dtype, const char* kernel, Body&& body) {
  if (is_complex(dtype) || dtype == DType::bool_)
    fail(ErrorKind::not_implemented, "\"", kernel, "\" not implemented for '", scalar_type_name(dtype), "'");
  visit(dtype, [&]<class T>() {
    if constexpr (!std::is_same_v<T, bool> && !std::is_same_v<T, std::complex<float>> &&
                  !std::is_same_v<T, std::complex<double>>)
      body.template operator()<T>();
  });
}

template <class T>
vector::MaxPoolPairs<T> pairs_loop() {
  if constexpr (std::is_same_v<T, float>)
    return table().max_pool_pairs_float32;
  else
    return table().max_pool_pairs_float64;
}

bool is_pairs(const Pooling& pooling, const Extent& input, const Extent& output) {
  if (pooling.dims != 2 || pooling.adaptive()) return false;
  for (size_t i = 0; i < 2; ++i)
    if (pooling.kernel[i] != 2 || pooling.stride[i] != 2 || pooling.padding[i] != 0 ||
        pooling.dilation[i] != 1 || 2 * output[i + 1] > input[i + 1])
      return false;
  return true;
}

void max_pool_on_cpu(const Tensor& input, const Pooling& pooling, const Tensor& output,
                     const Tensor& indices) {
  Extent from = spatial(input.sizes(), pooling.dims), to = spatial(output.sizes(), pooling.dims);
  int64_t in_volume = volume(from), out_volume = volume(to);
  if (output.numel() == 0) return;
  int64_t planes = output.numel() / out_volume;
  int64_t* places = indices.defined() ? indices.data<int64_t>() : nullptr;
  visit_real(input.dtype(), "max_pool2d", [&]<class T>() {
    const T* source = input.data<T>();
    T* target = output.data<T>();
    auto places_of = [&](int64_t plane) { return places ? places + plane * out_volume : nullptr; };
    if constexpr (std::is_floating_point_v<T>)
      if (is_pairs(pooling, from, to)) {
        auto loop = pairs_loop<T>();
        return for_planes(planes, in_volume, [&](int64_t plane) {
          loop(source + plane * in_volume, from[2], to[1], to[2], target + plane * out_volume,
               places_of(plane));
        });
      }
    auto window = [&](size_t dim, int64_t o) { return window_at(pooling, from, to, dim, o); };
    for_planes(planes, in_volume, [&](int64_t plane) {
      pool_plane(source + plane * in_volume, from, to, window, target + plane * out_volume, places_of(plane));
    });
  });
}

// Where the windows begin: (o + sample) * alpha rounded down, less where the first one would; the last one
// ends at the border.
template <class T>
int64_t fractional_begin(T sample, int64_t input, int64_t output, int64_t kernel, int64_t o) {
  if (o == output - 1) return input - kernel;
  T alpha = static_cast<T>(input - kernel) / static_cast<T>(output - 1);
  return static_cast<int64_t>((static_cast<T>(o) + sample) * alpha) - static_cast<int64_t>(sample * alpha);
}

void fractional_max_pool_on_cpu(const Tensor& input, const Tensor& samples, const Shape& kernel,
                                const Tensor& output, const Tensor& indices) {
  size_t dims = kernel.size();
  Extent from = spatial(input.sizes(), dims), to = spatial(output.sizes(), dims);
  int64_t in_volume = volume(from), out_volume = volume(to);
  if (output.numel() == 0) return;
  visit_real(input.dtype(), "fractional_max_pool", [&]<class T>() {
    using Real = std::conditional_t<std::is_same_v<T, double>, double, float>;
    for_planes(output.numel() / out_volume, in_volume, [&](int64_t plane) {
      const T* of_plane = samples.data<T>() + plane * static_cast<int64_t>(dims);
      auto window = [&](size_t dim, int64_t o) -> Window {
        if (dim + dims < 3) return {0, 1, 1};
        size_t entry = dim + dims - 3;
        // Of a picture the first sample belongs to the width.
        Real sample = static_cast<Real>(of_plane[dims == 2 ? 1 - entry : entry]);
        int64_t begin = fractional_begin<Real>(sample, from[dim], to[dim], kernel[entry], o);
        return {begin, begin + kernel[entry], 1};
      };
      pool_plane(input.data<T>() + plane * in_volume, from, to, window, output.data<T>() + plane * out_volume,
                 indices.data<int64_t>() + plane * out_volume);
    });
  });
}

void put_in_planes_on_cpu(const Tensor& values, const Tensor& indices, size_t dims, bool accumulate,
                          const Tensor& target) {
  int64_t to = volume(spatial(target.sizes(), dims)), from = volume(spatial(values.sizes(), dims));
  if (target.numel() == 0) return;
  visit_real(values.dtype(), "max_unpooling", [&]<class T>() {
    for_planes(target.numel() / to, to, [&](int64_t plane) {
      const T* value = values.data<T>() + plane * from;
      const int64_t* index = indices.data<int64_t>() + plane * from;
      T* result = target.data<T>() + plane * to;
      std::fill_n(result, to, T{});
      for (int64_t i = 0; i < from; ++i) {
        if (static_cast<uint64_t>(index[i]) >= static_cast<uint64_t>(to))
          fail(ErrorKind::runtime, "Found an invalid max index: ", index[i], " (output volumes are of size ",
               target.sizes(), ")");
        result[index[i]] = accumulate ? static_cast<T>(result[index[i]] + value[i]) : value[i];
      }
    });
  });
}

const Implement implement_max_pool(kernels::max_pool, DeviceKind::cpu, max_pool_on_cpu);
const Implement implement_fractional_max_pool(kernels::fractional_max_pool, DeviceKind::cpu,
                                              fractional_max_pool_on_cpu);
const Implement implement_put_in_planes(kernels::put_in_planes, DeviceKind::cpu, put_in_planes_on_cpu);

}  // namespace
}  // namespace lampas
