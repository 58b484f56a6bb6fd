// The p-norm of the elements of a tensor or of its dims (torch.linalg.vector_norm; torch.norm stands on it).
#include <cmath>
#include <limits>

#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/complex_views.h"
#include "core/ops/creation.h"
#include "core/ops/folding.h"
#include "core/ops/power.h"
#include "core/ops/promotion.h"
#include "core/ops/statistics.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

Tensor is_zero(const Tensor& tensor) { return eq(tensor, number_tensor(0)); }

// Of real or complex numbers. `dims` are all those to fold.
Tensor norm_of(const Tensor& input, double order, const Shape& dims, bool keepdim) {
  if (!dims.empty() && is_floating(input.dtype()) && (order == 1 || order == 2)) {
    uint64_t mask = dims_mask(dims, input.dim());
    Tensor norm = new_tensor(reduced_shape(input.sizes(), mask, keepdim), input.dtype(), input.device());
    fold_into(order == 1 ? Fold::magnitude_sum : Fold::square_sum, input, mask, norm);
    return order == 1 ? norm : sqrt(norm);
  }
  Tensor sizes = abs(input);
  if (dims.empty()) return order == 0 ? cast(ne(sizes, number_tensor(0)), sizes.dtype()) : sizes;
  if (order == std::numeric_limits<double>::infinity()) return amax(sizes, dims, keepdim);
  if (order == -std::numeric_limits<double>::infinity()) return amin(sizes, dims, keepdim);
  if (order == 0) return sum(ne(sizes, number_tensor(0)), dims, keepdim, sizes.dtype());
  if (order == 1) return sum_dims(sizes, dims, keepdim);
  if (order == 2) return sqrt(sum_dims(mul(sizes, sizes), dims, keepdim));
  return pow_scalar(sum_dims(pow_scalar(sizes, Scalar(order)), dims, keepdim), Scalar(1 / order));
}

// The gradient of |x|_p is sgn(x) |x|^(p-1) / |x|_p^(p-1); zero where the norm is no smooth function of x.
Tensor norm_gradient(const Tensor& grad, const Tensor& input, const Tensor& norm, double order,
                     uint64_t mask) {
  if (order == 0) return Tensor();  // steps have no slope
  if (order == 1) return mul(sgn(input), grad);
  if (order == 2) return mul(grad, masked_fill(div(input, norm), is_zero(norm), 0));
  if (std::isinf(order)) {
    Tensor both_nan = mul(isnan(input), isnan(norm));
    Tensor reached = add(eq(abs(input), norm), both_nan, 1);  // of bools: or
    Shape dims;
    for (int64_t dim = 0; dim < input.dim(); ++dim)
      if (mask >> dim & 1) dims.push_back(dim);
    Tensor count = dims.empty() ? cast(reached, DType::int64) : sum_dims(reached, dims, true);
    return mul(mul(sgn(input), reached), div(grad, count));
  }
  if (order < 1) {
    Tensor slopes = masked_fill(pow_scalar(abs(input), Scalar(order - 1)), is_zero(input), 0);
    return mul(mul(sgn(input), slopes), mul(grad, pow_scalar(norm, Scalar(1 - order))));
  }
  Tensor slopes = order < 2 ? mul(sgn(input), pow_scalar(abs(input), Scalar(order - 1)))
                            : mul(input, pow_scalar(abs(input), Scalar(order - 2)));
  Tensor factor = div(grad, pow_scalar(norm, Scalar(order - 1)));
  return mul(slopes, masked_fill(factor, is_zero(norm), 0));
}

void check_norm_dtype(const Tensor& input, const std::optional<DType>& dtype) {
  check(is_differentiable(input.dtype()),
        "linalg.vector_norm: Expected a floating point or complex tensor as input. Got ",
        scalar_type_name(input.dtype()));
  if (!dtype) return;
  check(is_differentiable(*dtype), "linalg.vector_norm: dtype should be floating point or complex, but got ",
        scalar_type_name(*dtype));
  check(is_complex(*dtype) == is_complex(input.dtype()), "linalg.vector_norm: dtype should be ",
        is_complex(input.dtype()) ? "complex" : "real", " for ",
        is_complex(input.dtype()) ? "complex" : "real", " inputs, but got ", scalar_type_name(*dtype));
  check(promote(input.dtype(), *dtype) == *dtype, "linalg.vector_norm: the dtype of the input ", "(",
        scalar_type_name(input.dtype()), ") should be convertible without narrowing to the specified dtype (",
        scalar_type_name(*dtype), ")");
}

void check_identity(const Tensor& input, double order, uint64_t mask, bool of_all) {
  if (input.numel() > 0 || (order >= 0 && !std::isinf(order))) return;
  check(!of_all, "linalg.vector_norm cannot compute the ", order,
        " norm on an empty tensor because the operation does not have an identity");
  for (int64_t dim = 0; dim < input.dim(); ++dim)
    check(!(mask >> dim & 1) || input.sizes()[dim] > 0, "linalg.vector_norm cannot compute the ", order,
          " norm on the dimension ", dim,
          "because this dimension is empty and the operation does not have an identity");
}

