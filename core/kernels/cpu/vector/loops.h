// What the loops of elementwise rows share: operands that may repeat one element, parameters, and the
// gathering of strided operands into blocks.
#pragma once

#include "core/kernels/cpu/row_formula.h"
#include "core/kernels/cpu/vector/elementary_functions.h"
#include "core/kernels/cpu/vector/elementwise.h"
#include "core/kernels/cpu/vector/float_functions.h"
#include "core/kernels/scalar_functions.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

using namespace lampas::formulas;

// A formula's result is stored as the operands are (S), or as bytes where it is a truth value.
template <class Result, class S>
struct StoredResult {
  using Type = S;
};
template <class T, class S>
struct StoredResult<Mask<T>, S> {
  using Type = uint8_t;
};

// One loop serves contiguous operands and those that repeat one element: such an element first fills a
// register's worth of memory, and the loop then reads that place again and again.
template <class S, int64_t lanes>
LAMPAS_INLINE const S* start_of(const void* elements, int64_t stride, S (&repeated)[lanes]) {
  const S* source = (const S*)elements;
  if (stride != 0) return source;
  const S element = *source;
  for (S& copy : repeated) copy = element;
  return repeated;
}
// How far such a loop moves on after a register.
template <int64_t lanes>
LAMPAS_INLINE int64_t step_of(int64_t stride) {
  return stride == 0 ? 0 : lanes;
}

// The row's parameters, spread over registers before the loop.
template <class Row, class V>
struct RowParameters {
  V values[Row::parameter_count + 1];  // never of size zero

  LAMPAS_INLINE explicit RowParameters(const Parameter* parameters) {
    for (int i = 0; i < Row::parameter_count; ++i) {
      if constexpr (V::Lanes::is_integer) {
        values[i] = V(parameters[i].integer);
      } else {
        values[i] = V(parameters[i].real);
      }
    }
  }
};

// Whether a row has a loop for elements stored as S.
template <class Row, class S>
constexpr bool takes() {
  constexpr bool floats_only = Row::domain == Domain::floats || Row::domain == Domain::real_floats;
  return !(floats_only && Computed<S>::Lanes::is_integer);
}

// What a loop takes as it is: contiguous operands, one repeated element, or a single element.
LAMPAS_INLINE bool is_direct(int64_t stride, int64_t count) {
  return stride == 0 || stride == 1 || count == 1;
}

// Strided operands pass through blocks on the stack, of this many elements.
constexpr int64_t block_elements = 256;
constexpr int64_t largest_element = 8;

template <class Element>
LAMPAS_INLINE void copy_elements(const void* source, int64_t source_stride, void* target,
                                 int64_t target_stride, int64_t count) {
  const Element* from = (const Element*)source;
  Element* to = (Element*)target;
  for (int64_t i = 0; i < count; ++i) to[i * target_stride] = from[i * source_stride];
}

[[maybe_unused]] __attribute__((noinline)) void copy_strided(int64_t element_size, const void* source,
                                                             int64_t source_stride, void* target,
                                                             int64_t target_stride, int64_t count) {
  switch (element_size) {
    case 1:
      return copy_elements<uint8_t>(source, source_stride, target, target_stride, count);
    case 2:
      return copy_elements<uint16_t>(source, source_stride, target, target_stride, count);
    case 4:
      return copy_elements<uint32_t>(source, source_stride, target, target_stride, count);
    default:
      return copy_elements<uint64_t>(source, source_stride, target, target_stride, count);
  }
}

class StridedOperand {
 public:
  LAMPAS_INLINE StridedOperand(const void* source, int64_t stride, int64_t element_size)
      : source_((const char*)source), stride_(stride), element_size_(element_size) {}

  // The next `count` elements, contiguous, or the operand's own memory where a loop can read that.
  LAMPAS_INLINE const void* next(int64_t count) {
    const char* here = source_;
    source_ += count * stride_ * element_size_;
    if (stride_ == 0 || stride_ == 1) return here;
    copy_strided(element_size_, here, stride_, block_, 1, count);
    return block_;
  }
  LAMPAS_INLINE int64_t stride_of_next() const { return stride_ == 0 ? 0 : 1; }

 private:
  const char* source_;
  int64_t stride_, element_size_;
  alignas(64) char block_[block_elements * largest_element];
};

class StridedResult {
 public:
  LAMPAS_INLINE StridedResult(void* target, int64_t stride, int64_t element_size)
      : target_((char*)target), stride_(stride), element_size_(element_size) {}

  // Where a loop shall write the next elements, contiguously; finish() then moves them into place.
  LAMPAS_INLINE void* next() { return stride_ == 1 ? target_ : block_; }
  LAMPAS_INLINE void finish(int64_t count) {
    if (stride_ != 1) copy_strided(element_size_, block_, 1, target_, stride_, count);
    target_ += count * stride_ * element_size_;
  }

 private:
  char* target_;
  int64_t stride_, element_size_;
  alignas(64) char block_[block_elements * largest_element];
};

}  // namespace
}  // namespace lampas::vector::LAMPAS_SET
