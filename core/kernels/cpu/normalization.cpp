// Normalisation on the CPU. Half types are computed in float32 and rounded once.
//
// The gradient of y = (x - mean) * inverse * w + b over m elements that share mean and inverse, from g:
// dx = inverse * (g w - sum(g w) / m - (x - mean) * inverse^2 * sum(g w (x - mean)) / m), dw = sum(g (x -
// mean))
// * inverse, db = sum(g). Source: Ioffe and Szegedy, Batch normalization, 2015, section 3.
#include "core/kernels/normalization.h"

#include <algorithm>
#include <cmath>

#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/vector/normalization.h"
#include "core/kernels/cpu/workspace.h"
#include "core/kernels/dense.h"
#include "core/parallel/thread_pool.h"

namespace lampas {
namespace {

constexpr int64_t elements_per_grain = 32768;  // about 50 microseconds of one thread

const vector::NormalizationTable& table() {
  static const vector::NormalizationTable& chosen =
      choose(vector::baseline::normalization, vector::avx2::normalization, vector::avx512::normalization);
  return chosen;
}

template <class T>
const vector::NormalizationLoops<T>& loops() {
  if constexpr (std::is_same_v<T, float>)
    return table().float32;
  else
    return table().float64;
}

template <class Body>
void visit_computed(DType dtype, Body&& body) {
  return dtype == DType::float64 ? body.template operator()<double>() : body.template operator()<float>();
}

template <class T>
const T* data_or_null(const Tensor& tensor) {
  return tensor.defined() ? tensor.data<T>() : nullptr;
}

// An output in the dtype that is computed in, copied to where it belongs at the end.
class Computed {
 public:
  Computed(const Tensor& target, DType dtype) : target_(target) {
    if (!target.defined()) return;
    values_ = target.dtype() == dtype ? target : new_tensor(target.sizes(), dtype);
  }
  const Tensor& values() const { return values_; }
  template <class T>
  T* data() const {
    return values_.defined() ? values_.data<T>() : nullptr;
  }
  void finish() const {
    if (target_.defined() && !values_.same_as(target_)) kernels::copy(target_.device(), values_, target_);
  }

 private:
  Tensor target_, values_;
};

// Which (batch, channel) blocks of `length` elements share statistics.
struct Channels {
  int64_t batch, channels, length, groups;

  Channels(const Tensor& input, int64_t groups)
      : batch(input.sizes()[0]), channels(input.sizes()[1]), length(input.sizes()[2]), groups(groups) {}

