// The loops that fold rows or columns, and those that find where an extreme element stands.
#include "core/kernels/cpu/vector/reduction.h"

#include "core/kernels/cpu/vector/fold.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

// Apart from fold_row, so that its block does not widen every frame of that recursion.
template <class Operation, class S>
__attribute__((noinline)) typename Computed<S>::Element fold_strided_leaf(const S* source, int64_t count,
                                                                          int64_t stride) {
  S gathered[fold_leaf];
  for (int64_t i = 0; i < count; ++i) gathered[i] = source[i * stride];
  return fold_run<Operation>(gathered, count);
}

// Halves are folded apart (pairwise summation: Higham, "The accuracy of floating point summation", 1993),
// so the error grows with the logarithm of the count.
template <class Operation, bool fetches, class S>
__attribute__((noinline)) typename Computed<S>::Element fold_row(const S* source, int64_t count,
                                                                 int64_t stride) {
  if (count > fold_leaf) {
    const int64_t half = (count / 2 + fold_leaf - 1) / fold_leaf * fold_leaf;
    // One after the other: as arguments of a call the second might be read first, against the memory's order.
    const auto first = fold_row<Operation, fetches>(source, half, stride);
    const auto second = fold_row<Operation, fetches>(source + half * stride, count - half, stride);
    return combine_values<Operation>(first, second);
  }
  return stride == 1 ? fold_run<Operation, fetches>(source, count)
                     : fold_strided_leaf<Operation>(source, count, stride);
}

// From so many elements on, memory is what a fold waits for.
constexpr int64_t fetched_row = 16384;

// As many adjacent runs as a register has lanes, so that lanes are folded once for all of them.
template <class Operation, class S>
LAMPAS_INLINE void fold_runs_together(const S* source, int64_t columns, int64_t row_stride,
                                      typename Computed<S>::Element* target, int64_t output_stride) {
  using V = Computed<S>;
  V totals[V::size];
  for (int64_t row = 0; row < V::size; ++row) {
    totals[row] = fold_run_to_lanes<Operation>(source + row * row_stride, columns);
  }
  V rows[V::size];
  LAMPAS_UNROLL for (int64_t row = 0; row < V::size; ++row) rows[row] = totals[row];
  const V results = fold_lanes_of_rows<Operation, V::size / 2>(rows);
  if (output_stride == 1) return store(results, target);
  for (int64_t row = 0; row < V::size; ++row) target[row * output_stride] = results.native[row];
}

// Up to so many registers long, a row takes no longer to add up than its lanes do.
constexpr int64_t short_row_registers = 8;

template <class Operation, class S>
void fold_rows(const void* input, void* output, int64_t rows, int64_t columns, int64_t row_stride,
               int64_t column_stride, int64_t output_stride) {
  const S* source = (const S*)input;
  auto* target = (typename Computed<S>::Element*)output;
  const bool is_long = columns >= fetched_row && column_stride == 1;
  int64_t row = 0;
  if (column_stride == 1 && columns <= short_row_registers * Computed<S>::size) {
    for (; row + Computed<S>::size <= rows; row += Computed<S>::size) {
      fold_runs_together<Operation>(source + row * row_stride, columns, row_stride,
                                    target + row * output_stride, output_stride);
    }
  }
  for (; row < rows; ++row) {
    const S* first = source + row * row_stride;
    target[row * output_stride] = is_long ? fold_row<Operation, true>(first, columns, column_stride)
                                          : fold_row<Operation, false>(first, columns, column_stride);
  }
}

// Columns are folded in strips narrow enough for the first-level cache.
constexpr int64_t strip_columns = 512;  // whole registers
constexpr int64_t rows_in_order = 256;

// target[column] = target[column] combined with source[column]
template <class Operation, class S>
LAMPAS_INLINE void add_row(const S* source, int64_t columns, typename Computed<S>::Element* target) {
  using V = Computed<S>;
  int64_t column = 0;
  for (; column + V::size <= columns; column += V::size) {
    const V element = Operation::take(V(load(source + column)));
    store(Operation::combine(load(target + column), element), target + column);
  }
  const int64_t rest = columns - column;
  if (rest > 0) {
    const V element = Operation::take(V(load(source + column, rest)));
    store(Operation::combine(load(target + column, rest), element), target + column, rest);
  }
}

