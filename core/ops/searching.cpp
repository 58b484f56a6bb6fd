// searchsorted, bucketize, isin, argwhere, nonzero_static: where numbers are.
#include "core/kernels/dense.h"
#include "core/kernels/ordering.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/indexing.h"
#include "core/ops/joining.h"
#include "core/ops/ordering.h"
#include "core/ops/promotion.h"
#include "core/ops/reduction.h"
#include "core/ops/view.h"
#include "core/ops/view_parts.h"

namespace lampas {
namespace {

using Side = std::optional<std::string>;

void check_side(bool right, const Side& side) {
  if (!side) return;
  check(*side == "left" || *side == "right",
        "torch.searchsorted(): side can only be 'left' or 'right' but got ", *side);
  check(*side == "right" || !right,
        "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was "
        "True");
}

void check_shapes(const Tensor& boundaries, const Tensor& values) {
  check(boundaries.dim() > 0,
        "torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 dimension");
  check(
      values.dim() > 0 || boundaries.dim() == 1,
      "torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we "
      "got boundaries tensor dim(",
      boundaries.dim(), ") and input value's dim(", values.dim(), ") numel(", values.numel(), ")");
  bool fits = boundaries.dim() == 1 || boundaries.dim() == values.dim();
  for (int64_t i = 0; fits && boundaries.dim() > 1 && i + 1 < values.dim(); ++i)
    fits = boundaries.sizes()[i] == values.sizes()[i];
  check(fits,
        "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of "
        "boundaries tensor and input value tensor must match, but we got boundaries tensor ",
        boundaries.sizes(), " and input value tensor ", values.sizes());
}

void check_sorter(const Tensor& boundaries, const Tensor& sorter) {
  if (!sorter.defined()) return;
  check(sorter.sizes() == boundaries.sizes(),
        "torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor ",
        boundaries.sizes(), "and got sorter tensor ", sorter.sizes());
  check(sorter.dtype() == DType::int64,
        "torch.searchsorted(): sorter must be a tensor of long dtype but got dtype ",
        scalar_type_name(sorter.dtype()));
  if (sorter.numel() == 0 || sorter.device().kind == DeviceKind::meta) return;
  Tensor outside = add(lt(sorter, number_tensor(0)), ge(sorter, number_tensor(sorter.sizes().back())), 1);
  check(!item(any(outside)).to<bool>(), "torch.searchsorted(): sorter index out of range");
}

DType place_dtype(const Call& call, bool out_int32) {
  DType dtype = out_int32 ? DType::int32 : DType::int64;
  const Tensor* target = call.target();
  check(!target || !target->defined() || target->dtype() == dtype,
        "torch.searchsorted(): output tensor's dtype is wrong, it can only be Int(int32) or Long(int64) "
        "depending on whether out_int32 flag is True, but we got output tensor's dtype ",
        target && target->defined() ? scalar_type_name(target->dtype()) : "", " and out_int32 flag is ",
        out_int32 ? "True" : "False");
  return dtype;
}

Tensor searchsorted_rule(Call& call, const Tensor& boundaries, const Tensor& values, bool out_int32,
                         bool right, const Side& side, const Tensor& sorter) {
  call.not_differentiable();
  GradModeGuard off(false);
  check_side(right, side);
  check_shapes(boundaries, values);
  check_sorter(boundaries, sorter);
  DType dtype = place_dtype(call, out_int32);
  DType common = boundaries.dtype() == values.dtype() ? values.dtype() : result_type({boundaries, values});
  bool searchable =
      is_floating(common) || (is_integral(common, false) && (is_signed(common) || item_size(common) == 1));
  if (!searchable)
    fail(ErrorKind::not_implemented, "\"searchsorted_out_cpu\" not implemented for '",
         scalar_type_name(common), "'");
  Tensor places = new_tensor(values.sizes(), DType::int64, values.device());
  kernels::search_sorted(values.device(), dense(converted(detach(boundaries), common)),
                         dense(converted(detach(values), common)), dense(sorter),
                         right || (side && *side == "right"), places);
  return converted(places, dtype);
}

Tensor bucketize_rule(Call& call, const Tensor& input, const Tensor& boundaries, bool out_int32, bool right) {
  check(boundaries.dim() == 1, "boundaries tensor must be 1 dimension, but got dim(", boundaries.dim(), ")");
  place_dtype(call, out_int32);
  return searchsorted(boundaries, input, out_int32, right, std::nullopt, Tensor());
}

Tensor isin_rule(Call& call, const Tensor& elements, const Tensor& test_elements, bool, bool invert) {
  check_out_dtype(call, 0, DType::bool_);
  DType common = result_type({elements, test_elements});
  for (DType dtype : {elements.dtype(), test_elements.dtype()})
    check(!is_complex(dtype) && dtype != DType::bool_,
          "Unsupported input type encountered for isin(): ", scalar_type_name(dtype));
  Tensor wanted = cast(detach(elements), common);
  if (test_elements.numel() == 0) return full(wanted.sizes(), invert, DType::bool_, wanted.device());
  Tensor ordered = std::get<0>(sort(reshape(cast(detach(test_elements), common), {-1}), 0, false));
  Tensor places = searchsorted(ordered, wanted, false, false, std::nullopt, Tensor());
  Tensor last = number_tensor(ordered.numel() - 1);
  Tensor nearest = index(ordered, {minimum(places, last)});
  return invert ? ne(nearest, wanted) : eq(nearest, wanted);
}

Tensor argwhere_rule(Call&, const Tensor& input) { return nonzero(input); }

Tensor nonzero_static_rule(Call&, const Tensor& input, int64_t size, int64_t fill_value) {
  check(size >= 0, "nonzero_static: 'size' must be an non-negative integer");
  Tensor found = nonzero(input);
  int64_t missing = size - found.sizes()[0];
  if (missing <= 0) return clone(narrow(found, 0, 0, size));
  return cat({found, full({missing, input.dim()}, fill_value, DType::int64, input.device())}, 0);
}

}  // namespace

const Op<Tensor(const Tensor&, const Tensor&, bool, bool, const Side&, const Tensor&)> searchsorted{
    "searchsorted(Tensor sorted_sequence, Tensor input, *, bool out_int32=False, bool right=False, "
    "str? side=None, Tensor? sorter=None) -> Tensor",
    searchsorted_rule,
    {.forms = function | out, .forward = Forward::none},
    R"(Count for each value the elements of a sorted sequence that lie before it.

    Args:
        sorted_sequence: numbers in order along the last dim.
        input: a number, or a tensor whose leading sizes are those of the sequence, where it has such.
        out_int32: give int32, not int64.
        right: count equal elements, too.
        side: "right" for that, "left" for the opposite.
        sorter: the indices that sort a sequence that is not sorted.

    Raises RuntimeError where shapes or dtypes do not fit.

    >>> lampas.searchsorted(lampas.tensor([1, 3, 5]), lampas.tensor([3, 6]))
    tensor([1, 3])
)"};

namespace {

const Op<Tensor(const Tensor&, const Tensor&, bool, bool)> bucketize{
    "bucketize(Tensor input, Tensor boundaries, *, bool out_int32=False, bool right=False) -> Tensor",
    bucketize_rule,
    {.forms = function | out, .composite = true},
    R"(Tell for each number between which of the sorted boundaries it lies.

    Args:
        input: a number or a tensor.
        boundaries: a vector of numbers in order.
        out_int32: give int32, not int64.
        right: a number that equals a boundary lies behind it.

    >>> lampas.bucketize(lampas.tensor([0.5, 3.0]), lampas.tensor([1.0, 3.0, 5.0]))
    tensor([0, 1])
)"};

const Op<Tensor(const Tensor&)> argwhere{"argwhere(Tensor input) -> Tensor",
                                         argwhere_rule,
                                         {.forms = function | method, .composite = true},
                                         R"(Find the elements that are not zero: one row of indices for each.

    >>> lampas.argwhere(lampas.tensor([0, 5]))
    tensor([[1]])
)"};

const Op<Tensor(const Tensor&, int64_t, int64_t)> nonzero_static{
    "nonzero_static(Tensor input, *, int size, int fill_value=-1) -> Tensor",
    nonzero_static_rule,
    {.forms = function | method | out, .composite = true},
    R"(Find the first elements that are not zero: a fixed number of rows of indices.

    Args:
        input: a tensor.
        size: the number of rows.
        fill_value: stands in the rows for which there is no element.

    >>> lampas.nonzero_static(lampas.tensor([0, 5]), size=2)
    tensor([[ 1],
            [-1]])
)"};

const Op<Tensor(const Tensor&, const Tensor&, bool, bool)> isin{
    "isin(Tensor elements, Tensor test_elements, *, bool assume_unique=False, bool invert=False) -> Tensor",
    isin_rule,
    {.forms = function | out, .composite = true},
    R"(Tell for each element whether it is among the test elements.

    Args:
        elements, test_elements: tensors, or one of them a number.
        assume_unique: no element occurs twice (makes no difference).
        invert: tell whether it is not.

    >>> lampas.isin(lampas.tensor([1, 2, 3]), lampas.tensor([3, 1]))
    tensor([ True, False,  True])
)"};

}  // namespace
}  // namespace lampas
