// Complex numbers as pairs of real ones: views both ways, their parts, and complex tensors made of real ones.
#include "core/kernels/complex.h"
#include "core/ops/arithmetic.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/pointwise.h"
#include "core/ops/view_parts.h"

namespace lampas {

extern const UnaryOp view_as_real;
extern const UnaryOp view_as_complex;
extern const UnaryOp real;
extern const UnaryOp imag;

namespace {

using namespace arithmetic;
using namespace pointwise;

// (..., 2) real numbers on the same memory.
Tensor view_as_real_rule(Call& call, const Tensor& input) {
  check(is_complex(input.dtype()), "view_as_real is only supported for complex tensors");
  Shape sizes = input.sizes(), strides = input.strides();
  for (int64_t& stride : strides) stride *= 2;
  sizes.push_back(2);
  strides.push_back(1);
  Tensor output = call.view(input, sizes, strides, input.offset() * 2, true);
  output.body().dtype = real_dtype(input.dtype());
  if (Recording node = call.record("ViewAsRealBackward0", {input}))
    node.derivative([](const Gradients& grad, Wanted) {
      Tensor pairs = grad[0];  // a gradient may lie in any way; a view wants its pairs side by side
      return Gradients{view_as_complex(pairs.stride(-1) == 1 ? pairs : clone(pairs))};
    });
  return output;
}

Tensor view_as_complex_rule(Call& call, const Tensor& input) {
  DType dtype = input.dtype();
  check(dtype == DType::float32 || dtype == DType::float64,
        "view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar "
        "type: ",
        scalar_type_name(dtype));
  check(input.dim() > 0, "Input tensor must have one or more dimensions");
  check(input.size(-1) == 2, "Tensor must have a last dimension of size 2");
  Shape sizes = input.sizes(), strides = input.strides();
  check(strides.back() == 1, "Tensor must have a last dimension with stride 1");
  sizes.resize(sizes.size() - 1);
  strides.resize(strides.size() - 1);
  for (int64_t& stride : strides) {
    check(stride % 2 == 0, "Tensor must have a stride divisible by 2 for all but last dimension");
    stride /= 2;
  }
  check(input.offset() % 2 == 0, "Tensor must have a storage_offset divisible by 2");
  Tensor output = call.view(input, sizes, strides, input.offset() / 2, true);
  output.body().dtype = dtype == DType::float32 ? DType::complex64 : DType::complex128;
  if (Recording node = call.record("ViewAsComplexBackward0", {input}))
    node.derivative([](const Gradients& grad, Wanted) { return Gradients{view_as_real(grad[0])}; });
  return output;
}

Tensor real_rule(Call&, const Tensor& input) {
  return is_complex(input.dtype()) ? select(view_as_real(input), -1, 0) : input;
}
Tensor imag_rule(Call&, const Tensor& input) {
  check(is_complex(input.dtype()), "imag is not implemented for tensors with non-complex dtypes.");
  return select(view_as_real(input), -1, 1);
}

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

constexpr Traits viewing{
    .forms = function, .batching = Batching::elementwise, .forward = Forward::linear, .elementwise = true};
constexpr Traits viewing_precise{.forms = function,
                                 .batching = Batching::elementwise,
                                 .forward = Forward::linear,
                                 .autocast = Autocast::float32,
                                 .elementwise = true};
constexpr Traits polar_traits{.forms = function | out,
                              .batching = Batching::elementwise,
                              .autocast = Autocast::float32,
                              .elementwise = true};
constexpr Traits composite_function{.forms = function, .composite = true};
constexpr Traits making{.forms = function | out, .batching = Batching::elementwise, .elementwise = true};
using BinaryOp = Op<Tensor(const Tensor&, const Tensor&)>;

}  // namespace

const UnaryOp view_as_real{"view_as_real(Tensor input) -> Tensor", view_as_real_rule, viewing,
                           R"(View complex numbers as pairs of real ones, in a last dim of size 2.

    >>> lampas.view_as_real(lampas.tensor([1 + 2j]))
    tensor([[1., 2.]])
)"};

const UnaryOp view_as_complex{"view_as_complex(Tensor input) -> Tensor", view_as_complex_rule,
                              viewing_precise,
                              R"(View pairs of real numbers, in a last dim of size 2, as complex ones.

    >>> lampas.view_as_complex(lampas.tensor([[1.0, 2.0]]))
    tensor([1.+2.j])
)"};

const UnaryOp real{"real(Tensor input) -> Tensor", real_rule, composite_function,
                   R"(View the real parts; a real tensor is its own.

    >>> lampas.real(lampas.tensor([1 + 2j]))
    tensor([1.])
)"};

const UnaryOp imag{"imag(Tensor input) -> Tensor", imag_rule, composite_function,
                   R"(View the imaginary parts of complex numbers.

    >>> lampas.imag(lampas.tensor([1 + 2j]))
    tensor([2.])
)"};

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