// The same for eight rows, which are combined with each other first; `columns` fills whole registers.
template <class Operation, class S>
LAMPAS_INLINE void add_eight_rows(const S* source, int64_t row_stride, int64_t columns,
                                  typename Computed<S>::Element* target) {
  using V = Computed<S>;
  for (int64_t column = 0; column < columns; column += V::size) {
    V pairs[4];
    for (int pair = 0; pair < 4; ++pair) {
      const S* row = source + 2 * pair * row_stride + column;
      pairs[pair] = Operation::combine(Operation::take(load(row)), Operation::take(load(row + row_stride)));
    }
    const V eight =
        Operation::combine(Operation::combine(pairs[0], pairs[1]), Operation::combine(pairs[2], pairs[3]));
    store(Operation::combine(load(target + column), eight), target + column);
  }
}

// Fewer columns than a register has lanes, over all rows, in four registers that take turns.
template <class Operation, class S>
LAMPAS_INLINE void fold_last_columns(const S* source, int64_t rows, int64_t row_stride, int64_t columns,
                                     typename Computed<S>::Element* target) {
  using V = Computed<S>;
  V parts[4];
  for (V& part : parts) part = V(Operation::template identity<typename V::Element>);
  int64_t row = 0;
  for (; row + 4 <= rows; row += 4) {
    for (int i = 0; i < 4; ++i) {
      const V element = load(source + (row + i) * row_stride, columns);
      parts[i] = Operation::combine(parts[i], Operation::take(element));
    }
  }
  for (; row < rows; ++row) {
    const V element = load(source + row * row_stride, columns);
    parts[0] = Operation::combine(parts[0], Operation::take(element));
  }
  const V total =
      Operation::combine(Operation::combine(parts[0], parts[1]), Operation::combine(parts[2], parts[3]));
  store(total, target, columns);
}

// Pairwise over the rows, as fold_row is over the columns.
template <class Operation, class S>
__attribute__((noinline)) void fold_strip(const S* source, int64_t rows, int64_t row_stride, int64_t columns,
                                          typename Computed<S>::Element* target) {
  using T = typename Computed<S>::Element;
  if (rows > rows_in_order) {
    const int64_t half = (rows / 2 + 7) / 8 * 8;
    T second[strip_columns];
    fold_strip<Operation>(source, half, row_stride, columns, target);
    fold_strip<Operation>(source + half * row_stride, rows - half, row_stride, columns, second);
    return add_row<typename Operation::OfParts, T>(second, columns, target);
  }
  const int64_t whole = columns / Computed<S>::size * Computed<S>::size;
  for (int64_t column = 0; column < whole; ++column) target[column] = Operation::template identity<T>;
  int64_t row = 0;
  for (; row + 8 <= rows; row += 8) {
    add_eight_rows<Operation>(source + row * row_stride, row_stride, whole, target);
  }
  for (; row < rows; ++row) add_row<Operation>(source + row * row_stride, whole, target);
  if (whole < columns) {
    fold_last_columns<Operation>(source + whole, rows, row_stride, columns - whole, target + whole);
  }
}

template <class Operation, class S>
void fold_columns(const void* input, void* output, int64_t rows, int64_t columns, int64_t row_stride) {
  const S* source = (const S*)input;
  auto* target = (typename Computed<S>::Element*)output;
  for (int64_t column = 0; column < columns; column += strip_columns) {
    const int64_t width = columns - column < strip_columns ? columns - column : strip_columns;
    fold_strip<Operation>(source + column, rows, row_stride, width, target + column);
  }
}

// The place of the first element that equals `wanted`, or is NaN where `wanted` is; it is in the run.
template <class S>
LAMPAS_INLINE int64_t find_first(const S* source, int64_t count, typename Computed<S>::Element wanted) {
  using V = Computed<S>;
  const V target(wanted);
  const auto found_at = [&](V elements) LAMPAS_INLINE_LAMBDA {
    return bits_of((elements == target) | (isnan(elements) & isnan(target)));
  };
  int64_t i = 0;
  for (; i + V::size <= count; i += V::size) {
    if (const uint32_t found = found_at(load(source + i))) return i + __builtin_ctz(found);
  }
  const uint32_t inside = (1u << (count - i)) - 1;  // not zero: the element is there
  return i + __builtin_ctz(found_at(load(source + i, count - i)) & inside);
}

// Whether `candidate` wins over `best`, which came earlier.
template <class Operation, class T>
LAMPAS_INLINE bool wins(T candidate, T best) {
  if (best != best) return false;
  return candidate != candidate || (combine_values<Operation>(best, candidate) != best);
}

