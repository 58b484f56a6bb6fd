// Reductions over any dims on the CPU: turned into folds of rows or of columns, shared among threads.
#include "core/kernels/reduction.h"

#include <algorithm>

#include "core/kernels/copy.h"
#include "core/kernels/cpu/iteration.h"
#include "core/kernels/cpu/reduction_loops.h"

namespace lampas {
namespace {

// A long fold is cut into runs of this length whatever the number of threads, so that the sum of a tensor
// does not depend on them.
constexpr int64_t run_length = 32768;

// One dim, or several that lie behind each other: its steps in the input and in the output.
struct Dim {
  int64_t size;
  int64_t stride;
  int64_t output_stride;
};
using Dims = SmallVector<Dim, 5>;

// Longest step first; dims that one longer dim can stand for are merged.
Dims ordered(Dims dims) {
  std::stable_sort(dims.begin(), dims.end(),
                   [](const Dim& left, const Dim& right) { return left.stride > right.stride; });
  Dims merged;
  for (const Dim& dim : dims) {
    if (dim.size == 1) continue;
    if (!merged.empty()) {
      Dim& outer = merged.back();
      if (outer.stride == dim.size * dim.stride && outer.output_stride == dim.size * dim.output_stride) {
        outer = {outer.size * dim.size, dim.stride, dim.output_stride};
        continue;
      }
    }
    merged.push_back(dim);
  }
  return merged;
}

int64_t count_of(const Dims& dims) {
  int64_t count = 1;
  for (const Dim& dim : dims) count *= dim.size;
  return count;
}

// Steps of a contiguous result over `dims`, the last one fastest.
void make_output_contiguous(Dims& dims) {
  int64_t step = 1;
  for (size_t i = dims.size(); i-- > 0;) {
    dims[i].output_stride = step;
    step *= dims[i].size;
  }
}

// Calls body(input offset, output offset) for every index of all dims but the last one, in parallel.
template <class Body>
void for_each_outer(const Dims& dims, size_t outer_dims, int64_t grain, Body&& body) {
  int64_t total = 1;
  for (size_t i = 0; i < outer_dims; ++i) total *= dims[i].size;
  parallel_for(0, total, std::max<int64_t>(grain, 1), [&](int64_t begin, int64_t end) {
    for (int64_t position = begin; position < end; ++position) {
      int64_t rest = position, input = 0, output = 0;
      for (size_t i = outer_dims; i-- > 0;) {
        int64_t index = rest % dims[i].size;
        rest /= dims[i].size;
        input += index * dims[i].stride;
        output += index * dims[i].output_stride;
      }
      body(input, output);
    }
  });
}

// Folds `folded` away; what is `kept` is written at its output strides.
class Folding {
 public:
  Folding(Fold fold, DType dtype)
      : fold_(fold),
        dtype_(dtype),
        item_(static_cast<int64_t>(item_size(dtype))),
        output_item_(static_cast<int64_t>(item_size(kernels::fold_dtype(fold, dtype)))),
        rows_(cpu::fold_rows(fold, dtype)),
        columns_(cpu::fold_columns(fold, dtype)) {
    if (!rows_ || !columns_)
      fail(ErrorKind::not_implemented, "\"", fold == Fold::maximum ? "max" : "min",
           "_all\" not implemented for '", scalar_type_name(dtype), "'");
  }

  // One contiguous row to one value.
  void run_row(const char* input, char* output, int64_t length) const {
    rows_(input, output, 1, length, length, 1, 1);
  }

  void run(const char* input, char* output, const Dims& kept, const Dims& folded) const {
    if (folded.size() > 1) return run_in_two_steps(input, output, kept, folded, folded.size() - 1);
    Dim only = folded.empty() ? Dim{1, 1, 0} : folded[0];
    int64_t width = kept.empty() ? 1 : kept.back().size;
    bool by_columns = !kept.empty() && kept.back().stride == 1 && kept.back().output_stride == 1 &&
                      only.stride > 1 && width > 1;
    // Few results from much: cut the fold into runs, which threads can share.
    if (only.size >= 2 * run_length && count_of(kept) < 64) {
      int64_t runs = only.size / run_length, rest = only.size % run_length;
      if (rest == 0) {
        Dims cut{{runs, run_length * only.stride, 0}, {run_length, only.stride, 0}};
        return run_in_two_steps(input, output, kept, cut, 1);
      }
      return run_with_rest(input, output, kept, only, runs * run_length);
    }
    if (by_columns)
      run_by_columns(input, output, kept, only);
    else
      run_by_rows(input, output, kept, only);
  }

