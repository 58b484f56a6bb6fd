// index_add, index_copy, index_fill, masked_scatter: whole slices, or masked elements, overwritten.
#include "core/ops/index_writing.h"
#include "core/kernels/copy.h"
#include "core/kernels/dense.h"
#include "core/kernels/indexing.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/indexing.h"
#include "core/ops/joining.h"
#include "core/ops/promotion.h"
#include "core/ops/reduction.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"
#include "core/ops/view_parts.h"

namespace lampas {
namespace {

int64_t size_along(const Tensor& tensor, int64_t dim) { return tensor.dim() == 0 ? 1 : tensor.sizes()[dim]; }

// `tensor` as the kernels look at it: `dim` first (of size 1 where there is none), and what lies behind one
// index of it.
Tensor dim_first(const Tensor& tensor, int64_t dim) {
  Shape sizes{size_along(tensor, dim)}, strides{tensor.dim() == 0 ? 1 : tensor.strides()[dim]};
  for (int64_t i = 0; i < tensor.dim(); ++i) {
    if (i == dim) continue;
    sizes.push_back(tensor.sizes()[i]);
    strides.push_back(tensor.strides()[i]);
  }
  return alias(tensor, sizes, strides, tensor.offset());
}

Tensor one_slice(const Tensor& tensor, int64_t dim) {
  Tensor ordered = dim_first(tensor, dim);
  return alias(ordered, Shape(ordered.sizes().begin() + 1, ordered.sizes().end()),
               Shape(ordered.strides().begin() + 1, ordered.strides().end()), ordered.offset());
}

// A new tensor with the elements of `input`.
Tensor copied(const Tensor& input) {
  Tensor output = new_tensor(input.sizes(), input.dtype(), input.device());
  kernels::copy(input.device(), input, output);
  return output;
}

Tensor index_add_rule(Call& call, const Tensor& input, int64_t dim, const Tensor& index, const Tensor& source,
                      Scalar alpha) {
  dim = wrap_dim(dim, input.dim());
  check_index_source("index_add_", input, dim, index, source);
  if (Recording node = call.record("IndexAddBackward0", {input, source})) {
    Saved saved_index = node.save("index", index);
    Shape sizes = source.sizes();
    node.derivative([saved_index, sizes, dim, alpha](const Gradients& grad, Wanted wanted) {
      Tensor of_source;
      if (wanted[1]) of_source = scaled(reshape(index_select(grad[0], dim, saved_index()), sizes), alpha);
      return Gradients{grad[0], of_source};
    });
  }
  Tensor output = copied(input), addend = source;
  if (!alpha.equal(1)) {
    GradModeGuard off(false);
    addend = mul(detach(source), full({}, alpha, source.dtype(), source.device()));
  }
  put_slices(addend, dim, index, output, Fold::sum);
  return output;
}

void check_copy(const Tensor& input, int64_t dim, const Tensor& index, const Tensor& source) {
  if (index.dim() >= 2)
    fail(ErrorKind::index, "index_copy_(): Index should have dimension 1 or 0 (got ", index.dim(), ")");
  int64_t count = index.numel();
  if (source.dim() == 0 && count != 1)
    fail(ErrorKind::index, "index_copy_(): When source is scalar, index should have one element (got ", count,
         ")");
  if (source.dim() != input.dim() && source.dim() != 0 && input.dim() != 0)
    fail(
        ErrorKind::index,
        "index_copy_(): When source and destination are not scalars, their dimensionality must match. Source "
        "dimensionality (",
        source.dim(), "), destination dimensionality (", input.dim(), ")");
  check(index.dtype() == DType::int64, "index_copy_(): Expected a long tensor for index, but got ",
        scalar_type_name(index.dtype()));
  check(input.dtype() == source.dtype(),
        "index_copy_(): self and source expected to have the same dtype, but got (self) ",
        scalar_type_name(input.dtype()), " and (source) ", scalar_type_name(source.dtype()));
  Shape own, other;
  for (int64_t i = 0; i < input.dim(); ++i)
    if (i != dim) own.push_back(input.sizes()[i]);
  for (int64_t i = 0; i < source.dim(); ++i)
    if (i != dim) other.push_back(source.sizes()[i]);
  auto listed = [](const Shape& shape) {
    std::string sizes = to_text(shape);
    return sizes.substr(1, sizes.size() - 2);
  };
  check(own == other,
        "index_copy_(): Source/destination tensor must have same slice shapes. Destination slice shape: ",
        listed(own), " at dimension ", dim, " and source slice shape: ", listed(other), " at dimension 0.");
  if (source.dim() > 0 && count != source.sizes()[dim])
    fail(ErrorKind::index, "index_copy_(): Number of indices (", count,
         ") should be equal to source.size(dim) (", source.sizes()[dim], ")");
}

Tensor index_copy_rule(Call& call, const Tensor& input, int64_t dim, const Tensor& index,
                       const Tensor& source) {
  dim = wrap_dim(dim, input.dim());
  check_copy(input, dim, index, source);
  if (Recording node = call.record("IndexCopyBackward0", {input, source})) {
    Saved saved_index = node.save("index", index);
    Shape sizes = source.sizes();
    node.derivative([saved_index, sizes, dim](const Gradients& grad, Wanted wanted) {
      Tensor of_input = wanted[0] ? index_fill(grad[0], dim, saved_index(), 0) : Tensor();
      Tensor of_source;
      if (wanted[1]) of_source = reshape(index_select(grad[0], dim, saved_index()), sizes);
      return Gradients{of_input, of_source};
    });
  }
  Tensor output = copied(input);
  try {
    put_slices(source, dim, index, output, std::nullopt);
  } catch (const Error& error) {
    fail(ErrorKind::index, "index_copy_(): ", error.what());
  }
  return output;
}

// Negative indices count from the end.
void fill_slices(const Tensor& output, int64_t dim, const Tensor& index, const Tensor& value) {
  int64_t size = size_along(output, dim), stride = output.dim() == 0 ? 1 : output.strides()[dim];
  Tensor offsets = zeros({index.numel()}, DType::int64, output.device());
  Tensor places = index.dim() == 0 ? alias(index, {1}, {1}, index.offset()) : index;
  kernels::add_index_offsets(output.device(), places, size, stride, dim, offsets);
  Tensor slice = one_slice(output, dim);
  Shape sizes = slice.sizes();
  sizes.insert(0, index.numel());
  if (count_elements(sizes) == 0) return;
  Tensor source = new_tensor(sizes, output.dtype(), output.device());
  kernels::copy(output.device(), value, source);
  kernels::put(output.device(), source, offsets, slice, std::nullopt);
}

void check_fill(const Tensor& index) {
  if (index.dtype() != DType::int64) fail(ErrorKind::index, "index_fill_(): Expected dtype int64 for index.");
  check(index.dim() <= 1, "Index has to be a vector/scalar");
}

Tensor index_fill_rule(Call& call, const Tensor& input, int64_t dim, const Tensor& index, Scalar value) {
  dim = wrap_dim(dim, input.dim());
  check_fill(index);
  check(value.kind() != Scalar::Kind::complex || is_complex(input.dtype()),
        "index_fill_(): Converting complex Scalar to non-complex type is not supported");
  if (Recording node = call.record("IndexFillBackward0", {input})) {
    Saved saved_index = node.save("index", index);
    node.derivative([saved_index, dim](const Gradients& grad, Wanted) {
      return Gradients{index_fill(grad[0], dim, saved_index(), 0)};
    });
  }
  Tensor output = copied(input);
  fill_slices(output, dim, index, full({}, value, input.dtype(), input.device()));
  return output;
}

Tensor index_fill_tensor_rule(Call& call, const Tensor& input, int64_t dim, const Tensor& index,
                              const Tensor& value) {
  dim = wrap_dim(dim, input.dim());
  check(value.dim() == 0, "index_fill_ only supports a 0-dimensional value tensor, but got tensor with ",
        value.dim(), " dimension(s).");
  check_fill(index);
  check(!is_complex(value.dtype()) || is_complex(input.dtype()),
        "index_fill_(): Converting complex Scalar to non-complex type is not supported");
  if (Recording node = call.record("IndexFillBackward1", {input, value})) {
    Saved saved_index = node.save("index", index);
    node.derivative([saved_index, dim](const Gradients& grad, Wanted wanted) {
      Tensor of_value;
      if (wanted[1]) {  // each place counts once, even where several indices name it
        Tensor kept = full(grad[0].sizes(), true, DType::bool_, grad[0].device());
        of_value = sum_all(masked_fill(grad[0], index_fill(kept, dim, saved_index(), false), 0));
      }
      return Gradients{wanted[0] ? index_fill(grad[0], dim, saved_index(), 0) : Tensor(), of_value};
    });
  }
  Tensor output = copied(input);
  fill_slices(output, dim, index, converted(value, input.dtype()));
  return output;
}

// The gradient of a source of which the first elements were taken where the mask holds.
Tensor source_gradient(const Tensor& grad, const Tensor& mask, const Shape& sizes) {
  Tensor taken = masked_select(grad, mask);
  int64_t missing = count_elements(sizes) - taken.numel();
  if (missing > 0) taken = cat({taken, zeros({missing}, grad.dtype(), grad.device())}, 0);
  return reshape(taken, sizes);
}

Tensor masked_scatter_rule(Call& call, const Tensor& input, const Tensor& mask, const Tensor& source) {
  check(input.dtype() == source.dtype(),
        "masked_scatter: expected self and source to have same dtypes but got",
        scalar_type_name(input.dtype()), " and ", scalar_type_name(source.dtype()));
  Shape sizes = broadcast_shapes(mask.sizes(), input.sizes());
  check(mask.dtype() == DType::bool_, "masked_scatter_ only supports boolean masks, but got mask with dtype ",
        scalar_type_name(mask.dtype()));
  check(!call.in_place() || sizes == input.sizes(), "expand(CPUBoolType{", mask.sizes(),
        "}, size=", input.sizes(), "): the number of sizes provided (", input.dim(),
        ") must be greater or equal to the number of dimensions in the tensor (", mask.dim(), ")");
  if (Recording node = call.record("MaskedScatterBackward0", {input, source})) {
    Saved saved_mask = node.save("mask", mask);
    Shape source_sizes = source.sizes();
    node.derivative([saved_mask, source_sizes](const Gradients& grad, Wanted wanted) {
      Tensor of_source;
      if (wanted[1])
        of_source = source_gradient(grad[0], expand(saved_mask(), grad[0].sizes()), source_sizes);
      return Gradients{wanted[0] ? masked_fill(grad[0], saved_mask(), 0) : Tensor(), of_source};
    });
  }
  GradModeGuard off(false);
  if (input.device().kind == DeviceKind::meta) return new_tensor(sizes, input.dtype(), input.device());
  Tensor result = reshape(copied(expand(detach(input), sizes)), {-1});
  Tensor places = reshape(nonzero(reshape(expand(detach(mask), sizes), {-1})), {-1});
  check(source.numel() >= places.numel(), "Number of elements of source < number of ones in mask");
  Tensor values = narrow(reshape(detach(source), {-1}), 0, 0, places.numel());
  put_slices(values, 0, places, result, std::nullopt);
  return reshape(result, sizes);
}

constexpr Traits writing{.forms = function | method | in_place | out};
constexpr Traits without_out{.forms = function | method | in_place};

}  // namespace

void check_index_source(const char* name, const Tensor& input, int64_t dim, const Tensor& index,
                        const Tensor& source) {
  if (index.dim() > 1)
    fail(ErrorKind::index, name, "(): Index is supposed to be a vector, but got dim: ", index.dim(),
         " with type: ", scalar_type_name(index.dtype()), " and size: ", index.sizes());
  check(index.dtype() == DType::int64 || index.dtype() == DType::int32, name,
        "(): Expected dtype int32/int64 for index but got: ", scalar_type_name(index.dtype()));
  check(input.dtype() == source.dtype(), name, "(): self (", scalar_type_name(input.dtype()),
        ") and source (", scalar_type_name(source.dtype()), ") must have the same scalar type");
  if (source.dim() == 0 && input.dim() > 0)
    fail(ErrorKind::index, "Dimension specified as ", dim, " but tensor has no dimensions");
  bool fits = source.dim() == input.dim();
  int64_t count = source.dim() <= dim ? 1 : source.sizes()[dim];
  check(index.numel() == count || !(fits || input.dim() > 0), name, "(): Number of indices (", index.numel(),
        ") should be equal to source.size(dim): (", count, "), for dim: ", dim);
  for (int64_t i = 0; fits && i < input.dim(); ++i) fits = i == dim || input.sizes()[i] == source.sizes()[i];
  check(fits,
        "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape "
        "= ",
        input.sizes(), " source.shape = ", source.sizes());
}

void put_slices(const Tensor& source, int64_t dim, const Tensor& index, const Tensor& output,
                std::optional<Fold> fold) {
  if (source.numel() == 0 || output.numel() == 0 || index.numel() == 0) {
    check(index.numel() == 0 || source.numel() == 0, "index out of range: dimension ", dim, " is empty");
    return;
  }
  Tensor offsets =
      offsets_along(index, size_along(output, dim), output.dim() == 0 ? 1 : output.strides()[dim]);
  kernels::put(output.device(), dim_first(source, dim), offsets, one_slice(output, dim), fold);
}

const Op<Tensor(const Tensor&, int64_t, const Tensor&, const Tensor&, Scalar)> index_add{
    "index_add(Tensor input, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor",
    index_add_rule, writing,
    R"(Add slices of `source` to the slices at the given indices of a dim.

    Args:
        input: a tensor.
        dim: the dim of the indices.
        index: a vector of int32 or int64, one for each slice; equal ones add up.
        source: a tensor of the same dtype, with as many slices as there are indices.
        alpha: the factor of the source.

    Raises RuntimeError for an index that is out of bounds.

    >>> lampas.index_add(lampas.zeros(3), 0, lampas.tensor([0, 0]), lampas.tensor([1.0, 2.0]))
    tensor([3., 0., 0.])
)"};

const Op<Tensor(const Tensor&, int64_t, const Tensor&, const Tensor&)> index_copy{
    "index_copy(Tensor input, int dim, Tensor index, Tensor source) -> Tensor", index_copy_rule, writing,
    R"(Overwrite the slices at the given indices of a dim with those of `source`.

    Args:
        input: a tensor.
        dim: the dim of the indices.
        index: a vector of int64, one for each slice.
        source: a tensor of the same dtype, with as many slices as there are indices.

    Raises IndexError for an index that is out of bounds.

    >>> lampas.index_copy(lampas.zeros(3), 0, lampas.tensor([2]), lampas.tensor([5.0]))
    tensor([0., 0., 5.])
)"};

const Op<Tensor(const Tensor&, int64_t, const Tensor&, Scalar)> index_fill{
    "index_fill(Tensor input, int dim, Tensor index, Scalar value) -> Tensor", index_fill_rule, without_out,
    R"(Overwrite the slices at the given indices of a dim with one value.

    Args:
        input: a tensor.
        dim: the dim of the indices.
        index: a vector of int64; negative ones count from the end.
        value: a number or a tensor without dims.

    Raises IndexError for an index that is out of bounds.

    >>> lampas.index_fill(lampas.zeros(3), 0, lampas.tensor([0, 2]), 5)
    tensor([5., 0., 5.])
)"};

namespace {

const Op<Tensor(const Tensor&, int64_t, const Tensor&, const Tensor&)> index_fill_tensor{
    "index_fill.Tensor(Tensor input, int dim, Tensor index, Tensor value) -> Tensor", index_fill_tensor_rule,
    without_out, "index_fill with a value in a tensor."};

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&)> masked_scatter{
    "masked_scatter(Tensor input, Tensor mask, Tensor source) -> Tensor", masked_scatter_rule, without_out,
    R"(Overwrite the elements where `mask` holds with the first elements of `source`.

    Args:
        input: a tensor.
        mask: a bool tensor that broadcasts with it.
        source: a tensor of the same dtype with enough elements.

    Raises RuntimeError where the source has too few elements.

    >>> mask = lampas.tensor([True, False, True])
    >>> lampas.masked_scatter(lampas.zeros(3), mask, lampas.tensor([1.0, 2.0]))
    tensor([1., 0., 2.])
)"};

}  // namespace
}  // namespace lampas
