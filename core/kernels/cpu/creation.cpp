// Evenly spaced numbers on the CPU.
#include "core/kernels/creation.h"

#include <cmath>
#include <complex>
#include <type_traits>

#include "core/kernels/cpu/number_conversion.h"

namespace lampas {
namespace {

template <class T>
inline constexpr bool is_complex_type = false;
template <class T>
inline constexpr bool is_complex_type<std::complex<T>> = true;
template <class T>
inline constexpr bool is_half_type = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;

// What T is computed in.
template <class T>
using Wide = std::conditional_t<is_complex_type<T>, std::complex<double>,
                                std::conditional_t<std::is_integral_v<T>, int64_t, double>>;

template <class T>
T narrowed(Wide<T> value) {
  if constexpr (is_half_type<T>)
    return T(static_cast<float>(value));
  else
    return static_cast<T>(value);
}

void arange_on_cpu(const Scalar& start, const Scalar& step, const Tensor& output) {
  if (output.numel() == 0) return;
  visit(output.dtype(), [&]<class T>() {
    const auto first = start.to<Wide<T>>(), distance = step.to<Wide<T>>();
    T* target = output.data<T>();
    const int64_t stride = output.strides()[0];
    for (int64_t i = 0; i < output.numel(); ++i) {
      if constexpr (std::is_integral_v<T>)
        target[i * stride] = narrowed<T>(static_cast<int64_t>(
            static_cast<uint64_t>(first) + static_cast<uint64_t>(i) * static_cast<uint64_t>(distance)));
      else
        target[i * stride] = narrowed<T>(first + distance * static_cast<double>(i));
    }
  });
}

// PyTorch rounds the distance to the result's dtype, to double for integers.
void linspace_on_cpu(const Scalar& start, const Scalar& end, const Tensor& output) {
  const int64_t count = output.numel();
  if (count == 0) return;
  visit(output.dtype(), [&]<class T>() {
    using Step =
        std::conditional_t<std::is_integral_v<T>, double, std::conditional_t<is_half_type<T>, float, T>>;
    using Real = std::conditional_t<is_complex_type<T>, decltype(std::abs(Step())), Step>;
    T* target = output.data<T>();
    const int64_t stride = output.strides()[0];
    const T low = start.to<T>(), high = end.to<T>();
    if (count == 1) {
      target[0] = low;
      return;
    }
    const Step from = static_cast<Step>(low), to = static_cast<Step>(high);
    const Step distance = (to - from) / static_cast<Real>(count - 1);
    for (int64_t i = 0; i < count; ++i) {
      const Step value = i < count / 2 ? from + distance * static_cast<Real>(i)
                                       : to - distance * static_cast<Real>(count - 1 - i);
      target[i * stride] = static_cast<T>(value);
    }
  });
}

// PyTorch rounds bounds to the result's dtype and raises in double; complex numbers stay what they are.
void logspace_on_cpu(const Scalar& start, const Scalar& end, double base, const Tensor& output) {
  const int64_t count = output.numel();
  visit(output.dtype(), [&]<class T>() {
    using Power = std::conditional_t<is_complex_type<T>, T, double>;
    using Real = std::conditional_t<is_complex_type<T>, decltype(std::abs(Power())), double>;
    T* target = output.data<T>();
    const int64_t stride = output.strides()[0];
    const Power raised = static_cast<Power>(base);
    const Power from = static_cast<Power>(start.to<T>()), to = static_cast<Power>(end.to<T>());
    const Power distance = count > 1 ? (to - from) / static_cast<Real>(count - 1) : Power(0);
    for (int64_t i = 0; i < count; ++i) {
      const bool from_start = count == 1 || i < count / 2;
      const Power power = from_start ? from + distance * static_cast<Real>(i)
                                     : to - distance * static_cast<Real>(count - 1 - i);
      const Power value = std::pow(raised, power);
      if constexpr (is_complex_type<T>)
        target[i * stride] = value;
      else if constexpr (is_half_type<T>)
        target[i * stride] = T(static_cast<float>(value));
      else
        target[i * stride] = numbers::convert<T>(value);
    }
  });
}

const Implement implement_arange(kernels::arange, DeviceKind::cpu, arange_on_cpu);
const Implement implement_linspace(kernels::linspace, DeviceKind::cpu, linspace_on_cpu);
const Implement implement_logspace(kernels::logspace, DeviceKind::cpu, logspace_on_cpu);

}  // namespace
}  // namespace lampas
