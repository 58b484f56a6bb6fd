// Sums on the CPU.
#include "core/kernels/reduction.h"

#include <type_traits>

#include "core/kernels/copy.h"

namespace lampas {
namespace {

void sum_on_cpu(const Tensor& input, uint64_t mask, const Tensor& output) {
  kernels::fill(output.device(), 0, output);
  if (input.numel() == 0) return;
  // The output seen with the input's sizes: stride 0 along the dims that go.
  Shape strides;
  size_t kept = 0;
  bool keepdim = output.dim() == input.dim();
  for (int64_t dim = 0; dim < input.dim(); ++dim) {
    bool folded = mask >> dim & 1;
    size_t own = keepdim ? static_cast<size_t>(dim) : kept;
    strides.push_back(folded ? 0 : output.strides()[own]);
    kept += !folded;
  }
  visit(input.dtype(), [&]<class T>() {
    using Sum = std::conditional_t<std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>, float, T>;
    const T* from = input.data<T>();
    T* to = output.data<T>();
    Shape index(input.sizes().size(), 0);
    for (int64_t done = 0; done < input.numel(); ++done) {
      int64_t source = 0, target = 0;
      for (size_t dim = 0; dim < index.size(); ++dim) {
        source += index[dim] * input.strides()[dim];
        target += index[dim] * strides[dim];
      }
      to[target] = T(static_cast<Sum>(to[target]) + static_cast<Sum>(from[source]));
      for (size_t dim = index.size(); dim-- > 0;) {
        if (++index[dim] < input.sizes()[dim]) break;
        index[dim] = 0;
      }
    }
  });
}

const Implement implement_sum(kernels::sum, DeviceKind::cpu, sum_on_cpu);

}  // namespace
}  // namespace lampas
