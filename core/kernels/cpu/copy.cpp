// Copying with conversion, filling, and copies between devices.
#include "core/kernels/copy.h"

#include <cstring>

#include "core/kernels/cpu/elementwise_loops.h"
#include "core/kernels/cpu/iteration.h"

namespace lampas {
namespace {

void copy_on_cpu(const Tensor& source, const Tensor& destination) {
  if (source.dtype() == destination.dtype() && source.is_contiguous() && destination.is_contiguous() &&
      source.numel() == destination.numel() && source.numel() <= cpu::elementwise_grain) {
    if (source.numel())
      std::memmove(destination.data(), source.data(),
                   static_cast<size_t>(source.numel()) * item_size(source.dtype()));
    return;
  }
  UnaryLoop loop = cpu::cast_loop(source.dtype(), destination.dtype());
  cpu::Iteration<2> iteration({&destination, &source});
  iteration.run([&](auto& data, int64_t count, auto& strides) {
    loop(data[1], data[0], count, strides[1], strides[0], nullptr);
  });
}

void fill_on_cpu(const Scalar& value, const Tensor& destination) {
  alignas(16) unsigned char element[16];
  visit(destination.dtype(), [&]<class T>() {
    T converted = value.to<T>();
    std::memcpy(element, &converted, sizeof converted);
  });
  UnaryLoop loop = cpu::cast_loop(destination.dtype(), destination.dtype());
  if (destination.is_contiguous() && destination.numel() <= cpu::elementwise_grain) {
    loop(element, destination.data(), destination.numel(), 0, 1, nullptr);
    return;
  }
  cpu::Iteration<1> iteration({&destination});
  iteration.run([&](auto& data, int64_t count, auto& strides) {
    loop(element, data[0], count, 0, strides[0], nullptr);
  });
}

void read_on_cpu(const Tensor& input, Scalar& value) { value = read_scalar(input); }

const Implement implement_read(kernels::read, DeviceKind::cpu, read_on_cpu);
const Implement implement_copy(kernels::copy, DeviceKind::cpu, copy_on_cpu);
const Implement implement_fill(kernels::fill, DeviceKind::cpu, fill_on_cpu);

Tensor on_cpu(const Tensor& tensor) {
  return tensor.device().kind == DeviceKind::shadow ? shadow_to_cpu(tensor) : tensor;
}

}  // namespace

void kernels::copy_across(const Tensor& source, const Tensor& destination) {
  if (destination.device().kind == DeviceKind::meta) return;
  if (source.device().kind == DeviceKind::meta)
    fail(ErrorKind::not_implemented, "Cannot copy out of meta tensor; no data!");
  copy_on_cpu(on_cpu(source), on_cpu(destination));
}

}  // namespace lampas