 private:
  // Folds the dim `first` into a temporary, and that over the other dims.
  void run_in_two_steps(const char* input, char* output, const Dims& kept, const Dims& folded,
                        size_t first) const {
    Dims remaining;  // of the first step
    for (const Dim& dim : kept) remaining.push_back(dim);
    for (size_t i = 0; i < folded.size(); ++i)
      if (i != first) remaining.push_back(folded[i]);
    make_output_contiguous(remaining);
    DType partial_dtype = kernels::fold_dtype(fold_, dtype_);
    Tensor partial = new_tensor({count_of(remaining)}, partial_dtype);
    Dims second_kept = kept, second_folded;
    for (size_t i = 0; i < remaining.size(); ++i) {
      Dim dim = remaining[i];
      dim.stride = dim.output_stride;
      if (i < kept.size())
        second_kept[i].stride = dim.stride;
      else
        second_folded.push_back(dim);
    }
    run(input, partial.data<char>(), ordered(remaining), {folded[first]});
    Folding(fold_of_parts(fold_), partial_dtype)
        .run(partial.data<char>(), output, ordered(second_kept), second_folded);
  }

  // The first `length` elements of a dim and those behind them are folded apart.
  void run_with_rest(const char* input, char* output, const Dims& kept, const Dim& only,
                     int64_t length) const {
    Dims parts = kept;
    make_output_contiguous(parts);
    DType partial_dtype = kernels::fold_dtype(fold_, dtype_);
    int64_t count = count_of(kept);
    Tensor partial = new_tensor({2, count}, partial_dtype);
    char* first = partial.data<char>();
    run(input, first, ordered(parts), {{length, only.stride, 0}});
    run(input + length * only.stride * item_, first + count * output_item_, ordered(parts),
        {{only.size - length, only.stride, 0}});
    Dims joined = kept;
    for (size_t i = 0; i < kept.size(); ++i) joined[i].stride = parts[i].output_stride;
    Folding(fold_of_parts(fold_), partial_dtype).run(first, output, ordered(joined), {{2, count, 0}});
  }

  void run_by_rows(const char* input, char* output, const Dims& kept, const Dim& only) const {
    size_t outer = kept.empty() ? 0 : kept.size() - 1;
    Dim row = kept.empty() ? Dim{1, 0, 1} : kept.back();
    int64_t grain = cpu::elementwise_grain / std::max<int64_t>(only.size, 1);
    if (outer == 0) {
      parallel_for(0, row.size, std::max<int64_t>(grain, 1), [&](int64_t begin, int64_t end) {
        rows_(input + begin * row.stride * item_, output + begin * row.output_stride * output_item_,
              end - begin, only.size, row.stride, only.stride, row.output_stride);
      });
      return;
    }
    for_each_outer(kept, outer, grain / row.size, [&](int64_t from, int64_t to) {
      rows_(input + from * item_, output + to * output_item_, row.size, only.size, row.stride, only.stride,
            row.output_stride);
    });
  }

  void run_by_columns(const char* input, char* output, const Dims& kept, const Dim& only) const {
    size_t outer = kept.size() - 1;
    int64_t width = kept.back().size;
    int64_t grain = cpu::elementwise_grain / std::max<int64_t>(only.size, 1);
    if (outer == 0) {
      parallel_for(0, width, std::max<int64_t>(grain, 64), [&](int64_t begin, int64_t end) {
        columns_(input + begin * item_, output + begin * output_item_, only.size, end - begin, only.stride);
      });
      return;
    }
    for_each_outer(kept, outer, grain / width, [&](int64_t from, int64_t to) {
      columns_(input + from * item_, output + to * output_item_, only.size, width, only.stride);
    });
  }

