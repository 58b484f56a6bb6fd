// Sparse linear maps along lines on the CPU, one dim after the other, a plane at a time.
#include "core/kernels/line_map.h"

#include <algorithm>
#include <cmath>

#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/vector/line_map.h"
#include "core/kernels/cpu/workspace.h"
#include "core/kernels/dense.h"
#include "core/parallel/thread_pool.h"

namespace lampas {
namespace {

constexpr int64_t elements_per_grain = 32768;  // about 50 microseconds of one thread

const vector::LineMapTable& table() {
  static const vector::LineMapTable& chosen =
      choose(vector::baseline::line_map, vector::avx2::line_map, vector::avx512::line_map);
  return chosen;
}

// Weights of integers and truth values are all 1: their lines are moved and added up.
template <class T>
void map_exactly(const T* input, const int64_t* starts, const int64_t* columns, const T*, int64_t rows,
                 int64_t inner, T* output) {
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t x = 0; x < inner; ++x) {
      T sum{};
      for (int64_t i = starts[row]; i < starts[row + 1]; ++i)
        sum = static_cast<T>(sum + input[columns[i] * inner + x]);
      output[row * inner + x] = sum;
    }
}

template <class T>
vector::MapLines<T> loop_for() {
  if constexpr (std::is_same_v<T, float>)
    return table().float32;
  else if constexpr (std::is_same_v<T, double>)
    return table().float64;
  else
    return map_exactly<T>;
}

// One dim's step: (outer, in, inner) to (outer, out, inner).
struct Step {
  const LineMap* map;
  int64_t outer, inner;
  int64_t in_count() const { return outer * map->in_size * inner; }
  int64_t out_count() const { return outer * map->out_size() * inner; }
};

// The steps for one plane. `parts`: how many numbers an element has (a complex one has two).
std::vector<Step> steps_of(const std::vector<LineMap>& maps, int64_t parts) {
  std::vector<Step> steps;
  int64_t outer = 1, inner = parts;
  for (const LineMap& map : maps) inner *= map.in_size;
  for (const LineMap& map : maps) {
    inner /= map.in_size;
    steps.push_back({&map, outer, inner});
    outer *= map.out_size();
  }
  return steps;
}

// Divides the sums of integers by how many were added up, or what was given instead.
template <class T>
void divide(const std::vector<LineMap>& maps, T* plane) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    auto divisor = [](const LineMap& map, int64_t o) { return map.divisors.empty() ? 1 : map.divisors[o]; };
    int64_t count = 1;
    for (const LineMap& map : maps) count *= map.out_size();
    for (int64_t i = 0; i < count; ++i) {
      int64_t rest = i, product = 1;
      for (size_t dim = maps.size(); dim-- > 0; rest /= maps[dim].out_size())
        product *= divisor(maps[dim], rest % maps[dim].out_size());
      plane[i] = static_cast<T>(static_cast<int64_t>(plane[i]) / product);
    }
  }
}

template <class T>
void map_planes(const T* input, const std::vector<LineMap>& maps, int64_t planes, int64_t parts, T* output) {
  std::vector<Step> steps = steps_of(maps, parts);
  std::vector<std::vector<T>> weights;
  int64_t largest = 0;
  for (const Step& step : steps) {
    if constexpr (std::is_floating_point_v<T>)
      weights.emplace_back(step.map->weights.begin(), step.map->weights.end());
    largest = std::max(largest, step.out_count());
  }
  int64_t in_plane = steps.front().in_count(), out_plane = steps.back().out_count();
  bool averages =
      std::any_of(maps.begin(), maps.end(), [](const LineMap& map) { return !map.divisors.empty(); });
  auto loop = loop_for<T>();
  int64_t grain = std::max<int64_t>(1, elements_per_grain / std::max(largest, in_plane));
  parallel_for(0, planes, grain, [&](int64_t begin, int64_t end) {
    cpu::Workspace<T> between(steps.size() > 1 ? 2 * largest : 0);
    for (int64_t plane = begin; plane < end; ++plane) {
      const T* source = input + plane * in_plane;
      for (size_t i = 0; i < steps.size(); ++i) {
        const Step& step = steps[i];
        T* target = i + 1 == steps.size() ? output + plane * out_plane : between.data() + (i % 2) * largest;
        const T* factors = nullptr;
        if constexpr (std::is_floating_point_v<T>) factors = weights[i].data();
        for (int64_t line = 0; line < step.outer; ++line)
          loop(source + line * step.map->in_size * step.inner, step.map->starts.data(),
               step.map->columns.data(), factors, step.map->out_size(), step.inner,
               target + line * step.map->out_size() * step.inner);
        source = target;
      }
      if (averages) divide(maps, output + plane * out_plane);
    }
  });
}

bool has_fractions(const std::vector<LineMap>& maps) {
  for (const LineMap& map : maps)
    if (map.divisors.empty())
      for (double weight : map.weights)
        if (weight != 1) return true;
  return false;
}

void map_lines_on_cpu(const Tensor& input, const std::vector<LineMap>& maps, const Tensor& output) {
  if (output.numel() == 0) return;
  if (input.numel() == 0) return kernels::fill(output.device(), 0, output);
  int64_t out_plane = 1;
  for (const LineMap& map : maps) out_plane *= map.out_size();
  int64_t planes = output.numel() / out_plane;
  DType dtype = output.dtype();
  if (is_complex(dtype)) {
    if (dtype == DType::complex64)
      return map_planes(static_cast<const float*>(input.data()), maps, planes, 2,
                        static_cast<float*>(output.data()));
    return map_planes(static_cast<const double*>(input.data()), maps, planes, 2,
                      static_cast<double*>(output.data()));
  }
  bool half = dtype == DType::float16 || dtype == DType::bfloat16;
  if (half || (is_integral(dtype) && has_fractions(maps))) {
    Tensor wide = new_tensor(output.sizes(), DType::float32);
    map_planes(converted(input, DType::float32).data<float>(), maps, planes, 1, wide.data<float>());
    if (!half)  // to the nearest integer of the dtype
      for (int64_t i = 0; i < wide.numel(); ++i) {
        float& value = wide.data<float>()[i];
        value = std::nearbyint(std::min(std::max(value, 0.0f), 255.0f));
      }
    return kernels::copy(output.device(), wide, output);
  }
  visit(dtype, [&]<class T>() {
    if constexpr (!std::is_class_v<T>) map_planes(input.data<T>(), maps, planes, 1, output.data<T>());
  });
}

const Implement implement_map_lines(kernels::map_lines, DeviceKind::cpu, map_lines_on_cpu);

}  // namespace
}  // namespace lampas
