// Batching rules of ops whose arguments name all dims at once, or that want a number where a batch has many.
#include "core/ops/batching.h"
#include "core/ops/comparison.h"
#include "core/ops/creation.h"
#include "core/ops/joining.h"
#include "core/transforms/vmap.h"

namespace lampas::transforms {
namespace {

BatchedValue view_of_batch(const OpBase& op, BatchedValues& arguments, const Vmap& level) {
  Tensor input = batch_first(arguments[0]);
  int64_t count = 1;
  for (int64_t dim = 1; dim < input.dim(); ++dim) count *= input.sizes()[dim];
  Shape sizes = infer_size(std::get<Shape>(arguments[1].value), count);
  sizes.insert(0, level.batch_size);
  Values physical{Value(input), Value(sizes)};
  return {op.call(physical), 0};
}

BatchedValue expand_of_batch(const OpBase&, BatchedValues& arguments, const Vmap& level) {
  Tensor input = batch_first(arguments[0]);
  Shape sizes = std::get<Shape>(arguments[1].value), aligned = input.sizes();
  check(sizes.size() + 1 >= aligned.size(), "expand(torch.", scalar_type_name(input.dtype()),
        "Tensor, size=", sizes, "): the number of sizes provided (", sizes.size(),
        ") must be greater or equal to the number of dimensions in the tensor (", aligned.size() - 1, ")");
  while (aligned.size() < sizes.size() + 1) aligned.insert(1, 1);
  sizes.insert(0, level.batch_size);
  return {Value(expand(view(input, aligned), sizes)), 0};
}

BatchedValue permute_of_batch(const OpBase&, BatchedValues& arguments, const Vmap&) {
  Tensor input = batch_first(arguments[0]);
  Shape dims = std::get<Shape>(arguments[1].value);
  for (int64_t& dim : dims) dim = wrap_dim(dim, input.dim() - 1) + 1;
  dims.insert(0, 0);
  return {Value(permute(input, dims)), 0};
}

// An example's offset counts from where the first example begins.
BatchedValue as_strided_of_batch(const OpBase&, BatchedValues& arguments, const Vmap& level) {
  Tensor input = batch_first(arguments[0]);
  Shape sizes = std::get<Shape>(arguments[1].value), strides = std::get<Shape>(arguments[2].value);
  int64_t offset = is_none(arguments[3].value) ? input.offset() : std::get<int64_t>(arguments[3].value);
  sizes.insert(0, level.batch_size);
  strides.insert(0, input.strides()[0]);
  return {Value(as_strided(input, sizes, strides, offset)), 0};
}

BatchedValue stack_of_batch(const OpBase&, BatchedValues& arguments, const Vmap&) {
  const TensorList& tensors = std::get<TensorList>(arguments[0].value);
  int64_t dim = wrap_dim(std::get<int64_t>(arguments[1].value), tensors[0].dim());
  return {Value(stack(tensors, dim + 1)), 0};
}

// A tensor with the batch in front and dims of size 1 after it, so that an example has `rank` dims.
Tensor aligned(const BatchedValue& argument, int64_t rank) {
  Tensor tensor = batch_first(argument);
  if (argument.batch_dim < 0) return tensor;
  Shape sizes = tensor.sizes();
  while (static_cast<int64_t>(sizes.size()) < rank + 1) sizes.insert(1, 1);
  return reshape(tensor, sizes);
}

int64_t rank_of_example(const BatchedValue& argument) {
  return std::get<Tensor>(argument.value).dim() - (argument.batch_dim >= 0 ? 1 : 0);
}

// fill(input, value) and masked_fill(input, mask, value): each example has a value of its own.
BatchedValue fill_of_batch(const OpBase&, BatchedValues& arguments, const Vmap& level) {
  Tensor input = expanded_batch_first(arguments[0], level.batch_size);
  Tensor value = cast(aligned(arguments[1], rank_of_example(arguments[0])), input.dtype());
  return {Value(clone(expand(value, input.sizes()))), 0};
}

BatchedValue masked_fill_of_batch(const OpBase&, BatchedValues& arguments, const Vmap&) {
  int64_t rank = std::max(rank_of_example(arguments[0]), rank_of_example(arguments[1]));
  Tensor input = aligned(arguments[0], rank);
  Tensor value = cast(aligned(arguments[2], rank), input.dtype());
  return {Value(where(aligned(arguments[1], rank), value, input)), 0};
}

// The copy of what a view shows: the view's rule, then a copy.
template <const char* view_name>
BatchedValue copy_of_batch(const OpBase&, BatchedValues& arguments, const Vmap& level) {
  static const OpBase* const view_op = find_op(view_name);
  BatchedValue shown = apply_batching_rule(*view_op, arguments, level);
  for_each_tensor(shown.value, [](Tensor& tensor) { tensor = clone(tensor); });
  return shown;
}
template <const char* view_name>
void register_copy() {
  std::string full_name = view_name;
  size_t end = std::min(full_name.find('.'), full_name.size());  // "squeeze.dim" copies as "squeeze_copy.dim"
  register_batching_rule(full_name.insert(end, "_copy"), copy_of_batch<view_name>);
}
constexpr char alias_name[] = "alias", as_strided_name[] = "as_strided", diagonal_name[] = "diagonal",
               expand_name[] = "expand", permute_name[] = "permute", select_name[] = "select",
               slice_name[] = "slice", split_name[] = "split", split_with_sizes_name[] = "split_with_sizes",
               squeeze_name[] = "squeeze", squeeze_dim_name[] = "squeeze.dim",
               squeeze_dims_name[] = "squeeze.dims", t_name[] = "t", transpose_name[] = "transpose",
               unbind_name[] = "unbind", unfold_name[] = "unfold", unsqueeze_name[] = "unsqueeze",
               view_name[] = "view";
template <const char*... view_names>
void register_copies() {
  (register_copy<view_names>(), ...);
}

[[maybe_unused]] const bool registered = [] {
  register_batching_rule("view", view_of_batch);
  register_batching_rule("_unsafe_view", view_of_batch);
  register_batching_rule("expand", expand_of_batch);
  register_batching_rule("permute", permute_of_batch);
  register_batching_rule("as_strided", as_strided_of_batch);
  register_batching_rule("stack", stack_of_batch);
  register_batching_rule("fill.Tensor", fill_of_batch);
  register_batching_rule("masked_fill.Tensor", masked_fill_of_batch);
  register_copies<alias_name, as_strided_name, diagonal_name, expand_name, permute_name, select_name,
                  slice_name, split_name, split_with_sizes_name, squeeze_name, squeeze_dim_name,
                  squeeze_dims_name, t_name, transpose_name, unbind_name, unfold_name, unsqueeze_name,
                  view_name>();
  return true;
}();

}  // namespace
}  // namespace lampas::transforms
