// Functions of complex numbers on the CPU.
#include "core/kernels/complex.h"

#include <complex>

#include "core/kernels/cpu/iteration.h"

namespace lampas {
namespace {

// to[i] = formula(from[i]), element by element.
template <class To, class From, class Formula>
void map_elements(const Tensor& from, const Tensor& to, Formula formula) {
  cpu::Iteration<2> iteration({&to, &from});
  iteration.run([&](auto& data, int64_t count, auto& strides) {
    To* target = reinterpret_cast<To*>(data[0]);
    const From* source = reinterpret_cast<const From*>(data[1]);
    for (int64_t i = 0; i < count; ++i) target[i * strides[0]] = formula(source[i * strides[1]]);
  });
}

template <class T>
void conjugate_parts(const Tensor& source, const Tensor& destination) {
  using Complex = std::complex<T>;
  map_elements<Complex, Complex>(source, destination, [](Complex z) { return std::conj(z); });
}

template <class T>
void magnitude_of_parts(const Tensor& input, const Tensor& output) {
  map_elements<T, std::complex<T>>(input, output, [](std::complex<T> z) { return std::abs(z); });
}

void conjugate_on_cpu(const Tensor& source, const Tensor& destination) {
  bool narrow = source.dtype() == DType::complex64;
  narrow ? conjugate_parts<float>(source, destination) : conjugate_parts<double>(source, destination);
}

void magnitude_on_cpu(const Tensor& input, const Tensor& output) {
  bool narrow = input.dtype() == DType::complex64;
  narrow ? magnitude_of_parts<float>(input, output) : magnitude_of_parts<double>(input, output);
}

void angle_on_cpu(const Tensor& input, const Tensor& output) {
  visit(input.dtype(), [&]<class T>() {
    if constexpr (is_complex(DTypeOf<T>::dtype))
      map_elements<typename T::value_type, T>(input, output, [](T z) { return std::arg(z); });
    else if constexpr (is_floating(DTypeOf<T>::dtype))
      map_elements<T, T>(input, output, [](T element) {
        double x = static_cast<double>(element);
        return std::isnan(x) ? element : T(x < 0 ? 3.14159265358979323846 : 0.0);
      });
  });
}

void join_parts_on_cpu(const Tensor& real, const Tensor& imaginary, const Tensor& output) {
  visit(output.dtype(), [&]<class T>() {
    if constexpr (is_complex(DTypeOf<T>::dtype)) {
      using Part = typename T::value_type;
      cpu::Iteration<3> iteration({&output, &real, &imaginary});
      iteration.run([&](auto& data, int64_t count, auto& strides) {
        T* to = reinterpret_cast<T*>(data[0]);
        const Part* first = reinterpret_cast<const Part*>(data[1]);
        const Part* second = reinterpret_cast<const Part*>(data[2]);
        for (int64_t i = 0; i < count; ++i)
          to[i * strides[0]] = T(first[i * strides[1]], second[i * strides[2]]);
      });
    }
  });
}

const Implement implement_angle(kernels::angle, DeviceKind::cpu, angle_on_cpu);
const Implement implement_join_parts(kernels::join_parts, DeviceKind::cpu, join_parts_on_cpu);
const Implement implement_conjugate(kernels::conjugate, DeviceKind::cpu, conjugate_on_cpu);
const Implement implement_magnitude(kernels::magnitude, DeviceKind::cpu, magnitude_on_cpu);

}  // namespace
}  // namespace lampas
