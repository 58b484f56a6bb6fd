// exp, exp2, expm1, log, tanh, erf, sin, cos and pow of Vector<float> and Vector<double>, over the full
// range, with infinities, NaN and subnormal numbers right. Largest measured errors, in units in the last
// place of the exact result, stand at each function; tests/core/vector_elementary_functions.cpp measures
// them.
#pragma once

#include "core/kernels/cpu/vector/vector.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

// Polynomials: minimax, lowest power first, computed by scripts/minimax_coefficients.py, which says what
// each approximates. The constants split in several parts (Cody and Waite, "Software Manual for the
// Elementary Functions", 1980) have leading parts so short that their product with the integer it
// meets is exact, with and without fused multiply-add.
template <class T>
struct Constants;

template <>
struct Constants<float> {
  static constexpr double exp[] = {4.99999934e-1, 1.66665206e-1, 4.16683876e-2, 8.36871674e-3, 1.38146271e-3};
  static constexpr double log[] = {3.33333317e-1, -2.5000821e-1,  2.00012286e-1, -1.66233585e-1,
                                   1.42017246e-1, -1.31601387e-1, 1.27617727e-1, -7.63484005e-2};
  static constexpr double sin[] = {-1.66666549e-1, 8.33217354e-3, -1.95166554e-4};
  static constexpr double cos[] = {4.16666468e-2, -1.38873616e-3, 2.44377424e-5};
  static constexpr double tanh[] = {-3.33332839e-1, 1.33314913e-1, -5.37434997e-2, 2.06505916e-2,
                                    -5.71704792e-3};
  static constexpr double erf[] = {1.28379152e-1,  -3.76125082e-1, 1.12819549e-1,
                                   -2.67712818e-2, 4.9995987e-3,   -6.02179244e-4};
  static constexpr double log_erfc[] = {-2.07042203e-4, -1.12762726,    -6.37266004e-1, -1.03856145e-1,
                                        2.2189662e-2,   -3.03366252e-3, 1.94943594e-4};
  static constexpr bool has_subnormals = true;
  static constexpr int mantissa_bits = 23;
  static constexpr float exponent_bias = 127;
  // Added to an integer of small magnitude, leaves it in the low bits of the sum: 1.5 * 2^23.
  static constexpr float integer_shift = 12582912.0f;
  static constexpr float smallest_normal = 1.17549435e-38f;
  static constexpr float subnormal_scale = 8388608.0f;  // 2^23
  static constexpr float subnormal_exponent = 23;
  static constexpr int32_t sqrt_half_bits = 0x3f3504f3;
  static constexpr int32_t one_bits = 0x3f800000;
  static constexpr float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
  // exp is 0 below and infinity above these.
  static constexpr float exp_lowest = -104.0f, exp_highest = 89.0f;
  static constexpr float tanh_small = 0.625f;
  static constexpr float erf_small = 0.92f, erf_one = 3.95f;
  // pi/2 in parts of 11 bits; the products with up to 2^13 are exact.
  static constexpr float half_pi[] = {1.5703125f, 0.0004837512969970703f, 7.549533620476723e-08f,
                                      2.563344151594519e-12f};
  static constexpr float reduction_limit = 12000.0f;
};

