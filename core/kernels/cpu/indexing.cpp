// Elements at computed places, on the CPU.
#include "core/kernels/indexing.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "core/kernels/copy.h"
#include "core/kernels/cpu/cycle_estimates.h"
#include "core/kernels/cpu/iteration.h"

namespace lampas {
namespace {

[[noreturn]] void fail_out_of_bounds(ErrorKind kind, int64_t index, int64_t dimension, int64_t size) {
  fail(kind, "index ", index, " is out of bounds for dimension ", dimension, " with size ", size);
}

template <class T>
void add_offsets(const Tensor& index, int64_t size, int64_t stride, int64_t dimension,
                 const Tensor& offsets) {
  cpu::Iteration<2> iteration({&offsets, &index});
  iteration.run([&](auto& data, int64_t count, auto& strides) {
    int64_t* to = reinterpret_cast<int64_t*>(data[0]);
    const T* from = reinterpret_cast<const T*>(data[1]);
    for (int64_t i = 0; i < count; ++i) {
      int64_t place = static_cast<int64_t>(from[i * strides[1]]);
      if (place < -size || place >= size) fail_out_of_bounds(ErrorKind::index, place, dimension, size);
      to[i * strides[0]] += (place < 0 ? place + size : place) * stride;
    }
  });
}

void add_index_offsets_on_cpu(const Tensor& index, int64_t size, int64_t stride, int64_t dimension,
                              const Tensor& offsets) {
  switch (index.dtype()) {
    case DType::int64:
      return add_offsets<int64_t>(index, size, stride, dimension, offsets);
    case DType::int32:
      return add_offsets<int32_t>(index, size, stride, dimension, offsets);
    default: {
      Tensor converted = new_tensor(index.sizes(), DType::int64);
      kernels::copy(index.device(), index, converted);
      return add_offsets<int64_t>(converted, size, stride, dimension, offsets);
    }
  }
}

// Steps through all positions of `sizes` and keeps the offset under `strides`, `skipped` dim apart.
class Odometer {
 public:
  Odometer(const Shape& sizes, const Shape& strides)
      : sizes_(sizes), strides_(strides), index_(sizes.size(), 0) {}
  int64_t offset() const { return offset_; }
  void advance() {
    for (size_t dim = sizes_.size(); dim-- > 0;) {
      offset_ += strides_[dim];
      if (++index_[dim] < sizes_[dim]) return;
      offset_ -= strides_[dim] * sizes_[dim];
      index_[dim] = 0;
    }
  }

 private:
  const Shape& sizes_;
  const Shape& strides_;
  Shape index_;
  int64_t offset_ = 0;
};

// The offsets of one row of an index; `base` is where its positions lie but for `dim`.
struct RowOfIndex {
  int64_t dim, size, stride;  // the tensor's, along `dim`
  int64_t index_step, base_step;

  void run(const int64_t* index, int64_t base, int64_t count, int64_t* offsets) const {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t place = index[i * index_step];
      if (place < 0 || place >= size) fail_out_of_bounds(ErrorKind::runtime, place, dim, size);
      offsets[i] = base + i * base_step + place * stride;
    }
  }
};

void gather_offsets_on_cpu(const Tensor& index, int64_t dim, const Shape& sizes, const Shape& strides,
                           const Tensor& offsets) {
  Shape other_strides = strides, outer = index.sizes();
  RowOfIndex row{dim, 1, 0, 0, 0};
  if (!sizes.empty()) {
    row.size = sizes[dim];
    row.stride = strides[dim];
    other_strides[dim] = 0;
  }
  other_strides.resize(outer.size(), 0);
  int64_t length = 1;
  if (!outer.empty()) {
    length = outer.back();
    row.index_step = index.strides().back();
    row.base_step = other_strides.back();
    outer.pop_back();
  }
  const int64_t* from = index.data<int64_t>();
  int64_t* to = offsets.data<int64_t>();
  if (outer.empty()) {
    parallel_for(0, length, cpu::elementwise_grain, [&](int64_t begin, int64_t end) {
      row.run(from + begin * row.index_step, begin * row.base_step, end - begin, to + begin);
    });
    return;
  }
  const int64_t rows = count_elements(outer);
  Odometer target(outer, other_strides), source(outer, index.strides());
  for (int64_t i = 0; i < rows; ++i, target.advance(), source.advance())
    row.run(from + source.offset(), target.offset(), length, to + i * length);
}

// The remaining dims of a take or put as runs of elements that are adjacent on both sides.
struct Runs {
  std::vector<int64_t> first, second;  // where each run begins
  int64_t length = 1;

