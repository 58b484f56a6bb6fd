// kthvalue, median, nanmedian, mode: one element of each line, by its rank or by how often it occurs.
#include <limits>

#include "core/kernels/ordering.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/folding.h"
#include "core/ops/promotion.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

using kernels::Pick;
using ValuesAndIndices = std::tuple<Tensor, Tensor>;

// A result without `dim` as the kernel writes it: with size 1 there.
Tensor with_dim(const Tensor& result, int64_t rank, int64_t dim) {
  if (result.dim() == rank) return result;
  Shape sizes = result.sizes(), strides = result.strides();
  sizes.insert(static_cast<size_t>(dim), 1);
  strides.insert(static_cast<size_t>(dim), 1);
  return alias(result, sizes, strides, result.offset());
}

void check_pick_dtype(const char* kernel, bool takes_bool, DType dtype) {
  if (is_complex(dtype) || (dtype == DType::bool_ && !takes_bool))
    fail(ErrorKind::not_implemented, "\"", kernel, "\" not implemented for '", scalar_type_name(dtype), "'");
}

[[noreturn]] void fail_median_out(const Call& call, DType dtype) {
  DType values = call.target(0)->dtype(), indices = call.target(1)->dtype();
  check(indices == DType::int64,
        "Expected tensor for argument #1 'indices' to have scalar type Long; but got ",
        legacy_type_name(indices), " instead (while checking arguments for median)");
  fail(ErrorKind::runtime,
       "Expected tensor for 'values' to have the same type as tensor for argument #2 'self'; but type ",
       legacy_type_name(values), " does not equal ", legacy_type_name(dtype),
       " (while checking arguments for median)");
}

// The results are not converted into out= tensors of other dtypes; each op says so in words of its own.
void check_pick_out(const Call& call, Pick pick, DType dtype) {
  for (size_t slot : {size_t{0}, size_t{1}}) {
    const Tensor* target = call.target(slot);
    DType wanted = slot == 0 ? dtype : DType::int64;
    if (!target || !target->defined() || target->dtype() == wanted) continue;
    if (pick == Pick::kth)
      fail(ErrorKind::runtime, slot == 0 ? "output values must be of same type as input"
                                         : "output indices must be of scalar type Long");
    if (pick == Pick::mode)
      fail(ErrorKind::runtime, "expected scalar type '", scalar_type_name(wanted), "' but got '",
           scalar_type_name(target->dtype()), "' for ", slot == 0 ? "values" : "indices", " output");
    fail_median_out(call, dtype);
  }
}

ValuesAndIndices picked(Call& call, Pick pick, const char* node_name, const Tensor& input, int64_t k,
                        int64_t dim, bool keepdim) {
  uint64_t mask = input.dim() == 0 ? 0 : uint64_t{1} << dim;
  Shape sizes = reduced_shape(input.sizes(), mask, keepdim);
  check_pick_out(call, pick, input.dtype());
  Tensor values = call.output(sizes, input.dtype(), input.device());
  Tensor indices = call.output(sizes, DType::int64, input.device());
  if (!is_differentiable(input.dtype())) {
    call.not_differentiable();
  } else if (Recording node = call.record(node_name, {input})) {
    Saved saved_indices = node.save_output("indices", 1);
    Shape before = input.sizes();
    node.derivative([saved_indices, before, dim, keepdim](const Gradients& grad, Wanted) {
      return Gradients{selected_gradient(grad[0], saved_indices(), before, dim, keepdim)};
    });
  }
  kernels::pick(input.device(), pick, input, k, dim, with_dim(values, input.dim(), dim),
                with_dim(indices, input.dim(), dim));
  return {values, indices};
}

ValuesAndIndices kthvalue_rule(Call& call, const Tensor& input, int64_t k, int64_t dim, bool keepdim) {
  dim = wrap_dim(dim, input.dim());
  check_dim_not_empty("kthvalue()", input, dim);
  check(k >= 1 && k <= (input.dim() == 0 ? 1 : input.sizes()[dim]),
        "kthvalue(): selected number k out of range for dimension ", dim);
  check_pick_dtype("kthvalue_cpu", false, input.dtype());
  return picked(call, Pick::kth, "KthvalueBackward0", input, k - 1, dim, keepdim);
}

template <bool ignore_nan>
ValuesAndIndices median_dim_rule(Call& call, const Tensor& input, int64_t dim, bool keepdim) {
  dim = wrap_dim(dim, input.dim());
  check_dim_not_empty("median()", input, dim);
  check_pick_dtype("median_out", false, input.dtype());
  return picked(call, ignore_nan ? Pick::nanmedian : Pick::median,
                ignore_nan ? "NanmedianBackward1" : "MedianBackward1", input, 0, dim, keepdim);
}

