// Powers and bits of integers on the CPU, compiled once for every integer dtype.
#include "core/kernels/integer.h"

#include <type_traits>

#include "core/kernels/cpu/iteration.h"

namespace lampas {
namespace {

using kernels::Bitwise;

// Calls body.operator()<T>() for an integer dtype, for bool where allowed.
template <class Body>
void visit_integers(DType dtype, const char* name, Body&& body) {
  visit(dtype, [&]<class T>() {
    if constexpr (std::is_integral_v<T>)
      body.template operator()<T>();
    else
      fail(ErrorKind::not_implemented, "\"", name, "\" not implemented for '", scalar_type_name(dtype), "'");
  });
}

// output = formula(a, b), element by element.
template <class T, class Formula>
void run_binary(const Tensor& a, const Tensor& b, const Tensor& output, Formula formula) {
  cpu::Iteration<3> iteration({&output, &a, &b});
  iteration.run([&](auto& data, int64_t count, auto& strides) {
    T* to = reinterpret_cast<T*>(data[0]);
    const T* first = reinterpret_cast<const T*>(data[1]);
    const T* second = reinterpret_cast<const T*>(data[2]);
    for (int64_t i = 0; i < count; ++i)
      to[i * strides[0]] = formula(first[i * strides[1]], second[i * strides[2]]);
  });
}

// By squaring; unsigned arithmetic wraps around.
template <class T>
T power(T base, T exponent) {
  if constexpr (std::is_signed_v<T>) {
    if (exponent < 0) {
      if (base == 1) return 1;
      if (base == -1) return exponent % 2 == 0 ? T(1) : T(-1);
      return 0;
    }
  }
  uint64_t result = 1, factor = static_cast<uint64_t>(base);
  for (uint64_t rest = static_cast<uint64_t>(exponent); rest != 0; rest >>= 1) {
    if (rest & 1) result *= factor;
    factor *= factor;
  }
  return static_cast<T>(result);
}

void integer_power_on_cpu(const Tensor& base, const Tensor& exponent, const Tensor& output) {
  if (output.dtype() == DType::bool_) fail(ErrorKind::not_implemented, "\"pow\" not implemented for 'Bool'");
  visit_integers(output.dtype(), "pow", [&]<class T>() {
    run_binary<T>(base, exponent, output, [](T a, T b) { return power<T>(a, b); });
  });
}

void bitwise_on_cpu(Bitwise function, const Tensor& input, const Tensor& other, const Tensor& output) {
  static constexpr const char* names[] = {"bitwise_and_cpu", "bitwise_or_cpu", "bitwise_xor_cpu"};
  visit_integers(output.dtype(), names[static_cast<int>(function)], [&]<class T>() {
    switch (function) {
      case Bitwise::conjunction:
        return run_binary<T>(input, other, output, [](T a, T b) { return static_cast<T>(a & b); });
      case Bitwise::disjunction:
        return run_binary<T>(input, other, output, [](T a, T b) { return static_cast<T>(a | b); });
      case Bitwise::exclusive:
        return run_binary<T>(input, other, output, [](T a, T b) { return static_cast<T>(a ^ b); });
    }
  });
}

void bitwise_not_on_cpu(const Tensor& input, const Tensor& output) {
  visit_integers(output.dtype(), "bitwise_not_cpu", [&]<class T>() {
    run_binary<T>(input, input, output, [](T a, T) {
      if constexpr (std::is_same_v<T, bool>)
        return !a;
      else
        return static_cast<T>(~a);
    });
  });
}

const Implement implement_integer_power(kernels::integer_power, DeviceKind::cpu, integer_power_on_cpu);
const Implement implement_bitwise(kernels::bitwise, DeviceKind::cpu, bitwise_on_cpu);
const Implement implement_bitwise_not(kernels::bitwise_not, DeviceKind::cpu, bitwise_not_on_cpu);

}  // namespace
}  // namespace lampas
