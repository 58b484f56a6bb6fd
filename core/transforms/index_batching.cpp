// Batching rules of indexing by tensors, and of losses that reduce to a number.
#include "core/ops/batching.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/gathering.h"
#include "core/ops/indexing.h"
#include "core/ops/loss.h"
#include "core/ops/reduction.h"
#include "core/transforms/vmap.h"

namespace lampas::transforms {
namespace {

// Indices as `index` takes them: undefined for a whole dim.
struct Indices {
  TensorList tensors;
  bool batched = false;

  // PyTorch's rule: the result's indexed dims stand where the indices do, or first where they are apart.
  int64_t first() const {
    size_t place = 0;
    while (place < tensors.size() && !tensors[place].defined()) ++place;
    return static_cast<int64_t>(place);
  }
  bool apart() const {
    size_t last = tensors.size();
    while (last > 0 && !tensors[last - 1].defined()) --last;
    for (size_t place = static_cast<size_t>(first()); place < last; ++place)
      if (!tensors[place].defined()) return true;
    return false;
  }
  // How many dims the indices have in one example, once broadcast.
  int64_t rank() const {
    int64_t rank = 0;
    for (const Tensor& tensor : tensors)
      if (tensor.defined()) rank = std::max(rank, tensor.dim() - (batched ? 1 : 0));
    return rank;
  }
  bool any_bool() const {
    for (const Tensor& tensor : tensors)
      if (tensor.defined() && (tensor.dtype() == DType::bool_ || tensor.dtype() == DType::uint8)) return true;
    return false;
  }
};

// Tensors (batch, …) with dims of size 1 behind the batch, so that they broadcast as those of an example do.
TensorList aligned(const Indices& indices, int64_t batch_size) {
  int64_t rank = indices.rank();
  TensorList result;
  for (const Tensor& tensor : indices.tensors) {
    if (!tensor.defined() || !indices.batched) {
      result.push_back(tensor);
      continue;
    }
    Shape sizes = tensor.sizes();
    while (static_cast<int64_t>(sizes.size()) < rank + 1) sizes.insert(1, 1);
    sizes[0] = batch_size;
    result.push_back(reshape(tensor, sizes));
  }
  return result;
}

// The number of each example, shaped to broadcast with aligned indices.
Tensor example_numbers(int64_t batch_size, int64_t rank, Device device) {
  Shape sizes(static_cast<size_t>(rank) + 1, 1);
  sizes[0] = batch_size;
  return reshape(arange_of(batch_size, device), sizes);
}

BatchedValue index_of_batch(const OpBase& op, BatchedValues& arguments, const Vmap& level) {
  Indices indices{std::get<TensorList>(arguments[1].value), arguments[1].batch_dim >= 0};
  if (indices.batched && indices.any_bool()) return batch_by_loop(op, arguments, level.batch_size);
  Tensor input = batch_first(arguments[0]);
  bool input_batched = arguments[0].batch_dim >= 0;
  TensorList given = aligned(indices, level.batch_size);
  if (!input_batched) return {Value(index(input, given)), indices.apart() ? 0 : indices.first()};
  if (!indices.batched) {
    given.insert(given.begin(), Tensor());
    int64_t rank = indices.any_bool() ? -1 : indices.rank();
    if (!indices.apart()) return {Value(index(input, given)), 0};
    if (rank < 0) return batch_by_loop(op, arguments, level.batch_size);
    return {Value(index(input, given)), rank};
  }
  int64_t first = indices.first(), rank = indices.rank();
  given.insert(given.begin(), example_numbers(level.batch_size, rank, input.device()));
  Tensor result = index(input, given);  // (batch, indexed…, whole dims…) unless the first dim is indexed
  if (indices.apart() || first == 0) return {Value(result), 0};
  for (int64_t dim = 0; dim < first; ++dim) result = movedim(result, {1 + rank + dim}, {1 + dim});
  return {Value(result), 0};
}

// index_put(input, indices, values, accumulate): each example writes to its own place.
BatchedValue index_put_of_batch(const OpBase& op, BatchedValues& arguments, const Vmap& level) {
  Indices indices{std::get<TensorList>(arguments[1].value), arguments[1].batch_dim >= 0};
  if (indices.any_bool()) return batch_by_loop(op, arguments, level.batch_size);
  Tensor input = expanded_batch_first(arguments[0], level.batch_size);
  int64_t first = indices.first(), rank = indices.rank();
  TensorList given = aligned(indices, level.batch_size);
  given.insert(given.begin(), example_numbers(level.batch_size, rank, input.device()));
  Tensor values = batch_first(arguments[2]);
  if (!indices.apart() &&
      first > 0) {  // values go (batch, before…, indexed…, after…); here `before` comes later
    auto indexed = static_cast<int64_t>(given.size()) - 1 - first;
    int64_t result_rank = input.dim() - 1 - indexed + rank;
    Shape sizes = values.sizes();
    if (arguments[2].batch_dim < 0) sizes.insert(0, 1);
    while (static_cast<int64_t>(sizes.size()) < result_rank + 1) sizes.insert(1, 1);
    values = reshape(values, sizes);
    for (int64_t dim = 0; dim < first; ++dim) values = movedim(values, {1}, {rank + first});
  } else if (arguments[2].batch_dim >= 0) {
    int64_t behind = input.dim() - static_cast<int64_t>(given.size());  // whole dims after the last index
    for (size_t place = 1; place < given.size(); ++place) behind += given[place].defined() ? 0 : 1;
    Shape sizes = values.sizes();
    while (static_cast<int64_t>(sizes.size()) < 1 + rank + behind) sizes.insert(1, 1);
    values = reshape(values, sizes);
  }
  return {Value(index_put(input, given, values, std::get<bool>(arguments[3].value))), 0};
}

// Two neighbouring dims as one.
Tensor joined(const Tensor& tensor, size_t first) {
  Shape sizes;
  for (size_t dim = 0; dim < tensor.sizes().size(); ++dim) {
    if (dim == first + 1)
      sizes.back() *= tensor.sizes()[dim];
    else
      sizes.push_back(tensor.sizes()[dim]);
  }
  return reshape(tensor, sizes);
}

// One dim of all examples in a row: (batch, …, size, …) as (batch * size, …), and back.
struct Folded {
  Folded(const BatchedValue& argument, int64_t dim, int64_t batch_size)
      : batch(batch_size),
        along(dim + 1),
        moved(movedim(expanded_batch_first(argument, batch_size), {along}, {1})) {}
  Tensor tensor() const { return joined(moved, 0); }
  Tensor unfolded(const Tensor& result) const {
    return movedim(reshape(result, moved.sizes()), {1}, {along});
  }

