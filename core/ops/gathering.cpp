// gather, scatter, scatter_add: one index for each element, along one dim.
#include "core/ops/gathering.h"

#include "core/kernels/copy.h"
#include "core/kernels/indexing.h"
#include "core/ops/creation.h"
#include "core/ops/indexing.h"
#include "core/ops/promotion.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

// A tensor without dims counts as having one.
int64_t rank_of(const Tensor& tensor) { return std::max<int64_t>(tensor.dim(), 1); }

int64_t size_of(const Tensor& tensor, int64_t dim) { return tensor.dim() == 0 ? 1 : tensor.sizes()[dim]; }

void check_index_dtype(const char* name, const Tensor& index) {
  check(index.dtype() == DType::int64 || index.dtype() == DType::int32, name,
        "(): Expected dtype int32/int64 for index");
}

}  // namespace

Tensor gather_offsets_of(const Tensor& index, int64_t dim, const Tensor& tensor) {
  Tensor offsets = new_tensor(index.sizes(), DType::int64, tensor.device());
  kernels::gather_offsets(tensor.device(), Converted(index, DType::int64), dim, tensor.sizes(),
                          tensor.strides(), offsets);
  return offsets;
}

namespace {

// The first element, as the kernels' tensor without remaining dims.
Tensor origin(const Tensor& tensor) { return alias(tensor, {}, {}, tensor.offset()); }

Tensor gather_rule(Call& call, const Tensor& input, int64_t dim, const Tensor& index) {
  dim = wrap_dim(dim, input.dim());
  if (index.numel() > 0) {
    check_index_dtype("gather", index);
    check(rank_of(index) == rank_of(input),
          "Index tensor must have the same number of dimensions as input tensor");
    for (int64_t i = 0; i < rank_of(input); ++i)
      check(i == dim || size_of(index, i) <= size_of(input, i), "Size does not match at dimension ", i,
            " expected index ", index.sizes(), " to be no larger than self ", input.sizes(),
            " apart from dimension ", dim);
  }
  check_out_dtype(call, 0, input.dtype());
  Tensor output = call.output(index.sizes(), input.dtype(), input.device());
  if (Recording node = call.record("GatherBackward0", {input})) {
    Saved saved_index = node.save("index", index);
    Shape sizes = input.sizes();
    node.derivative([saved_index, sizes, dim](const Gradients& grad, Wanted) {
      Tensor zero = zeros(sizes, grad[0].dtype(), grad[0].device());
      return Gradients{scatter_add(zero, dim, saved_index(), grad[0])};
    });
  }
  if (index.numel() > 0)
    kernels::take(input.device(), origin(input), gather_offsets_of(index, dim, input), output);
  return output;
}

}  // namespace

void check_scatter(const Tensor& input, int64_t dim, const Tensor& index, const Tensor* src) {
  if (index.numel() > 0) check_index_dtype("scatter", index);
  check(!src || src->dtype() == input.dtype(), "scatter(): Expected self.dtype to be equal to src.dtype");
  if (index.numel() == 0) return;
  check(rank_of(index) == rank_of(input),
        "Index tensor must have the same number of dimensions as self tensor");
  bool fits = true;
  for (int64_t i = 0; i < rank_of(input); ++i) fits &= i == dim || size_of(index, i) <= size_of(input, i);
  // A dim that src lacks is told before its rank, where no size before it is too small.
  for (int64_t i = 0; src && fits && i < rank_of(input); ++i)
    fits = size_of(index, i) <= (src->dim() == 0 ? 1 : src->size(i));
  check(!src || rank_of(index) == rank_of(*src),
        "Index tensor must have the same number of dimensions as src tensor");
  if (fits) return;
  if (src)
    fail(ErrorKind::runtime, "Expected index ", index.sizes(), " to be no larger than self ", input.sizes(),
         " apart from dimension ", dim, " and to be no larger size than src ", src->sizes());
  fail(ErrorKind::runtime, "Expected index ", index.sizes(), " to be no larger than self ", input.sizes(),
       " apart from dimension ", dim);
}

namespace {

// Copies `input` and writes `source`, which has the index's sizes, to the places of `index`.
void scatter_into(const Tensor& input, int64_t dim, const Tensor& index, const Tensor& source,
                  const Tensor& output, std::optional<Fold> fold) {
  Tensor places = index.numel() > 0 ? gather_offsets_of(index, dim, output) : Tensor();
  bool overwritten = memory_overlap(source, output) != Overlap::none;
  Tensor values = overwritten ? new_tensor(source.sizes(), source.dtype(), source.device()) : source;
  if (overwritten) kernels::copy(source.device(), source, values);
  if (!output.same_as(input)) kernels::copy(output.device(), input, output);
  if (places.defined()) kernels::put(output.device(), values, places, origin(output), fold);
}

}  // namespace

