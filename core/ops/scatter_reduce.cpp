// scatter_reduce, index_reduce, scatter with reduce=: elements folded into the places that indices name.
#include <atomic>
#include <limits>

#include "core/kernels/copy.h"
#include "core/kernels/indexing.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/gathering.h"
#include "core/ops/index_writing.h"
#include "core/ops/indexing.h"
#include "core/ops/promotion.h"
#include "core/ops/reduction.h"
#include "core/ops/view.h"
#include "core/ops/view_parts.h"
#include "core/ops/warning.h"

namespace lampas {
namespace {

enum class Reduce : uint8_t { sum, product, mean, maximum, minimum };

using ScatterReduce =
    Op<Tensor(const Tensor&, int64_t, const Tensor&, const Tensor&, const std::string&, bool)>;
extern const ScatterReduce scatter_reduce;
extern const ScatterReduce index_reduce;

std::optional<Reduce> find_reduce(const std::string& name) {
  if (name == "sum") return Reduce::sum;
  if (name == "prod") return Reduce::product;
  if (name == "mean") return Reduce::mean;
  if (name == "amax") return Reduce::maximum;
  if (name == "amin") return Reduce::minimum;
  return std::nullopt;
}

Fold fold_of(Reduce reduce) {
  switch (reduce) {
    case Reduce::product:
      return Fold::product;
    case Reduce::maximum:
      return Fold::maximum;
    case Reduce::minimum:
      return Fold::minimum;
    default:
      return Fold::sum;
  }
}

// The indices of one call: one for each element, or one for each slice.
struct Places {
  int64_t dim;
  Tensor index;
  bool of_slices;

