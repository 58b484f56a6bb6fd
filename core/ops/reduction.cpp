// sum, mean, prod, any, all: dims folded into one value each.
#include "core/ops/reduction.h"

#include "core/kernels/copy.h"
#include "core/kernels/elementwise.h"
#include "core/kernels/reduction.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/folding.h"
#include "core/ops/indexing.h"
#include "core/ops/promotion.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"
#include "core/ops/view_parts.h"

namespace lampas {

Tensor spread(const Tensor& folded, const Shape& sizes, uint64_t mask, bool keepdim) {
  if (folded.dim() == 0) return expand(folded, sizes);
  return expand(with_folded_dims(folded, sizes, mask, keepdim), sizes);
}

Tensor with_folded_dims(const Tensor& folded, const Shape& sizes, uint64_t mask, bool keepdim) {
  if (keepdim || folded.dim() == 0 || mask == 0) return folded;
  Shape with_ones;
  for (size_t dim = 0; dim < sizes.size(); ++dim) with_ones.push_back(mask >> dim & 1 ? 1 : sizes[dim]);
  return folded.sizes() == with_ones ? folded : reshape(folded, with_ones);
}

Tensor shared_gradient(const Tensor& grad, const Tensor& hits, uint64_t mask) {
  Shape dims;
  for (int64_t dim = 0; dim < hits.dim(); ++dim)
    if (mask >> dim & 1) dims.push_back(dim);
  return mul(div(grad, sum_dims(hits, dims, true)), hits);
}

Tensor selected_gradient(const Tensor& grad, const Tensor& indices, const Shape& sizes, int64_t dim,
                         bool keepdim) {
  if (sizes.empty()) return grad;
  Tensor values = keepdim ? grad : unsqueeze(grad, dim);
  Tensor places = keepdim ? indices : unsqueeze(indices, dim);
  return scatter(zeros(sizes, values.dtype(), values.device()), dim, places, values);
}

bool has_zero(const Tensor& input) {
  if (input.is_wrapped()) return true;  // unknown; the careful way is right for all
  if (input.device().kind == DeviceKind::meta) return false;
  return item(any(eq(input, number_tensor(0)))).to<bool>();
}

void check_dim_not_empty(const std::string& call, const Tensor& input, int64_t dim) {
  if (input.dim() > 0 && input.sizes()[dim] == 0)
    fail(ErrorKind::index, call, ": Expected reduction dim ", dim, " to have non-zero size.");
}

void fold_into(Fold fold, const Tensor& input, uint64_t mask, const Tensor& output) {
  DType computed = kernels::fold_dtype(fold, input.dtype());
  if (computed == output.dtype()) return kernels::fold(input.device(), fold, input, mask, output);
  Tensor result = new_tensor(output.sizes(), computed, output.device());
  kernels::fold(input.device(), fold, input, mask, result);
  kernels::copy(output.device(), result, output);
}

namespace {

// An empty list of dims means all of them.
uint64_t mask_of(const Dims& dim, int64_t rank) { return dims_mask(dim.value_or(Shape()), rank); }

// The input of a sum or product whose result has the dtype `result`: converted first, as PyTorch does it,
// unless the fold widens to that dtype by itself.
Tensor widened(Fold fold, const Tensor& input, DType result) {
  bool by_itself = kernels::fold_dtype(fold, input.dtype()) == result;
  return by_itself ? input : converted(input, result);
}

// The dtype of a sum or product: as asked for, that of an out= tensor, else what loses nothing.
DType accumulated_dtype(const Call& call, const Tensor& input, std::optional<DType> dtype) {
  const Tensor* target = call.target();
  if (!dtype && target && target->defined()) return target->dtype();
  return dtype.value_or(is_integral(input.dtype()) ? DType::int64 : input.dtype());
}

Tensor sum_rule(Call& call, const Tensor& input, const Dims& dim, bool keepdim, std::optional<DType> dtype) {
  uint64_t mask = mask_of(dim, input.dim());
  DType result = accumulated_dtype(call, input, dtype);
  Tensor output = call.output(reduced_shape(input.sizes(), mask, keepdim), result, input.device());
  if (!is_differentiable(result)) {
    call.not_differentiable();
  } else if (Recording node = call.record(dim ? "SumBackward1" : "SumBackward0", {input})) {
    node.derivative([sizes = input.sizes(), mask, keepdim](const Gradients& grad, Wanted) {
      return Gradients{spread(grad[0], sizes, mask, keepdim)};
    });
  }
  fold_into(Fold::sum, widened(Fold::sum, input, result), mask, output);
  return output;
}

Tensor mean_rule(Call& call, const Tensor& input, const Dims& dim, bool keepdim, std::optional<DType> dtype) {
  uint64_t mask = mask_of(dim, input.dim());
  DType result = dtype.value_or(input.dtype());
  check(is_differentiable(result), "mean(): could not infer output dtype. ",
        dtype ? "Optional dtype" : "Input dtype",
        " must be either a floating point or complex dtype. Got: ", scalar_type_name(result));
  Shape sizes = reduced_shape(input.sizes(), mask, keepdim);
  int64_t count = 1;
  for (int64_t i = 0; i < input.dim(); ++i)
    if (mask >> i & 1) count *= input.sizes()[i];
  Tensor output = call.output(sizes, result, input.device());
  if (Recording node = call.record(dim ? "MeanBackward1" : "MeanBackward0", {input})) {
    Shape before = input.sizes();
    node.derivative([before, mask, keepdim, count](const Gradients& grad, Wanted) {
      return Gradients{div(spread(grad[0], before, mask, keepdim), number_tensor(count))};
    });
  }
  fold_into(Fold::sum, widened(Fold::sum, input, result), mask, output);
  Tensor divisor = full({}, count, result, input.device());
  kernels::binary(output.device(), BinaryFunction::div, nullptr, output, divisor, output);
  return output;
}

// The products of all elements but one along `dim`, where some are zero and dividing by them is no way:
// rows of a matrix with a one on the diagonal (n x n for n elements).
Tensor products_of_others(const Tensor& input, int64_t dim) {
  int64_t count = input.sizes()[dim];
  Tensor last = unsqueeze(movedim(input, {dim}, {-1}), -2);
  Shape square = last.sizes();
  square[last.dim() - 2] = count;
  Tensor ones = full({count}, true, DType::bool_, input.device());
  Tensor own = diagonal_backward(ones, {count, count}, 0, 0, 1);
  Tensor matrix = masked_fill(expand(last, square), own, 1);
  return movedim(product_of(matrix, -1), {-1}, {dim});
}

Tensor product_derivative(const Tensor& grad, const Tensor& input, const Tensor& result, int64_t dim) {
  if (input.dim() == 0) return grad;
  Tensor others = has_zero(detach(input)) ? products_of_others(input, dim) : div(result, input);
  return mul(grad, conjugate(others));
}

Tensor prod_rule(Call& call, const Tensor& input, std::optional<DType> dtype) {
  DType result = accumulated_dtype(call, input, dtype);
  Tensor output = call.output({}, result, input.device());
  if (!is_differentiable(result)) {
    call.not_differentiable();
  } else if (Recording node = call.record("ProdBackward0", {input})) {
    Saved saved_input = node.save("self", input), saved_result = node.save_output("result");
    node.derivative([saved_input, saved_result](const Gradients& grad, Wanted) {
      Tensor whole = saved_input(), flat = reshape(whole, {-1});
      Tensor flat_grad = product_derivative(grad[0], whole.dim() == 0 ? whole : flat, saved_result(), 0);
      return Gradients{reshape(flat_grad, whole.sizes())};
    });
  }
  fold_into(Fold::product, widened(Fold::product, input, result), dims_mask({}, input.dim()), output);
  return output;
}

Tensor prod_dim_rule(Call& call, const Tensor& input, int64_t dim, bool keepdim, std::optional<DType> dtype) {
  dim = wrap_dim(dim, input.dim());
  uint64_t mask = input.dim() == 0 ? 0 : uint64_t{1} << dim;
  DType result = accumulated_dtype(call, input, dtype);
  Tensor output = call.output(reduced_shape(input.sizes(), mask, keepdim), result, input.device());
  if (!is_differentiable(result)) {
    call.not_differentiable();
  } else if (Recording node = call.record("ProdBackward1", {input})) {
    Saved saved_input = node.save("self", input), saved_result = node.save_output("result");
    node.derivative([saved_input, saved_result, dim, keepdim](const Gradients& grad, Wanted) {
      Tensor whole = saved_input();
      bool lost = !keepdim && whole.dim() > 0;
      Tensor outer = lost ? unsqueeze(grad[0], dim) : grad[0];
      Tensor product = lost ? unsqueeze(saved_result(), dim) : saved_result();
      return Gradients{product_derivative(outer, whole, product, dim)};
    });
  }
  fold_into(Fold::product, widened(Fold::product, input, result), mask, output);
  return output;
}

// any and all. Here an empty list of dims folds none; uint8 stays uint8.
template <Fold fold>
Tensor truth_rule(Call& call, const Tensor& input, const Dims& dim, bool keepdim) {
  call.not_differentiable();
  uint64_t mask = dim && dim->empty() ? 0 : mask_of(dim, input.dim());
  DType result = input.dtype() == DType::uint8 ? DType::uint8 : DType::bool_;
  const Tensor* target = call.target();
  if (target && !call.in_place())
    check(target->dtype() == DType::bool_ || target->dtype() == DType::uint8,
          fold == Fold::any ? "any" : "all",
          " only supports bool tensor for result, got: ", scalar_type_name(target->dtype()));
  Tensor output = call.output(reduced_shape(input.sizes(), mask, keepdim), result, input.device());
  fold_into(fold, input, mask, output);
  return output;
}

constexpr Traits summing{.forms = function | method | out,
                         .batching = Batching::leading,
                         .forward = Forward::linear,
                         .autocast = Autocast::float32};
constexpr Traits folding{.forms = function | method | out, .batching = Batching::leading};
constexpr Traits multiplying{
    .forms = function | method | out, .batching = Batching::leading, .autocast = Autocast::float32};
constexpr Traits truth{
    .forms = function | method | out, .batching = Batching::leading, .forward = Forward::none};

}  // namespace

const Op<Tensor(const Tensor&, const Dims&, bool, std::optional<DType>)> sum{
    "sum(Tensor input, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor", sum_rule,
    summing,
    R"(Sum the elements of a tensor, or of its given dims.

    Args:
        input: a tensor of any shape; bool and integers are summed as int64.
        dim: the dims to fold; all of them when not given.
        keepdim: keep the folded dims with size 1.
        dtype: the dtype in which to sum and of the result.

    >>> lampas.sum(lampas.tensor([[1, 2], [3, 4]]), dim=0)
    tensor([4, 6])
)"};

const Op<Tensor(const Tensor&, const Dims&, bool, std::optional<DType>)> mean{
    "mean(Tensor input, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    mean_rule,
    {.forms = function | method | out, .batching = Batching::leading, .forward = Forward::linear},
    R"(Take the mean of a tensor's elements, or of those of its given dims.

    Args:
        input: a floating point or complex tensor.
        dim: the dims to fold; all of them when not given.
        keepdim: keep the folded dims with size 1.
        dtype: the dtype in which to compute and of the result.

    Raises RuntimeError for integers and bool without `dtype`.

    >>> lampas.mean(lampas.tensor([1.0, 2.0, 6.0]))
    tensor(3.)
)"};

const Op<Tensor(const Tensor&, std::optional<DType>)> prod{
    "prod(Tensor input, *, ScalarType? dtype=None) -> Tensor",
    prod_rule,
    {.forms = function | method | out, .autocast = Autocast::float32},
    R"(Multiply all elements of a tensor; bool and integers are multiplied as int64.

    >>> lampas.prod(lampas.tensor([2, 3, 4]))
    tensor(24)
)"};

const Op<Tensor(const Tensor&, int64_t, bool, std::optional<DType>)> prod_dim{
    "prod.dim(Tensor input, int dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor", prod_dim_rule,
    multiplying,
    R"(Multiply the elements along a dim.

    >>> lampas.prod(lampas.tensor([[1, 2], [3, 4]]), 0)
    tensor([3, 8])
)"};

const Op<Tensor(const Tensor&, const Dims&, bool)> any_op{
    "any(Tensor input, int[1]? dim=None, bool keepdim=False) -> Tensor", truth_rule<Fold::any>, truth,
    R"(Tell whether any element, or any along the given dims, is not zero.

    >>> lampas.any(lampas.tensor([[0, 1], [0, 0]]), dim=1)
    tensor([ True, False])
)"};

const Op<Tensor(const Tensor&, const Dims&, bool)> all_op{
    "all(Tensor input, int[1]? dim=None, bool keepdim=False) -> Tensor", truth_rule<Fold::all>, truth,
    R"(Tell whether all elements, or all along the given dims, are not zero.

    >>> lampas.all(lampas.tensor([[0, 1], [1, 1]]), dim=1)
    tensor([False,  True])
)"};

Tensor product_of(const Tensor& input, int64_t dim) { return prod_dim(input, dim, false, std::nullopt); }

}  // namespace lampas