template <>
struct Constants<double> {
  static constexpr double exp[] = {5.0000000000000106e-1, 1.6666666666666413e-1, 4.1666666666530155e-2,
                                   8.3333333334943991e-3, 1.3888888943631086e-3, 1.9841269506688846e-4,
                                   2.4801493097828537e-5, 2.7557586290884421e-6, 2.7630248795880818e-7,
                                   2.5000084425774371e-8};
  static constexpr double log[] = {
      3.3333333333333452e-1, -2.4999999999998921e-1, 1.9999999999946138e-1, -1.6666666666914331e-1,
      1.4285714293840718e-1, -1.2499999982023884e-1, 1.1111110516089415e-1, -1.0000000383067479e-1,
      9.0909335042001109e-2, -8.3333457651377279e-2, 7.6917145058262313e-2, -7.1419999995500169e-2,
      6.6751478180230566e-2, -6.2698016981366215e-2, 5.8177837211010895e-2, -5.3267769054062193e-2,
      5.4159552892757311e-2, -6.2750388898249731e-2, 5.6968886504978082e-2, -2.4276358772053112e-2};
  static constexpr double sin[] = {-1.6666666666666632e-1, 8.3333333333223153e-3,  -1.9841269829725188e-4,
                                   2.7557313662027397e-6,  -2.5050753257594097e-8, 1.589650445910065e-10};
  static constexpr double cos[] = {4.1666666666666599e-2,  -1.3888888888873991e-3, 2.4801587289395016e-5,
                                   -2.7557314326049406e-7, 2.087571956024578e-9,   -1.1359448711687688e-11};
  static constexpr double tanh[] = {-3.3333333333333314e-1, 1.333333333332989e-1,   -5.3968253966134454e-2,
                                    2.1869488470655747e-2,  -8.8632343415346687e-3, 3.5921142716190709e-3,
                                    -1.4557276189096959e-3, 5.8945863160173346e-4,  -2.3703014784441826e-4,
                                    9.1589850175806779e-5,  -3.0218016606709889e-5, 6.0556562476120767e-6};
  static constexpr double erf[] = {1.2837916709551257e-1,  -3.7612638903183547e-1, 1.1283791670945253e-1,
                                   -2.6866170643276218e-2, 5.2239776074234678e-3,  -8.548325989696758e-4,
                                   1.2055295320494294e-4,  -1.492474466333549e-5,  1.6447517677871874e-6,
                                   -1.6209175911748696e-7, 1.3722976265924503e-8,  -7.8011888740977516e-10};
  static constexpr double log_erfc[] = {
      -5.1323255443662191e-7, -1.1283739917975836,    -6.3664405470834045e-1, -1.0270229089159986e-1,
      1.8988044146649296e-2,  4.1353358175418292e-4,  -1.9189424233986893e-3, 7.7304042722806222e-4,
      -1.3655246659594474e-4, -1.9524692264764114e-5, 2.2533614588491797e-5,  -8.5790124613536924e-6,
      2.1148551617766833e-6,  -3.6957539408311026e-7, 4.5934518777017714e-8,  -3.8901312532879901e-9,
      2.0204085041321251e-10, -4.8652710765338942e-12};
  static constexpr bool has_subnormals = true;
  static constexpr int mantissa_bits = 52;
  static constexpr double exponent_bias = 1023;
  static constexpr double integer_shift = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr double smallest_normal = 2.2250738585072014e-308;
  static constexpr double subnormal_scale = 18014398509481984.0;  // 2^54
  static constexpr double subnormal_exponent = 54;
  static constexpr int64_t sqrt_half_bits = 0x3fe6a09e667f3bcd;
  static constexpr int64_t one_bits = 0x3ff0000000000000;
  static constexpr double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33;
  static constexpr double exp_lowest = -746.0, exp_highest = 710.0;
  static constexpr double tanh_small = 0.625;
  static constexpr double erf_small = 1.0, erf_one = 5.95;
  // pi/2 in parts of 33 bits; the products with up to 2^20 are exact.
  static constexpr double half_pi[] = {1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21,
                                       8.4784276603689e-32};
  static constexpr double reduction_limit = 1.6e6;
};

// What exp, expm1, log and erf of doubles need where the result becomes a float: errors of 4e-11.
struct FloatsInDouble : Constants<double> {
  static constexpr bool has_subnormals = false;
  static constexpr double exp[] = {5.0000000004272061e-1, 1.6666666784498602e-1, 4.16666644023841e-2,
                                   8.3332817900466605e-3, 1.3889197513866448e-3, 1.9908951370443054e-4,
                                   2.4708143543569627e-5};
  static constexpr double log[] = {3.3333333399176469e-1,  -2.5000001125710109e-1, 1.9999989260477996e-1,
                                   -1.6666532459471899e-1, 1.428617914516802e-1,   -1.2505713586968047e-1,
                                   1.1105470472318046e-1,  -9.8893835714250094e-2, 9.0402044483936894e-2,
                                   -9.2869599484227227e-2, 9.1157398583970422e-2,  -4.8225745120379033e-2};
  static constexpr double erf[] = {1.2837916706316806e-1,  -3.7612638483859607e-1, 1.1283782747632933e-1,
                                   -2.6865445837429116e-2, 5.2210749092600038e-3,  -8.4847117731318876e-4,
                                   1.127054612976236e-4,   -9.6801393462948204e-6};
};

