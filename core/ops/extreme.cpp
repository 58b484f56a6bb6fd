// max, min, amax, amin, aminmax, argmax, argmin: the extreme elements of dims, and where they are.
#include "core/kernels/reduction.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/folding.h"
#include "core/ops/indexing.h"
#include "core/ops/promotion.h"
#include "core/ops/reduction.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

const char* name_of_extreme(bool largest) { return largest ? "max" : "min"; }

template <bool largest>
Tensor extreme_of_all_rule(Call& call, const Tensor& input) {
  check(input.numel() > 0, name_of_extreme(largest),
        "(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with "
        "the 'dim' argument.");
  Tensor output = call.output({}, input.dtype(), input.device());
  if (!is_differentiable(input.dtype())) {
    call.not_differentiable();
  } else if (Recording node = call.record(largest ? "MaxBackward1" : "MinBackward1", {input})) {
    Saved saved_input = node.save("self", input), saved_result = node.save_output("result");
    node.derivative([saved_input, saved_result](const Gradients& grad, Wanted) {
      Tensor whole = saved_input(), result = saved_result();
      Tensor hits = add(eq(whole, result), mul(isnan(whole), isnan(result)), 1);  // of bools: or, and
      return Gradients{shared_gradient(grad[0], hits, dims_mask({}, whole.dim()))};
    });
  }
  fold_into(largest ? Fold::maximum : Fold::minimum, input, dims_mask({}, input.dim()), output);
  return output;
}

template <bool largest>
std::tuple<Tensor, Tensor> extreme_of_dim_rule(Call& call, const Tensor& input, int64_t dim, bool keepdim) {
  check(!is_complex(input.dtype()), name_of_extreme(largest), "(): does not support complex input");
  dim = wrap_dim(dim, input.dim());
  check_dim_not_empty(text(name_of_extreme(largest), "()"), input, dim);
  uint64_t mask = input.dim() == 0 ? 0 : uint64_t{1} << dim;
  Shape sizes = reduced_shape(input.sizes(), mask, keepdim);
  check_out_dtype(call, 0, input.dtype());
  check_out_dtype(call, 1, DType::int64);
  Tensor values = call.output(sizes, input.dtype(), input.device());
  Tensor indices = call.output(sizes, DType::int64, input.device());
  if (!is_differentiable(input.dtype())) {
    call.not_differentiable();
  } else if (Recording node = call.record(largest ? "MaxBackward0" : "MinBackward0", {input})) {
    Saved saved_indices = node.save_output("indices", 1);
    Shape before = input.sizes();
    node.derivative([saved_indices, before, dim, keepdim](const Gradients& grad, Wanted) {
      return Gradients{selected_gradient(grad[0], saved_indices(), before, dim, keepdim)};
    });
  }
  kernels::extreme(input.device(), largest, input, dim, values, indices);
  return {values, indices};
}

// An extreme over several dims at once.
template <bool largest>
Tensor extreme_of_dims_rule(Call& call, const Tensor& input, const Dims& dim, bool keepdim) {
  const char* name = largest ? "amax" : "amin";
  uint64_t mask = dims_mask(dim.value_or(Shape()), input.dim());
  bool of_all = !dim || dim->empty();
  check(input.numel() > 0 || !of_all, name,
        "(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with "
        "the 'dim' argument.");
  for (int64_t i = 0; i < input.dim(); ++i)
    if (mask >> i & 1) check_dim_not_empty(text(name, "()"), input, i);
  Tensor output = call.output(reduced_shape(input.sizes(), mask, keepdim), input.dtype(), input.device());
  if (!is_differentiable(input.dtype())) {
    call.not_differentiable();
  } else if (Recording node = call.record(largest ? "AmaxBackward0" : "AminBackward0", {input})) {
    Saved saved_input = node.save("self", input), saved_result = node.save_output("result");
    node.derivative([saved_input, saved_result, mask, keepdim](const Gradients& grad, Wanted) {
      Tensor whole = saved_input();
      Tensor outer = with_folded_dims(grad[0], whole.sizes(), mask, keepdim);
      Tensor result = with_folded_dims(saved_result(), whole.sizes(), mask, keepdim);
      return Gradients{shared_gradient(outer, eq(whole, result), mask)};
    });
  }
  fold_into(largest ? Fold::maximum : Fold::minimum, input, mask, output);
  return output;
}