  Tensor take(const Tensor& input) const {
    return of_slices ? index_select(input, dim, index) : gather(input, dim, index);
  }
  Tensor add(const Tensor& input, const Tensor& source) const {
    return of_slices ? index_add(input, dim, index, source, 1) : scatter_add(input, dim, index, source);
  }
  Tensor fill(const Tensor& input, const Scalar& value) const {
    return of_slices ? index_fill(input, dim, index, value) : scatter_value(input, dim, index, value);
  }
  Tensor reduce(const Tensor& input, const Tensor& source, const char* reduce, bool include_self) const {
    return (of_slices ? index_reduce : scatter_reduce)(input, dim, index, source, reduce, include_self);
  }
  // Folds `source`, of the sizes of `take`, into a contiguous tensor.
  void fold(const Tensor& source, const Tensor& output, Fold fold) const {
    if (source.numel() == 0) return;
    if (of_slices) {
      try {
        return put_slices(source, dim, index, output, fold);
      } catch (const Error&) {  // it has a message of its own
        fail(ErrorKind::index, "index out of range in self");
      }
    }
    kernels::put(output.device(), source, gather_offsets_of(index, dim, output),
                 alias(output, {}, {}, output.offset()), fold);
  }
};

// What changes nothing in a fold.
Scalar identity_of(Reduce reduce, DType dtype) {
  if (reduce == Reduce::product) return 1;
  if (reduce != Reduce::maximum && reduce != Reduce::minimum) return 0;
  bool lowest = reduce == Reduce::maximum;
  if (is_floating(dtype))
    return lowest ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  if (dtype == DType::bool_) return !lowest;
  int bits = static_cast<int>(item_size(dtype)) * 8;
  if (!is_signed(dtype)) return lowest ? int64_t{0} : (int64_t{1} << std::min(bits, 62)) - 1;
  int64_t largest = std::numeric_limits<int64_t>::max() >> (64 - bits);
  return lowest ? -largest - 1 : largest;
}

// Integers are rounded down.
Tensor divided(const Tensor& sums, const Tensor& counts) {
  if (!is_integral(sums.dtype())) return cast(div(sums, counts), sums.dtype());
  Tensor quotient = cast(div(cast(sums, DType::float64), cast(counts, DType::float64)), DType::int64);
  Tensor too_large = cast(gt(mul(quotient, counts), sums), DType::int64);
  return cast(sub(quotient, too_large, 1), sums.dtype());
}

// How many elements each result is the mean of, at least one.
Tensor counts_of(const Tensor& input, const Tensor& source, const Places& places, bool include_self) {
  Tensor ones = full(source.sizes(), 1, DType::int64, source.device());
  Tensor counts = places.add(full(input.sizes(), include_self ? 1 : 0, DType::int64, input.device()), ones);
  return masked_fill(counts, eq(counts, number_tensor(0)), 1);
}

Tensor reduced(const Tensor& input, const Tensor& source, const Places& places, Reduce reduce,
               bool include_self) {
  GradModeGuard off(false);
  Tensor output = new_tensor(input.sizes(), input.dtype(), input.device());
  Tensor start = detach(input);
  if (!include_self) start = places.fill(start, identity_of(reduce, input.dtype()));
  kernels::copy(input.device(), start, output);
  places.fold(source, output, fold_of(reduce));
  if (reduce != Reduce::mean) return output;
  return divided(output, counts_of(input, source, places, include_self));
}

struct TwoGradients {
  Tensor input, source;
};

// Of a product: the result over the element, and where one element alone is zero, the product of the others.
TwoGradients product_gradients(const Tensor& grad, const Tensor& input, const Tensor& source,
                               const Tensor& result, const Places& places, bool include_self) {
  Tensor zero = number_tensor(0);
  Tensor nonzero_input = masked_fill(input, eq(input, zero), 1);
  Tensor others = places.reduce(nonzero_input, source, "prod", include_self);
  TwoGradients gradients;
  gradients.input = div(mul(grad, others), nonzero_input);
  Tensor is_zero = eq(source, zero);
  Tensor zeros_there = places.take(places.add(zeros_like(input), cast(is_zero, input.dtype())));
  Tensor single_zero = mul(is_zero, eq(zeros_there, number_tensor(1)));  // of bools: and
  Tensor without_it = places.reduce(input, masked_fill(source, single_zero, 1), "prod", include_self);
  gradients.source = where(single_zero, places.take(mul(grad, without_it)),
                           div(places.take(mul(grad, result)), masked_fill(source, is_zero, 1)));
  return gradients;
}

// Of an extreme: all that equal it share its gradient.
TwoGradients extreme_gradients(const Tensor& grad, const Tensor& input, const Tensor& source,
                               const Tensor& result, const Places& places) {
  Tensor input_hits = cast(eq(input, result), grad.dtype());
  Tensor source_hits = cast(eq(source, places.take(result)), grad.dtype());
  Tensor share = div(grad, places.add(input_hits, source_hits));
  return {mul(input_hits, share), mul(source_hits, places.take(share))};
}

TwoGradients gradients_of(const Tensor& grad, const Tensor& input, const Tensor& source, const Tensor& result,
                          const Places& places, Reduce reduce, bool include_self) {
  TwoGradients gradients{grad, Tensor()};
  switch (reduce) {
    case Reduce::sum:
      gradients.source = places.take(grad);
      break;
    case Reduce::mean: {
      Tensor counts = counts_of(input, source, places, include_self);
      gradients = {div(grad, counts), div(places.take(grad), places.take(counts))};
      break;
    }
    case Reduce::product:
      gradients = product_gradients(grad, input, source, result, places, include_self);
      break;
    default:
      gradients = extreme_gradients(grad, input, source, result, places);
  }
  if (!include_self) gradients.input = places.fill(gradients.input, 0);
  return gradients;
}

// The corner of a source that the index uses; recorded.
Tensor corner(Tensor source, const Shape& sizes) {
  for (size_t dim = 0; dim < sizes.size(); ++dim)
    if (source.sizes()[dim] != sizes[dim]) source = narrow(source, static_cast<int64_t>(dim), 0, sizes[dim]);
  return source;
}

Tensor recorded_reduction(Call& call, const char* node_name, const Tensor& input, const Tensor& source,
                          const Places& places, Reduce reduce, bool include_self) {
  if (Recording node = call.record(node_name, {input, source})) {
    Saved saved_input = node.save("self", input), saved_source = node.save("src", source);
    Saved saved_index = node.save("index", places.index), saved_result = node.save_output("result");
    int64_t dim = places.dim;
    bool of_slices = places.of_slices;
    node.derivative([=](const Gradients& grad, Wanted) {
      Places again{dim, saved_index(), of_slices};
      Tensor whole_source = saved_source();
      Tensor used = of_slices ? whole_source : corner(whole_source, again.index.sizes());
      TwoGradients gradients =
          gradients_of(grad[0], saved_input(), used, saved_result(), again, reduce, include_self);
      return Gradients{gradients.input, padded(gradients.source, whole_source.sizes())};
    });
  }
  Tensor used = places.of_slices ? source : used_part(source, places.index);
  return reduced(input, used, places, reduce, include_self);
}

Tensor scatter_reduce_rule(Call& call, const Tensor& input, int64_t dim, const Tensor& index,
                           const Tensor& src, const std::string& reduce, bool include_self) {
  std::optional<Reduce> found = find_reduce(reduce);
  check(found.has_value(), "reduce argument must be either sum, prod, mean, amax or amin, got ", reduce);
  dim = wrap_dim(dim, input.dim());
  check_scatter(input, dim, index, &src);
  if (is_complex(input.dtype()) && (*found == Reduce::maximum || *found == Reduce::minimum))
    fail(ErrorKind::not_implemented, "\"scatter_gather_tensor_cpu_reduce_", reduce,
         "\" not implemented for '", scalar_type_name(input.dtype()), "'");
  return recorded_reduction(call, "ScatterReduceBackward0", input, src, {dim, index, false}, *found,
                            include_self);
}

Tensor index_reduce_rule(Call& call, const Tensor& input, int64_t dim, const Tensor& index,
                         const Tensor& source, const std::string& reduce, bool include_self) {
  std::optional<Reduce> found = find_reduce(reduce);
  static std::atomic<bool> warned{false};
  warn_once(warned, "index_reduce() is in beta and the API may change at any time.");
  check(found && *found != Reduce::sum,
        "index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got ", reduce, ".");
  dim = wrap_dim(dim, input.dim());
  check_index_source("index_reduce_", input, dim, index, source);
  if (is_complex(input.dtype()) && (*found == Reduce::maximum || *found == Reduce::minimum))
    fail(ErrorKind::not_implemented, "\"index_reduce_func_", reduce, "_cpu\" not implemented for '",
         scalar_type_name(input.dtype()), "'");
  return recorded_reduction(call, "IndexReduceBackward0", input, source, {dim, index, true}, *found,
                            include_self);
}

// scatter's own reduce=, which PyTorch does not differentiate.
Reduce old_reduce(const std::string& name) {
  check(name == "add" || name == "multiply", "reduce argument must be either add or multiply.");
  return name == "add" ? Reduce::sum : Reduce::product;
}

void record_no_derivative(Call& call, const Tensor& input) {
  if (Recording node = call.record("NotImplemented", {input}))
    node.derivative([](const Gradients&, Wanted) -> Gradients {
      fail(ErrorKind::not_implemented, "derivative for aten::scatter is not implemented");
    });
}

Tensor scatter_with_reduce_rule(Call& call, const Tensor& input, int64_t dim, const Tensor& index,
                                const Tensor& src, const std::string& reduce) {
  static std::atomic<bool> warned{false};
  warn_once(
      warned,
      "The reduce argument of torch.scatter with Tensor src is deprecated and will be removed in a future "
      "PyTorch release. Use torch.scatter_reduce instead for more reduction options.");
  Reduce found = old_reduce(reduce);
  dim = wrap_dim(dim, input.dim());
  check_scatter(input, dim, index, &src);
  record_no_derivative(call, input);
  return reduced(input, used_part(src, index), {dim, index, false}, found, true);
}

Tensor scatter_value_with_reduce_rule(Call& call, const Tensor& input, int64_t dim, const Tensor& index,
                                      Scalar value, const std::string& reduce) {
  Reduce found = old_reduce(reduce);
  dim = wrap_dim(dim, input.dim());
  check_scatter(input, dim, index, nullptr);
  record_no_derivative(call, input);
  Tensor source = full(index.sizes(), value, input.dtype(), input.device());
  return reduced(input, source, {dim, index, false}, found, true);
}

constexpr Traits scattering{.forms = function | method | in_place | out, .batching = Batching::leading};
constexpr Traits of_slices{.forms = function | method | in_place | out};

const ScatterReduce scatter_reduce{
    "scatter_reduce(Tensor input, int dim, Tensor index, Tensor src, str reduce, *, bool include_self=True) "
    "-> Tensor",
    scatter_reduce_rule, scattering,
    R"(Fold the elements of `src` into the places of `index`.

    Args:
        input: a tensor.
        dim: the dim that the indices look along.
        index: int64, of the input's rank.
        src: a tensor of the same dtype, at least as large as `index`.
        reduce: "sum", "prod", "mean", "amax" or "amin".
        include_self: the input's elements take part.

    Raises RuntimeError for an index that is out of bounds.

    >>> lampas.zeros(2).scatter_reduce(0, lampas.tensor([1, 1]), lampas.tensor([3.0, 5.0]), "amax")
    tensor([0., 5.])
)"};

const ScatterReduce index_reduce{
    "index_reduce(Tensor input, int dim, Tensor index, Tensor source, str reduce, *, "
    "bool include_self=True) -> Tensor",
    index_reduce_rule, of_slices,
    R"(Fold slices of `source` into the slices at the given indices of a dim.

    Args:
        input: a tensor.
        dim: the dim of the indices.
        index: a vector of int32 or int64, one for each slice.
        source: a tensor of the same dtype, with as many slices as there are indices.
        reduce: "prod", "mean", "amax" or "amin".
        include_self: the input's elements take part.

    Raises IndexError for an index that is out of range.

    >>> lampas.ones(2).index_reduce(0, lampas.tensor([1, 1]), lampas.tensor([3.0, 5.0]), "prod")
    tensor([ 1., 15.])
)"};

const Op<Tensor(const Tensor&, int64_t, const Tensor&, const Tensor&, const std::string&)>
    scatter_with_reduce{
        "scatter.reduce(Tensor input, int dim, Tensor index, Tensor src, *, str reduce) -> Tensor",
        scatter_with_reduce_rule, scattering,
        R"(Add elements to the places of `index`, or multiply with them.

    Deprecated in PyTorch; `scatter_reduce` does the same and can be differentiated.
)"};

const Op<Tensor(const Tensor&, int64_t, const Tensor&, Scalar, const std::string&)> scatter_value_with_reduce{
    "scatter.value_reduce(Tensor input, int dim, Tensor index, Scalar value, *, str reduce) -> Tensor",
    scatter_value_with_reduce_rule, scattering,
    R"(Add a number to the places of `index`, or multiply with it.

    >>> lampas.ones(3).scatter(0, lampas.tensor([2]), 5.0, reduce="add")
    tensor([1., 1., 6.])
)"};

}  // namespace
}  // namespace lampas
