// Functions of Vector<float> that are computed in double: its spare 29 bits let short formulas give the float
// next to the exact value. Of double itself the functions of core/kernels/special/ are used.
#pragma once

#include "core/kernels/cpu/vector/elementary_functions.h"
#include "core/kernels/cpu/vector/special.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

using Doubles = Vector<double>;

// The lanes of a register of floats in two registers of doubles.
struct TwoDoubles {
  Doubles first, second;
};
typedef float HalfOfFloats __attribute__((vector_size(register_bytes / 2)));

LAMPAS_INLINE TwoDoubles to_doubles(Vector<float> x) {
  HalfOfFloats halves[2];
  __builtin_memcpy(halves, &x.native, sizeof(halves));
  return {__builtin_convertvector(halves[0], Doubles::Native),
          __builtin_convertvector(halves[1], Doubles::Native)};
}
LAMPAS_INLINE Vector<float> to_floats(Doubles first, Doubles second) {
  const HalfOfFloats halves[2] = {__builtin_convertvector(first.native, HalfOfFloats),
                                  __builtin_convertvector(second.native, HalfOfFloats)};
  Vector<float> x;
  __builtin_memcpy(&x.native, halves, sizeof(halves));
  return x;
}

constexpr double pi = 3.14159265358979323846, ln_2 = 0.69314718055994530942;

// Minimax polynomials, lowest power first, by scripts/minimax_coefficients.py.
constexpr double atan_terms[] = {-3.3333333296412296e-1, 1.9999994403659233e-1,  -1.4285426520522522e-1,
                                 1.1104053811556155e-1,  -8.9972750108493655e-2, 6.9930798187893182e-2,
                                 -3.7955493586519997e-2};
constexpr double scaled_erfc_terms[] = {2.5397102290999312e-6, 2.8201350606755424e-1,  2.8323248817879148e-1,
                                        2.3767919970172452e-1, 2.23050998909192e-1,    -7.3547145154848972e-2,
                                        3.4396325138384355e-1, -5.4065382957878347e-1, 3.0630444343921035e-1,
                                        -6.1976099136365082e-2};

LAMPAS_INLINE Mask<double> is_infinite(Doubles x) { return abs(x) == Doubles(__builtin_inf()); }
LAMPAS_INLINE Mask<double> has_sign(Doubles x) { return {(Mask<double>::Native)(to_bits(x) < 0)}; }
// exp of what is beyond is infinite as a float, and still finite as a double.
LAMPAS_INLINE Doubles within_floats(Doubles x) { return select(x > Doubles(200), Doubles(200), x); }

// exp, exp2, expm1, log and log(1 + x), as far as a float can tell.
LAMPAS_INLINE Doubles brief_exp(Doubles x) { return exp<double, FloatsInDouble>(x); }
LAMPAS_INLINE Doubles brief_exp2(Doubles x) { return exp2<double, FloatsInDouble>(x); }
LAMPAS_INLINE Doubles brief_expm1(Doubles x) { return expm1<double, FloatsInDouble>(x); }
LAMPAS_INLINE Doubles brief_log(Doubles x) { return log<double, FloatsInDouble>(x); }
// Exact near 0: W. Kahan's correction of what 1 + x rounds away.
LAMPAS_INLINE Doubles brief_log1p(Doubles x) {
  const Doubles raised = Doubles(1) + x, logarithm = brief_log(raised);
  const Doubles corrected = logarithm * (x / (raised - Doubles(1)));
  return select(raised == Doubles(1), x, select(raised == x, logarithm, corrected));
}

// ---- Of one number

LAMPAS_INLINE Doubles log2_of(Doubles x) { return brief_log(x) * Doubles(1 / ln_2); }
LAMPAS_INLINE Doubles log10_of(Doubles x) { return brief_log(x) * Doubles(0.43429448190325182765); }
LAMPAS_INLINE Doubles tan_of(Doubles x) { return sin(x) / cos(x); }