  Fold fold_;
  DType dtype_;
  int64_t item_, output_item_;
  FoldRows rows_;
  FoldColumns columns_;
};

void fold_on_cpu(Fold fold, const Tensor& input, uint64_t mask, const Tensor& output) {
  if (output.numel() == 0) return;
  Folding folding(fold, input.dtype());
  if (output.numel() == 1 && input.is_contiguous() && input.numel() < run_length)
    return folding.run_row(input.data<char>(), output.data<char>(), input.numel());
  Dims kept, folded;
  bool keepdim = output.dim() == input.dim();
  size_t next = 0;
  for (int64_t dim = 0; dim < input.dim(); ++dim) {
    int64_t size = input.sizes()[dim], stride = input.strides()[dim];
    bool goes = mask >> dim & 1;
    if (goes)
      folded.push_back({size, stride, 0});
    else
      kept.push_back({size, stride, output.strides()[keepdim ? static_cast<size_t>(dim) : next]});
    next += !goes;
  }
  folded = ordered(std::move(folded));
  if (input.numel() == 0) folded = {{0, 1, 0}};
  folding.run(input.data<char>(), output.data<char>(), ordered(kept), folded);
}

// One tensor for both results that the loops can write: contiguous, or a temporary that is copied.
Tensor contiguous_result(const Tensor& result) {
  if (!result.defined() || result.is_contiguous()) return result;
  return new_tensor(result.sizes(), result.dtype());
}

void extreme_on_cpu(bool largest, const Tensor& input, int64_t dim, const Tensor& values,
                    const Tensor& indices) {
  if (indices.numel() == 0) return;
  DType dtype = input.dtype();
  ExtremeOfRows by_rows = largest ? cpu::maximum_of_rows(dtype) : cpu::minimum_of_rows(dtype);
  ExtremeOfColumns by_columns = largest ? cpu::maximum_of_columns(dtype) : cpu::minimum_of_columns(dtype);
  if (!by_rows || !by_columns)
    fail(ErrorKind::not_implemented, "\"", largest ? "max" : "min", "\" not implemented for '",
         scalar_type_name(dtype), "'");
  Dim along = input.dim() == 0 ? Dim{1, 1, 0} : Dim{input.sizes()[dim], input.strides()[dim], 0};
  Dims others;
  for (int64_t i = 0; i < input.dim(); ++i)
    if (i != dim && input.sizes()[i] != 1) others.push_back({input.sizes()[i], input.strides()[i], 0});
  if (others.empty()) others.push_back({1, 0, 0});
  make_output_contiguous(others);

  Tensor written_values = contiguous_result(values), written_indices = contiguous_result(indices);
  const char* from = input.data<char>();
  char* to_values = values.defined() ? written_values.data<char>() : nullptr;
  int64_t* to_indices = written_indices.data<int64_t>();
  int64_t item = static_cast<int64_t>(item_size(dtype));
  const Dim& row = others.back();
  bool columns = row.stride == 1 && row.size > 1 && along.stride > 1;
  int64_t grain = cpu::elementwise_grain / std::max<int64_t>(along.size * row.size, 1);
  auto run = [&](int64_t input_offset, int64_t output_offset, int64_t count) {
    const char* source = from + input_offset * item;
    char* target = to_values ? to_values + output_offset * item : nullptr;
    if (columns)
      by_columns(source, target, to_indices + output_offset, along.size, count, along.stride);
    else
      by_rows(source, target, to_indices + output_offset, count, along.size, row.stride, along.stride);
  };
  if (others.size() > 1) {
    for_each_outer(others, others.size() - 1, grain, [&](int64_t input_offset, int64_t output_offset) {
      run(input_offset, output_offset, row.size);
    });
  } else {
    int64_t row_grain = std::max<int64_t>(cpu::elementwise_grain / along.size, 1);
    parallel_for(0, row.size, row_grain,
                 [&](int64_t begin, int64_t end) { run(begin * row.stride, begin, end - begin); });
  }
  if (values.defined() && !values.is_contiguous()) kernels::copy(values.device(), written_values, values);
  if (!indices.is_contiguous()) kernels::copy(indices.device(), written_indices, indices);
}

const Implement implement_fold(kernels::fold, DeviceKind::cpu, fold_on_cpu);
const Implement implement_extreme(kernels::extreme, DeviceKind::cpu, extreme_on_cpu);

}  // namespace
}  // namespace lampas