  Runs(const Shape& sizes, const Shape& first_strides, const Shape& second_strides) {
    Shape outer = sizes;
    while (!outer.empty()) {
      size_t dim = outer.size() - 1;
      bool adjacent = outer[dim] == 1 || (first_strides[dim] == length && second_strides[dim] == length);
      if (!adjacent) break;
      length *= outer[dim];
      outer.pop_back();
    }
    int64_t count = count_elements(outer);
    Odometer one(outer, first_strides), other(outer, second_strides);
    for (int64_t i = 0; i < count; ++i, one.advance(), other.advance()) {
      first.push_back(one.offset());
      second.push_back(other.offset());
    }
  }
};

template <class Element>
void copy_runs(const char* source, char* target, const std::vector<int64_t>& from,
               const std::vector<int64_t>& to, int64_t length) {
  const Element* read = reinterpret_cast<const Element*>(source);
  Element* write = reinterpret_cast<Element*>(target);
  for (size_t run = 0; run < from.size(); ++run) {
    if (length == 1)
      write[to[run]] = read[from[run]];
    else
      std::memcpy(write + to[run], read + from[run], static_cast<size_t>(length) * sizeof(Element));
  }
}

struct SixteenBytes {
  uint64_t low, high;
};

using CopyRuns = void (*)(const char*, char*, const std::vector<int64_t>&, const std::vector<int64_t>&,
                          int64_t);

// target[i] = source[places[i]]
template <class Element>
void take_elements(const char* source, const int64_t* places, int64_t count, char* target) {
  const Element* read = reinterpret_cast<const Element*>(source);
  Element* write = reinterpret_cast<Element*>(target);
  for (int64_t i = 0; i < count; ++i) write[i] = read[places[i]];
}

using TakeElements = void (*)(const char*, const int64_t*, int64_t, char*);

// body.operator()<Element>() for a type of so many bytes; what elements mean does not matter where they move.
template <class Body>
auto with_element_of(size_t item, Body&& body) {
  switch (item) {
    case 1:
      return body.template operator()<uint8_t>();
    case 2:
      return body.template operator()<uint16_t>();
    case 4:
      return body.template operator()<uint32_t>();
    case 8:
      return body.template operator()<uint64_t>();
    default:
      return body.template operator()<SixteenBytes>();
  }
}
CopyRuns copy_runs_of(size_t item) {
  return with_element_of(item, []<class Element>() -> CopyRuns { return copy_runs<Element>; });
}
TakeElements take_elements_of(size_t item) {
  return with_element_of(item, []<class Element>() -> TakeElements { return take_elements<Element>; });
}

// The last `count` entries.
Shape tail(const Shape& shape, size_t count) { return Shape(shape.end() - count, shape.end()); }

void take_on_cpu(const Tensor& input, const Tensor& offsets, const Tensor& output) {
  if (output.numel() == 0) return;
  if (!output.is_contiguous()) {
    Tensor contiguous = new_tensor(output.sizes(), output.dtype());
    take_on_cpu(input, offsets, contiguous);
    return kernels::copy(output.device(), contiguous, output);
  }
  const int64_t block = input.numel(), item = static_cast<int64_t>(item_size(input.dtype()));
  const int64_t* places = offsets.data<int64_t>();
  const char* from = input.data<char>();
  char* to = output.data<char>();
  if (block == 1) {
    const TakeElements take = take_elements_of(static_cast<size_t>(item));
    parallel_for(0, offsets.numel(), cpu::elementwise_grain, [&](int64_t begin, int64_t end) {
      take(from, places + begin, end - begin, to + begin * item);
    });
    return;
  }
  const Runs runs(input.sizes(), input.strides(), tail(output.strides(), input.sizes().size()));
  const CopyRuns copy = copy_runs_of(static_cast<size_t>(item));
  parallel_for(0, offsets.numel(), std::max<int64_t>(cpu::elementwise_grain / block, 1),
               [&](int64_t begin, int64_t end) {
                 for (int64_t i = begin; i < end; ++i)
                   copy(from + places[i] * item, to + i * block * item, runs.first, runs.second, runs.length);
               });
}

template <Fold fold, class V>
V folded(V value, V element) {
  if constexpr (fold == Fold::sum) {
    return static_cast<V>(value + element);
  } else if constexpr (fold == Fold::product) {
    return static_cast<V>(value * element);
  } else {
    if (value != value) return value;
    if constexpr (fold == Fold::maximum) return element != element || element > value ? element : value;
    return element != element || element < value ? element : value;
  }
}

template <Fold fold, class T>
T folded_element(T value, T element) {
  constexpr bool adds_or_multiplies = fold == Fold::sum || fold == Fold::product;
  if constexpr (std::is_same_v<T, bool>)
    return fold == Fold::sum || fold == Fold::maximum ? value || element : value && element;
  else if constexpr (std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>)
    return T(folded<fold>(static_cast<float>(value), static_cast<float>(element)));
  else if constexpr (std::is_integral_v<T> && adds_or_multiplies)
    return static_cast<T>(folded<fold>(static_cast<uint64_t>(value), static_cast<uint64_t>(element)));
  else if constexpr (std::is_convertible_v<T, double> || adds_or_multiplies)
    return folded<fold>(value, element);
  else
    return value;  // complex numbers have no order: refused before
}

template <Fold fold, class T>
void fold_runs(const char* source, char* target, const Runs& runs) {
  const T* from = reinterpret_cast<const T*>(source);
  T* to = reinterpret_cast<T*>(target);
  for (size_t run = 0; run < runs.first.size(); ++run)
    for (int64_t i = 0; i < runs.length; ++i) {
      T& value = to[runs.second[run] + i];
      value = folded_element<fold>(value, from[runs.first[run] + i]);
    }
}

template <class T>
auto fold_runs_of(Fold fold) {
  switch (fold) {
    case Fold::product:
      return fold_runs<Fold::product, T>;
    case Fold::maximum:
      return fold_runs<Fold::maximum, T>;
    case Fold::minimum:
      return fold_runs<Fold::minimum, T>;
    default:
      return fold_runs<Fold::sum, T>;
  }
}

void put_on_cpu(const Tensor& source, const Tensor& offsets, const Tensor& target, std::optional<Fold> fold) {
  if (source.numel() == 0) return;
  if (!source.is_contiguous()) {
    Tensor contiguous = new_tensor(source.sizes(), source.dtype());
    kernels::copy(source.device(), source, contiguous);
    return put_on_cpu(contiguous, offsets, target, fold);
  }
  const Runs runs(target.sizes(), tail(source.strides(), target.sizes().size()), target.strides());
  const int64_t block = target.numel(), item = static_cast<int64_t>(item_size(target.dtype()));
  const int64_t* places = offsets.data<int64_t>();
  const char* from = source.data<char>();
  char* to = target.data<char>();
  if (fold) {
    visit(target.dtype(), [&]<class T>() {
      const auto fold_in = fold_runs_of<T>(*fold);
      for (int64_t i = 0; i < offsets.numel(); ++i)
        fold_in(from + i * block * item, to + places[i] * item, runs);
    });
    return;
  }
  const CopyRuns copy = copy_runs_of(static_cast<size_t>(item));
  for (int64_t i = 0; i < offsets.numel(); ++i)
    copy(from + i * block * item, to + places[i] * item, runs.first, runs.second, runs.length);
}

// Calls body(i, offset) for every element that is not zero; i counts in the order of positions.
template <class Body>
void for_each_nonzero(const Tensor& input, Body&& body) {
  visit(input.dtype(), [&]<class T>() {
    const T* data = input.data<T>();
    Odometer odometer(input.sizes(), input.strides());
    for (int64_t i = 0; i < input.numel(); ++i, odometer.advance())
      if (data[odometer.offset()] != T(0)) body(i);
  });
}

// Contiguous elements are counted and looked for in chunks, which threads share.
constexpr int64_t searched_chunk = 65536;

template <class T>
std::vector<int64_t> nonzero_counts_of_chunks(const T* data, int64_t count) {
  std::vector<int64_t> counts(static_cast<size_t>(cpu::ceil_divide(count, searched_chunk)));
  parallel_for(0, static_cast<int64_t>(counts.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t chunk = begin; chunk < end; ++chunk) {
      const int64_t last = std::min((chunk + 1) * searched_chunk, count);
      int64_t found = 0;
      for (int64_t i = chunk * searched_chunk; i < last; ++i) found += data[i] != T(0);
      counts[static_cast<size_t>(chunk)] = found;
    }
  });
  return counts;
}

