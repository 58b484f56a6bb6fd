// sort, argsort, msort, topk: elements along a dim in order.
#include "core/ops/ordering.h"

#include "core/kernels/ordering.h"
#include "core/ops/folding.h"
#include "core/ops/promotion.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

using ValuesAndIndices = std::tuple<Tensor, Tensor>;

// Outputs of one shape: values in the input's dtype, and indices.
ValuesAndIndices outputs_of(Call& call, const Shape& sizes, const Tensor& input) {
  check_out_dtype(call, 0, input.dtype());
  check_out_dtype(call, 1, DType::int64);
  Tensor values = call.output(sizes, input.dtype(), input.device());
  return {values, call.output(sizes, DType::int64, input.device())};
}

// The derivative of taking elements along a dim, whose indices are the second output.
void record_selection(Call& call, const char* name, const Tensor& input, int64_t dim) {
  if (!is_differentiable(input.dtype())) return call.not_differentiable();
  if (Recording node = call.record(name, {input})) {
    Saved indices = node.save_output("indices", 1);
    Shape sizes = input.sizes();
    node.derivative([indices, sizes, dim](const Gradients& grad, Wanted) {
      return Gradients{selected_gradient(grad[0], indices(), sizes, dim, true)};
    });
  }
}

ValuesAndIndices sort_rule(Call& call, const Tensor& input, int64_t dim, bool descending) {
  dim = wrap_dim(dim, input.dim());
  check(!is_complex(input.dtype()), " Sort does not support complex dtypes on CPU");
  auto [values, indices] = outputs_of(call, input.sizes(), input);
  record_selection(call, "SortBackward0", input, dim);
  kernels::sort(input.device(), input, dim, descending, values, indices);
  return {values, indices};
}

ValuesAndIndices topk_rule(Call& call, const Tensor& input, int64_t k, int64_t dim, bool largest,
                           bool sorted) {
  dim = wrap_dim(dim, input.dim());
  check(k >= 0 && k <= (input.dim() == 0 ? 1 : input.sizes()[dim]), "selected index k out of range");
  check(!is_complex(input.dtype()), " topk does not support complex dtypes on CPU");
  check(input.dtype() != DType::bool_, "topk does not support bool dtypes on CPU");
  Shape sizes = input.sizes();
  if (input.dim() > 0) sizes[dim] = k;
  auto [values, indices] = outputs_of(call, sizes, input);
  record_selection(call, "TopkBackward0", input, dim);
  kernels::topk(input.device(), input, input.dim() == 0 ? 1 : k, dim, largest, sorted, values, indices);
  return {values, indices};
}

Tensor argsort_rule(Call&, const Tensor& input, int64_t dim, bool descending) {
  return std::get<1>(sort(detach(input), dim, descending));
}

Tensor msort_rule(Call&, const Tensor& input) { return std::get<0>(sort(input, 0, false)); }

}  // namespace

const Op<ValuesAndIndices(const Tensor&, int64_t, bool)> sort{
    "sort(Tensor input, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)",
    sort_rule,
    {.forms = function | method | out, .batching = Batching::leading},
    R"(Sort the elements along a dim; NaN counts as the greatest number.

    Args:
        input: a real tensor of any shape.
        dim: the dim to sort along.
        descending: the greatest first.
        stable: keep equal elements in the order they had; they always are.

    Returns the sorted values and the indices at which they were.

    >>> lampas.sort(lampas.tensor([3, 1, 2])).indices
    tensor([1, 2, 0])
)"};

const Op<Tensor(const Tensor&, int64_t, bool)> argsort{
    "argsort(Tensor input, int dim=-1, bool descending=False) -> Tensor",
    argsort_rule,
    {.forms = function | method | out, .composite = true},
    R"(Give the indices that sort the elements along a dim.

    Args are those of `sort`.

    >>> lampas.argsort(lampas.tensor([3, 1, 2]))
    tensor([1, 2, 0])
)"};

const Op<Tensor(const Tensor&)> msort{"msort(Tensor input) -> Tensor",
                                      msort_rule,
                                      {.forms = function | method | out, .composite = true},
                                      R"(Sort the elements along the first dim.

    >>> lampas.msort(lampas.tensor([[3, 1], [2, 4]]))
    tensor([[2, 1],
            [3, 4]])
)"};

const Op<ValuesAndIndices(const Tensor&, int64_t, int64_t, bool, bool)> topk{
    "topk(Tensor input, int k, int dim=-1, bool largest=True, bool sorted=True) "
    "-> (Tensor values, Tensor indices)",
    topk_rule,
    {.forms = function | method | out, .batching = Batching::leading},
    R"(Take the k largest or smallest elements along a dim.

    Args:
        input: a real tensor of any shape.
        k: how many, at most the size of the dim.
        dim: the dim to look along.
        largest: False takes the smallest.
        sorted: give them in order.

    Raises RuntimeError where the dim has fewer than k elements.

    >>> lampas.topk(lampas.tensor([1, 5, 3]), 2).values
    tensor([5, 3])
)"};

}  // namespace lampas
