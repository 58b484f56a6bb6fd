// PyTorch's transformations from draws to distributions (ATen/core/TransformationHelper.h describes them).
#include "core/random/distributions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "core/random/fused_loops.h"

namespace lampas {
namespace {

constexpr double pi = 3.14159265358979323846;
constexpr int64_t block_values = 512;  // how many values are drawn and transformed at a time
constexpr int64_t normal_block_size = 16;

template <class T>
constexpr bool is_reduced = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;
template <class T>
constexpr bool is_floating_type = std::is_floating_point_v<T> || is_reduced<T>;
template <class T>
constexpr bool is_complex_type =
    std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>;
// The type PyTorch draws values of T in.
template <class T>
using DrawType = std::conditional_t<is_reduced<T>, float, T>;

[[noreturn]] void refuse(const char* distribution, DType dtype) {
  throw std::invalid_argument(std::string(distribution) + " is not defined for dtype " + name_of(dtype));
}

// Calls body.operator()<T>() for the floating types only.
template <class Body>
void visit_floating(const char* distribution, DType dtype, Body&& body) {
  switch (dtype) {
    case DType::float16:
      return body.template operator()<Float16>();
    case DType::float32:
      return body.template operator()<float>();
    case DType::float64:
      return body.template operator()<double>();
    case DType::bfloat16:
      return body.template operator()<BFloat16>();
    default:
      refuse(distribution, dtype);
  }
}

// Calls body.operator()<T>() for every type but the complex ones.
template <class Body>
void visit_real(const char* distribution, DType dtype, Body&& body) {
  visit(dtype, [&]<class T>() {
    if constexpr (is_complex_type<T>) {
      refuse(distribution, dtype);
    } else {
      body.template operator()<T>();
    }
  });
}

// Through float, as PyTorch's 16-bit types convert.
template <class T, class Value>
T convert(Value value) {
  if constexpr (is_reduced<T>) {
    return T(static_cast<float>(value));
  } else {
    return static_cast<T>(value);
  }
}

template <class T>
void fill_with(void* output, int64_t count, auto&& draw) {
  T* values = static_cast<T*>(output);
  for (int64_t index = 0; index < count; ++index) values[index] = convert<T>(draw());
}

float uniform_float(Generator& generator) { return float(generator.random() & 0xffffff) * 0x1p-24f; }

void draw_uniform(float* output, int64_t count, float from, float to, Generator& generator) {
  uint32_t words[block_values];
  for (int64_t done = 0; done < count; done += block_values) {
    const int64_t run = std::min(block_values, count - done);
    generator.random_block(words, run);
    scale_words(words, output + done, run, from, to);
  }
}

void draw_uniform(double* output, int64_t count, double from, double to, Generator& generator) {
  uint32_t words[2 * block_values];
  for (int64_t done = 0; done < count; done += block_values) {
    const int64_t run = std::min(block_values, count - done);
    generator.random_block(words, 2 * run);
    scale_words(words, output + done, run, from, to);
  }
}

double normal_double(double mean, double std, Generator& generator) {
  if (generator.next_double_normal) {
    const double value = *generator.next_double_normal;
    generator.next_double_normal.reset();
    return scale_and_shift(value, std, mean);
  }
  const double turn = generator.random_unit();
  const double distance = generator.random_unit();
  const double radius = std::sqrt(-2.0 * std::log1p(-distance));
  const double angle = 2.0 * pi * turn;
  generator.next_double_normal = radius * std::sin(angle);
  return scale_and_shift(radius * std::cos(angle), std, mean);
}

// At least 16 values. Where their number is no multiple of 16, the last 16 are drawn a second time.
template <class T>
void fill_normal_blocks(T* output, int64_t count, DrawType<T> mean, DrawType<T> std, Generator& generator) {
  using Draw = DrawType<T>;
  const int64_t whole = count / normal_block_size * normal_block_size;
  if constexpr (std::is_same_v<T, Draw>) {
    draw_uniform(output, count, 0, 1, generator);
    normal_blocks(output, whole / normal_block_size, mean, std);
    if (whole != count) {
      T* last = output + count - normal_block_size;
      draw_uniform(last, normal_block_size, 0, 1, generator);
      normal_blocks(last, 1, mean, std);
    }
  } else {
    Draw block[block_values];
    const auto draw_into = [&](T* destination, int64_t run) {
      draw_uniform(block, run, 0, 1, generator);
      normal_blocks(block, run / normal_block_size, mean, std);
      for (int64_t index = 0; index < run; ++index) destination[index] = T(block[index]);
    };
    for (int64_t done = 0; done < whole; done += block_values) {
      draw_into(output + done, std::min(block_values, whole - done));
    }
    if (whole != count) draw_into(output + count - normal_block_size, normal_block_size);
  }
}

// Draws below this range take 32 bits: the remainder's skew is then at most about 5 %.
constexpr uint64_t wide_range = uint64_t(1) << 28;
// Permutations below this size take 32-bit draws.
constexpr int64_t wide_permutation = std::numeric_limits<uint32_t>::max() / 20;

// One more than the largest integer random_() gives for T.
template <class T>
constexpr uint64_t unbounded_range() {
  if constexpr (std::is_same_v<T, bool>) {
    return 2;
  } else if constexpr (std::is_same_v<T, Float16>) {
    return (uint64_t(1) << 11) + 1;
  } else if constexpr (std::is_same_v<T, BFloat16>) {
    return (uint64_t(1) << 8) + 1;
  } else if constexpr (std::is_floating_point_v<T>) {
    return (uint64_t(1) << std::numeric_limits<T>::digits) + 1;
  } else {
    return uint64_t(std::numeric_limits<T>::max()) + 1;
  }
}

}  // namespace

void fill_uniform(void* output, DType dtype, int64_t count, double from, double to, Generator& generator) {
  const std::lock_guard lock(generator.mutex);
  visit_floating("uniform_", dtype, [&]<class T>() {
    T* values = static_cast<T*>(output);
    using Draw = DrawType<T>;
    const T upper = convert<T>(to);
    const T lower = convert<T>(from);
    Draw block[block_values];
    for (int64_t done = 0; done < count; done += block_values) {
      const int64_t run = std::min(block_values, count - done);
      draw_uniform(block, run, Draw(from), Draw(to), generator);
      for (int64_t index = 0; index < run; ++index) {
        // Rounding may reach the upper bound, which does not belong to the interval.
        const T value = T(block[index]);
        values[done + index] = Draw(value) == Draw(upper) ? lower : value;
      }
    }
  });
}

void fill_normal(void* output, DType dtype, int64_t count, double mean, double std, bool in_blocks,
                 Generator& generator) {
  const std::lock_guard lock(generator.mutex);
  visit_floating("normal_", dtype, [&]<class T>() {
    if (in_blocks && count >= normal_block_size) {
      fill_normal_blocks(static_cast<T*>(output), count, DrawType<T>(mean), DrawType<T>(std), generator);
    } else {
      fill_with<T>(output, count, [&] { return normal_double(mean, std, generator); });
    }
  });
}

void fill_exponential(void* output, DType dtype, int64_t count, double lambda, Generator& generator) {
  const std::lock_guard lock(generator.mutex);
  visit_floating("exponential_", dtype, [&]<class T>() {
    fill_with<T>(output, count, [&] { return -1.0 / lambda * std::log1p(-generator.random_unit()); });
  });
}

void fill_cauchy(void* output, DType dtype, int64_t count, double median, double sigma,
                 Generator& generator) {
  const std::lock_guard lock(generator.mutex);
  visit_floating("cauchy_", dtype, [&]<class T>() {
    fill_with<T>(output, count, [&] {
      return scale_and_shift(std::tan(pi * (generator.random_unit() - 0.5)), sigma, median);
    });
  });
}

void fill_log_normal(void* output, DType dtype, int64_t count, double mean, double std,
                     Generator& generator) {
  const std::lock_guard lock(generator.mutex);
  visit_floating("log_normal_", dtype, [&]<class T>() {
    fill_with<T>(output, count, [&] { return std::exp(normal_double(mean, std, generator)); });
  });
}

void fill_geometric(void* output, DType dtype, int64_t count, double p, Generator& generator) {
  const std::lock_guard lock(generator.mutex);
  if (dtype == DType::bool_) refuse("geometric_", dtype);
  visit_real("geometric_", dtype, [&]<class T>() {
    fill_with<T>(output, count,
                 [&] { return std::ceil(std::log(generator.random_unit()) / std::log1p(-p)); });
  });
}

void fill_bernoulli(void* output, DType dtype, int64_t count, double p, Generator& generator) {
  const std::lock_guard lock(generator.mutex);
  visit_real("bernoulli_", dtype, [&]<class T>() {
    T* values = static_cast<T*>(output);
    const T zero = convert<T>(0);
    const T one = convert<T>(1);
    double block[block_values];
    for (int64_t done = 0; done < count; done += block_values) {
      const int64_t run = std::min(block_values, count - done);
      draw_uniform(block, run, 0.0, 1.0, generator);
      for (int64_t index = 0; index < run; ++index) values[done + index] = block[index] < p ? one : zero;
    }
  });
}

void fill_bernoulli(void* output, DType dtype, int64_t count, const double* p, Generator& generator) {
  const std::lock_guard lock(generator.mutex);
  visit_real("bernoulli_", dtype, [&]<class T>() {
    fill_with<T>(output, count, [&] { return generator.random_unit() < *p++ ? 1 : 0; });
  });
}

void fill_bernoulli(void* output, DType dtype, int64_t count, const float* p, Generator& generator) {
  const std::lock_guard lock(generator.mutex);
  visit_real("bernoulli_", dtype, [&]<class T>() {
    fill_with<T>(output, count, [&] { return uniform_float(generator) < *p++ ? 1 : 0; });
  });
}

void fill_random_range(void* output, DType dtype, int64_t count, uint64_t range, int64_t base,
                       Generator& generator) {
  if (range == 0) throw std::invalid_argument("random_ expects a range that is not empty");
  const std::lock_guard lock(generator.mutex);
  visit_real("random_", dtype, [&]<class T>() {
    if (range >= wide_range) {
      fill_with<T>(output, count, [&] { return int64_t(generator.random64() % range + uint64_t(base)); });
    } else {
      const uint32_t narrow_range = uint32_t(range);
      fill_with<T>(output, count,
                   [&] { return int64_t(generator.random() % narrow_range + uint64_t(base)); });
    }
  });
}

void fill_random(void* output, DType dtype, int64_t count, Generator& generator) {
  const std::lock_guard lock(generator.mutex);
  visit_real("random_", dtype, [&]<class T>() {
    if constexpr (std::is_same_v<T, uint16_t> || std::is_same_v<T, uint32_t> || std::is_same_v<T, uint64_t>) {
      refuse("random_", dtype);  // as PyTorch, which wants bounds for these
    } else if constexpr (std::is_same_v<T, double> || std::is_same_v<T, int64_t>) {
      fill_with<T>(output, count, [&] { return generator.random64() % unbounded_range<T>(); });
    } else {
      fill_with<T>(output, count, [&] { return generator.random() % unbounded_range<T>(); });
    }
  });
}

void fill_random_64_bits(void* output, DType dtype, int64_t count, Generator& generator) {
  const std::lock_guard lock(generator.mutex);
  const auto draw = [&] { return int64_t(generator.random64()); };
  switch (dtype) {
    case DType::int64:
      return fill_with<int64_t>(output, count, draw);
    case DType::float64:
      return fill_with<double>(output, count, draw);
    case DType::float32:
      return fill_with<float>(output, count, draw);
    case DType::bfloat16:
      return fill_with<BFloat16>(output, count, draw);
    default:
      refuse("random_ over all 64 bits", dtype);
  }
}

void fill_permutation(void* output, DType dtype, int64_t count, Generator& generator) {
  const std::lock_guard lock(generator.mutex);
  if (dtype == DType::bool_) refuse("randperm", dtype);
  visit_real("randperm", dtype, [&]<class T>() {
    T* values = static_cast<T*>(output);
    if (count < wide_permutation) {
      for (int64_t index = 0; index < count; ++index) values[index] = convert<T>(index);
      for (int64_t index = 0; index + 1 < count; ++index) {
        std::swap(values[index], values[index + generator.random() % uint32_t(count - index)]);
      }
      return;
    }
    // Fisher and Yates from the inside out: each number takes the place of an earlier one.
    for (int64_t index = 0; index < count; ++index) {
      const int64_t place = int64_t(generator.random64() % uint64_t(index + 1));
      values[index] = values[place];
      values[place] = convert<T>(index);
    }
  });
}

}  // namespace lampas
