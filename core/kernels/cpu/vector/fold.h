// Folding a run of elements into one value: the operations, the lanes of a register, a contiguous run.
#pragma once

#include "core/kernels/cpu/vector/transpose.h"
#include "core/kernels/cpu/vector/vector.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

template <class T>
constexpr T lowest_value = LaneTypes<T>::is_integer ? (T)sign_bit<T> : (T)-__builtin_inf();
template <class T>
constexpr T highest_value = LaneTypes<T>::is_integer ? (T)~sign_bit<T> : (T)__builtin_inf();
template <>
constexpr float lowest_value<float> = -__builtin_inff();
template <>
constexpr float highest_value<float> = __builtin_inff();
template <>
constexpr double lowest_value<double> = -__builtin_inf();
template <>
constexpr double highest_value<double> = __builtin_inf();

// Of its elements a fold combines what it takes them for; OfParts combines its results.
struct SumFold {
  using OfParts = SumFold;
  template <class T>
  static LAMPAS_INLINE Vector<T> take(Vector<T> element) {
    return element;
  }
  template <class T>
  static constexpr T identity = 0;
  template <class T>
  static LAMPAS_INLINE Vector<T> combine(Vector<T> a, Vector<T> b) {
    return a + b;
  }
};

struct SquareSumFold : SumFold {
  template <class T>
  static LAMPAS_INLINE Vector<T> take(Vector<T> element) {
    return element * element;
  }
};
struct MagnitudeSumFold : SumFold {
  template <class T>
  static LAMPAS_INLINE Vector<T> take(Vector<T> element) {
    return abs(element);
  }
};
struct NumberSumFold : SumFold {
  template <class T>
  static LAMPAS_INLINE Vector<T> take(Vector<T> element) {
    return select(isnan(element), Vector<T>(0), element);
  }
};

// Folds whose parts are folded as their elements are.
template <class Operation>
struct UniformFold {
  using OfParts = Operation;
  template <class T>
  static LAMPAS_INLINE Vector<T> take(Vector<T> element) {
    return element;
  }
};

struct ProductFold : UniformFold<ProductFold> {
  template <class T>
  static constexpr T identity = 1;
  template <class T>
  static LAMPAS_INLINE Vector<T> combine(Vector<T> a, Vector<T> b) {
    return a * b;
  }
};

// A NaN on either side is the result: the instruction keeps a's, and b's is put back. Where a is the total so
// far, only that one instruction waits for it.
struct MaximumFold : UniformFold<MaximumFold> {
  template <class T>
  static constexpr T identity = lowest_value<T>;
  template <class T>
  static LAMPAS_INLINE Vector<T> combine(Vector<T> a, Vector<T> b) {
    if constexpr (LaneTypes<T>::is_integer) {
      return select(b > a, b, a);
    } else {
      const typename Vector<T>::Native larger = larger_or_second(b.native, a.native);
      return select(isnan(b), b, Vector<T>(larger));
    }
  }
};

struct MinimumFold : UniformFold<MinimumFold> {
  template <class T>
  static constexpr T identity = highest_value<T>;
  template <class T>
  static LAMPAS_INLINE Vector<T> combine(Vector<T> a, Vector<T> b) {
    if constexpr (LaneTypes<T>::is_integer) {
      return select(b < a, b, a);
    } else {
      const typename Vector<T>::Native smaller = smaller_or_second(b.native, a.native);
      return select(isnan(b), b, Vector<T>(smaller));
    }
  }
};

template <int... values>
struct Indices {};
template <int count, int... values>
struct MakeIndices : MakeIndices<count - 1, count - 1, values...> {};
template <int... values>
struct MakeIndices<0, values...> {
  using Type = Indices<values...>;
};

// Lane i gets lane i ^ distance.
template <int distance, class T, int... lanes>
LAMPAS_INLINE Vector<T> with_lanes_exchanged(Vector<T> x, Indices<lanes...>) {
  return typename Vector<T>::Native(__builtin_shufflevector(x.native, x.native, (lanes ^ distance)...));
}

