// result_type, after PyTorch's three priorities: dims, zero dims, numbers.
#include "core/ops/promotion.h"

#include <cmath>
#include <limits>

#include "core/kernels/copy.h"

namespace lampas {
namespace {

class Meeting {
 public:
  void add(const Tensor& tensor) {
    if (!tensor.defined()) return;
    DType dtype = tensor.dtype();
    Priority& priority = tensor.body().wrapped_number ? numbers_ : tensor.dim() == 0 ? scalars_ : dims_;
    if (&priority == &numbers_) {  // a Python float weighs as the default type
      if (dtype == DType::float64) dtype = default_dtype();
      if (dtype == DType::complex128)
        dtype = default_dtype() == DType::float64 ? DType::complex128 : DType::complex64;
    }
    priority.dtype = priority.present ? promote(priority.dtype, dtype) : dtype;
    priority.present = true;
  }
  DType result() const { return combine(dims_, combine(scalars_, numbers_)).dtype; }

 private:
  struct Priority {
    bool present = false;
    DType dtype = DType::bool_;
  };
  static Priority combine(Priority higher, Priority lower) {
    if (!higher.present) return lower;
    if (!lower.present || category(lower.dtype) <= category(higher.dtype)) {
      return higher;
    }
    // A complex number beside a real tensor keeps the tensor's precision.
    if (is_complex(lower.dtype) && is_floating(higher.dtype))
      return {true, promote(higher.dtype, DType::complex64)};
    return {true, promote(higher.dtype, lower.dtype)};
  }
  Priority dims_, scalars_, numbers_;
};

}  // namespace

DType result_type(std::initializer_list<InputReference> tensors) {
  Meeting meeting;
  for (const InputReference& reference : tensors) meeting.add(*reference.tensor);
  return meeting.result();
}

DType result_type(const TensorList& tensors) {
  Meeting meeting;
  for (const Tensor& tensor : tensors) meeting.add(tensor);
  return meeting.result();
}

namespace {

// As C++ names the type, which is how PyTorch's message says it.
const char* native_name(DType dtype) {
  switch (dtype) {
    case DType::uint8:
      return "uint8_t";
    case DType::int8:
      return "int8_t";
    case DType::int16:
      return "int16_t";
    case DType::int32:
      return "int";
    case DType::int64:
      return "int64_t";
    case DType::uint16:
      return "uint16_t";
    case DType::uint32:
      return "uint32_t";
    case DType::uint64:
      return "uint64_t";
    case DType::float16:
      return "c10::Half";
    case DType::bfloat16:
      return "c10::BFloat16";
    case DType::float32:
      return "float";
    case DType::float64:
      return "double";
    case DType::complex64:
      return "c10::complex<float>";
    case DType::complex128:
      return "c10::complex<double>";
    case DType::bool_:
      return "bool";
  }
  __builtin_unreachable();
}

// Of integers: bits of magnitude. A negative number wraps around in an unsigned type.
bool fits_integer(double value, DType dtype) {
  double limit = std::ldexp(1.0, static_cast<int>(item_size(dtype)) * 8 - is_signed(dtype));
  return is_signed(dtype) ? value >= -limit && value < limit : value > -limit && value < limit;
}

// NaN and infinity fit every floating type.
bool fits_floating(double value, DType dtype) {
  return !std::isfinite(value) || std::abs(value) <= greatest_finite(dtype);
}

}  // namespace

double greatest_finite(DType dtype) {
  if (dtype == DType::float16) return 65504.0;
  if (dtype == DType::bfloat16) return 3.3895313892515355e38;
  bool single = real_dtype(dtype) == DType::float32;
  return single ? std::numeric_limits<float>::max() : std::numeric_limits<double>::max();
}

const char* compiler_name(DType dtype) {
  static constexpr const char* names[] = {"unsigned char",
                                          "signed char",
                                          "short int",
                                          "int",
                                          "long int",
                                          "c10::Half",
                                          "float",
                                          "double",
                                          "c10::complex<float>",
                                          "c10::complex<double>",
                                          "bool",
                                          "c10::BFloat16",
                                          "short unsigned int",
                                          "unsigned int",
                                          "long unsigned int"};
  static_assert(std::size(names) == dtype_count);
  return names[static_cast<int>(dtype)];
}

std::string legacy_type_name(DType dtype) {
  bool is_whole = is_integral(dtype, false) && (is_signed(dtype) || dtype == DType::uint8);
  bool is_legacy = is_whole || (is_floating(dtype) && dtype != DType::bfloat16);
  return is_legacy ? text("torch.", scalar_type_name(dtype), "Tensor")
                   : text("CPU", scalar_type_name(dtype), "Type");
}

void check_out_dtype(const Call& call, size_t slot, DType dtype) {
  const Tensor* target = call.target(slot);
  if (call.in_place() || !target || !target->defined() || target->dtype() == dtype) return;
  fail(ErrorKind::runtime, "Expected out tensor to have dtype ", compiler_name(dtype), ", but got ",
       compiler_name(target->dtype()), " instead");
}

void check_fits(const Scalar& value, DType dtype) {
  if (dtype == DType::bool_) return;
  auto number = value.to<std::complex<double>>();
  bool fits = true;
  if (is_integral(dtype))
    fits = number.imag() == 0 && fits_integer(std::trunc(number.real()), dtype);
  else if (is_complex(dtype))
    fits = fits_floating(number.real(), dtype) && fits_floating(number.imag(), dtype);
  else
    fits = number.imag() == 0 && fits_floating(number.real(), dtype);
  // The largest integers round up to 2^63 as a double.
  if (!fits && value.is_integral() && item_size(dtype) == 8) fits = true;
  check(fits, "value cannot be converted to type ", native_name(dtype), " without overflow");
}

Parameter as_parameter(const Scalar& value) {
  Parameter parameter;
  auto complex = value.to<std::complex<double>>();
  parameter.real = complex.real();
  parameter.imaginary = complex.imag();
  parameter.integer = value.is_integral() ? value.to<int64_t>() : static_cast<int64_t>(complex.real());
  return parameter;
}

}  // namespace lampas
