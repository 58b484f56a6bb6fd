// embedding: rows of a table, looked up by their numbers.
#include "core/kernels/embedding.h"

#include "core/kernels/dense.h"
#include "core/ops/batching.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/indexing.h"
#include "core/ops/joining.h"
#include "core/ops/promotion.h"
#include "core/ops/view_parts.h"

namespace lampas {
namespace {

extern const Op<Tensor(const Tensor&, const Tensor&, int64_t, int64_t, bool)> embedding_dense_backward;

void check_indices(const Tensor& indices) {
  if (indices.dtype() == DType::int64 || indices.dtype() == DType::int32) return;
  fail(ErrorKind::runtime,
       "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but "
       "got ",
       legacy_type_name(indices.dtype()), " instead (while checking arguments for embedding)");
}

// The rows of `table` at `indices`, in the shape of the indices.
Tensor rows_at(const Tensor& table, const Tensor& indices) {
  Shape sizes = indices.sizes();
  sizes.push_back(table.size(1));
  return reshape(index_select(table, 0, reshape(indices, {-1})), sizes);
}

Tensor embedding_rule(Call& call, const Tensor& weight, const Tensor& indices, int64_t padding_idx,
                      bool scale_grad_by_freq, bool sparse) {
  check(weight.dim() == 2, "'weight' must be 2-D");
  check_indices(indices);
  if (sparse)
    fail(ErrorKind::not_implemented,
         "embedding(): sparse=True is not implemented in Lampas; gradients are dense");
  if (!is_differentiable(weight.dtype())) {
    call.not_differentiable();
  } else if (Recording node = call.record("EmbeddingBackward0", {weight})) {
    Saved saved_indices = node.save("indices", indices);
    int64_t count = weight.sizes()[0];
    node.derivative([=](const Gradients& grad, Wanted) {
      return Gradients{
          embedding_dense_backward(grad[0], saved_indices(), count, padding_idx, scale_grad_by_freq)};
    });
  }
  GradModeGuard unrecorded(false);
  return rows_at(weight, indices);
}

// One table serves all examples; examples with tables of their own are looked up one by one.
BatchedValue batched_embedding(const OpBase& op, BatchedValues& arguments, int64_t batch_size) {
  if (arguments[0].batch_dim < 0) {
    Values physical{arguments[0].value, Value(batch_first(arguments[1]))};
    for (size_t i = 2; i < arguments.size(); ++i) physical.push_back(arguments[i].value);
    return {op.call(physical), 0};
  }
  TensorList results;
  Tensor tables = batch_first(arguments[0]);
  for (int64_t example = 0; example < batch_size; ++example) {
    Tensor indices = unbox<Tensor>(arguments[1].value);
    if (arguments[1].batch_dim >= 0) indices = select(indices, arguments[1].batch_dim, example);
    Values physical{Value(select(tables, 0, example)), Value(indices)};
    for (size_t i = 2; i < arguments.size(); ++i) physical.push_back(arguments[i].value);
    results.push_back(std::get<Tensor>(op.call(physical)));
  }
  return {Value(stack(results, 0)), 0};
}

Tensor embedding_dense_backward_rule(Call& call, const Tensor& grad_output, const Tensor& indices,
                                     int64_t num_weights, int64_t padding_idx, bool scale_grad_by_freq) {
  check_indices(indices);
  int64_t width = grad_output.sizes()[grad_output.dim() - 1];
  Tensor output = call.output({num_weights, width}, grad_output.dtype(), grad_output.device());
  if (Recording node = call.record("EmbeddingDenseBackwardBackward0", {grad_output})) {
    Saved saved_indices = node.save("indices", indices);
    node.derivative([saved_indices, padding_idx](const Gradients& grad, Wanted) {
      Tensor places = saved_indices(), rows = rows_at(grad[0], places);
      if (padding_idx >= 0) {
        Tensor kept = ne(places, number_tensor(Scalar(padding_idx)));
        rows = mul(rows, unsqueeze(cast(kept, rows.dtype()), -1));
      }
      return Gradients{rows};
    });
  }
  Tensor rows = dense(grad_output), places = dense(converted(indices, DType::int64));
  auto flat = [](const Tensor& tensor, const Shape& sizes) {
    return alias(tensor, sizes, contiguous_strides(sizes), tensor.offset());
  };
  kernels::embedding_backward(output.device(), flat(rows, {indices.numel(), width}),
                              flat(places, {indices.numel()}), padding_idx, scale_grad_by_freq, output);
  return output;
}

const Op<Tensor(const Tensor&, const Tensor&, int64_t, int64_t, bool)> embedding_dense_backward{
    "embedding_dense_backward(Tensor grad_output, Tensor indices, int num_weights, int padding_idx, bool "
    "scale_grad_by_freq) -> Tensor",
    embedding_dense_backward_rule,
    {.forms = Forms{}},
    "The gradient of embedding."};

const Op<Tensor(const Tensor&, const Tensor&, int64_t, bool, bool)> embedding{
    "embedding(Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, bool "
    "sparse=False) -> Tensor",
    embedding_rule,
    {.forms = function, .batching = Batching::custom, .batching_rule = batched_embedding},
    R"(Look up rows of a table.

    Args:
        weight: the table, (rows, width).
        indices: which rows; integers of any shape.
        padding_idx: a row that gets no gradient.
        scale_grad_by_freq: whether a row's gradient is divided by how often it was looked up.
        sparse: only False.

    Returns a tensor of the indices' shape and one more dim of `width`. Raises IndexError for a row that is
    not there.

    >>> lampas.embedding(lampas.tensor([[1., 2.], [3., 4.]]), lampas.tensor([1, 0]))
    tensor([[3., 4.],
            [1., 2.]])
)"};

}  // namespace
}  // namespace lampas
