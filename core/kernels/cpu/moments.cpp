// Mean and variance over any dims on the CPU: two passes over each run of elements, in double precision;
// where runs meet, by the formula of Chan, Golub and LeVeque (1979).
#include <array>
#include <complex>
#include <limits>
#include <vector>

#include "core/kernels/cpu/iteration.h"
#include "core/kernels/cpu/wide_numbers.h"
#include "core/kernels/reduction.h"

namespace lampas {
namespace {

// Elements of one run; a run's result does not depend on the number of threads.
constexpr int64_t run_length = 16384;
// Neighbouring columns that are taken together, so that each line of memory is read once.
constexpr int64_t block_columns = 64;
// Independent sums of one row, which the processor adds side by side.
constexpr int64_t lanes = 8;

using cpu::stored;
using cpu::wide;
using cpu::Wide;

double squared(double value) { return value * value; }
double squared(std::complex<double> value) { return std::norm(value); }

struct Dim {
  int64_t size;
  int64_t stride;
};
using Dims = SmallVector<Dim, 5>;

// The offset of the element at `position`, counted with the last dim fastest.
int64_t offset_at(const Dims& dims, int64_t position) {
  int64_t offset = 0;
  for (size_t i = dims.size(); i-- > 0;) {
    offset += position % dims[i].size * dims[i].stride;
    position /= dims[i].size;
  }
  return offset;
}

// Drops dims of one element and merges those that lie behind each other.
Dims merged(const Dims& dims) {
  Dims result;
  for (const Dim& dim : dims) {
    if (dim.size == 1) continue;
    if (!result.empty() && result.back().stride == dim.size * dim.stride)
      result.back() = {result.back().size * dim.size, dim.stride};
    else
      result.push_back(dim);
  }
  return result;
}

int64_t count_of(const Dims& dims) {
  int64_t count = 1;
  for (const Dim& dim : dims) count *= dim.size;
  return count;
}

// What is known of some elements of one result.
template <class T>
struct Moments {
  int64_t count = 0;
  Wide<T> mean{};
  double squares = 0;  // sum of the squared distances from the mean

  void join(const Moments& other) {
    if (other.count == 0) return;
    const double total = static_cast<double>(count + other.count);
    const Wide<T> distance = other.mean - mean;
    const double own = static_cast<double>(count), others = static_cast<double>(other.count);
    mean += distance * (others / total);
    squares += other.squares + squared(distance) * (own * others / total);
    count += other.count;
  }
};

// One input, its dims split into those that stay and those that are folded.
template <class T>
class MomentsOf {
 public:
  MomentsOf(const T* data, const Dims& kept, const Dims& folded)
      : data_(data), kept_(kept), folded_(folded), count_(count_of(folded)) {
    by_columns_ = !kept.empty() && kept.back().stride == 1 && (folded.empty() || folded.back().stride != 1);
  }

  // The moments of all results, in order.
  std::vector<Moments<T>> run() const {
    const int64_t results = count_of(kept_);
    const int64_t row = by_columns_ ? kept_.back().size : 1;
    const int64_t width = std::min(row, block_columns), blocks = (row + width - 1) / width;
    const int64_t runs = std::max<int64_t>(1, (count_ + run_length - 1) / run_length);
    const int64_t tasks = results / row * blocks;
    std::vector<Moments<T>> partial(static_cast<size_t>(results * runs));
    const int64_t work = std::max<int64_t>(1, std::min(count_, run_length) * width);
    parallel_for(0, tasks * runs, std::max<int64_t>(1, cpu::elementwise_grain / work),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t task = begin; task < end; ++task) {
                     const int64_t run = task % runs, block = task / runs % blocks;
                     const int64_t first = task / runs / blocks * row + block * width;
                     const int64_t columns = std::min(width, row - block * width);
                     take_run(first, columns, run, partial.data() + first * runs + run, runs);
                   }
                 });
    std::vector<Moments<T>> joined(static_cast<size_t>(results));
    for (int64_t i = 0; i < results; ++i)
      for (int64_t run = 0; run < runs; ++run) joined[i].join(partial[i * runs + run]);
    return joined;
  }