// Every `step`-th coefficient from `term` on, by Horner's rule.
template <int term, int step, class T, int count>
LAMPAS_INLINE Vector<T> horner(Vector<T> x, const double (&coefficients)[count]) {
  if constexpr (term + step >= count) {
    return Vector<T>(coefficients[term]);
  } else {
    return multiply_add(x, horner<term + step, step>(x, coefficients), Vector<T>(coefficients[term]));
  }
}
// A long one as E(x^2) + x O(x^2): two chains at once, each half as long.
template <class T, int count>
LAMPAS_INLINE Vector<T> polynomial(Vector<T> x, const double (&coefficients)[count]) {
  if constexpr (count < 6) return horner<0, 1>(x, coefficients);
  const Vector<T> square = x * x;
  return multiply_add(x, horner<1, 2>(square, coefficients), horner<0, 2>(square, coefficients));
}

// 2^n, for integers n within the range of normal exponents.
template <class T>
LAMPAS_INLINE Vector<T> power_of_two(Vector<T> n) {
  using C = Constants<T>;
  const Vector<T> biased = n + Vector<T>(C::integer_shift + C::exponent_bias);
  return from_bits<T>(to_bits(biased) << C::mantissa_bits);
}

// value * 2^n in two steps, so that neither factor overflows and a subnormal result is rounded once.
template <class T>
LAMPAS_INLINE Vector<T> scale_by_power_of_two(Vector<T> value, Vector<T> n) {
#if defined(LAMPAS_SET_avx512)
  return typename Vector<T>::Native(scale(value.native, n.native));
#else
  const Vector<T> half = round(n * Vector<T>(0.5));
  return value * power_of_two(half) * power_of_two(n - half);
#endif
}

// exp(n ln2 + r) = 2^n (1 + r + r^2 P(r)), n an integer, |r| <= ln2 / 2. Error: float 1.0, double 1.1.
template <class T, class C = Constants<T>>
LAMPAS_INLINE Vector<T> exp(Vector<T> x) {
  // A NaN fails both comparisons and goes through.
  x = select(x > Vector<T>(C::exp_highest), Vector<T>(C::exp_highest), x);
  x = select(x < Vector<T>(C::exp_lowest), Vector<T>(C::exp_lowest), x);
  const Vector<T> n = round(x * Vector<T>(1.44269504088896340736));
  const Vector<T> r = multiply_add(n, Vector<T>(-C::ln2_low), multiply_add(n, Vector<T>(-C::ln2_high), x));
  const Vector<T> p = multiply_add(r * r, polynomial(r, C::exp), r);
  return scale_by_power_of_two(Vector<T>(1) + p, n);
}

// exp2(n + r) = 2^n exp(r ln2). Error: float 1.0; of doubles only what FloatsInDouble gives is used.
template <class T, class C = Constants<T>>
LAMPAS_INLINE Vector<T> exp2(Vector<T> x) {
  const Vector<T> highest(C::exponent_bias + 1), lowest(-C::exponent_bias - C::mantissa_bits);
  x = select(x > highest, highest, x);
  x = select(x < lowest, lowest, x);
  const Vector<T> n = round(x);
  const Vector<T> r = (x - n) * Vector<T>(0.69314718055994530942);
  const Vector<T> p = multiply_add(r * r, polynomial(r, C::exp), r);
  return scale_by_power_of_two(Vector<T>(1) + p, n);
}

