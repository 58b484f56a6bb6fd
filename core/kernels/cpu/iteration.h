// Walks several tensors of one (broadcast) shape in step, in few and long runs.
#pragma once

#include <algorithm>
#include <array>

#include "core/parallel/thread_pool.h"
#include "core/tensor/tensor.h"

namespace lampas::cpu {

// Elements of an elementwise loop worth about 50 microseconds; more are shared among threads.
inline constexpr int64_t elementwise_grain = 65536;

// `count` operands; the first decides the shape, the others broadcast to it. Dims of size 1 go, dims that
// lie behind each other in every operand merge, the one with the smallest steps comes innermost.
template <size_t count>
class Iteration {
 public:
  explicit Iteration(const std::array<const Tensor*, count>& operands) {
    const Shape& sizes = operands[0]->sizes();
    for (size_t operand = 0; operand < count; ++operand) {
      data_[operand] = static_cast<char*>(operands[operand]->data());
      item_[operand] = static_cast<int64_t>(item_size(operands[operand]->dtype()));
    }
    total_ = operands[0]->numel();
    bool plain = true;
    for (const Tensor* operand : operands) plain &= operand->is_contiguous() && operand->numel() == total_;
    if (plain) {
      dims_.push_back({total_, {}});
      dims_[0].strides.fill(1);
      return;
    }
    for (size_t dim = 0; dim < sizes.size(); ++dim) {
      if (sizes[dim] == 1) continue;
      Dim entry{sizes[dim], {}};
      for (size_t operand = 0; operand < count; ++operand) {
        const Tensor& tensor = *operands[operand];
        int64_t own = static_cast<int64_t>(dim) - (static_cast<int64_t>(sizes.size()) - tensor.dim());
        bool present = own >= 0 && tensor.sizes()[own] != 1;
        entry.strides[operand] = present ? tensor.strides()[own] : 0;
      }
      dims_.push_back(entry);
    }
    order_dims();
    merge_dims();
    if (dims_.empty()) dims_.push_back({1, {}});
  }

  int64_t total() const { return total_; }

  // Calls loop(pointers, length, strides) for runs that cover everything; strides count elements.
  template <class Loop>
  void run(Loop&& loop, int64_t grain = elementwise_grain) const {
    if (total_ == 0) return;
    parallel_for(0, total_, grain, [&](int64_t begin, int64_t end) { run_range(loop, begin, end); });
  }

 private:
  struct Dim {
    int64_t size;
    std::array<int64_t, count> strides;
  };

  // Outermost first, by falling stride of the first operand that distinguishes two dims.
  void order_dims() {
    auto before = [&](const Dim& left, const Dim& right) {
      for (size_t operand = 0; operand < count; ++operand) {
        int64_t a = left.strides[operand], b = right.strides[operand];
        if (a != 0 && b != 0 && a != b) return a > b;
      }
      return false;
    };
    for (size_t i = 1; i < dims_.size(); ++i)
      for (size_t j = i; j > 0 && before(dims_[j], dims_[j - 1]); --j) std::swap(dims_[j], dims_[j - 1]);
  }

  void merge_dims() {
    size_t kept = 0;
    for (size_t i = 1; i < dims_.size(); ++i) {
      Dim &outer = dims_[kept], &inner = dims_[i];
      bool behind = true;
      for (size_t operand = 0; operand < count; ++operand)
        behind &= outer.strides[operand] == inner.size * inner.strides[operand];
      if (behind)
        outer = {outer.size * inner.size, inner.strides};
      else
        dims_[++kept] = inner;
    }
    if (!dims_.empty()) dims_.resize(kept + 1);
  }

  template <class Loop>
  void run_range(Loop& loop, int64_t begin, int64_t end) const {
    const Dim& inner = dims_.back();
    SmallVector<int64_t, 6> index(dims_.size(), 0);
    int64_t rest = begin;
    for (size_t dim = dims_.size(); dim-- > 0;) {
      index[dim] = rest % dims_[dim].size;
      rest /= dims_[dim].size;
    }
    while (begin < end) {
      std::array<char*, count> pointers = data_;
      for (size_t dim = 0; dim < dims_.size(); ++dim)
        for (size_t operand = 0; operand < count; ++operand)
          pointers[operand] += index[dim] * dims_[dim].strides[operand] * item_[operand];
      int64_t length = std::min(inner.size - index.back(), end - begin);
      loop(pointers, length, inner.strides);
      begin += length;
      index.back() = 0;
      for (size_t dim = dims_.size() - 1; dim-- > 0;) {
        if (++index[dim] < dims_[dim].size) break;
        index[dim] = 0;
      }
    }
  }

  int64_t total_ = 0;
  std::array<char*, count> data_;
  std::array<int64_t, count> item_;
  SmallVector<Dim, 5> dims_;
};

}  // namespace lampas::cpu