Tensor used_part(const Tensor& src, const Tensor& index) {
  return src.sizes() == index.sizes() ? src : alias(src, index.sizes(), src.strides(), src.offset());
}

Tensor padded(const Tensor& grad, const Shape& sizes) {
  if (grad.sizes() == sizes) return grad;
  Tensor result = zeros(sizes, grad.dtype(), grad.device());
  copy_(as_strided(result, grad.sizes(), result.strides(), 0), grad);
  return result;
}

namespace {

template <bool accumulate>
Tensor scatter_rule(Call& call, const Tensor& input, int64_t dim, const Tensor& index, const Tensor& src) {
  dim = wrap_dim(dim, input.dim());
  check_scatter(input, dim, index, &src);
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  const char* name = accumulate ? "ScatterAddBackward0" : "ScatterBackward0";
  if (Recording node = call.record(name, {input, src})) {
    Saved saved_index = node.save("index", index);
    Shape source_sizes = src.sizes();
    node.derivative([saved_index, source_sizes, dim](const Gradients& grad, Wanted wanted) {
      Tensor grad_input, grad_source;
      if (wanted[0]) grad_input = accumulate ? grad[0] : scatter_value(grad[0], dim, saved_index(), 0);
      if (wanted[1]) grad_source = padded(gather(grad[0], dim, saved_index()), source_sizes);
      return Gradients{grad_input, grad_source};
    });
  }
  scatter_into(input, dim, index, used_part(src, index), output,
               accumulate ? std::optional(Fold::sum) : std::nullopt);
  return output;
}

Tensor scatter_value_rule(Call& call, const Tensor& input, int64_t dim, const Tensor& index, Scalar value) {
  dim = wrap_dim(dim, input.dim());
  check_scatter(input, dim, index, nullptr);
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record("ScatterBackward1", {input})) {
    Saved saved_index = node.save("index", index);
    node.derivative([saved_index, dim](const Gradients& grad, Wanted) {
      return Gradients{scatter_value(grad[0], dim, saved_index(), 0)};
    });
  }
  scatter_into(input, dim, index, full(index.sizes(), value, input.dtype(), input.device()), output,
               std::nullopt);
  return output;
}

// In place they may write at once: places, and values where these lie in the target, are read before.
constexpr Traits scattering{
    .forms = function | method | in_place | out, .batching = Batching::leading, .elementwise = true};

}  // namespace

const Op<Tensor(const Tensor&, int64_t, const Tensor&)> gather{
    "gather(Tensor input, int dim, Tensor index) -> Tensor",
    gather_rule,
    {.forms = function | method | out, .batching = Batching::leading},
    R"(Take one element for each index: output[i][j] = input[index[i][j]][j] for dim 0.

    Args:
        input: a tensor.
        dim: the dim that the indices look along.
        index: int64, of the input's rank; the result has its sizes.

    Raises RuntimeError for an index that is out of bounds.

    >>> lampas.gather(lampas.tensor([[1, 2], [3, 4]]), 1, lampas.tensor([[0], [1]]))
    tensor([[1],
            [4]])
)"};

const Op<Tensor(const Tensor&, int64_t, const Tensor&, const Tensor&)> scatter{
    "scatter(Tensor input, int dim, Tensor index, Tensor src) -> Tensor", scatter_rule<false>, scattering,
    R"(Write the elements of `src` to the places of `index`: input[index[i][j]][j] = src[i][j] for dim 0.

    Args:
        input: a tensor.
        dim: the dim that the indices look along.
        index: int64, of the input's rank.
        src: a tensor of the same dtype, at least as large as `index`; or a number, as `value`.

    Raises RuntimeError for an index that is out of bounds.

    >>> lampas.zeros(3).scatter(0, lampas.tensor([2]), lampas.tensor([5.0]))
    tensor([0., 0., 5.])
)"};

const Op<Tensor(const Tensor&, int64_t, const Tensor&, Scalar)> scatter_value{
    "scatter.value(Tensor input, int dim, Tensor index, Scalar value) -> Tensor", scatter_value_rule,
    scattering,
    R"(Write a number to the places of `index`.

    >>> lampas.zeros(3).scatter(0, lampas.tensor([2]), 5.0)
    tensor([0., 0., 5.])
)"};

const Op<Tensor(const Tensor&, int64_t, const Tensor&, const Tensor&)> scatter_add{
    "scatter_add(Tensor input, int dim, Tensor index, Tensor src) -> Tensor", scatter_rule<true>, scattering,
    R"(Add the elements of `src` at the places of `index`: input[index[i][j]][j] += src[i][j] for dim 0.

    Args and errors are those of `scatter`.

    >>> lampas.zeros(3).scatter_add(0, lampas.tensor([2, 2]), lampas.tensor([5.0, 1.0]))
    tensor([0., 0., 6.])
)"};

}  // namespace lampas