template <class Operation, class S>
void extreme_of_rows(const void* input, void* values, int64_t* indices, int64_t rows, int64_t columns,
                     int64_t row_stride, int64_t column_stride) {
  using T = typename Computed<S>::Element;
  for (int64_t row = 0; row < rows; ++row) {
    const S* source = (const S*)input + row * row_stride;
    T best = 0;
    int64_t best_index = -1;
    // Leaf by leaf: only a leaf that beats what came before is searched for the place.
    for (int64_t begin = 0; begin < columns; begin += fold_leaf) {
      const int64_t count = columns - begin < fold_leaf ? columns - begin : fold_leaf;
      const S* run = source + begin;
      S gathered[fold_leaf];
      if (column_stride != 1) {
        for (int64_t i = 0; i < count; ++i) gathered[i] = source[(begin + i) * column_stride];
        run = gathered;
      }
      const T candidate = fold_run<Operation>(run, count);
      if (best_index >= 0 && !wins<Operation>(candidate, best)) continue;
      best = candidate;
      best_index = begin + find_first(run, count, candidate);
    }
    if (values != nullptr) ((S*)values)[row] = source[best_index * column_stride];
    if (indices != nullptr) indices[row] = best_index;
  }
}

// Takes row number `row` into the best values so far and their places, which have room for whole registers.
template <class Operation, class S>
LAMPAS_INLINE void take_row(const S* source, int64_t columns, int64_t row,
                            typename Computed<S>::Element* best,
                            typename Computed<S>::Lanes::Signed* places) {
  using V = Computed<S>;
  using Place = typename V::Lanes::Signed;
  const Vector<Place> this_row(row);
  const auto take = [&](int64_t column, V candidate) LAMPAS_INLINE_LAMBDA {
    const V old = load(best + column);
    const auto better = ((Operation::combine(old, candidate) != old) | isnan(candidate)) & !isnan(old);
    store(select(better, candidate, old), best + column);
    const Vector<Place> place = load(places + column);
    store(select(Mask<Place>{better.native}, this_row, place), places + column);
  };
  int64_t column = 0;
  for (; column + V::size <= columns; column += V::size) take(column, load(source + column));
  if (column < columns) take(column, load(source + column, columns - column));
}

// For elements of 4 bytes and less the places are kept in 32 bits: fewer than 2^31 rows.
template <class Operation, class S>
void extreme_of_columns(const void* input, void* values, int64_t* indices, int64_t rows, int64_t columns,
                        int64_t row_stride) {
  typename Computed<S>::Element best[strip_columns];
  typename Computed<S>::Lanes::Signed places[strip_columns];
  for (int64_t begin = 0; begin < columns; begin += strip_columns) {
    const int64_t width = columns - begin < strip_columns ? columns - begin : strip_columns;
    const S* source = (const S*)input + begin;
    for (int64_t column = 0; column < width + Computed<S>::size && column < strip_columns; ++column) {
      best[column] = Operation::template identity<typename Computed<S>::Element>;
      places[column] = 0;
    }
    for (int64_t row = 0; row < rows; ++row) {
      take_row<Operation>(source + row * row_stride, width, row, best, places);
    }
    for (int64_t column = 0; column < width; ++column) {
      if (values != nullptr) ((S*)values)[begin + column] = source[places[column] * row_stride + column];
      if (indices != nullptr) indices[begin + column] = places[column];
    }
  }
}

}  // namespace

#define LAMPAS_TYPES(loop, operation) \
  { loop<operation, float>, loop<operation, double>, loop<operation, BFloat16>, loop<operation, int64_t> }
constinit const ReductionTable reduction = {
    {LAMPAS_TYPES(fold_rows, SumFold), LAMPAS_TYPES(fold_rows, ProductFold),
     LAMPAS_TYPES(fold_rows, MaximumFold), LAMPAS_TYPES(fold_rows, MinimumFold),
     LAMPAS_TYPES(fold_rows, SquareSumFold), LAMPAS_TYPES(fold_rows, MagnitudeSumFold),
     LAMPAS_TYPES(fold_rows, NumberSumFold)},
    {LAMPAS_TYPES(fold_columns, SumFold), LAMPAS_TYPES(fold_columns, ProductFold),
     LAMPAS_TYPES(fold_columns, MaximumFold), LAMPAS_TYPES(fold_columns, MinimumFold),
     LAMPAS_TYPES(fold_columns, SquareSumFold), LAMPAS_TYPES(fold_columns, MagnitudeSumFold),
     LAMPAS_TYPES(fold_columns, NumberSumFold)},
    {LAMPAS_TYPES(extreme_of_rows, MaximumFold), LAMPAS_TYPES(extreme_of_rows, MinimumFold)},
    {LAMPAS_TYPES(extreme_of_columns, MaximumFold), LAMPAS_TYPES(extreme_of_columns, MinimumFold)}};

}  // namespace lampas::vector::LAMPAS_SET