  int64_t batch, along;
  Tensor moved;
};

// A vector of indices of each example, (batch, count), as places in a folded dim.
Tensor folded_index(const BatchedValue& argument, int64_t size, int64_t batch_size) {
  Tensor index = expanded_batch_first(argument, batch_size);
  if (index.dim() == 1) index = unsqueeze(index, 1);
  Tensor wrapped = where(lt(index, number_tensor(0)), add(index, number_tensor(size), 1), index);
  Tensor places = add(wrapped, mul(example_numbers(batch_size, 1, index.device()), number_tensor(size)), 1);
  // One out of range must not fall into the next example: it goes behind the last.
  Tensor inside = mul(ge(wrapped, number_tensor(0)), lt(wrapped, number_tensor(size)));  // and
  return reshape(where(inside, places, number_tensor(batch_size * size)), {-1});
}

// index_add, index_copy, index_fill: (input, dim, index, what is written, …).
BatchedValue index_write_of_batch(const OpBase& op, BatchedValues& arguments, const Vmap& level) {
  const Tensor& input = std::get<Tensor>(arguments[0].value);
  int64_t rank = input.dim() - (arguments[0].batch_dim >= 0 ? 1 : 0);
  bool has_source = std::holds_alternative<Tensor>(arguments[3].value);
  if (rank == 0) return batch_by_loop(op, arguments, level.batch_size);
  int64_t dim = wrap_dim(std::get<int64_t>(arguments[1].value), rank);
  Values physical;
  for (const BatchedValue& argument : arguments) physical.push_back(argument.value);
  if (arguments[2].batch_dim < 0) {
    physical[0] = Value(expanded_batch_first(arguments[0], level.batch_size));
    physical[1] = Value(dim + 1);
    if (has_source) physical[3] = Value(expanded_batch_first(arguments[3], level.batch_size));
    return {op.call(physical), 0};
  }
  Folded folded(arguments[0], dim, level.batch_size);
  int64_t size = folded.moved.sizes()[1];
  physical[0] = Value(folded.tensor());
  physical[1] = Value(int64_t{0});
  physical[2] = Value(folded_index(arguments[2], size, level.batch_size));
  if (has_source) physical[3] = Value(Folded(arguments[3], dim, level.batch_size).tensor());
  return {Value(folded.unfolded(std::get<Tensor>(op.call(physical)))), 0};
}

BatchedValue index_select_of_batch(const OpBase& op, BatchedValues& arguments, const Vmap& level) {
  const Tensor& input = std::get<Tensor>(arguments[0].value);
  int64_t rank = input.dim() - (arguments[0].batch_dim >= 0 ? 1 : 0);
  const Tensor& index = std::get<Tensor>(arguments[2].value);
  if (rank == 0 || index.dim() != (arguments[2].batch_dim >= 0 ? 2 : 1))
    return batch_by_loop(op, arguments, level.batch_size);
  int64_t dim = wrap_dim(std::get<int64_t>(arguments[1].value), rank);
  if (arguments[2].batch_dim < 0) return {Value(index_select(batch_first(arguments[0]), dim + 1, index)), 0};
  TensorList indices(static_cast<size_t>(dim));
  indices.push_back(batch_first(arguments[2]));
  BatchedValues as_index;
  as_index.push_back(arguments[0]);
  as_index.push_back({Value(std::move(indices)), 0});
  return index_of_batch(op, as_index, level);
}

// The mean or the sum over all dims but the batch.
Tensor reduced(const Tensor& losses, int64_t reduction) {
  Shape dims;
  for (int64_t dim = 1; dim < losses.dim(); ++dim) dims.push_back(dim);
  if (reduction == 0 || dims.empty()) return losses;
  return reduction == 1 ? mean(losses, dims, false, std::nullopt) : sum_dims(losses, dims, false);
}

// Losses of pairs: not reduced, and then for each example.
BatchedValue pointwise_loss_of_batch(const OpBase& op, BatchedValues& arguments, const Vmap& level) {
  auto place = static_cast<size_t>(op.signature().find("reduction"));
  int64_t reduction = std::get<int64_t>(arguments[place].value);
  arguments[place].value = Value(int64_t{0});
  arguments[0] = {Value(expanded_batch_first(arguments[0], level.batch_size)), 0};
  BatchedValue losses = batch_elementwise(op, arguments, level.batch_size);
  return {Value(reduced(std::get<Tensor>(losses.value), reduction)), 0};
}

// _nll_loss(input, target, weight, reduction, ignore_index): the examples are one large batch, not reduced.
BatchedValue nll_loss_of_batch(const OpBase& op, BatchedValues& arguments, const Vmap& level) {
  if (arguments[2].batch_dim >= 0) return batch_by_loop(op, arguments, level.batch_size);
  Tensor input = expanded_batch_first(arguments[0], level.batch_size);
  Tensor target = expanded_batch_first(arguments[1], level.batch_size);
  Tensor weight = unbox<Tensor>(arguments[2].value);
  int64_t reduction = std::get<int64_t>(arguments[3].value), ignored = std::get<int64_t>(arguments[4].value);
  bool has_places = input.dim() > 2;
  if (has_places && (target.dim() < 2 || target.sizes()[1] != input.sizes()[1]))
    return batch_by_loop(op, arguments, level.batch_size);  // which says what is wrong
  if (!has_places && target.dim() > 1) target = reshape(target, {level.batch_size});
  Values physical{Value(has_places ? joined(input, 0) : input),
                  Value(has_places ? joined(target, 0) : target), Value(weight), Value(int64_t{0}),
                  Value(ignored)};
  Tensor losses = reshape(std::get<Tensor>(op.call(physical)), target.sizes());
  if (reduction != 1) return {Value(reduced(losses, reduction)), 0};
  Tensor counted = ne(target, number_tensor(ignored)), share = cast(counted, input.dtype());
  if (weight.defined()) {
    Tensor classes = where(counted, target, number_tensor(0));
    share = mul(share, reshape(index_select(weight, 0, reshape(classes, {-1})), target.sizes()));
  }
  return {Value(div(reduced(losses, 2), reduced(share, 2))), 0};
}

// native_batch_norm: the channels of all examples side by side. Running statistics of a training have one
// owner.
BatchedValue batch_norm_of_batch(const OpBase& op, BatchedValues& arguments, const Vmap& level) {
  bool training = std::get<bool>(arguments[5].value);
  Tensor running = unbox<Tensor>(arguments[3].value);
  const Tensor& input = std::get<Tensor>(arguments[0].value);
  int64_t rank = input.dim() - (arguments[0].batch_dim >= 0 ? 1 : 0);
  if ((training && running.defined()) || rank < 2) return batch_by_loop(op, arguments, level.batch_size);
  Tensor examples =
      movedim(expanded_batch_first(arguments[0], level.batch_size), {0}, {1});  // (N, batch, C, …)
  Values physical{Value(joined(examples, 1))};
  for (size_t place = 1; place < arguments.size(); ++place) {
    Value value = arguments[place].value;
    if (auto* tensor = std::get_if<Tensor>(&value); tensor && tensor->defined())
      value = Value(reshape(expanded_batch_first(arguments[place], level.batch_size), {-1}));
    physical.push_back(std::move(value));
  }
  Value results = op.call(physical);
  TensorList& parts = std::get<TensorList>(results);
  parts[0] = movedim(reshape(parts[0], examples.sizes()), {1}, {0});
  for (size_t place : {size_t{1}, size_t{2}})
    parts[place] = reshape(parts[place], {level.batch_size, parts[place].numel() / level.batch_size});
  return {std::move(results), 0};
}

[[maybe_unused]] const bool registered = [] {
  register_batching_rule("index", index_of_batch);
  register_batching_rule("index_put", index_put_of_batch);
  register_batching_rule("index_select", index_select_of_batch);
  for (const char* name : {"index_add", "index_copy", "index_fill"})
    register_batching_rule(name, index_write_of_batch);
  for (const char* name : {"mse_loss", "smooth_l1_loss", "huber_loss", "soft_margin_loss",
                           "binary_cross_entropy", "binary_cross_entropy_with_logits"})
    register_batching_rule(name, pointwise_loss_of_batch);
  register_batching_rule("_nll_loss", nll_loss_of_batch);
  register_batching_rule("native_batch_norm", batch_norm_of_batch);
  return true;
}();

}  // namespace
}  // namespace lampas::transforms