void count_nonzero_on_cpu(const Tensor& input, int64_t& count) {
  count = 0;
  if (!input.is_contiguous()) return for_each_nonzero(input, [&](int64_t) { ++count; });
  visit(input.dtype(), [&]<class T>() {
    for (int64_t part : nonzero_counts_of_chunks(input.data<T>(), input.numel())) count += part;
  });
}

// The indices of the element at a flat position.
void write_indices(int64_t position, const Shape& sizes, int64_t* indices) {
  for (size_t dim = sizes.size(); dim-- > 0;) {
    indices[dim] = position % sizes[dim];
    position /= sizes[dim];
  }
}

// Writes the flat positions of the `count` elements from `begin` to `end` that are not zero; without a
// branch, which random elements would mispredict.
template <class T>
void write_nonzero(const T* data, int64_t begin, int64_t end, int64_t count, int64_t* positions) {
  int64_t found = 0;
  for (int64_t i = begin; found < count && i < end; ++i) {
    positions[found] = i;
    found += data[i] != T(0);
  }
}

// Fills `flat` (contiguous, as many as were counted) with the flat positions of what is not zero in `data`.
template <class T>
void find_nonzero(const T* data, int64_t count, const Tensor& flat) {
  std::vector<int64_t> counts = nonzero_counts_of_chunks(data, count), starts = counts;
  std::exclusive_scan(counts.begin(), counts.end(), starts.begin(), int64_t{0});
  int64_t total = counts.empty() ? 0 : starts.back() + counts.back();
  check(total == flat.numel(), "a tensor was written while its nonzero elements were looked for");
  int64_t* to = flat.data<int64_t>();
  parallel_for(0, static_cast<int64_t>(counts.size()), 1, [&](int64_t begin, int64_t end) {
    for (auto chunk = static_cast<size_t>(begin); chunk < static_cast<size_t>(end); ++chunk) {
      int64_t first = static_cast<int64_t>(chunk) * searched_chunk;
      write_nonzero(data, first, std::min(first + searched_chunk, count), counts[chunk], to + starts[chunk]);
    }
  });
}