// All lanes folded into one, as a balanced tree.
template <class Operation, int distance, class T>
LAMPAS_INLINE Vector<T> fold_lanes_from(Vector<T> x) {
  if constexpr (distance == 0) {
    return x;
  } else {
    using Lanes = typename MakeIndices<(int)Vector<T>::size>::Type;
    return fold_lanes_from<Operation, distance / 2>(
        Operation::combine(x, with_lanes_exchanged<distance>(x, Lanes())));
  }
}
template <class Operation, class T>
LAMPAS_INLINE T fold_lanes(Vector<T> x) {
  return fold_lanes_from<Operation, (int)Vector<T>::size / 2>(x).native[0];
}

// 0, 1, 2, ... in the lanes' integer type.
template <class T>
LAMPAS_INLINE typename Vector<T>::Bits lane_numbers() {
  typename Vector<T>::Bits numbers;
  for (int lane = 0; lane < Vector<T>::size; ++lane) numbers[lane] = lane;
  return numbers;
}

// The first `count` elements, and `rest` in the lanes after them.
template <class S, class V = Computed<S>>
LAMPAS_INLINE V load_or(const S* source, int64_t count, typename V::Element rest) {
  using Element = typename V::Element;
  const Mask<Element> inside{(typename V::Bits)(lane_numbers<Element>() < (typename V::Lanes::Signed)count)};
  return select(inside, load(source, count), V(rest));
}

// A contiguous run, in several registers so that operations do not wait for each other. Each lane takes
// up one element in `registers * lanes`, so a run of fold_leaf elements keeps a float sum's error low.
constexpr int64_t fold_leaf = 2048;

// Asks for memory so far ahead, in a long row: the hardware's own foresight ends with each page.
constexpr int64_t fetched_ahead = 1 << 14;  // bytes
constexpr int64_t cache_line = 64;

// The lanes are still to be folded.
template <class Operation, bool fetches = false, class S>
LAMPAS_INLINE Computed<S> fold_run_to_lanes(const S* source, int64_t count) {
  using V = Computed<S>;
  using T = typename V::Element;
  constexpr int registers = 4;
  const V identity(Operation::template identity<T>);
  V total = identity;
  int64_t i = 0;
  if (count >= registers * V::size) {
    V parts[registers];
    for (V& part : parts) part = identity;
    for (; i + registers * V::size <= count; i += registers * V::size) {
      if constexpr (fetches) {
        const char* ahead = (const char*)(source + i) + fetched_ahead;
        for (int64_t line = 0; line < registers * V::size * (int64_t)sizeof(S); line += cache_line) {
          __builtin_prefetch(ahead + line);
        }
      }
      for (int part = 0; part < registers; ++part) {
        const V element = load(source + i + part * V::size);
        parts[part] = Operation::combine(parts[part], Operation::take(element));
      }
    }
    total =
        Operation::combine(Operation::combine(parts[0], parts[1]), Operation::combine(parts[2], parts[3]));
  }
  for (; i + V::size <= count; i += V::size) {
    total = Operation::combine(total, Operation::take(load(source + i)));
  }
  if (i < count) {
    const V rest = load_or(source + i, count - i, Operation::template identity<T>);
    total = Operation::combine(total, Operation::take(rest));
  }
  return total;
}

template <class Operation, bool fetches = false, class S>
LAMPAS_INLINE typename Computed<S>::Element fold_run(const S* source, int64_t count) {
  return fold_lanes<Operation>(fold_run_to_lanes<Operation, fetches>(source, count));
}

// Lane i of the result is fold_lanes(rows[i]), for as many rows as lanes: a transpose that folds at each
// step, in the order of fold_lanes.
template <class Operation, int64_t distance, class T>
LAMPAS_INLINE Vector<T> fold_lanes_of_rows(Vector<T>* rows) {
  if constexpr (distance > 0) {
    LAMPAS_UNROLL for (int64_t i = 0; i < distance; ++i) {
      exchange_lanes<T, distance>(rows[i], rows[i + distance]);
      rows[i] = Operation::combine(rows[i], rows[i + distance]);
    }
    return fold_lanes_of_rows<Operation, distance / 2>(rows);
  }
  return rows[0];
}

// Two values, by way of a register: scalar code would need the formulas a second time.
template <class Operation, class T>
LAMPAS_INLINE T combine_values(T a, T b) {
  return Operation::combine(Vector<T>(a), Vector<T>(b)).native[0];
}

}  // namespace
}  // namespace lampas::vector::LAMPAS_SET