 private:
  // One run of `columns` neighbouring results.
  void take_run(int64_t first, int64_t columns, int64_t run, Moments<T>* output, int64_t output_step) const {
    const T* origin = data_ + offset_at(kept_, first);
    const int64_t begin = run * run_length, end = std::min(count_, begin + run_length);
    const double count = static_cast<double>(end - begin);
    if (end <= begin) return;
    std::array<Wide<T>, block_columns> means{};
    std::array<double, block_columns> squares{};
    if (by_columns_) {
      for_each_stretch(begin, end, [&](int64_t offset, int64_t stride, int64_t length) {
        for (int64_t i = 0; i < length; ++i)
          for (int64_t column = 0; column < columns; ++column)
            means[column] += wide(origin[offset + i * stride + column]);
      });
      for (int64_t column = 0; column < columns; ++column) means[column] /= count;
      for_each_stretch(begin, end, [&](int64_t offset, int64_t stride, int64_t length) {
        for (int64_t i = 0; i < length; ++i)
          for (int64_t column = 0; column < columns; ++column)
            squares[column] += squared(wide(origin[offset + i * stride + column]) - means[column]);
      });
    } else {
      for_each_stretch(begin, end, [&](int64_t offset, int64_t stride, int64_t length) {
        means[0] += sum<Wide<T>>(origin + offset, stride, length, [](T value) { return wide(value); });
      });
      const Wide<T> mean = means[0] /= count;
      for_each_stretch(begin, end, [&](int64_t offset, int64_t stride, int64_t length) {
        squares[0] += sum<double>(origin + offset, stride, length,
                                  [mean](T value) { return squared(wide(value) - mean); });
      });
    }
    for (int64_t column = 0; column < columns; ++column)
      output[column * output_step] = {end - begin, means[column], squares[column]};
  }

  template <class Sum, class Term>
  static Sum sum(const T* values, int64_t stride, int64_t length, const Term& term) {
    std::array<Sum, lanes> sums{};
    int64_t i = 0;
    if (stride == 1) {
      for (; i + lanes <= length; i += lanes)
        for (int64_t lane = 0; lane < lanes; ++lane) sums[lane] += term(values[i + lane]);
    }
    for (; i < length; ++i) sums[0] += term(values[i * stride]);
    Sum total{};
    for (const Sum& part : sums) total += part;
    return total;
  }

  // Calls body(offset, stride, length) for the folded elements from begin to end.
  template <class Body>
  void for_each_stretch(int64_t begin, int64_t end, Body&& body) const {
    const Dim inner = folded_.empty() ? Dim{1, 0} : folded_.back();
    while (begin < end) {
      const int64_t length = std::min(inner.size - begin % inner.size, end - begin);
      body(offset_at(folded_, begin), inner.stride, length);
      begin += length;
    }
  }

  const T* data_;
  const Dims& kept_;
  const Dims& folded_;
  int64_t count_;
  bool by_columns_;
};

template <class T>
void write_moments(const std::vector<Moments<T>>& moments, double divisor, const Tensor& mean,
                   const Tensor& variance) {
  T* means = mean.defined() ? mean.data<T>() : nullptr;
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  visit(variance.dtype(), [&]<class Real>() {
    if constexpr (!std::is_integral_v<Real> && std::is_same_v<Wide<Real>, double>) {
      Real* variances = variance.data<Real>();
      for (size_t i = 0; i < moments.size(); ++i) {
        const bool empty = moments[i].count == 0;
        if (means) means[i] = stored<T>(empty ? Wide<T>(nothing) : moments[i].mean);
        variances[i] = stored<Real>(empty ? nothing : moments[i].squares / divisor);
      }
    }
  });
}

void moments_on_cpu(const Tensor& input, uint64_t mask, double divisor, const Tensor& mean,
                    const Tensor& variance) {
  if (variance.numel() == 0) return;
  Dims kept, folded;
  for (int64_t dim = 0; dim < input.dim(); ++dim)
    (mask >> dim & 1 ? folded : kept).push_back({input.sizes()[dim], input.strides()[dim]});
  // The order in which elements are folded is free: longest steps first.
  std::stable_sort(folded.begin(), folded.end(),
                   [](const Dim& left, const Dim& right) { return left.stride > right.stride; });
  kept = merged(kept);
  folded = input.numel() == 0 ? Dims{{0, 1}} : merged(folded);
  visit(input.dtype(), [&]<class T>() {
    if constexpr (!std::is_integral_v<T>)
      write_moments(MomentsOf<T>(input.data<T>(), kept, folded).run(), divisor, mean, variance);
  });
}

const Implement implement_moments(kernels::moments, DeviceKind::cpu, moments_on_cpu);

}  // namespace
}  // namespace lampas