// exp(x) - 1 = 2^n (r + r^2 P(r)) + (2^n - 1), with halves of both so that 2^n may be infinite. Error:
// float 1.5, double 1.2 below 0.
template <class T, class C = Constants<T>>
LAMPAS_INLINE Vector<T> expm1(Vector<T> x) {
  const Vector<T> lowest(-50);  // from here on down the result is -1
  Vector<T> clamped = select(x > Vector<T>(C::exp_highest), Vector<T>(C::exp_highest), x);
  clamped = select(clamped < lowest, lowest, clamped);
  const Vector<T> n = round(clamped * Vector<T>(1.44269504088896340736));
  const Vector<T> r =
      multiply_add(n, Vector<T>(-C::ln2_low), multiply_add(n, Vector<T>(-C::ln2_high), clamped));
  const Vector<T> p = multiply_add(r * r, polynomial(r, C::exp), r);
  const Vector<T> half_scale = power_of_two(n - Vector<T>(1));
  const Vector<T> half = multiply_add(half_scale, p, half_scale - Vector<T>(0.5));
  return copysign(half + half, x);
}

// log(2^e (1 + f)) = e ln2 + f - f^2/2 + f^3 P(f), sqrt(1/2) <= 1 + f < sqrt(2). Error: 0.9.
template <class T, class C = Constants<T>>
LAMPAS_INLINE Vector<T> log(Vector<T> x) {
  using Unsigned = typename Vector<T>::UnsignedBits;
  const Vector<T> zero(0), infinity(__builtin_inf());
  const Mask<T> subnormal = x < Vector<T>(C::smallest_normal);
  const Vector<T> normal = C::has_subnormals ? select(subnormal, x * Vector<T>(C::subnormal_scale), x) : x;

  // Move [sqrt(1/2), sqrt(2)) to one exponent, split the fields, and move back.
  const Unsigned shifted = (Unsigned)to_bits(normal) + (C::one_bits - C::sqrt_half_bits);
  const Unsigned exponent = shifted >> C::mantissa_bits;
  const Unsigned mantissa_mask =
      Unsigned{} + (((typename Vector<T>::Lanes::Unsigned)1 << C::mantissa_bits) - 1);
  const Unsigned mantissa = (shifted & mantissa_mask) + C::sqrt_half_bits;
  const Vector<T> f = from_bits<T>((typename Vector<T>::Bits)mantissa) - Vector<T>(1);
  // The integer in the low bits of 1.5 * 2^mantissa_bits, as a number.
  const Vector<T> integer_shift(C::integer_shift);
  Vector<T> e = from_bits<T>((typename Vector<T>::Bits)((Unsigned)to_bits(integer_shift) | exponent)) -
                (integer_shift + Vector<T>(C::exponent_bias));
  if constexpr (C::has_subnormals) e = select(subnormal, e - Vector<T>(C::subnormal_exponent), e);

  const Vector<T> half_square = Vector<T>(0.5) * f * f;
  const Vector<T> cubic = multiply_add(f * f * f, polynomial(f, C::log), e * Vector<T>(C::ln2_low));
  const Vector<T> result = multiply_add(e, Vector<T>(C::ln2_high), f - (half_square - cubic));

  const Vector<T> at_edges = select(x == zero, -infinity, select(x < zero, Vector<T>(__builtin_nan("")), x));
  return select((x > zero) & (x < infinity), result, at_edges);
}

// x + x^3 P(x^2) for small |x|, else 1 - 2 / (exp(2|x|) + 1). Error: float 1.4, double 1.3.
template <class T>
LAMPAS_INLINE Vector<T> tanh(Vector<T> x) {
  using C = Constants<T>;
  const Vector<T> square = x * x;
  const Vector<T> small = multiply_add(x * square, polynomial(square, C::tanh), x);
  const Vector<T> a = abs(x);
  const Vector<T> large = Vector<T>(1) - Vector<T>(2) / (exp(a + a) + Vector<T>(1));
  return copysign(select(a < Vector<T>(C::tanh_small), small, large), x);
}

// x + x P(x^2) for small |x|, else 1 - exp(L(|x|)) where L approximates log(erfc). Error: float 1.3,
// double 1.4.
template <class T>
LAMPAS_INLINE Vector<T> erf(Vector<T> x) {
  using C = Constants<T>;
  const Vector<T> small = multiply_add(x, horner<0, 1>(x * x, C::erf), x);
  Vector<T> a = abs(x);
  const Mask<T> is_small = a < Vector<T>(C::erf_small);
  a = select(a > Vector<T>(C::erf_one), Vector<T>(C::erf_one), a);
  const Vector<T> large = Vector<T>(1) - exp(polynomial(a, C::log_erfc));
  return select(is_small, small, copysign(large, x));
}

