// linspace and logspace: numbers at equal distances, or at equal ratios, between two bounds.
#include <complex>

#include "core/kernels/creation.h"
#include "core/ops/creation.h"
#include "core/ops/indexing.h"

namespace lampas {
namespace {

const Scalar& number_of(const Scalar& bound) { return bound; }
Scalar number_of(const Tensor& bound) { return item(bound); }

std::string dims_of(const char* name, const Tensor& bound) {
  return text(name, " with ", bound.dim(), " dimension(s)");
}

// Bounds that are tensors must be single numbers.
void check_bounds(const char*, const Scalar&, const Scalar&) {}
void check_bounds(const char* op, const Tensor& start, const Scalar&) {
  check(start.dim() == 0, op, " only supports 0-dimensional start and end tensors, but got ",
        dims_of("start", start), ".");
}
void check_bounds(const char* op, const Scalar&, const Tensor& end) {
  check(end.dim() == 0, op, " only supports 0-dimensional start and end tensors, but got ",
        dims_of("end", end), ".");
}
void check_bounds(const char* op, const Tensor& start, const Tensor& end) {
  check(start.dim() == 0 && end.dim() == 0, op,
        " only supports 0-dimensional start and end tensors, but got ", dims_of("start", start), " and ",
        dims_of("end", end), ".");
}

Tensor spaced_output(Call& call, const char* op, const Scalar& start, const Scalar& end, int64_t steps,
                     OptionalDType dtype, OptionalDevice device) {
  DType inferred = default_dtype();
  if (start.kind() == Scalar::Kind::complex || end.kind() == Scalar::Kind::complex) {
    inferred = Scalar(std::complex<double>()).dtype();
    check(!dtype || is_complex(*dtype), "torch.", op, "(): inferred dtype c10::complex<",
          inferred == DType::complex64 ? "float" : "double", "> can't be safely cast to passed dtype ",
          scalar_type_name(dtype.value_or(inferred)));
  }
  check(steps >= 0, "number of steps must be non-negative");
  Tensor output = made_output(call, {steps}, dtype, device, inferred);
  if (output.dtype() == DType::bool_)
    fail(ErrorKind::not_implemented, "\"", op, "_cpu\" not implemented for 'Bool'");
  return output;
}

// Start and End: const Tensor& or Scalar.
template <class Start, class End>
Tensor linspace_rule(Call& call, Start start, End end, int64_t steps, OptionalDType dtype,
                     OptionalDevice device) {
  check_bounds("linspace", start, end);
  const Scalar from = number_of(start), to = number_of(end);
  Tensor output = spaced_output(call, "linspace", from, to, steps, dtype, device);
  kernels::linspace(output.device(), from, to, output);
  return output;
}

template <class Start, class End>
Tensor logspace_rule(Call& call, Start start, End end, int64_t steps, double base, OptionalDType dtype,
                     OptionalDevice device) {
  check_bounds("logspace", start, end);
  const Scalar from = number_of(start), to = number_of(end);
  Tensor output = spaced_output(call, "logspace", from, to, steps, dtype, device);
  kernels::logspace(output.device(), from, to, base, output);
  return output;
}

constexpr Traits making{.forms = function | out, .forward = Forward::none};
// The bounds that are tensors are read by `item`, which transforms see.
constexpr Traits from_tensors{.forms = function | out, .forward = Forward::none, .composite = true};

template <class Start, class End>
using Linspace = Op<Tensor(Start, End, int64_t, OptionalDType, OptionalDevice)>;
template <class Start, class End>
using Logspace = Op<Tensor(Start, End, int64_t, double, OptionalDType, OptionalDevice)>;

}  // namespace

const Linspace<Scalar, Scalar> linspace{
    "linspace(Scalar start, Scalar end, int steps, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
    linspace_rule, making,
    R"(Make `steps` evenly spaced numbers from `start` to `end`, both included.

    Args:
        start, end: numbers, or tensors without dims.
        steps (int): how many.

    >>> lampas.linspace(0, 1, 3)
    tensor([0.0000, 0.5000, 1.0000])
)"};

const Linspace<const Tensor&, const Tensor&> linspace_between_tensors{
    "linspace.Tensor_Tensor(Tensor start, Tensor end, int steps, *, ScalarType? dtype=None, "
    "Device? device=None) -> Tensor",
    linspace_rule, from_tensors, "Make evenly spaced numbers between the numbers in two tensors."};

const Linspace<const Tensor&, Scalar> linspace_from_tensor{
    "linspace.Tensor_Scalar(Tensor start, Scalar end, int steps, *, ScalarType? dtype=None, "
    "Device? device=None) -> Tensor",
    linspace_rule, from_tensors, "Make evenly spaced numbers from the number in a tensor."};

const Linspace<Scalar, const Tensor&> linspace_to_tensor{
    "linspace.Scalar_Tensor(Scalar start, Tensor end, int steps, *, ScalarType? dtype=None, "
    "Device? device=None) -> Tensor",
    linspace_rule, from_tensors, "Make evenly spaced numbers up to the number in a tensor."};

const Logspace<Scalar, Scalar> logspace{
    "logspace(Scalar start, Scalar end, int steps, float base=10.0, *, ScalarType? dtype=None, "
    "Device? device=None) -> Tensor",
    logspace_rule, making,
    R"(Raise `base` to `steps` evenly spaced powers from `start` to `end`, both included.

    Args:
        start, end: numbers, or tensors without dims.
        steps (int): how many.
        base (float): what is raised.

    >>> lampas.logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
)"};

const Logspace<const Tensor&, const Tensor&> logspace_between_tensors{
    "logspace.Tensor_Tensor(Tensor start, Tensor end, int steps, float base=10.0, *, "
    "ScalarType? dtype=None, Device? device=None) -> Tensor",
    logspace_rule, from_tensors,
    "Raise a number to evenly spaced powers between the numbers in two tensors."};

const Logspace<const Tensor&, Scalar> logspace_from_tensor{
    "logspace.Tensor_Scalar(Tensor start, Scalar end, int steps, float base=10.0, *, "
    "ScalarType? dtype=None, Device? device=None) -> Tensor",
    logspace_rule, from_tensors, "Raise a number to evenly spaced powers from the number in a tensor."};

const Logspace<Scalar, const Tensor&> logspace_to_tensor{
    "logspace.Scalar_Tensor(Scalar start, Tensor end, int steps, float base=10.0, *, "
    "ScalarType? dtype=None, Device? device=None) -> Tensor",
    logspace_rule, from_tensors, "Raise a number to evenly spaced powers up to the number in a tensor."};

}  // namespace lampas
