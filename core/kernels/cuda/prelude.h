// The prelude of scalar_functions.h on the GPU, for float, double and int64: NVRTC compiles it, no host
// compiler sees it. Supplies what the formulas take as given, under the names they use.
#pragma once

#define LAMPAS_FUNCTION __device__ static inline

namespace lampas::formulas {

template <class V>
__device__ inline V select(bool condition, V a, V b) {
  return condition ? a : b;
}

__device__ inline bool isnan(float x) { return x != x; }
__device__ inline bool isnan(double x) { return x != x; }
__device__ inline bool isnan(long long) { return false; }

__device__ inline float multiply_add(float a, float b, float c) { return ::fmaf(a, b, c); }
__device__ inline double multiply_add(double a, double b, double c) { return ::fma(a, b, c); }
__device__ inline long long multiply_add(long long a, long long b, long long c) { return a * b + c; }

#define LAMPAS_DEVICE_PRIMITIVE(name)                            \
  __device__ inline float name(float x) { return ::name##f(x); } \
  __device__ inline double name(double x) { return ::name(x); }
LAMPAS_DEVICE_PRIMITIVE(sqrt)
LAMPAS_DEVICE_PRIMITIVE(exp)
LAMPAS_DEVICE_PRIMITIVE(expm1)
LAMPAS_DEVICE_PRIMITIVE(log)
LAMPAS_DEVICE_PRIMITIVE(tanh)
LAMPAS_DEVICE_PRIMITIVE(erf)
LAMPAS_DEVICE_PRIMITIVE(sin)
LAMPAS_DEVICE_PRIMITIVE(cos)
LAMPAS_DEVICE_PRIMITIVE(floor)
LAMPAS_DEVICE_PRIMITIVE(ceil)
LAMPAS_DEVICE_PRIMITIVE(trunc)
#undef LAMPAS_DEVICE_PRIMITIVE

// To nearest, ties to even, as on the CPU.
__device__ inline float round(float x) { return ::rintf(x); }
__device__ inline double round(double x) { return ::rint(x); }
__device__ inline float abs(float x) { return ::fabsf(x); }
__device__ inline double abs(double x) { return ::fabs(x); }
__device__ inline long long abs(long long x) { return x < 0 ? -x : x; }
__device__ inline float copysign(float a, float b) { return ::copysignf(a, b); }
__device__ inline double copysign(double a, double b) { return ::copysign(a, b); }
__device__ inline float pow(float a, float b) { return ::powf(a, b); }
__device__ inline double pow(double a, double b) { return ::pow(a, b); }

}  // namespace lampas::formulas
