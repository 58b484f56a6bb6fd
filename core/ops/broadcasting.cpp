// broadcast_to, and its way back: sum_to_size.
#include "core/ops/reduction.h"
#include "core/ops/view.h"

namespace lampas {
namespace {

Tensor broadcast_to_rule(Call&, const Tensor& input, const Shape& size) { return expand(input, size); }

Tensor sum_to_size_rule(Call&, const Tensor& input, const Shape& size) {
  check(can_expand(size, input.sizes()), "size {", size, "} is not expandable to size {", input.sizes(),
        "}.");
  if (size.empty()) return sum_all(input);
  int64_t added = input.dim() - static_cast<int64_t>(size.size());
  Shape dims;
  for (int64_t dim = 0; dim < input.dim(); ++dim)
    if (dim < added || (size[dim - added] == 1 && input.sizes()[dim] != 1)) dims.push_back(dim);
  Tensor summed = dims.empty() ? input : sum_dims(input, dims, true);
  return added > 0 ? view(summed, size) : summed;
}

const Op<Tensor(const Tensor&, const Shape&)> broadcast_to{
    "broadcast_to(Tensor input, int[] size) -> Tensor",
    broadcast_to_rule,
    {.forms = function | method, .composite = true},
    R"(View a tensor with its dims of size 1 repeated, as `expand` does.

    >>> lampas.broadcast_to(lampas.tensor([1, 2]), (2, 2))
    tensor([[1, 2],
            [1, 2]])
)"};

const Op<Tensor(const Tensor&, const Shape&)> sum_to_size{
    "sum_to_size(Tensor input, int[] size) -> Tensor",
    sum_to_size_rule,
    {.forms = method, .composite = true},
    R"(Sum a tensor to a shape that broadcasts to its own.

    >>> lampas.tensor([[1, 2], [3, 4]]).sum_to_size(1, 2)
    tensor([[4, 6]])
)"};

}  // namespace
}  // namespace lampas
