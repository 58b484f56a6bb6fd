// The order of dims of elementwise results, after PyTorch's TensorIterator: neighbouring dims are compared by
// the first input that tells them apart, and an insertion sort moves the one with larger steps outwards.
#include "core/ops/layout.h"

#include <algorithm>

namespace lampas {
namespace {

// The stride of `dim`, counted in a result of `rank` dims; 0 where the input is repeated along it.
int64_t stride_along(const Tensor& input, int64_t dim, const Shape& sizes) {
  int64_t own = dim - (static_cast<int64_t>(sizes.size()) - input.dim());
  if (own < 0) return 0;
  auto place = static_cast<size_t>(own);
  bool repeated = input.sizes()[place] == 1 && sizes[static_cast<size_t>(dim)] != 1;
  return repeated ? 0 : input.strides()[place];
}

// 1 where `inner` takes larger steps than `outer`, -1 where it takes smaller ones, 0 where no input tells.
int compare_steps(std::initializer_list<InputReference> inputs, const Shape& sizes, int64_t inner,
                  int64_t outer) {
  for (const InputReference& input : inputs) {
    if (!input.tensor->defined() || input.tensor->dim() == 0) continue;
    int64_t inner_stride = stride_along(*input.tensor, inner, sizes);
    int64_t outer_stride = stride_along(*input.tensor, outer, sizes);
    if (inner_stride == 0 || outer_stride == 0) continue;
    if (inner_stride != outer_stride) return inner_stride < outer_stride ? -1 : 1;
    if (sizes[static_cast<size_t>(inner)] > sizes[static_cast<size_t>(outer)]) return 1;
  }
  return 0;
}

}  // namespace

Shape elementwise_strides(std::initializer_list<InputReference> inputs, const Shape& sizes) {
  const Tensor* first = nullptr;
  bool alike = true;
  for (const InputReference& input : inputs) {
    if (!input.tensor->defined()) continue;
    if (!first) first = input.tensor;
    alike &= input.tensor->sizes() == sizes && input.tensor->strides() == first->strides();
  }
  if (alike && is_dense(sizes, first->strides())) return first->strides();

  auto rank = static_cast<int64_t>(sizes.size());
  Shape order(sizes.size(), 0);  // innermost first
  for (int64_t i = 0; i < rank; ++i) order[static_cast<size_t>(i)] = rank - 1 - i;
  for (size_t i = 1; i < order.size(); ++i) {
    size_t moving = i;
    for (size_t before = i; before-- > 0;) {
      int comparison = compare_steps(inputs, sizes, order[before], order[moving]);
      if (comparison < 0) break;
      if (comparison == 0) continue;
      std::swap(order[before], order[moving]);
      moving = before;
    }
  }
  Shape strides(sizes.size(), 1);
  int64_t step = 1;
  for (int64_t dim : order) {
    strides[static_cast<size_t>(dim)] = step;
    step *= std::max<int64_t>(sizes[static_cast<size_t>(dim)], 1);
  }
  return strides;
}

}  // namespace lampas