LAMPAS_INLINE float sin_of_lane(float x) { return __builtin_sinf(x); }
LAMPAS_INLINE double sin_of_lane(double x) { return __builtin_sin(x); }
LAMPAS_INLINE float cos_of_lane(float x) { return __builtin_cosf(x); }
LAMPAS_INLINE double cos_of_lane(double x) { return __builtin_cos(x); }

// The C library's sin (quarter_turns 0) or cos (1), lane by lane: for arguments too large to reduce here.
template <int quarter_turns, class T>
__attribute__((noinline, cold)) Vector<T> sine_of_lanes(Vector<T> x) {
  for (int64_t lane = 0; lane < Vector<T>::size; ++lane) {
    x.native[lane] = quarter_turns == 0 ? sin_of_lane(x.native[lane]) : cos_of_lane(x.native[lane]);
  }
  return x;
}

// sin(x + quarter_turns * pi/2): x = n pi/2 + r, then sin(r) or cos(r) by the parity of n + quarter_turns.
template <int quarter_turns, class T>
LAMPAS_INLINE Vector<T> sine(Vector<T> x) {
  using C = Constants<T>;
  using Bits = typename Vector<T>::Bits;
  const Mask<T> reducible = abs(x) <= Vector<T>(C::reduction_limit);
  if (__builtin_expect(any(!reducible), 0)) return sine_of_lanes<quarter_turns>(x);

  const Vector<T> n = round(x * Vector<T>(0.63661977236758134308));
  // r + rest is x - n pi/2: `rest` collects what each subtraction rounds away.
  Vector<T> r = multiply_add(n, Vector<T>(-C::half_pi[0]), x);
  Vector<T> rest(0);
  for (int part = 1; part < 4; ++part) {
    const Vector<T> product = n * Vector<T>(C::half_pi[part]);
    const Vector<T> difference = r - product;
    rest = rest + ((r - difference) - product);
    r = difference;
  }
  const Bits quadrant = to_bits(n + Vector<T>(C::integer_shift + (T)quarter_turns));

  const Vector<T> square = r * r;
  // sin(r + rest) = sin(r) + rest and cos(r + rest) = cos(r) - r rest, as far as T can tell.
  const Vector<T> sin_r = r + multiply_add(r * square, polynomial(square, C::sin), rest);
  const Vector<T> half_square = Vector<T>(0.5) * square;
  const Vector<T> leading = Vector<T>(1) - half_square;
  const Vector<T> rounded_away = (Vector<T>(1) - leading) - half_square;
  const Vector<T> cos_r =
      leading + (rounded_away + (square * square * polynomial(square, C::cos) - r * rest));
  const Mask<T> odd{(Bits)((quadrant & 1) != 0)};
  const Bits sign = quadrant << (int)(8 * sizeof(T) - 2);  // bit 1 to the sign's place
  const Vector<T> result = from_bits<T>(to_bits(select(odd, cos_r, sin_r)) ^ (sign & sign_bit<T>));
  if constexpr (quarter_turns != 0) return result;
  return select(x == Vector<T>(0), x, result);  // the sign of zero
}

// Error: float 0.9, double 1.0 (from reduction_limit on, the C library's).
template <class T>
LAMPAS_INLINE Vector<T> sin(Vector<T> x) {
  return sine<0>(x);
}
template <class T>
LAMPAS_INLINE Vector<T> cos(Vector<T> x) {
  return sine<1>(x);
}

// The C library's, lane by lane; float_functions.h has that of floats.
inline __attribute__((noinline)) Vector<double> pow(Vector<double> x, Vector<double> y) {
  for (int64_t lane = 0; lane < Vector<double>::size; ++lane) {
    x.native[lane] = __builtin_pow(x.native[lane], y.native[lane]);
  }
  return x;
}

}  // namespace
}  // namespace lampas::vector::LAMPAS_SET
