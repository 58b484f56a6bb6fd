// view_as_real, view_as_complex, real and imag: complex numbers and their parts over the same memory.
#include "core/ops/complex_views.h"

#include "core/ops/batching.h"
#include "core/ops/creation.h"
#include "core/ops/view_parts.h"

namespace lampas {
namespace {

// A view in another dtype. Autograd does not follow writes into one, so it refuses them.
Tensor view_in(Call& call, const Tensor& input, DType dtype, const Shape& sizes, const Shape& strides,
               int64_t offset) {
  Tensor output = call.view(input, sizes, strides, offset, true);
  output.body().dtype = dtype;
  return output;
}

Tensor view_as_real_rule(Call& call, const Tensor& input) {
  check(is_complex(input.dtype()), "view_as_real is only supported for complex tensors");
  Shape sizes = input.sizes(), strides = input.strides();
  for (int64_t& stride : strides) stride *= 2;
  sizes.push_back(2);
  strides.push_back(1);
  DType dtype = input.dtype() == DType::complex64 ? DType::float32 : DType::float64;
  Tensor output = view_in(call, input, dtype, sizes, strides, 2 * input.offset());
  if (Recording node = call.record("ViewAsRealBackward0", {input}))
    node.derivative(
        [](const Gradients& grad, Wanted) { return Gradients{view_as_complex(as_contiguous(grad[0]))}; });
  return output;
}

Tensor view_as_complex_rule(Call& call, const Tensor& input) {
  bool fits = input.dtype() == DType::float32 || input.dtype() == DType::float64;
  check(fits,
        "view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar "
        "type: ",
        scalar_type_name(input.dtype()));
  check(input.dim() > 0, "Input tensor must have one or more dimensions");
  check(input.size(-1) == 2, "Tensor must have a last dimension of size 2");
  check(input.strides().back() == 1, "Tensor must have a last dimension with stride 1");
  check(input.offset() % 2 == 0, "Tensor must have a storage_offset divisible by 2");
  Shape sizes(input.sizes().begin(), input.sizes().end() - 1);
  Shape strides(input.strides().begin(), input.strides().end() - 1);
  for (int64_t& stride : strides) {
    check(stride % 2 == 0, "Tensor must have a stride divisible by 2 for all but last dimension");
    stride /= 2;
  }
  DType dtype = input.dtype() == DType::float32 ? DType::complex64 : DType::complex128;
  Tensor output = view_in(call, input, dtype, sizes, strides, input.offset() / 2);
  if (Recording node = call.record("ViewAsComplexBackward0", {input}))
    node.derivative(
        [](const Gradients& grad, Wanted) { return Gradients{view_as_real(as_contiguous(grad[0]))}; });
  return output;
}

Tensor real_rule(Call&, const Tensor& input) {
  return is_complex(input.dtype()) ? select(view_as_real(input), -1, 0) : input;
}

Tensor imag_rule(Call&, const Tensor& input) {
  check(is_complex(input.dtype()), "imag is not implemented for tensors with non-complex dtypes.");
  return select(view_as_real(input), -1, 1);
}

// The dim that comes or goes is the last one.
BatchedValue of_leading_dims(const OpBase& op, BatchedValues& arguments, int64_t) {
  Values physical{Value(batch_first(arguments[0]))};
  return {op.call(physical), 0};
}

constexpr Traits views{.forms = function,
                       .batching = Batching::custom,
                       .forward = Forward::linear,
                       .batching_rule = of_leading_dims};
constexpr Traits parts{.forms = function, .composite = true};

}  // namespace

const Op<Tensor(const Tensor&)> view_as_real{
    "view_as_real(Tensor input) -> Tensor", view_as_real_rule, views,
    R"(View complex numbers as pairs of real ones along a new last dim.

    >>> lampas.view_as_real(lampas.tensor([1 + 2j]))
    tensor([[1., 2.]])
)"};

const Op<Tensor(const Tensor&)> view_as_complex{
    "view_as_complex(Tensor input) -> Tensor", view_as_complex_rule, views,
    R"(View pairs of real numbers, along the last dim, as complex ones.

    >>> lampas.view_as_complex(lampas.tensor([[1., 2.]]))
    tensor([1.+2.j])
)"};

const Op<Tensor(const Tensor&)> real{"real(Tensor input) -> Tensor", real_rule, parts,
                                     R"(View the real parts; a real tensor is its own.

    >>> lampas.real(lampas.tensor([1 + 2j]))
    tensor([1.])
)"};

const Op<Tensor(const Tensor&)> imag{"imag(Tensor input) -> Tensor", imag_rule, parts,
                                     R"(View the imaginary parts of complex numbers.

    >>> lampas.imag(lampas.tensor([1 + 2j]))
    tensor([2.])
)"};

}  // namespace lampas