std::tuple<Tensor, Tensor> both_extremes_rule(Call& call, const Tensor& input, std::optional<int64_t> dim,
                                              bool keepdim) {
  check(input.numel() > 0 || dim,
        "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.");
  if (dim) check_dim_not_empty("aminmax", input, wrap_dim(*dim, input.dim()));
  uint64_t mask = dims_mask(dim ? Shape{*dim} : Shape(), input.dim());
  Shape sizes = reduced_shape(input.sizes(), mask, keepdim);
  for (size_t slot : {size_t{0}, size_t{1}}) check_out_dtype(call, slot, input.dtype());
  Tensor smallest = call.output(sizes, input.dtype(), input.device());
  Tensor largest = call.output(sizes, input.dtype(), input.device());
  if (!is_differentiable(input.dtype())) {
    call.not_differentiable();
  } else if (Recording node = call.record("AminmaxBackward0", {input})) {
    Saved saved_input = node.save("self", input);
    Saved saved[] = {node.save_output("min", 0), node.save_output("max", 1)};
    node.derivative([saved_input, saved_smallest = saved[0], saved_largest = saved[1], mask, keepdim](
                        const Gradients& grad, Wanted) {
      Tensor whole = saved_input(), total;
      for (size_t i : {size_t{0}, size_t{1}}) {
        if (!grad[i].defined()) continue;
        Tensor outer = with_folded_dims(grad[i], whole.sizes(), mask, keepdim);
        Tensor result = (i == 0 ? saved_smallest : saved_largest)();
        result = with_folded_dims(result, whole.sizes(), mask, keepdim);
        Tensor part = shared_gradient(outer, eq(whole, result), mask);
        total = total.defined() ? add(total, part, 1) : part;
      }
      return Gradients{total};
    });
  }
  fold_into(Fold::minimum, input, mask, smallest);
  fold_into(Fold::maximum, input, mask, largest);
  return {smallest, largest};
}

template <bool largest>
Tensor place_rule(Call& call, const Tensor& input, std::optional<int64_t> dim, bool keepdim) {
  call.not_differentiable();
  const char* name = largest ? "argmax" : "argmin";
  check(input.dtype() != DType::bool_, name, "(): does not support bool input");
  check(!is_complex(input.dtype()), name, "(): does not support complex input");
  if (dim) {
    int64_t along = wrap_dim(*dim, input.dim());
    check_dim_not_empty(text(name, "()"), input, along);
    uint64_t mask = input.dim() == 0 ? 0 : uint64_t{1} << along;
    Tensor output = call.output(reduced_shape(input.sizes(), mask, keepdim), DType::int64, input.device());
    kernels::extreme(input.device(), largest, input, along, Tensor(), output);
    return output;
  }
  if (input.numel() == 0)
    fail(ErrorKind::index, name, "(): Expected reduction dim to be specified for input.numel() == 0.");
  Shape sizes(keepdim ? static_cast<size_t>(input.dim()) : 0, 1);
  Tensor output = call.output(sizes, DType::int64, input.device());
  Tensor flat = reshape(detach(input), {-1});
  Tensor place = output.dim() == 0 ? output : alias(output, {}, {}, output.offset());
  kernels::extreme(input.device(), largest, flat, 0, Tensor(), place);
  return output;
}

Tensor max_other_rule(Call&, const Tensor& input, const Tensor& other) { return maximum(input, other); }
Tensor min_other_rule(Call&, const Tensor& input, const Tensor& other) { return minimum(input, other); }

constexpr Traits of_all{.forms = function | method | out};
constexpr Traits of_dims{.forms = function | method | out, .batching = Batching::leading};
constexpr Traits place{
    .forms = function | method | out, .batching = Batching::leading, .forward = Forward::none};
constexpr Traits composite_function{.forms = function | method | out, .composite = true};
using OfAll = Op<Tensor(const Tensor&)>;
using OfDim = Op<std::tuple<Tensor, Tensor>(const Tensor&, int64_t, bool)>;
using OfDims = Op<Tensor(const Tensor&, const Dims&, bool)>;
using OfTwo = Op<Tensor(const Tensor&, const Tensor&)>;
using Place = Op<Tensor(const Tensor&, std::optional<int64_t>, bool)>;

}  // namespace

