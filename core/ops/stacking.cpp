// hstack and its kin, which join after giving every tensor enough dims; tensor_split and its kin.

#include "core/ops/indexing.h"
#include "core/ops/joining.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"
#include "core/ops/view_parts.h"

namespace lampas {

extern const Op<TensorList(const Tensor&, int64_t, int64_t)> tensor_split;
extern const Op<TensorList(const Tensor&, const Shape&, int64_t)> tensor_split_indices;

namespace {

// A tensor with at least `rank` dims, as NumPy's atleast_1d, atleast_2d and atleast_3d place new ones.
Tensor at_least(const Tensor& tensor, int64_t rank) {
  if (tensor.dim() >= rank) return tensor;
  if (tensor.dim() == 0) return reshape(tensor, Shape(static_cast<size_t>(rank), 1));
  if (rank == 2) return unsqueeze(tensor, 0);
  return tensor.dim() == 1 ? unsqueeze(unsqueeze(tensor, 0), -1) : unsqueeze(tensor, -1);
}

TensorList all_at_least(const TensorList& tensors, int64_t rank) {
  TensorList result;
  for (const Tensor& tensor : tensors) result.push_back(at_least(tensor, rank));
  return result;
}

template <int64_t rank>
Tensor at_least_rule(Call&, const Tensor& input) {
  return at_least(input, rank);
}

void check_any(const TensorList& tensors, const char* name) {
  check(!tensors.empty(), name, " expects a non-empty TensorList");
}

Tensor hstack_rule(Call&, const TensorList& tensors) {
  check_any(tensors, "hstack");
  TensorList joined = all_at_least(tensors, 1);
  return cat(joined, joined[0].dim() == 1 ? 0 : 1);
}

Tensor vstack_rule(Call&, const TensorList& tensors) {
  check_any(tensors, "vstack");
  return cat(all_at_least(tensors, 2), 0);
}

Tensor dstack_rule(Call&, const TensorList& tensors) {
  check_any(tensors, "dstack");
  return cat(all_at_least(tensors, 3), 2);
}

Tensor column_stack_rule(Call&, const TensorList& tensors) {
  check_any(tensors, "column_stack");
  TensorList columns;
  for (const Tensor& tensor : tensors)
    columns.push_back(tensor.dim() <= 1 ? reshape(tensor, {tensor.numel(), 1}) : tensor);
  return cat(columns, 1);
}

TensorList tensor_split_rule(Call&, const Tensor& input, int64_t sections, int64_t dim) {
  check(input.dim() > 0, "tensor_split expected at least a 1-dimensional tensor, but got a tensor with ",
        input.dim(), " dims");
  dim = wrap_dim(dim, input.dim());
  check(sections > 0, "number of sections must be larger than 0, got ", sections);
  int64_t size = input.sizes()[dim], least = size / sections, longer = size % sections;
  check_fits_in_memory(sections);
  TensorList parts;
  int64_t begin = 0;
  for (int64_t i = 0; i < sections; ++i) {
    int64_t end = begin + least + (i < longer);
    parts.push_back(slice(input, dim, begin, end, 1));
    begin = end;
  }
  return parts;
}

TensorList tensor_split_indices_rule(Call&, const Tensor& input, const Shape& indices, int64_t dim) {
  check(input.dim() > 0, "tensor_split expected at least a 1-dimensional tensor, but got a tensor with ",
        input.dim(), " dims");
  dim = wrap_dim(dim, input.dim());
  TensorList parts;
  int64_t begin = 0;
  for (int64_t end : indices) {
    parts.push_back(slice(input, dim, begin, end, 1));
    begin = end;
  }
  parts.push_back(slice(input, dim, begin, std::nullopt, 1));
  return parts;
}

TensorList tensor_split_tensor_rule(Call&, const Tensor& input, const Tensor& tensor_indices_or_sections,
                                    int64_t dim) {
  const Tensor& given = tensor_indices_or_sections;
  check(input.dim() > 0, "tensor_split expected at least a 1-dimensional tensor, but got a tensor with ",
        input.dim(), " dims");
  check(given.dtype() == DType::int64,
        "tensor_split expected tensor_indices_or_sections to have dtype of long, but got ",
        scalar_type_name(given.dtype()));
  check(
      given.dim() <= 1,
      "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, "
      "but got a tensor with ",
      given.dim(), " dims");
  if (given.dim() == 0) return tensor_split(input, item(given).to<int64_t>(), dim);
  Shape indices;
  for (int64_t i = 0; i < given.numel(); ++i) indices.push_back(item(select(given, 0, i)).to<int64_t>());
  return tensor_split_indices(input, indices, dim);
}

// hsplit, vsplit and dsplit: along a fixed dim, into equal sections or at indices.
struct FixedSplit {
  const char* name;
  int64_t rank, dim;
};
constexpr FixedSplit horizontal{"hsplit", 1, 1}, vertical{"vsplit", 2, 0}, depth{"dsplit", 3, 2};

int64_t checked_dim(const FixedSplit& which, const Tensor& input) {
  check(input.dim() >= which.rank, "torch.", which.name, " requires a tensor with at least ", which.rank,
        " dimension, but got a tensor with ", input.dim(), " dimensions!");
  return input.dim() == 1 ? 0 : which.dim;
}

template <const FixedSplit& which>
TensorList fixed_split_rule(Call&, const Tensor& input, int64_t sections) {
  int64_t dim = checked_dim(which, input), size = input.sizes()[dim];
  check(sections != 0 && size % sections == 0, "torch.", which.name, " attempted to split along dimension ",
        dim, ", but the size of the dimension ", size, " is not divisible by the split_size ", sections, "!");
  return tensor_split(input, sections, dim);
}

template <const FixedSplit& which>
TensorList fixed_split_indices_rule(Call&, const Tensor& input, const Shape& indices) {
  return tensor_split_indices(input, indices, checked_dim(which, input));
}

constexpr Traits joins{.forms = function | out, .composite = true};
constexpr Traits splits{.forms = function | method, .composite = true};
constexpr Traits inner{.forms = function, .composite = true};

using Joins = Op<Tensor(const TensorList&)>;
using SplitsInto = Op<TensorList(const Tensor&, int64_t)>;
using SplitsAt = Op<TensorList(const Tensor&, const Shape&)>;

const Op<Tensor(const Tensor&)> atleast_1d{"atleast_1d(Tensor input) -> Tensor", at_least_rule<1>, inner,
                                           R"(View a number as a vector of one element.

    >>> lampas.atleast_1d(lampas.tensor(1))
    tensor([1])
)"};
const Op<Tensor(const Tensor&)> atleast_2d{"atleast_2d(Tensor input) -> Tensor", at_least_rule<2>, inner,
                                           R"(View a number or a vector as a matrix of one row.

    >>> lampas.atleast_2d(lampas.tensor([1, 2]))
    tensor([[1, 2]])
)"};
const Op<Tensor(const Tensor&)> atleast_3d{"atleast_3d(Tensor input) -> Tensor", at_least_rule<3>, inner,
                                           R"(View a tensor of fewer than three dims with three.

    >>> lampas.atleast_3d(lampas.tensor([1, 2])).shape
    torch.Size([1, 2, 1])
)"};

const Joins hstack{"hstack(Tensor[] tensors) -> Tensor", hstack_rule, joins,
                   R"(Join tensors side by side: vectors along dim 0, others along dim 1.

    >>> lampas.hstack((lampas.tensor([1, 2]), lampas.tensor([3])))
    tensor([1, 2, 3])
)"};
const Joins vstack{"vstack(Tensor[] tensors) -> Tensor", vstack_rule, joins,
                   R"(Join tensors below each other; a vector is a row.

    >>> lampas.vstack((lampas.tensor([1, 2]), lampas.tensor([3, 4])))
    tensor([[1, 2],
            [3, 4]])
)"};
const Joins dstack{"dstack(Tensor[] tensors) -> Tensor", dstack_rule, joins,
                   R"(Join tensors along the third dim.

    >>> lampas.dstack((lampas.tensor([1, 2]), lampas.tensor([3, 4])))
    tensor([[[1, 3],
             [2, 4]]])
)"};
const Joins column_stack{"column_stack(Tensor[] tensors) -> Tensor", column_stack_rule, joins,
                         R"(Join tensors side by side; a vector is a column.

    >>> lampas.column_stack((lampas.tensor([1, 2]), lampas.tensor([3, 4])))
    tensor([[1, 3],
            [2, 4]])
)"};

const Op<TensorList(const Tensor&, const Tensor&, int64_t)> tensor_split_tensor{
    "tensor_split.tensor_indices_or_sections(Tensor input, Tensor tensor_indices_or_sections, int dim=0) "
    "-> Tensor[]",
    tensor_split_tensor_rule, splits,
    R"(View a tensor as parts along a dim, as a tensor says: how many, or where they begin.

    >>> lampas.tensor_split(lampas.tensor([1, 2, 3]), lampas.tensor([1]))
    (tensor([1]), tensor([2, 3]))
)"};
}  // namespace

const Op<TensorList(const Tensor&, int64_t, int64_t)> tensor_split{
    "tensor_split.sections(Tensor input, int sections, int dim=0) -> Tensor[]", tensor_split_rule, splits,
    R"(View a tensor as `sections` parts along a dim, the first ones longer by one where need be.

    >>> lampas.tensor_split(lampas.tensor([1, 2, 3]), 2)
    (tensor([1, 2]), tensor([3]))
)"};
const Op<TensorList(const Tensor&, const Shape&, int64_t)> tensor_split_indices{
    "tensor_split.indices(Tensor input, int[] indices, int dim=0) -> Tensor[]", tensor_split_indices_rule,
    splits,
    R"(View a tensor as parts along a dim that begin at 0 and at each of `indices`.

    >>> lampas.tensor_split(lampas.tensor([1, 2, 3]), (1,))
    (tensor([1]), tensor([2, 3]))
)"};

namespace {

const SplitsInto hsplit{"hsplit.int(Tensor input, int sections) -> Tensor[]", fixed_split_rule<horizontal>,
                        splits,
                        R"(View a tensor as equal parts side by side.

    >>> lampas.hsplit(lampas.tensor([[1, 2]]), 2)
    (tensor([[1]]), tensor([[2]]))
)"};
const SplitsAt hsplit_at{"hsplit.array(Tensor input, int[] indices) -> Tensor[]",
                         fixed_split_indices_rule<horizontal>, splits,
                         R"(View a tensor as parts side by side that begin at `indices`.

    >>> lampas.hsplit(lampas.tensor([1, 2, 3]), (1,))
    (tensor([1]), tensor([2, 3]))
)"};
const SplitsInto vsplit{"vsplit.int(Tensor input, int sections) -> Tensor[]", fixed_split_rule<vertical>,
                        splits,
                        R"(View a tensor as equal parts below each other.

    >>> lampas.vsplit(lampas.tensor([[1], [2]]), 2)
    (tensor([[1]]), tensor([[2]]))
)"};
const SplitsAt vsplit_at{"vsplit.array(Tensor input, int[] indices) -> Tensor[]",
                         fixed_split_indices_rule<vertical>, splits,
                         R"(View a tensor as parts below each other that begin at `indices`.

    >>> lampas.vsplit(lampas.tensor([[1], [2], [3]]), (1,))[0]
    tensor([[1]])
)"};
const SplitsInto dsplit{"dsplit.int(Tensor input, int sections) -> Tensor[]", fixed_split_rule<depth>, splits,
                        R"(View a tensor as equal parts along the third dim.

    >>> lampas.dsplit(lampas.tensor([[[1, 2]]]), 2)
    (tensor([[[1]]]), tensor([[[2]]]))
)"};
const SplitsAt dsplit_at{"dsplit.array(Tensor input, int[] indices) -> Tensor[]",
                         fixed_split_indices_rule<depth>, splits,
                         R"(View a tensor as parts along the third dim that begin at `indices`.

    >>> lampas.dsplit(lampas.tensor([[[1, 2]]]), (1,))
    (tensor([[[1]]]), tensor([[[2]]]))
)"};

}  // namespace
}  // namespace lampas