// Over all elements; those that equal it share its gradient.
template <bool ignore_nan>
Tensor median_rule(Call& call, const Tensor& input) {
  check_pick_dtype("median_cpu", false, input.dtype());
  Tensor output = call.output({}, input.dtype(), input.device());
  if (!is_differentiable(input.dtype())) {
    call.not_differentiable();
  } else if (Recording node = call.record(ignore_nan ? "NanmedianBackward0" : "MedianBackward0", {input})) {
    Saved saved_input = node.save("self", input), saved_result = node.save_output("result");
    node.derivative([saved_input, saved_result](const Gradients& grad, Wanted) {
      Tensor whole = saved_input(), result = saved_result();
      Tensor hits = add(eq(whole, result), mul(isnan(whole), isnan(result)), 1);  // of bools: or, and
      return Gradients{shared_gradient(grad[0], hits, dims_mask({}, whole.dim()))};
    });
  }
  if (input.numel() == 0) {
    double nothing = std::numeric_limits<double>::quiet_NaN();
    return is_floating(input.dtype())
               ? full({}, nothing, input.dtype(), input.device())
               : full({}, std::numeric_limits<int64_t>::min(), input.dtype(), input.device());
  }
  Tensor line = reshape(detach(input), {-1});
  Tensor index = new_tensor({1}, DType::int64, input.device());
  kernels::pick(input.device(), ignore_nan ? Pick::nanmedian : Pick::median, line, 0, 0,
                alias(output, {1}, {1}, output.offset()), index);
  return output;
}

ValuesAndIndices mode_rule(Call& call, const Tensor& input, int64_t dim, bool keepdim) {
  dim = wrap_dim(dim, input.dim());
  check_dim_not_empty("mode()", input, dim);
  check_pick_dtype("mode_cpu", true, input.dtype());
  return picked(call, Pick::mode, "ModeBackward0", input, 0, dim, keepdim);
}

constexpr Traits of_dim{.forms = function | method | out, .batching = Batching::leading};
using OfAll = Op<Tensor(const Tensor&)>;
using OfDim = Op<ValuesAndIndices(const Tensor&, int64_t, bool)>;

const Op<ValuesAndIndices(const Tensor&, int64_t, int64_t, bool)> kthvalue{
    "kthvalue(Tensor input, int k, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)",
    kthvalue_rule, of_dim,
    R"(Take the k-th smallest element along a dim, and its index.

    Args:
        input: a real tensor of any shape.
        k: from 1 to the size of the dim.
        dim: the dim to look along.
        keepdim: keep the dim with size 1.

    Raises RuntimeError where k is out of range, IndexError where the dim is empty.

    >>> lampas.kthvalue(lampas.tensor([5, 1, 3]), 2).values
    tensor(3)
)"};

const OfAll median{"median(Tensor input) -> Tensor",
                   median_rule<false>,
                   {.forms = function | method},
                   R"(Take the median of all elements: the lower one of the two in the middle; NaN wins.

    >>> lampas.median(lampas.tensor([4, 1, 3, 2]))
    tensor(2)
)"};

const OfDim median_dim{
    "median.dim(Tensor input, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
    median_dim_rule<false>, of_dim,
    R"(Take the median along a dim, and its index: the lower one of the two in the middle; NaN wins.

    Raises IndexError where the dim is empty.

    >>> lampas.median(lampas.tensor([[5, 1, 3]]), 1).values
    tensor([3])
)"};

const OfAll nanmedian{"nanmedian(Tensor input) -> Tensor",
                      median_rule<true>,
                      {.forms = function | method},
                      R"(Take the median of all elements that are not NaN.

    >>> lampas.nanmedian(lampas.tensor([4.0, float("nan"), 3.0]))
    tensor(3.)
)"};

const OfDim nanmedian_dim{
    "nanmedian.dim(Tensor input, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
    median_dim_rule<true>, of_dim,
    R"(Take the median along a dim of what is not NaN, and its index.

    Raises IndexError where the dim is empty.

    >>> lampas.nanmedian(lampas.tensor([[5.0, float("nan"), 3.0]]), 1).values
    tensor([3.])
)"};

const OfDim mode{"mode(Tensor input, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)",
                 mode_rule, of_dim,
                 R"(Take the most frequent element along a dim, the smallest of several, and an index of it.

    Raises IndexError where the dim is empty.

    >>> lampas.mode(lampas.tensor([1, 2, 2, 3])).values
    tensor(2)
)"};

}  // namespace
}  // namespace lampas