  bool by_group() const { return groups > 0; }
  int64_t sets() const { return by_group() ? batch * groups : channels; }
  int64_t channels_of_group() const { return channels / groups; }
  int64_t blocks_of_set() const { return by_group() ? channels_of_group() : batch; }
  int64_t elements_of_set() const { return blocks_of_set() * length; }
  // Block b of a set, as batch entry * channels + channel.
  int64_t block(int64_t set, int64_t b) const {
    return by_group() ? set * channels_of_group() + b : b * channels + set;
  }
  int64_t grain() const {
    return std::max<int64_t>(1, elements_per_grain / std::max<int64_t>(1, elements_of_set()));
  }
};

void channel_moments_on_cpu(const Tensor& input, int64_t groups, double eps, const Tensor& mean,
                            const Tensor& variance, const Tensor& inverse) {
  Channels shape(input, groups);
  Tensor values = converted(input, mean.dtype());
  visit_computed(mean.dtype(), [&]<class T>() {
    const T* x = values.data<T>();
    parallel_for(0, shape.sets(), shape.grain(), [&](int64_t begin, int64_t end) {
      for (int64_t set = begin; set < end; ++set) {
        auto count = static_cast<double>(shape.elements_of_set());
        double sum = 0, squares = 0;
        for (int64_t b = 0; b < shape.blocks_of_set(); ++b)
          sum += loops<T>().sum(x + shape.block(set, b) * shape.length, shape.length);
        T center = static_cast<T>(sum / count);
        for (int64_t b = 0; b < shape.blocks_of_set(); ++b)
          squares += loops<T>().squares(x + shape.block(set, b) * shape.length, shape.length, center);
        mean.data<T>()[set] = center;
        variance.data<T>()[set] = static_cast<T>(squares / count);
        inverse.data<T>()[set] = static_cast<T>(1 / std::sqrt(squares / count + eps));
      }
    });
  });
}

void channel_normalize_on_cpu(const Tensor& input, int64_t groups, const Tensor& mean, const Tensor& inverse,
                              const Tensor& weight, const Tensor& bias, const Tensor& output) {
  Channels shape(input, groups);
  DType dtype = mean.dtype();
  Tensor values = converted(input, dtype), factors = converted(weight, dtype),
         shifts = converted(bias, dtype);
  Computed result(output, dtype);
  visit_computed(dtype, [&]<class T>() {
    const T *w = data_or_null<T>(factors), *b = data_or_null<T>(shifts);
    parallel_for(0, shape.sets(), shape.grain(), [&](int64_t begin, int64_t end) {
      for (int64_t set = begin; set < end; ++set)
        for (int64_t i = 0; i < shape.blocks_of_set(); ++i) {
          int64_t block = shape.block(set, i), channel = block % shape.channels;
          T scale = inverse.data<T>()[set] * (w ? w[channel] : T(1));
          loops<T>().scale(values.data<T>() + block * shape.length, shape.length, mean.data<T>()[set], scale,
                           b ? b[channel] : T(0), result.data<T>() + block * shape.length);
        }
    });
  });
  result.finish();
}

// For each channel, the sum over the batch of what its blocks say.
template <class T, class Part>
void sum_over_batch(const Channels& shape, T* result, Part&& part) {
  if (!result) return;
  for (int64_t channel = 0; channel < shape.channels; ++channel) {
    double sum = 0;
    for (int64_t entry = 0; entry < shape.batch; ++entry) sum += part(entry, channel);
    result[channel] = static_cast<T>(sum);
  }
}

void channel_normalize_backward_on_cpu(const Tensor& grad, const Tensor& input, int64_t groups,
                                       const Tensor& mean, const Tensor& inverse, const Tensor& weight,
                                       bool constant, const Tensor& grad_input, const Tensor& grad_weight,
                                       const Tensor& grad_bias) {
  Channels shape(input, groups);
  DType dtype = mean.dtype();
  Tensor incoming = converted(grad, dtype), values = converted(input, dtype),
         factors = converted(weight, dtype);
  Computed to_input(grad_input, dtype), to_weight(grad_weight, dtype), to_bias(grad_bias, dtype);
  visit_computed(dtype, [&]<class T>() {
    const T *g = incoming.data<T>(), *x = values.data<T>(), *w = data_or_null<T>(factors);
    const T *centers = mean.data<T>(), *inverses = inverse.data<T>();
    T* result = to_input.data<T>();
    // Of each block: sum(g) and sum(g (x - mean)).
    cpu::Workspace<double> sums(shape.batch * shape.channels), products(shape.batch * shape.channels);
    parallel_for(0, shape.sets(), shape.grain(), [&](int64_t begin, int64_t end) {
      for (int64_t set = begin; set < end; ++set) {
        double sum = 0, product = 0;
        for (int64_t i = 0; i < shape.blocks_of_set(); ++i) {
          int64_t block = shape.block(set, i), start = block * shape.length;
          loops<T>().products(g + start, x + start, nullptr, shape.length, centers[set], &sums[block],
                              &products[block]);
          double factor = w ? static_cast<double>(w[block % shape.channels]) : 1.0;
          sum += factor * sums[block];
          product += factor * products[block];
        }
        if (!result) continue;
        auto count = static_cast<double>(shape.elements_of_set());
        auto scale = static_cast<double>(inverses[set]);
        T slope = constant ? T(0) : static_cast<T>(-scale * scale * scale * product / count);
        T shift = constant ? T(0) : static_cast<T>(-scale * sum / count);
        for (int64_t i = 0; i < shape.blocks_of_set(); ++i) {
          int64_t block = shape.block(set, i), start = block * shape.length;
          T factor = inverses[set] * (w ? w[block % shape.channels] : T(1));
          loops<T>().combine(g + start, x + start, nullptr, shape.length, centers[set], factor, slope, shift,
                             result + start);
        }
      }
    });
    sum_over_batch(shape, to_weight.data<T>(), [&](int64_t entry, int64_t channel) {
      int64_t set = shape.by_group() ? entry * shape.groups + channel / shape.channels_of_group() : channel;
      return products[entry * shape.channels + channel] * static_cast<double>(inverses[set]);
    });
    sum_over_batch(shape, to_bias.data<T>(),
                   [&](int64_t entry, int64_t channel) { return sums[entry * shape.channels + channel]; });
  });
  to_input.finish();
  to_weight.finish();
  to_bias.finish();
}

void update_running_statistics_on_cpu(const Tensor& mean, const Tensor& variance, double momentum,
                                      int64_t count, const Tensor& running_mean,
                                      const Tensor& running_variance) {
  double unbiased = static_cast<double>(count) / static_cast<double>(count - 1);
  DType dtype = mean.dtype();
  auto update = [&](const Tensor& now, double factor, const Tensor& running) {
    if (!running.defined()) return;
    Tensor kept = converted(running, dtype);
    Computed result(running, dtype);
    visit_computed(dtype, [&]<class T>() {
      for (int64_t i = 0; i < now.numel(); ++i)
        result.data<T>()[i] = static_cast<T>(momentum * factor * static_cast<double>(now.data<T>()[i]) +
                                             (1 - momentum) * static_cast<double>(kept.data<T>()[i]));
    });
    result.finish();
  };
  update(mean, 1, running_mean);
  update(variance, unbiased, running_variance);
}

int64_t grain_of_rows(int64_t columns) {
  return std::max<int64_t>(1, elements_per_grain / std::max<int64_t>(1, columns));
}

void normalize_rows_on_cpu(const Tensor& input, double eps, const Tensor& weight, const Tensor& bias,
                           const Tensor& output, const Tensor& mean, const Tensor& inverse) {
  int64_t rows = input.sizes()[0], columns = input.sizes()[1];
  DType dtype = mean.dtype();
  Tensor values = converted(input, dtype), factors = converted(weight, dtype),
         shifts = converted(bias, dtype);
  Computed result(output, dtype);
  visit_computed(dtype, [&]<class T>() {
    parallel_for(0, rows, grain_of_rows(columns), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const T* x = values.data<T>() + row * columns;
        auto count = static_cast<double>(columns);
        T center = static_cast<T>(loops<T>().sum(x, columns) / count);
        double variance = loops<T>().squares(x, columns, center) / count;
        T scale = static_cast<T>(1 / std::sqrt(variance + eps));
        mean.data<T>()[row] = center;
        inverse.data<T>()[row] = scale;
        loops<T>().scale_each(x, columns, center, scale, data_or_null<T>(factors), data_or_null<T>(shifts),
                              result.data<T>() + row * columns);
      }
    });
  });
  result.finish();
}

