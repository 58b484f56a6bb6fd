// Rare elementwise functions on the CPU: of floats by the instruction set's loop where there is one, else one
// loop for each dtype, which calls the function of a table.
#include "core/kernels/special.h"

#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/iteration.h"
#include "core/kernels/cpu/vector/special.h"
#include "core/kernels/special/bessel_functions.h"
#include "core/kernels/special/elementary.h"
#include "core/kernels/special/error_functions.h"
#include "core/kernels/special/gamma_functions.h"
#include "core/kernels/special/polynomials.h"

namespace lampas {
namespace {

using ComplexNumber = special::ComplexNumber;

// Elements of such a function worth some 50 microseconds.
constexpr int64_t grain = 2048;

#define LAMPAS_ROW_FUNCTION(name, dtypes) special::name,
constexpr double (*real_functions[])(double) = {LAMPAS_SPECIAL_COMPLEX_ROWS(LAMPAS_ROW_FUNCTION)
                                                    LAMPAS_SPECIAL_REAL_ROWS(LAMPAS_ROW_FUNCTION)};
constexpr ComplexNumber (*complex_functions[])(ComplexNumber) = {
    LAMPAS_SPECIAL_COMPLEX_ROWS(LAMPAS_ROW_FUNCTION)};
constexpr double (*binary_functions[])(double, double) = {LAMPAS_SPECIAL_BINARY_ROWS(LAMPAS_ROW_FUNCTION)};
#undef LAMPAS_ROW_FUNCTION

#define LAMPAS_ROW_TEXT(name, dtypes) #name,
constexpr const char* unary_names[] = {LAMPAS_SPECIAL_COMPLEX_ROWS(LAMPAS_ROW_TEXT)
                                           LAMPAS_SPECIAL_REAL_ROWS(LAMPAS_ROW_TEXT)};
constexpr const char* binary_names[] = {LAMPAS_SPECIAL_BINARY_ROWS(LAMPAS_ROW_TEXT)};
#undef LAMPAS_ROW_TEXT

enum class Floats : bool { floats, precise };
#define LAMPAS_ROW_FLOATS(name, dtypes) Floats::dtypes,
constexpr Floats unary_floats[] = {LAMPAS_SPECIAL_COMPLEX_ROWS(LAMPAS_ROW_FLOATS)
                                       LAMPAS_SPECIAL_REAL_ROWS(LAMPAS_ROW_FLOATS)};
constexpr Floats binary_floats[] = {LAMPAS_SPECIAL_BINARY_ROWS(LAMPAS_ROW_FLOATS)};
#undef LAMPAS_ROW_FLOATS

[[noreturn]] void fail_dtype(const char* name, DType dtype) {
  fail(ErrorKind::not_implemented, "\"", name, "\" not implemented for '", scalar_type_name(dtype), "'");
}

// Calls body.operator()<T>() where `dtype` is one of these floating ones.
template <class Body>
void visit_floats(DType dtype, Floats taken, const char* name, Body&& body) {
  if (taken == Floats::precise && item_size(dtype) == 2) fail_dtype(name, dtype);
  visit(dtype, [&]<class T>() {
    if constexpr (is_floating(DTypeOf<T>::dtype))
      body.template operator()<T>();
    else
      fail_dtype(name, dtype);
  });
}

// output = formula(input), element by element.
template <class T, class Formula>
void run_unary(const Tensor& input, const Tensor& output, Formula formula) {
  cpu::Iteration<2> iteration({&output, &input});
  iteration.run(
      [&](auto& data, int64_t count, auto& strides) {
        T* to = reinterpret_cast<T*>(data[0]);
        const T* from = reinterpret_cast<const T*>(data[1]);
        for (int64_t i = 0; i < count; ++i) to[i * strides[0]] = formula(from[i * strides[1]]);
      },
      grain);
}
template <class T, class Formula>
void run_binary(const Tensor& input, const Tensor& other, const Tensor& output, Formula formula) {
  cpu::Iteration<3> iteration({&output, &input, &other});
  iteration.run(
      [&](auto& data, int64_t count, auto& strides) {
        T* to = reinterpret_cast<T*>(data[0]);
        const T* first = reinterpret_cast<const T*>(data[1]);
        const T* second = reinterpret_cast<const T*>(data[2]);
        for (int64_t i = 0; i < count; ++i)
          to[i * strides[0]] = formula(first[i * strides[1]], second[i * strides[2]]);
      },
      grain);
}

const vector::SpecialTable& vector_table =
    choose(vector::baseline::special, vector::avx2::special, vector::avx512::special);

// The loop over a dtype in the instruction set's table, or null.
template <class Loop>
Loop of_dtype(const vector::FloatLoops<Loop>& loops, DType dtype) {
  if (dtype == DType::float32) return loops.float32;
  return dtype == DType::bfloat16 ? loops.bfloat16 : nullptr;
}

UnaryLoop vector_loop(SpecialUnary function, DType dtype) {
#define LAMPAS_CASE(name)  \
  case SpecialUnary::name: \
    return of_dtype(vector_table.name, dtype);
  switch (function) {
    LAMPAS_FLOAT_UNARY_ROWS(LAMPAS_CASE)
    LAMPAS_DIRECT_UNARY_ROWS(LAMPAS_CASE)
    default:
      return nullptr;
  }
#undef LAMPAS_CASE
}

BinaryLoop vector_loop(SpecialBinary function, DType dtype) {
#define LAMPAS_CASE(name)   \
  case SpecialBinary::name: \
    return of_dtype(vector_table.name, dtype);
  switch (function) {
    LAMPAS_FLOAT_BINARY_ROWS(LAMPAS_CASE)
    LAMPAS_DIRECT_BINARY_ROWS(LAMPAS_CASE)
    default:
      return nullptr;
  }
#undef LAMPAS_CASE
}

void special_unary_on_cpu(SpecialUnary function, const Tensor& input, const Tensor& output) {
  if (UnaryLoop loop = vector_loop(function, output.dtype())) {
    cpu::Iteration<2>({&output, &input}).run([loop](auto& data, int64_t count, auto& strides) {
      loop(data[1], data[0], count, strides[1], strides[0], nullptr);
    });
    return;
  }
  auto row = static_cast<size_t>(function);
  if (is_complex(output.dtype())) {
    if (row >= std::size(complex_functions)) fail_dtype(unary_names[row], output.dtype());
    auto formula = complex_functions[row];
    visit(output.dtype(), [&]<class T>() {
      if constexpr (is_complex(DTypeOf<T>::dtype))
        run_unary<T>(input, output, [formula](T x) { return T(formula(ComplexNumber(x))); });
    });
    return;
  }
  auto formula = real_functions[row];
  visit_floats(output.dtype(), unary_floats[row], unary_names[row], [&]<class T>() {
    run_unary<T>(input, output, [formula](T x) { return T(formula(static_cast<double>(x))); });
  });
}

void special_binary_on_cpu(SpecialBinary function, const Tensor& input, const Tensor& other,
                           const Tensor& output) {
  if (BinaryLoop loop = vector_loop(function, output.dtype())) {
    cpu::Iteration<3>({&output, &input, &other}).run([loop](auto& data, int64_t count, auto& strides) {
      loop(data[1], data[2], data[0], count, strides[1], strides[2], strides[0], nullptr);
    });
    return;
  }
  auto row = static_cast<size_t>(function);
  auto formula = binary_functions[row];
  visit_floats(output.dtype(), binary_floats[row], binary_names[row], [&]<class T>() {
    run_binary<T>(input, other, output,
                  [formula](T x, T y) { return T(formula(static_cast<double>(x), static_cast<double>(y))); });
  });
}

// The numbers of 16 bits are ordered as their bits are, so the next one differs by one bit pattern.
template <class T>
T next_of_16_bits(T from, T to) {
  float x = static_cast<float>(from), y = static_cast<float>(to);
  if (std::isnan(x) || std::isnan(y)) return T(x + y);
  if (x == y) return to;
  uint16_t bits = std::bit_cast<uint16_t>(from);
  if (x == 0)
    bits = static_cast<uint16_t>(1 | (y < 0 ? 0x8000 : 0));
  else
    bits = static_cast<uint16_t>(bits + ((y > x) == (x > 0) ? 1 : -1));
  return std::bit_cast<T>(bits);
}

void nextafter_on_cpu(const Tensor& input, const Tensor& other, const Tensor& output) {
  visit_floats(output.dtype(), Floats::floats, "nextafter_cpu", [&]<class T>() {
    run_binary<T>(input, other, output, [](T x, T y) {
      if constexpr (std::is_floating_point_v<T>)
        return std::nextafter(x, y);
      else
        return next_of_16_bits(x, y);
    });
  });
}

void frexp_on_cpu(const Tensor& input, const Tensor& mantissa, const Tensor& exponent) {
  visit_floats(input.dtype(), Floats::floats, "frexp_cpu", [&]<class T>() {
    cpu::Iteration<3> iteration({&mantissa, &exponent, &input});
    iteration.run([&](auto& data, int64_t count, auto& strides) {
      T* mantissas = reinterpret_cast<T*>(data[0]);
      int32_t* exponents = reinterpret_cast<int32_t*>(data[1]);
      const T* from = reinterpret_cast<const T*>(data[2]);
      for (int64_t i = 0; i < count; ++i) {
        int power = 0;
        mantissas[i * strides[0]] = T(std::frexp(static_cast<double>(from[i * strides[2]]), &power));
        exponents[i * strides[1]] = power;
      }
    });
  });
}

const Implement implement_unary(kernels::special_unary, DeviceKind::cpu, special_unary_on_cpu);
const Implement implement_binary(kernels::special_binary, DeviceKind::cpu, special_binary_on_cpu);
const Implement implement_nextafter(kernels::nextafter, DeviceKind::cpu, nextafter_on_cpu);
const Implement implement_frexp(kernels::frexp, DeviceKind::cpu, frexp_on_cpu);

}  // namespace
}  // namespace lampas