const OfAll max_all{"max(Tensor input) -> Tensor", extreme_of_all_rule<true>, of_all,
                    R"(Take the largest element of a tensor; NaN wins.

    Raises RuntimeError for a tensor without elements.

    >>> lampas.max(lampas.tensor([1, 5, 2]))
    tensor(5)
)"};

const OfAll min_all{"min(Tensor input) -> Tensor", extreme_of_all_rule<false>, of_all,
                    R"(Take the smallest element of a tensor; NaN wins.

    Raises RuntimeError for a tensor without elements.

    >>> lampas.min(lampas.tensor([1, 5, 2]))
    tensor(1)
)"};

const OfDim max_dim{"max.dim(Tensor input, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
                    extreme_of_dim_rule<true>, of_dims,
                    R"(Take the largest element along a dim, and its index: the first of equal ones.

    Raises IndexError where the dim is empty.

    >>> lampas.max(lampas.tensor([[1, 5], [7, 2]]), 1).indices
    tensor([1, 0])
)"};

const OfDim min_dim{"min.dim(Tensor input, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
                    extreme_of_dim_rule<false>, of_dims,
                    R"(Take the smallest element along a dim, and its index: the first of equal ones.

    Raises IndexError where the dim is empty.

    >>> lampas.min(lampas.tensor([[1, 5], [7, 2]]), 1).indices
    tensor([0, 1])
)"};

const OfTwo max_other{"max.other(Tensor input, Tensor other) -> Tensor", max_other_rule, composite_function,
                      R"(Take the larger of two elements, as `maximum` does.

    >>> lampas.max(lampas.tensor([1, 5]), lampas.tensor([3, 2]))
    tensor([3, 5])
)"};

const OfTwo min_other{"min.other(Tensor input, Tensor other) -> Tensor", min_other_rule, composite_function,
                      R"(Take the smaller of two elements, as `minimum` does.

    >>> lampas.min(lampas.tensor([1, 5]), lampas.tensor([3, 2]))
    tensor([1, 2])
)"};

const OfDims amax{"amax(Tensor input, int[1] dim=[], bool keepdim=False) -> Tensor",
                  extreme_of_dims_rule<true>, of_dims,
                  R"(Take the largest element over the given dims; equal ones share the gradient.

    >>> lampas.amax(lampas.tensor([[1, 5], [7, 2]]), 1)
    tensor([5, 7])
)"};

const OfDims amin{"amin(Tensor input, int[1] dim=[], bool keepdim=False) -> Tensor",
                  extreme_of_dims_rule<false>, of_dims,
                  R"(Take the smallest element over the given dims; equal ones share the gradient.

    >>> lampas.amin(lampas.tensor([[1, 5], [7, 2]]), 1)
    tensor([1, 2])
)"};

const Op<std::tuple<Tensor, Tensor>(const Tensor&, std::optional<int64_t>, bool)> aminmax{
    "aminmax(Tensor input, *, int? dim=None, bool keepdim=False) -> (Tensor min, Tensor max)",
    both_extremes_rule, of_dims,
    R"(Take the smallest and the largest element, of all or along a dim; equal ones share the gradient.

    Raises RuntimeError where there is no element.

    >>> lampas.aminmax(lampas.tensor([[1, 5], [7, 2]]), dim=1).max
    tensor([5, 7])
)"};

const Place argmax{"argmax(Tensor input, int? dim=None, bool keepdim=False) -> Tensor", place_rule<true>,
                   place,
                   R"(Find the index of the largest element along a dim, or in the flattened tensor.

    Raises RuntimeError for bool and complex tensors, IndexError where there is no element.

    >>> lampas.argmax(lampas.tensor([1, 5, 2]))
    tensor(1)
)"};

const Place argmin{"argmin(Tensor input, int? dim=None, bool keepdim=False) -> Tensor", place_rule<false>,
                   place,
                   R"(Find the index of the smallest element along a dim, or in the flattened tensor.

    Raises RuntimeError for bool and complex tensors, IndexError where there is no element.

    >>> lampas.argmin(lampas.tensor([4, 5, 2]))
    tensor(2)
)"};

}  // namespace lampas