void normalize_rows_backward_on_cpu(const Tensor& grad, const Tensor& input, const Tensor& mean,
                                    const Tensor& inverse, const Tensor& weight, const Tensor& grad_input,
                                    const Tensor& grad_weight, const Tensor& grad_bias) {
  int64_t rows = input.sizes()[0], columns = input.sizes()[1];
  DType dtype = mean.dtype();
  Tensor incoming = converted(grad, dtype), values = converted(input, dtype),
         factors = converted(weight, dtype);
  Computed to_input(grad_input, dtype), to_weight(grad_weight, dtype), to_bias(grad_bias, dtype);
  visit_computed(dtype, [&]<class T>() {
    const T *g = incoming.data<T>(), *x = values.data<T>(), *w = data_or_null<T>(factors);
    const T *centers = mean.data<T>(), *inverses = inverse.data<T>();
    if (T* result = to_input.data<T>())
      parallel_for(0, rows, grain_of_rows(columns), [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
          int64_t start = row * columns;
          double sum, product, count = static_cast<double>(columns);
          auto scale = static_cast<double>(inverses[row]);
          loops<T>().products(g + start, x + start, w, columns, centers[row], &sum, &product);
          loops<T>().combine(g + start, x + start, w, columns, centers[row], inverses[row],
                             static_cast<T>(-scale * scale * scale * product / count),
                             static_cast<T>(-scale * sum / count), result + start);
        }
      });
    // Each thread adds up all rows of some columns.
    T *products = to_weight.data<T>(), *sums = to_bias.data<T>();
    if (products) std::fill_n(products, columns, T(0));
    if (sums) std::fill_n(sums, columns, T(0));
    if (products || sums)
      parallel_for(0, columns, std::max<int64_t>(64, grain_of_rows(rows)), [&](int64_t begin, int64_t end) {
        for (int64_t row = 0; row < rows; ++row)
          loops<T>().accumulate(g + row * columns + begin, x + row * columns + begin, end - begin,
                                centers[row], inverses[row], products ? products + begin : nullptr,
                                sums ? sums + begin : nullptr);
      });
  });
  to_input.finish();
  to_weight.finish();
  to_bias.finish();
}

const Implement implement_moments(kernels::channel_moments, DeviceKind::cpu, channel_moments_on_cpu);
const Implement implement_normalize(kernels::channel_normalize, DeviceKind::cpu, channel_normalize_on_cpu);
const Implement implement_backward(kernels::channel_normalize_backward, DeviceKind::cpu,
                                   channel_normalize_backward_on_cpu);
const Implement implement_running(kernels::update_running_statistics, DeviceKind::cpu,
                                  update_running_statistics_on_cpu);
const Implement implement_rows(kernels::normalize_rows, DeviceKind::cpu, normalize_rows_on_cpu);
const Implement implement_rows_backward(kernels::normalize_rows_backward, DeviceKind::cpu,
                                        normalize_rows_backward_on_cpu);

}  // namespace
}  // namespace lampas
