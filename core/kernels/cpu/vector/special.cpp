// The loops of special functions of floats.
#include "core/kernels/cpu/vector/special.h"

#include "core/kernels/cpu/vector/binary_loop.h"
#include "core/kernels/cpu/vector/unary_loop.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

// The larger and the smaller one, of which NaN is neither.
LAMPAS_INLINE Vector<float> fmax(Vector<float> x, Vector<float> y) {
  return select((x >= y) | isnan(y), x, y);
}
LAMPAS_INLINE Vector<float> fmin(Vector<float> x, Vector<float> y) {
  return select((x <= y) | isnan(y), x, y);
}
LAMPAS_INLINE Vector<float> heaviside(Vector<float> x, Vector<float> at_zero) {
  const Vector<float> zero(0), step = select(x > zero, Vector<float>(1), zero);
  return select(x == zero, at_zero, step);
}

#define LAMPAS_UNARY_ROW(name) LAMPAS_UNARY_FORMULA(name, real_floats, 0)
#define LAMPAS_BINARY_ROW(name) LAMPAS_BINARY_FORMULA(name, real_floats, 0)
LAMPAS_FLOAT_UNARY_ROWS(LAMPAS_UNARY_ROW)
LAMPAS_DIRECT_UNARY_ROWS(LAMPAS_UNARY_ROW)
LAMPAS_FLOAT_BINARY_ROWS(LAMPAS_BINARY_ROW)
LAMPAS_DIRECT_BINARY_ROWS(LAMPAS_BINARY_ROW)

}  // namespace

#define LAMPAS_UNARY_ENTRY(name) .name = {unary_loop<name##_row, float>, unary_loop<name##_row, BFloat16>},
#define LAMPAS_BINARY_ENTRY(name) .name = {binary_loop<name##_row, float>, binary_loop<name##_row, BFloat16>},
constinit const SpecialTable special = {
    LAMPAS_FLOAT_UNARY_ROWS(LAMPAS_UNARY_ENTRY) LAMPAS_DIRECT_UNARY_ROWS(LAMPAS_UNARY_ENTRY)
        LAMPAS_FLOAT_BINARY_ROWS(LAMPAS_BINARY_ENTRY) LAMPAS_DIRECT_BINARY_ROWS(LAMPAS_BINARY_ENTRY)};

}  // namespace lampas::vector::LAMPAS_SET