// Of x above tan(3 pi/8): pi/2 + atan(-1/x); above tan(pi/8): pi/4 + atan((x - 1) / (x + 1)).
LAMPAS_INLINE Doubles atan_of(Doubles x) {
  const Doubles a = abs(x);
  const Mask<double> is_large = a > Doubles(2.41421356237309504880),
                     is_middle = a > Doubles(0.41421356237309504880);
  const Doubles near_one = (a - Doubles(1)) / (a + Doubles(1));
  const Doubles reduced = select(is_large, Doubles(-1) / a, select(is_middle, near_one, a));
  const Doubles start = select(is_large, Doubles(pi / 2), select(is_middle, Doubles(pi / 4), Doubles(0)));
  const Doubles square = reduced * reduced;
  const Doubles angle = multiply_add(reduced * square, polynomial(square, atan_terms), reduced);
  return copysign(start + angle, x);
}
LAMPAS_INLINE Doubles asin_of(Doubles x) { return atan_of(x / sqrt((Doubles(1) - x) * (Doubles(1) + x))); }
LAMPAS_INLINE Doubles acos_of(Doubles x) {
  return Doubles(2) * atan_of(sqrt((Doubles(1) - x) / (Doubles(1) + x)));
}

LAMPAS_INLINE Doubles sinh_of(Doubles x) {
  const Doubles raised = brief_expm1(within_floats(abs(x)));
  return copysign(Doubles(0.5) * (raised + raised / (raised + Doubles(1))), x);
}
LAMPAS_INLINE Doubles cosh_of(Doubles x) {
  const Doubles raised = brief_exp(within_floats(abs(x)));
  return Doubles(0.5) * (raised + Doubles(1) / raised);
}
// sinh^-1(a) = log(a + sqrt(a^2 + 1)), written with what is added to 1.
LAMPAS_INLINE Doubles asinh_of(Doubles x) {
  const Doubles a = abs(x), root = sqrt(a * a + Doubles(1));
  const Doubles angle = brief_log1p(a + a * (a / (root + Doubles(1))));
  return copysign(select(is_infinite(a), a, angle), x);
}
LAMPAS_INLINE Doubles acosh_of(Doubles x) {
  const Doubles above = x - Doubles(1);
  const Doubles angle = brief_log1p(above + sqrt(above * (x + Doubles(1))));
  return select(x < Doubles(1), Doubles(__builtin_nan("")), angle);
}
LAMPAS_INLINE Doubles atanh_of(Doubles x) {
  const Doubles a = abs(x);
  return copysign(Doubles(0.5) * brief_log1p((a + a) / (Doubles(1) - a)), x);
}

LAMPAS_INLINE Doubles sinc_of(Doubles x) {
  const Doubles scaled = x * Doubles(pi);
  return select(x == Doubles(0), Doubles(1), sin(scaled) / scaled);
}
// 1 - erf(a) for a up to 1, exp(-a^2) P(1 / (1 + a / 2)) beyond; erfc(-a) = 2 - erfc(a).
LAMPAS_INLINE Doubles erfc_of(Doubles x) {
  const Doubles one(1), a = select(abs(x) > Doubles(10.3), Doubles(10.3), abs(x));
  const Doubles near_one = one - multiply_add(a, polynomial(a * a, FloatsInDouble::erf), a);
  const Doubles scaled = polynomial(one / multiply_add(a, Doubles(0.5), one), scaled_erfc_terms);
  const Doubles tail = select(a > one, brief_exp(-a * a) * scaled, near_one);
  return select(x < Doubles(0), Doubles(2) - tail, tail);
}
LAMPAS_INLINE Doubles entr_of(Doubles x) {
  const Doubles at_edges = select(x == Doubles(0), Doubles(0), Doubles(-__builtin_inf()));
  return select((x > Doubles(0)) | isnan(x), -x * brief_log(x), at_edges);
}
LAMPAS_INLINE Doubles logit_of(Doubles x) { return brief_log(x / (Doubles(1) - x)); }

// ---- Of two numbers

LAMPAS_INLINE Doubles atan2_of(Doubles y, Doubles x) {
  const Doubles height = abs(y), width = abs(x);
  Doubles ratio = select(height == width, Doubles(1), height / width);  // of two infinities too
  ratio = select((y == Doubles(0)) & !isnan(x), Doubles(0), ratio);
  const Doubles angle = atan_of(ratio);
  return copysign(select(has_sign(x), Doubles(pi) - angle, angle), y);
}
LAMPAS_INLINE Doubles hypot_of(Doubles x, Doubles y) {
  const Mask<double> is_endless = is_infinite(x) | is_infinite(y);
  return select(is_endless, Doubles(__builtin_inf()), sqrt(multiply_add(x, x, y * y)));
}
LAMPAS_INLINE Doubles xlogy_of(Doubles x, Doubles y) {
  return select((x == Doubles(0)) & !isnan(y), Doubles(0), x * brief_log(y));
}
LAMPAS_INLINE Doubles xlog1py_of(Doubles x, Doubles y) {
  return select((x == Doubles(0)) & !isnan(y), Doubles(0), x * brief_log1p(y));
}
// log(exp(x) + exp(y)) = max + log(1 + exp(min - max)); of two like infinities, that infinity.
LAMPAS_INLINE Doubles logaddexp_of(Doubles x, Doubles y) {
  const Doubles more = brief_log1p(brief_exp(-abs(x - y)));
  return select(x == y, x + Doubles(ln_2), select((x > y) | isnan(x), x, y) + more);
}
LAMPAS_INLINE Doubles logaddexp2_of(Doubles x, Doubles y) {
  const Doubles more = brief_log1p(brief_exp2(-abs(x - y))) * Doubles(1 / ln_2);
  return select(x == y, x + Doubles(1), select((x > y) | isnan(x), x, y) + more);
}

