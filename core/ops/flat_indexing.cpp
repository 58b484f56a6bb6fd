// take and put, which see a tensor as if it were flat, and take_along_dim.
#include "core/kernels/copy.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/indexing.h"
#include "core/ops/view.h"
#include "core/ops/view_parts.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, const Tensor&)> take;
extern const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, bool)> put;

namespace {

void check_index(const char* name, const Tensor& index) {
  if (index.dtype() != DType::int64)
    fail(ErrorKind::runtime, name, "(): Expected a long tensor for index, but got ",
         scalar_type_name(index.dtype()));
}

// Names the index that led outside of a tensor of `count` elements, after the kernel has refused it.
void fail_outside(const Tensor& places, int64_t count) {
  Tensor outside = index(places, {lt(places, number_tensor(-count))});
  if (outside.numel() == 0) outside = index(places, {ge(places, number_tensor(count))});
  fail(ErrorKind::index, "out of range: tried to access index ", item(select(outside, 0, 0)).to<int64_t>(),
       " on a tensor of ", count, " elements.");
}

Tensor flat_index_put(const Tensor& flat, const Tensor& places, const Tensor& source, bool accumulate) try {
  return index_put(flat, {places}, source, accumulate);
} catch (const Error& error) {
  if (error.kind() == ErrorKind::index) fail_outside(places, flat.numel());
  throw;
}

Tensor flat_index(const Tensor& flat, const Tensor& places) try {
  return index(flat, {places});
} catch (const Error& error) {
  if (error.kind() == ErrorKind::index) fail_outside(places, flat.numel());
  throw;
}

Tensor take_rule(Call& call, const Tensor& input, const Tensor& index_tensor) {
  check_index("take", index_tensor);
  if (input.numel() == 0 && index_tensor.numel() > 0)
    fail(ErrorKind::index, "take(): tried to take from an empty tensor");
  if (const Tensor* target = call.target(); target && target->defined())
    check(target->dtype() == input.dtype(),
          "take(): self and out expected to have the same dtype, but got self.dtype = ",
          scalar_type_name(input.dtype()), " and out.dtype = ", scalar_type_name(target->dtype()));
  Tensor output = call.output(index_tensor.sizes(), input.dtype(), input.device());
  if (Recording node = call.record("TakeBackward0", {input})) {
    Saved saved_index = node.save("index", index_tensor);
    Shape sizes = input.sizes();
    node.derivative([saved_index, sizes](const Gradients& grad, Wanted) {
      Tensor none = zeros(sizes, grad[0].dtype(), grad[0].device());
      return Gradients{put(none, saved_index(), grad[0], true)};
    });
  }
  GradModeGuard unrecorded(false);
  if (output.numel() > 0)
    kernels::copy(output.device(), flat_index(reshape(input, {-1}), index_tensor), output);
  return output;
}

Tensor put_rule(Call& call, const Tensor& input, const Tensor& index_tensor, const Tensor& source,
                bool accumulate) {
  check_index("put_", index_tensor);
  if (source.dtype() != input.dtype())
    fail(ErrorKind::runtime, "put_(): self and source expected to have the same dtype, but got self.dtype = ",
         scalar_type_name(input.dtype()), " and source.dtype = ", scalar_type_name(source.dtype()));
  if (index_tensor.numel() != source.numel())
    fail(ErrorKind::index,
         "put_(): Expected source and index to have the same number of elements, but got source.numel() = ",
         source.numel(), ", index.numel() = ", index_tensor.numel());
  if (input.numel() == 0 && index_tensor.numel() > 0)
    fail(ErrorKind::index, "put_(): Tried to put elements into an empty tensor");
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record("PutBackward0", {input, source})) {
    Saved saved_index = node.save("index", index_tensor);
    Shape sizes = source.sizes();
    node.derivative([saved_index, sizes, accumulate](const Gradients& grad, Wanted wanted) {
      Tensor of_input = grad[0];
      if (wanted[0] && !accumulate)
        of_input = put(grad[0], saved_index(), zeros(sizes, grad[0].dtype(), grad[0].device()), false);
      return Gradients{of_input, wanted[1] ? reshape(take(grad[0], saved_index()), sizes) : Tensor()};
    });
  }
  GradModeGuard unrecorded(false);
  Tensor changed = reshape(input, {-1});
  if (index_tensor.numel() > 0)
    changed = flat_index_put(changed, reshape(index_tensor, {-1}), reshape(source, {-1}), accumulate);
  kernels::copy(output.device(), reshape(changed, input.sizes()), output);
  return output;
}

Tensor take_along_dim_rule(Call&, const Tensor& input, const Tensor& indices, std::optional<int64_t> dim) {
  check(!dim || input.dim() == indices.dim(),
        "torch.take_along_dim(): input and indices should have the same number of dimensions, but got ",
        input.dim(), " dimensions for input, and ", indices.dim(), " dimensions for indices");
  check(indices.dtype() == DType::int64, "torch.take_along_dim(): dtype of indices should be Long but got ",
        scalar_type_name(indices.dtype()));
  if (!dim) return gather(reshape(input, {-1}), 0, reshape(indices, {-1}));
  int64_t along = wrap_dim(*dim, input.dim());
  auto without = [&](const Tensor& tensor) {
    Shape sizes = tensor.sizes();
    sizes[along] = 1;
    return sizes;
  };
  Shape shared = broadcast_shapes(without(input), without(indices));
  auto expanded = [&](const Tensor& tensor) {
    Shape sizes = shared;
    sizes[along] = tensor.sizes()[along];
    return expand(tensor, sizes);
  };
  // Negative places count from the end.
  Tensor from_end = add(indices, number_tensor(input.sizes()[along]), 1);
  Tensor places = where(lt(indices, zeros({}, DType::int64, indices.device())), from_end, indices);
  return gather(expanded(input), along, expanded(places));
}

}  // namespace

const Op<Tensor(const Tensor&, const Tensor&)> take{"take(Tensor input, Tensor index) -> Tensor",
                                                    take_rule,
                                                    {.forms = function | method | out},
                                                    R"(Read elements of a tensor as if it were flat.

    Args:
        input: any shape.
        index: int64, of the shape of the result; negative ones count from the end.

    Raises IndexError where an index is out of range.

    >>> lampas.take(lampas.tensor([[1, 2], [3, 4]]), lampas.tensor([0, -1]))
    tensor([1, 4])
)"};

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, bool)> put{
    "put(Tensor input, Tensor index, Tensor source, bool accumulate=False) -> Tensor",
    put_rule,
    {.forms = function | method | in_place},
    R"(Write elements of a tensor as if it were flat.

    Args:
        input: any shape.
        index: int64; negative ones count from the end.
        source: as many elements as `index`, in the dtype of `input`.
        accumulate: add instead of overwriting.

    Raises IndexError where an index is out of range.

    >>> lampas.put(lampas.zeros(3), lampas.tensor([1]), lampas.tensor([5.]))
    tensor([0., 5., 0.])
)"};

namespace {

const Op<Tensor(const Tensor&, const Tensor&, std::optional<int64_t>)> take_along_dim{
    "take_along_dim(Tensor input, Tensor indices, int? dim=None) -> Tensor",
    take_along_dim_rule,
    {.forms = function | method | out, .composite = true},
    R"(Read elements along a dim at the places that `indices` names; the other dims broadcast.

    >>> lampas.take_along_dim(lampas.tensor([[30, 10]]), lampas.tensor([[1]]), dim=1)
    tensor([[10]])
)"};

}  // namespace
}  // namespace lampas
