// Complex tensors made of real ones, and which elements are real.
#include "core/kernels/complex.h"
#include "core/ops/arithmetic.h"
#include "core/ops/comparison.h"
#include "core/ops/complex_views.h"
#include "core/ops/creation.h"
#include "core/ops/pointwise.h"

namespace lampas {
namespace {

using namespace arithmetic;
using namespace pointwise;

Tensor isreal_rule(Call&, const Tensor& input) {
  if (!is_complex(input.dtype())) return full(input.sizes(), true, DType::bool_, input.device());
  return eq(imag(input), number_tensor(0));
}

// The complex dtype that two tensors of one real floating dtype make.
DType complex_of(const Tensor& first, const Tensor& second) {
  auto fits = [](DType dtype) { return dtype == DType::float32 || dtype == DType::float64; };
  check(fits(first.dtype()) && fits(second.dtype()),
        "Expected both inputs to be Half, Float or Double tensors but got ", scalar_type_name(first.dtype()),
        " and ", scalar_type_name(second.dtype()));
  check(first.dtype() == second.dtype(), "Expected object of scalar type ", scalar_type_name(first.dtype()),
        " but got scalar type ", scalar_type_name(second.dtype()), " for second argument");
  return first.dtype() == DType::float32 ? DType::complex64 : DType::complex128;
}
void check_complex_target(const Call& call, DType dtype) {
  const Tensor* target = call.target();
  if (target && target->defined())
    check(target->dtype() == dtype, "Expected object of scalar type ", scalar_type_name(dtype),
          " but got scalar type ", scalar_type_name(target->dtype()), " for argument 'out'");
}

Tensor complex_rule(Call& call, const Tensor& real_part, const Tensor& imaginary_part) {
  DType dtype = complex_of(real_part, imaginary_part);
  check_complex_target(call, dtype);
  Tensor output = call.elementwise_output({real_part, imaginary_part}, dtype);
  if (Recording node = call.record("ComplexBackward0", {real_part, imaginary_part}))
    node.derivative([](const Gradients& grad, Wanted) { return Gradients{real(grad[0]), imag(grad[0])}; });
  kernels::join_parts(output.device(), real_part, imaginary_part, output);
  return output;
}

// abs (cos(angle) + i sin(angle))
Tensor polar_rule(Call& call, const Tensor& abs, const Tensor& angle) {
  if (abs.dtype() == DType::float16 && angle.dtype() == DType::float16)
    fail(ErrorKind::not_implemented, "\"polar_cpu\" not implemented for 'Half'");
  DType dtype = complex_of(abs, angle);
  check_complex_target(call, dtype);
  Tensor output = call.elementwise_output({abs, angle}, dtype);
  if (Recording node = call.record("PolarBackward0", {abs, angle})) {
    Saved saved = node.save_output("result");
    node.derivative([saved](const Gradients& grad, Wanted) {
      Tensor z = saved(), conjugated = conjugate(grad[0]);
      Tensor turned = mul(z, number_tensor(Scalar(std::complex<double>(0, 1))));
      return Gradients{real(mul(conjugated, sgn(z))), real(mul(conjugated, turned))};
    });
  }
  auto part = [&](UnaryFunction function) {
    Tensor factor = new_tensor(angle.sizes(), angle.dtype(), angle.device());
    Tensor product = new_tensor(output.sizes(), angle.dtype(), angle.device());
    run(function, angle, factor);
    run(BinaryFunction::mul, abs, factor, product);
    return product;
  };
  kernels::join_parts(output.device(), part(UnaryFunction::cos), part(UnaryFunction::sin), output);
  return output;
}

constexpr Traits polar_traits{.forms = function | out,
                              .batching = Batching::elementwise,
                              .autocast = Autocast::float32,
                              .elementwise = true};
constexpr Traits making{.forms = function | out, .batching = Batching::elementwise, .elementwise = true};
using BinaryOp = Op<Tensor(const Tensor&, const Tensor&)>;

}  // namespace

const UnaryOp isreal{"isreal(Tensor input) -> Tensor",
                     isreal_rule,
                     {.forms = function | method, .composite = true},
                     R"(Tell which elements have no imaginary part.

    >>> lampas.isreal(lampas.tensor([1 + 2j, 3]))
    tensor([False,  True])
)"};

const BinaryOp complex{"complex(Tensor real, Tensor imag) -> Tensor", complex_rule, making,
                       R"(Make complex numbers of their real and imaginary parts.

    >>> lampas.complex(lampas.tensor([1.0]), lampas.tensor([2.0]))
    tensor([1.+2.j])
)"};

const BinaryOp polar{"polar(Tensor abs, Tensor angle) -> Tensor", polar_rule, polar_traits,
                     R"(Make complex numbers of their absolute values and angles.

    >>> lampas.polar(lampas.tensor([2.0]), lampas.tensor([0.0]))
    tensor([2.+0.j])
)"};

}  // namespace lampas
