// Elementwise kernels: pick the loop of the row and dtype, walk the operands with it.
#include "core/kernels/elementwise.h"

#include "core/kernels/cpu/elementwise_loops.h"
#include "core/kernels/cpu/iteration.h"

namespace lampas {
namespace {

template <class Loop>
Loop found(Loop loop, const char* function, DType dtype) {
  if (!loop)
    fail(ErrorKind::not_implemented, "\"", function, "\" not implemented for '", scalar_type_name(dtype),
         "'");
  return loop;
}

void unary(UnaryFunction function, const Parameter* parameters, const Tensor& input, const Tensor& output) {
  UnaryLoop loop = found(cpu::unary_loop(function, input.dtype()), cpu::name_of(function), input.dtype());
  cpu::Iteration<2> iteration({&output, &input});
  iteration.run([&](auto& data, int64_t count, auto& strides) {
    loop(data[1], data[0], count, strides[1], strides[0], parameters);
  });
}

// 1 for a contiguous operand of `count` elements, 0 for one element repeated, -1 for anything else.
int64_t simple_step(const Tensor& operand, int64_t count) {
  if (operand.is_contiguous() && operand.numel() == count) return 1;
  for (size_t dim = 0; dim < operand.sizes().size(); ++dim)
    if (operand.strides()[dim] != 0 && operand.sizes()[dim] != 1) return -1;
  return 0;
}

template <class Loop>
void run_binary(Loop loop, const Parameter* parameters, const Tensor& input, const Tensor& other,
                const Tensor& output) {
  int64_t count = output.numel();
  if (count <= cpu::elementwise_grain && output.is_contiguous()) {
    int64_t input_step = simple_step(input, count), other_step = simple_step(other, count);
    if (input_step >= 0 && other_step >= 0) {
      loop(input.data(), other.data(), output.data(), count, input_step, other_step, 1, parameters);
      return;
    }
  }
  cpu::Iteration<3> iteration({&output, &input, &other});
  iteration.run([&](auto& data, int64_t count, auto& strides) {
    loop(data[1], data[2], data[0], count, strides[1], strides[2], strides[0], parameters);
  });
}

void binary(BinaryFunction function, const Parameter* parameters, const Tensor& input, const Tensor& other,
            const Tensor& output) {
  BinaryLoop loop = found(cpu::binary_loop(function, input.dtype()), cpu::name_of(function), input.dtype());
  run_binary(loop, parameters, input, other, output);
}

void comparison(ComparisonFunction function, const Tensor& input, const Tensor& other, const Tensor& output) {
  BinaryLoop loop = cpu::comparison_loop(function, input.dtype());
  if (!loop) found(loop, text(cpu::name_of(function), "_cpu").c_str(), input.dtype());  // throws
  run_binary(loop, nullptr, input, other, output);
}

void run_ternary(TernaryLoop loop, const Parameter* parameters, const Tensor& first, const Tensor& second,
                 const Tensor& third, const Tensor& output) {
  cpu::Iteration<4> iteration({&output, &first, &second, &third});
  iteration.run([&](auto& data, int64_t count, auto& strides) {
    loop(data[1], data[2], data[3], data[0], count, strides[1], strides[2], strides[3], strides[0],
         parameters);
  });
}

void ternary(TernaryFunction function, const Parameter* parameters, const Tensor& first, const Tensor& second,
             const Tensor& third, const Tensor& output) {
  TernaryLoop loop =
      found(cpu::ternary_loop(function, output.dtype()), cpu::name_of(function), output.dtype());
  run_ternary(loop, parameters, first, second, third, output);
}

void where(const Tensor& condition, const Tensor& input, const Tensor& other, const Tensor& output) {
  run_ternary(cpu::where_loop(item_size(output.dtype())), nullptr, condition, input, other, output);
}

const Implement implement_unary(kernels::unary, DeviceKind::cpu, unary);
const Implement implement_binary(kernels::binary, DeviceKind::cpu, binary);
const Implement implement_comparison(kernels::comparison, DeviceKind::cpu, comparison);
const Implement implement_ternary(kernels::ternary, DeviceKind::cpu, ternary);
const Implement implement_where(kernels::where, DeviceKind::cpu, where);

}  // namespace
}  // namespace lampas
