// Softmax on the CPU: rows of the last dim through the vector loops; another dim is moved there by copies.
#include "core/kernels/softmax.h"

#include <algorithm>

#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/vector/softmax.h"
#include "core/kernels/dense.h"
#include "core/parallel/thread_pool.h"

namespace lampas {
namespace {

constexpr int64_t elements_per_grain = 16384;  // about 50 microseconds of one thread

const vector::SoftmaxTable& table() {
  static const vector::SoftmaxTable& chosen =
      choose(vector::baseline::softmax, vector::avx2::softmax, vector::avx512::softmax);
  return chosen;
}

int type_of(DType dtype) {
  using vector::SoftmaxType;
  switch (dtype) {
    case DType::float32:
      return static_cast<int>(SoftmaxType::float32);
    case DType::float64:
      return static_cast<int>(SoftmaxType::float64);
    case DType::bfloat16:
      return static_cast<int>(SoftmaxType::bfloat16);
    case DType::float16:
      return static_cast<int>(SoftmaxType::float16);
    default:
      fail(ErrorKind::not_implemented, "\"softmax_lastdim_kernel_impl\" not implemented for '",
           scalar_type_name(dtype), "'");
  }
}

// A view with `dim` last.
Tensor with_last(const Tensor& tensor, int64_t dim) {
  Shape sizes = tensor.sizes(), strides = tensor.strides();
  for (size_t i = static_cast<size_t>(dim); i + 1 < sizes.size(); ++i) {
    std::swap(sizes[i], sizes[i + 1]);
    std::swap(strides[i], strides[i + 1]);
  }
  return alias(tensor, sizes, strides, tensor.offset());
}

// Calls body(first row, rows) in parts; columns is what one row holds.
template <class Body>
void for_rows(int64_t elements, int64_t columns, Body&& body) {
  int64_t grain = std::max<int64_t>(1, elements_per_grain / std::max<int64_t>(1, columns));
  parallel_for(0, elements / columns, grain, [&](int64_t begin, int64_t end) { body(begin, end - begin); });
}

char* row_address(const Tensor& tensor, int64_t row, int64_t columns) {
  return tensor.data<char>() + row * columns * static_cast<int64_t>(item_size(tensor.dtype()));
}

// Where the kernel writes contiguous rows, and what copies them where they belong.
class RowOutput {
 public:
  RowOutput(const Tensor& output, int64_t dim) : target_(with_last(output, dim)) {
    rows_ = target_.is_contiguous() ? target_ : new_tensor(target_.sizes(), target_.dtype());
  }
  const Tensor& rows() const { return rows_; }
  void finish() {
    if (!rows_.same_as(target_)) kernels::copy(target_.device(), rows_, target_);
  }

 private:
  Tensor target_, rows_;
};

void softmax_on_cpu(const Tensor& input, int64_t dim, bool logarithm, const Tensor& output) {
  int type = type_of(input.dtype());
  if (input.numel() == 0) return;
  SoftmaxRows loop = logarithm ? table().log_softmax[type] : table().softmax[type];
  int64_t columns = input.sizes()[dim];
  Tensor rows = dense(with_last(input, dim));
  RowOutput result(output, dim);
  for_rows(input.numel(), columns, [&](int64_t first, int64_t count) {
    loop(row_address(rows, first, columns), row_address(result.rows(), first, columns), count, columns,
         columns, columns);
  });
  result.finish();
}

void softmax_backward_on_cpu(const Tensor& grad, const Tensor& result, int64_t dim, bool logarithm,
                             const Tensor& grad_input) {
  int type = type_of(result.dtype());
  if (result.numel() == 0) return;
  SoftmaxBackwardRows loop = logarithm ? table().log_softmax_backward[type] : table().softmax_backward[type];
  int64_t columns = result.sizes()[dim];
  Tensor grad_rows = dense(with_last(grad, dim)), result_rows = dense(with_last(result, dim));
  RowOutput output(grad_input, dim);
  for_rows(result.numel(), columns, [&](int64_t first, int64_t count) {
    loop(row_address(grad_rows, first, columns), row_address(result_rows, first, columns),
         row_address(output.rows(), first, columns), count, columns);
  });
  output.finish();
}

const Implement implement_softmax(kernels::softmax, DeviceKind::cpu, softmax_on_cpu);
const Implement implement_softmax_backward(kernels::softmax_backward, DeviceKind::cpu,
                                           softmax_backward_on_cpu);

}  // namespace
}  // namespace lampas