Tensor vector_norm_rule(Call& call, const Tensor& input, Scalar ord, const Dims& dim, bool keepdim,
                        std::optional<DType> dtype) {
  check_norm_dtype(input, dtype);
  check(ord.kind() != Scalar::Kind::complex,
        "linalg.vector_norm: Expected a non-complex scalar as the order of norm.");
  double order = ord.to<double>();
  bool of_all = !dim || dim->empty();
  uint64_t mask = dims_mask(dim.value_or(Shape()), input.dim());
  check_identity(input, order, mask, of_all);
  DType result_dtype = real_dtype(dtype.value_or(input.dtype()));
  check_out_dtype(call, 0, result_dtype);
  if (Recording node = call.record("LinalgVectorNormBackward0", {input})) {
    Saved saved_input = node.save("self", input), saved_result = node.save_output("result");
    Shape sizes = input.sizes();
    node.derivative([=](const Gradients& grad, Wanted) {
      Tensor whole = saved_input();
      Tensor outer = with_folded_dims(grad[0], sizes, mask, keepdim);
      Tensor norm = with_folded_dims(saved_result(), sizes, mask, keepdim);
      return Gradients{norm_gradient(outer, cast(whole, dtype.value_or(whole.dtype())), norm, order, mask)};
    });
  }
  GradModeGuard off(false);
  Shape dims;
  for (int64_t i = 0; i < input.dim(); ++i)
    if (mask >> i & 1) dims.push_back(i);
  // Halves are summed up in float32.
  DType computed = dtype.value_or(input.dtype());
  if (item_size(computed) == 2) computed = DType::float32;
  return cast(norm_of(cast(detach(input), computed), order, dims, keepdim), result_dtype);
}

constexpr double renorm_epsilon = 1e-7;  // added to a norm that is divided by

// Every dim but one.
Shape other_dims(const Tensor& input, int64_t dim) {
  Shape dims;
  for (int64_t i = 0; i < input.dim(); ++i)
    if (i != dim) dims.push_back(i);
  return dims;
}

// Of y = x m / (|x| + e) where |x| > m: grad m / (|x| + e) - <grad, x> m / (|x| + e)^2 d|x|/dx.
Tensor renorm_gradient(const Tensor& grad, const Tensor& input, double order, const Shape& dims,
                       double limit) {
  Tensor norm = vector_norm(input, Scalar(order), dims, true, std::nullopt);
  Tensor inverse = reciprocal(add(norm, number_tensor(renorm_epsilon), 1));
  Tensor along = sum_dims(mul(grad, conjugate(input)), dims, true);
  if (is_complex(along.dtype())) along = real(along);
  Tensor of_norm = norm_gradient(along, input, norm, order, dims_mask(dims, input.dim()));
  Tensor scaled_down = mul(sub(grad, mul(inverse, of_norm), 1), mul(inverse, number_tensor(limit)));
  return where(gt(norm, number_tensor(limit)), cast(scaled_down, grad.dtype()), grad);
}

Tensor renorm_rule(Call& call, const Tensor& input, Scalar p, int64_t dim, Scalar maxnorm) {
  check(p.kind() != Scalar::Kind::complex, "renorm: p must be real-valued");
  const double order = p.to<double>();
  check(order > 0, "renorm: non-positive-norm not supported");
  check(maxnorm.kind() != Scalar::Kind::complex, "renorm: maxnorm must be real-valued");
  const double limit = maxnorm.to<double>();
  check(limit >= 0, "renorm: expected maxnorm to be >= 0 but got ", limit);
  check(input.dim() > 1, "renorm: input needs at least 2 dimensions, got ", input.dim(), " dimensions");
  const Shape dims = other_dims(input, wrap_dim(dim, input.dim()));
  if (Recording node = call.record("RenormBackward0", {input})) {
    Saved saved_input = node.save("self", input);
    node.derivative([=](const Gradients& grad, Wanted) {
      return Gradients{renorm_gradient(grad[0], saved_input(), order, dims, limit)};
    });
  }
  GradModeGuard off(false);
  Tensor slices = detach(input);
  DType computed = real_dtype(input.dtype());
  if (item_size(computed) == 2) computed = DType::float32;
  if (is_complex(input.dtype())) computed = input.dtype();
  Tensor norm = vector_norm(slices, Scalar(order), dims, true, computed);
  Tensor factor = div(number_tensor(limit), add(norm, number_tensor(renorm_epsilon), 1));
  factor = masked_fill(factor, logical_not(gt(norm, number_tensor(limit))), 1);
  return cast(mul(slices, factor), input.dtype());
}

}  // namespace

const Op<Tensor(const Tensor&, Scalar, const Dims&, bool, std::optional<DType>)> vector_norm{
    "linalg_vector_norm(Tensor x, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, "
    "ScalarType? dtype=None) -> Tensor",
    vector_norm_rule,
    {.forms = function | out, .batching = Batching::leading, .autocast = Autocast::float32},
    R"(Take the p-norm of a tensor's elements, or of those of its given dims: (sum |x|^p)^(1/p).

    Args:
        x: a floating point or complex tensor.
        ord: p; infinity gives the largest size, minus infinity the smallest, 0 counts what is not zero.
        dim: the dims to fold; all of them when not given.
        keepdim: keep the folded dims with size 1.
        dtype: the dtype in which to compute.

    Raises RuntimeError for integers and bool.

    >>> lampas.linalg.vector_norm(lampas.tensor([3.0, -4.0]))
    tensor(5.)
)"};

const Op<Tensor(const Tensor&, Scalar, int64_t, Scalar)> renorm{
    "renorm(Tensor input, Scalar p, int dim, Scalar maxnorm) -> Tensor",
    renorm_rule,
    {.forms = function | method | in_place | out},
    R"(Scale the slices of a tensor down to a p-norm, where theirs is greater.

    Args:
        input (Tensor): a floating point or complex tensor with at least two dims.
        p (Number): which norm; greater than zero.
        dim (int): the slices are those for one index each of this dim.
        maxnorm (Number): what their norm may be.

    Raises RuntimeError for a p that is not positive, a negative maxnorm, one dim, integers.

    >>> lampas.renorm(lampas.tensor([[3.0, 4.0], [0.3, 0.4]]), 2, 0, 1)
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
)"};

}  // namespace lampas