void nonzero_on_cpu(const Tensor& input, const Tensor& positions) {
  const Shape& sizes = input.sizes();
  const auto rank = static_cast<int64_t>(sizes.size());
  int64_t* to = positions.data<int64_t>();
  if (!input.is_contiguous())
    return for_each_nonzero(input, [&](int64_t position) {
      write_indices(position, sizes, to);
      to += rank;
    });
  Tensor flat = rank == 1 ? positions : new_tensor({positions.sizes()[0]}, DType::int64);
  visit(input.dtype(), [&]<class T>() { find_nonzero(input.data<T>(), input.numel(), flat); });
  if (rank == 1) return;
  const int64_t* from = flat.data<int64_t>();
  parallel_for(0, flat.numel(), searched_chunk, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) write_indices(from[i], sizes, to + i * rank);
  });
}

const Implement implement_add_index_offsets(kernels::add_index_offsets, DeviceKind::cpu,
                                            add_index_offsets_on_cpu);
const Implement implement_gather_offsets(kernels::gather_offsets, DeviceKind::cpu, gather_offsets_on_cpu);
const Implement implement_take(kernels::take, DeviceKind::cpu, take_on_cpu);
const Implement implement_put(kernels::put, DeviceKind::cpu, put_on_cpu);
const Implement implement_count_nonzero(kernels::count_nonzero, DeviceKind::cpu, count_nonzero_on_cpu);
const Implement implement_nonzero(kernels::nonzero, DeviceKind::cpu, nonzero_on_cpu);

}  // namespace
}  // namespace lampas
