// Sorting and selecting on the CPU: each line as (key, index) entries, where keys are unsigned integers in
// the order of the numbers.
#include "core/kernels/ordering.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/kernels/cpu/iteration.h"
#include "core/kernels/cpu/order_keys.h"

namespace lampas {
namespace {

template <class Key, class Index>
struct Entry {
  Key key;
  Index index;
};

template <class AnyEntry>
bool less_key(const AnyEntry& left, const AnyEntry& right) {
  return left.key < right.key;
}

// Lines shorter than this are sorted by comparisons.
constexpr int64_t radix_length = 384;
constexpr int digit_bits = 8;
constexpr int64_t digits = 1 << digit_bits;

// One digit after the other, the lowest first; each pass keeps the order of equal digits. Passes in which all
// keys have one digit are left out. `spare` has the length of `entries`.
template <class AnyEntry>
void radix_sort(std::vector<AnyEntry>& entries, std::vector<AnyEntry>& spare) {
  using Key = decltype(AnyEntry::key);
  constexpr int passes = static_cast<int>(sizeof(Key)) * 8 / digit_bits;
  std::array<std::array<int64_t, digits>, passes> counts{};
  for (const AnyEntry& entry : entries)
    for (int pass = 0; pass < passes; ++pass) ++counts[pass][entry.key >> pass * digit_bits & (digits - 1)];
  const int64_t total = static_cast<int64_t>(entries.size());
  for (int pass = 0; pass < passes; ++pass) {
    std::array<int64_t, digits>& places = counts[pass];
    if (places[entries[0].key >> pass * digit_bits & (digits - 1)] == total) continue;
    int64_t next = 0;
    for (int64_t& place : places) next += std::exchange(place, next);
    for (const AnyEntry& entry : entries)
      spare[static_cast<size_t>(places[entry.key >> pass * digit_bits & (digits - 1)]++)] = entry;
    entries.swap(spare);
  }
}

template <class AnyEntry>
void stable_sort(std::vector<AnyEntry>& entries, std::vector<AnyEntry>& spare) {
  if (static_cast<int64_t>(entries.size()) >= radix_length) {
    spare.resize(entries.size());
    return radix_sort(entries, spare);
  }
  std::sort(entries.begin(), entries.end(), [](const AnyEntry& left, const AnyEntry& right) {
    return left.key != right.key ? left.key < right.key : left.index < right.index;
  });
}

// One line of a tensor: where it begins, its length, its step; counted in elements.
struct Line {
  int64_t offset;
  int64_t length;
  int64_t step;
};

Line line_of(const Tensor& tensor, int64_t dim, int64_t number) {
  if (tensor.dim() == 0) return {0, 1, 1};
  int64_t offset = 0;
  for (int64_t i = tensor.dim() - 1; i >= 0; --i) {
    if (i == dim) continue;
    offset += number % tensor.sizes()[i] * tensor.strides()[i];
    number /= tensor.sizes()[i];
  }
  return {offset, tensor.sizes()[dim], tensor.strides()[dim]};
}

template <class AnyEntry>
struct Workspace {
  std::vector<AnyEntry> entries, spare;
};

// Orders each line of `input` by body(workspace) and writes the first entries it leaves to the lines of
// `values` and `indices`. `falling`: keys are turned round, so that the greatest number comes first.
template <class AnyEntry, class T, class Body>
void for_each_line(const Tensor& input, int64_t dim, bool falling, const Tensor& values,
                   const Tensor& indices, Body&& body) {
  using Key = decltype(AnyEntry::key);
  using Index = decltype(AnyEntry::index);
  const T* from = input.data<T>();
  T* to_values = values.data<T>();
  int64_t* to_indices = indices.data<int64_t>();
  const int64_t length = line_of(input, dim, 0).length;
  const int64_t lines = input.numel() / length;
  const int64_t grain = std::max<int64_t>(1, cpu::elementwise_grain / (16 * length));
  parallel_for(0, lines, grain, [&](int64_t begin, int64_t end) {
    Workspace<AnyEntry> workspace;
    for (int64_t number = begin; number < end; ++number) {
      const Line source = line_of(input, dim, number);
      workspace.entries.resize(static_cast<size_t>(length));
      for (int64_t i = 0; i < length; ++i) {
        const Key key = cpu::order_key<Key>(from[source.offset + i * source.step]);
        workspace.entries[static_cast<size_t>(i)] = {falling ? static_cast<Key>(~key) : key,
                                                     static_cast<Index>(i)};
      }
      body(workspace);
      const Line value_line = line_of(values, dim, number), index_line = line_of(indices, dim, number);
      for (int64_t i = 0; i < value_line.length; ++i) {
        const int64_t index = static_cast<int64_t>(workspace.entries[static_cast<size_t>(i)].index);
        to_values[value_line.offset + i * value_line.step] = from[source.offset + index * source.step];
        to_indices[index_line.offset + i * index_line.step] = index;
      }
    }
  });
}

// Calls body.operator()<Entry, T>() with the entry that the dtype and the length of the lines need.
template <class Body>
void visit_entries(const char* name, DType dtype, int64_t length, Body&& body) {
  if (is_complex(dtype))
    fail(ErrorKind::not_implemented, "\"", name, "\" not implemented for '", scalar_type_name(dtype), "'");
  visit(dtype, [&]<class T>() {
    if constexpr (std::is_convertible_v<T, double>) {
      if constexpr (sizeof(T) == 8) {
        body.template operator()<Entry<uint64_t, int64_t>, T>();
      } else {
        check(length <= std::numeric_limits<uint32_t>::max(), name, "(): a dim of ", length,
              " elements is too long for this dtype");
        body.template operator()<Entry<uint32_t, uint32_t>, T>();
      }
    }
  });
}

int64_t length_of(const Tensor& tensor, int64_t dim) { return tensor.dim() == 0 ? 1 : tensor.sizes()[dim]; }

void sort_on_cpu(const Tensor& input, int64_t dim, bool descending, const Tensor& values,
                 const Tensor& indices) {
  if (input.numel() == 0) return;
  visit_entries("sort", input.dtype(), length_of(input, dim), [&]<class AnyEntry, class T>() {
    for_each_line<AnyEntry, T>(input, dim, descending, values, indices, [](Workspace<AnyEntry>& workspace) {
      stable_sort(workspace.entries, workspace.spare);
    });
  });
}

// For few of many the heap of partial_sort is faster than a selection and a sort. Both leave equal elements
// in an order of their own, which is PyTorch's where the standard library is the same.
constexpr int64_t few = 64;

void topk_on_cpu(const Tensor& input, int64_t k, int64_t dim, bool largest, bool sorted, const Tensor& values,
                 const Tensor& indices) {
  if (values.numel() == 0) return;
  const int64_t length = length_of(input, dim);
  visit_entries("topk", input.dtype(), length, [&]<class AnyEntry, class T>() {
    for_each_line<AnyEntry, T>(input, dim, largest, values, indices, [&](Workspace<AnyEntry>& workspace) {
      const auto first = workspace.entries.begin(), last = workspace.entries.end();
      if (k * few <= length) return std::partial_sort(first, first + k, last, less_key<AnyEntry>);
      std::nth_element(first, first + k - 1, last, less_key<AnyEntry>);
      if (sorted) std::sort(first, first + k - 1, less_key<AnyEntry>);
    });
  });
}

// The entry that ends the longest stretch of equal keys among ordered ones; of several, the first stretch's.
// A NaN equals nothing.
template <class AnyEntry, class IsNan>
AnyEntry most_frequent(const std::vector<AnyEntry>& entries, const IsNan& is_nan) {
  AnyEntry best = entries[0];
  size_t best_count = 0, begin = 0;
  for (size_t i = 0; i < entries.size(); ++i) {
    const bool ends = i + 1 == entries.size() || entries[i].key != entries[i + 1].key || is_nan(entries[i]);
    if (!ends) continue;
    if (i + 1 - begin > best_count) {
      best_count = i + 1 - begin;
      best = entries[i];
    }
    begin = i + 1;
  }
  return best;
}

// Brings the entry that is wanted to the front.
template <class AnyEntry>
void pick_entry(kernels::Pick pick, int64_t k, bool has_nan, std::vector<AnyEntry>& entries) {
  using Key = decltype(AnyEntry::key);
  const auto is_nan = [has_nan](const AnyEntry& entry) {
    return has_nan && entry.key == std::numeric_limits<Key>::max();
  };
  const auto first = entries.begin(), last = entries.end();
  int64_t count = static_cast<int64_t>(entries.size());
  if (pick == kernels::Pick::mode) {
    std::sort(first, last, less_key<AnyEntry>);
    entries[0] = most_frequent(entries, is_nan);
    return;
  }
  if (pick == kernels::Pick::median) {
    const auto nan = std::find_if(first, last, is_nan);
    if (nan != last) {
      entries[0] = *nan;
      return;
    }
  }
  if (pick == kernels::Pick::nanmedian) count -= std::count_if(first, last, is_nan);
  const auto wanted = first + (pick == kernels::Pick::kth ? k : std::max<int64_t>(count - 1, 0) / 2);
  std::nth_element(first, wanted, last, less_key<AnyEntry>);
  entries[0] = *wanted;
}

void pick_on_cpu(kernels::Pick pick, const Tensor& input, int64_t k, int64_t dim, const Tensor& values,
                 const Tensor& indices) {
  if (values.numel() == 0) return;
  const char* name = pick == kernels::Pick::kth    ? "kthvalue_cpu"
                     : pick == kernels::Pick::mode ? "mode"
                                                   : "median_out";
  visit_entries(name, input.dtype(), length_of(input, dim), [&]<class AnyEntry, class T>() {
    const bool has_nan = !std::is_integral_v<T>;
    for_each_line<AnyEntry, T>(input, dim, false, values, indices, [&](Workspace<AnyEntry>& workspace) {
      pick_entry(pick, k, has_nan, workspace.entries);
    });
  });
}

void order_rows_on_cpu(const Tensor& rows, const Tensor& order) {
  const int64_t count = rows.sizes()[0], width = rows.sizes()[1];
  int64_t* to = order.data<int64_t>();
  for (int64_t i = 0; i < count; ++i) to[i] = i;
  if (rows.numel() == 0) return;
  visit_entries("unique_dim", rows.dtype(), width, [&]<class AnyEntry, class T>() {
    using Key = decltype(AnyEntry::key);
    const T* from = rows.data<T>();
    std::vector<Key> keys(static_cast<size_t>(count * width));
    for (int64_t row = 0; row < count; ++row)
      for (int64_t column = 0; column < width; ++column)
        keys[static_cast<size_t>(row * width + column)] =
            cpu::order_key<Key>(from[row * rows.strides()[0] + column * rows.strides()[1]]);
    std::stable_sort(to, to + count, [&](int64_t left, int64_t right) {
      const Key *one = keys.data() + left * width, *other = keys.data() + right * width;
      return std::lexicographical_compare(one, one + width, other, other + width);
    });
  });
}

// How many of the boundaries lie before the value; `at(i)` is the i-th.
template <class T, class At>
int64_t place_of(T value, int64_t count, bool right, const At& at) {
  int64_t low = 0, high = count;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    const T boundary = at(middle);
    const bool stops = right ? boundary > value : boundary >= value;
    if (stops)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

void search_sorted_on_cpu(const Tensor& boundaries, const Tensor& values, const Tensor& sorter, bool right,
                          const Tensor& places) {
  if (values.numel() == 0) return;
  const int64_t count = boundaries.sizes().back();
  const bool shared = boundaries.dim() == 1;
  const int64_t width = values.dim() == 0 ? 1 : values.sizes().back();
  const int64_t* order = sorter.defined() ? sorter.data<int64_t>() : nullptr;
  int64_t* to = places.data<int64_t>();
  visit(values.dtype(), [&]<class T>() {
    if constexpr (std::is_convertible_v<T, double>) {
      const T *from = boundaries.data<T>(), *wanted = values.data<T>();
      parallel_for(0, values.numel(), cpu::elementwise_grain / 16, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const int64_t row = shared ? 0 : i / width * count;
          to[i] =
              order ? place_of(wanted[i], count, right, [&](int64_t k) { return from[row + order[row + k]]; })
                    : place_of(wanted[i], count, right, [&](int64_t k) { return from[row + k]; });
        }
      });
    } else {
      fail(ErrorKind::not_implemented, "\"searchsorted_out_cpu\" not implemented for '",
           scalar_type_name(values.dtype()), "'");
    }
  });
}

const Implement implement_sort(kernels::sort, DeviceKind::cpu, sort_on_cpu);
const Implement implement_topk(kernels::topk, DeviceKind::cpu, topk_on_cpu);
const Implement implement_pick(kernels::pick, DeviceKind::cpu, pick_on_cpu);
const Implement implement_order_rows(kernels::order_rows, DeviceKind::cpu, order_rows_on_cpu);
const Implement implement_search_sorted(kernels::search_sorted, DeviceKind::cpu, search_sorted_on_cpu);

}  // namespace
}  // namespace lampas