// |x|^y, and what the sign of x and the edges make of it (C99, F.9.4.4).
LAMPAS_INLINE Doubles pow_of(Doubles x, Doubles y) {
  const Doubles a = abs(x), zero(0), one(1), half_of_y = y * Doubles(0.5);
  const Mask<double> is_whole = trunc(y) == y;
  const Mask<double> is_odd = is_whole & (trunc(half_of_y) != half_of_y);
  Doubles power = brief_exp(y * brief_log(a));
  power = select((y == zero) | (x == one) | ((a == one) & is_infinite(y)), one, power);
  power = select(is_odd & has_sign(x), -power, power);
  const Mask<double> is_undefined = (x < zero) & !is_whole & !is_infinite(x) & !isnan(y);
  return select(is_undefined, Doubles(__builtin_nan("")), power);
}

// What is left of x after as many |y| as fit: their number is taken off in parts of 29 bits, whose products
// with a float's 24 bits are exact. Where a quotient was rounded up, one too many is given back.
LAMPAS_INLINE Doubles fmod_of(Doubles x, Doubles y) {
  const Doubles divisor = abs(y), zero(0);
  Doubles rest = x;
  for (Mask<double> is_left = abs(rest) >= divisor; any(is_left); is_left = abs(rest) >= divisor) {
    const Doubles leading = from_bits<double>(to_bits(trunc(rest / divisor)) & ~(int64_t)0xffffff);
    rest = select(is_left, rest - leading * divisor, rest);
  }
  const Mask<double> is_beyond = ((rest < zero) & (x > zero)) | ((rest > zero) & (x < zero));
  return select(isnan(y), y, copysign(select(is_beyond, divisor - abs(rest), rest), x));
}
// Whether a rest has the sign that y has not.
LAMPAS_INLINE Mask<double> is_across(Doubles rest, Doubles y) {
  return (rest != Doubles(0)) & ((rest < Doubles(0)) ^ (y < Doubles(0)));
}
// Python's %: of y's sign.
LAMPAS_INLINE Doubles remainder_of(Doubles x, Doubles y) {
  const Doubles rest = fmod_of(x, y);
  return select(is_across(rest, y), rest + y, rest);
}
// Python's //.
LAMPAS_INLINE Doubles floor_divide_of(Doubles x, Doubles y) {
  const Doubles rest = fmod_of(x, y), ratio = x / y;
  Doubles quotient = (x - rest) / y;
  quotient = round(select(is_across(rest, y), quotient - Doubles(1), quotient));
  quotient = select(quotient == Doubles(0), copysign(Doubles(0), ratio), quotient);
  return select(y == Doubles(0), ratio, quotient);
}

// ---- The same of floats

#define LAMPAS_IN_DOUBLE(name)                                       \
  LAMPAS_INLINE Vector<float> name(Vector<float> x) {                \
    const TwoDoubles wide = to_doubles(x);                           \
    return to_floats(name##_of(wide.first), name##_of(wide.second)); \
  }
#define LAMPAS_BOTH_IN_DOUBLE(name)                                                             \
  LAMPAS_INLINE Vector<float> name(Vector<float> x, Vector<float> y) {                          \
    const TwoDoubles left = to_doubles(x), right = to_doubles(y);                               \
    return to_floats(name##_of(left.first, right.first), name##_of(left.second, right.second)); \
  }
LAMPAS_FLOAT_UNARY_ROWS(LAMPAS_IN_DOUBLE)
LAMPAS_FLOAT_BINARY_ROWS(LAMPAS_BOTH_IN_DOUBLE)
LAMPAS_BOTH_IN_DOUBLE(pow)
#undef LAMPAS_IN_DOUBLE
#undef LAMPAS_BOTH_IN_DOUBLE

}  // namespace
}  // namespace lampas::vector::LAMPAS_SET
