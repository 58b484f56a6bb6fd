// Ops that make tensors from sizes and numbers: zeros, full, arange, eye and their *_like forms.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/kernels/copy.h"
#include "core/kernels/creation.h"
#include "core/ops/creation.h"
#include "core/ops/promotion.h"
#include "core/ops/warning.h"

namespace lampas {
namespace {

Tensor filled(Call& call, const Shape& size, const Scalar& value, OptionalDType dtype, OptionalDevice device,
              DType otherwise) {
  Tensor output = made_output(call, size, dtype, device, otherwise);
  check_fits(value, output.dtype());
  kernels::fill(output.device(), value, output);
  return output;
}

Tensor empty_rule(Call& call, const Shape& size, OptionalDType dtype, OptionalDevice device) {
  return made_output(call, size, dtype, device, default_dtype());
}

Tensor zeros_rule(Call& call, const Shape& size, OptionalDType dtype, OptionalDevice device) {
  for (int64_t length : size) check(length >= 0, "zeros: Dimension size must be non-negative.");
  return filled(call, size, 0, dtype, device, default_dtype());
}

Tensor ones_rule(Call& call, const Shape& size, OptionalDType dtype, OptionalDevice device) {
  return filled(call, size, 1, dtype, device, default_dtype());
}

Tensor full_rule(Call& call, const Shape& size, Scalar fill_value, OptionalDType dtype,
                 OptionalDevice device) {
  return filled(call, size, fill_value, dtype, device, fill_value.dtype());
}

Tensor empty_strided_rule(Call& call, const Shape& size, const Shape& stride, OptionalDType dtype,
                          OptionalDevice device) {
  call.not_differentiable();
  check(size.size() == stride.size(), "dimensionality of sizes (", size.size(),
        ") must match dimensionality of strides (", stride.size(), ")");
  int64_t last = 0;
  bool overflow = false;
  bool has_elements = count_elements(size) > 0;
  for (size_t dim = 0; dim < size.size(); ++dim) {
    int64_t reach = 0;
    overflow |= stride[dim] < 0 ||
                __builtin_mul_overflow(std::max<int64_t>(size[dim] - 1, 0), stride[dim], &reach) ||
                __builtin_add_overflow(last, reach, &last);
  }
  overflow |= last == std::numeric_limits<int64_t>::max();
  check(!overflow, "Storage size calculation overflowed with sizes=", size, " and strides=", stride);
  Tensor storage =
      new_tensor({has_elements ? last + 1 : 0}, dtype.value_or(default_dtype()), device.value_or(Device{}));
  return alias(storage, size, stride, 0);
}

Tensor new_empty_strided_rule(Call& call, const Tensor& input, const Shape& size, const Shape& stride,
                              OptionalDType dtype, OptionalDevice device) {
  return empty_strided_rule(call, size, stride, dtype.value_or(input.dtype()),
                            device.value_or(input.device()));
}

Tensor empty_permuted_rule(Call& call, const Shape& size, const Shape& physical_layout, OptionalDType dtype,
                           OptionalDevice device) {
  check(physical_layout.size() == size.size(),
        "Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = ",
        size.size(), " is not equal to len(physical_layout) = ", physical_layout.size());
  int64_t rank = static_cast<int64_t>(size.size());
  Shape strides(size.size(), 0);
  std::vector<bool> seen(size.size());
  int64_t step = 1;
  for (int64_t i = rank - 1; i >= 0; --i) {
    int64_t dim = physical_layout[i];
    check(dim >= 0 && dim < rank, "Dimension out of range (expected to be between 0 and ", rank - 1,
          ", but got ", dim, " at index ", i,
          ").  NB: negative dims not currently supported; file an issue if you want it.");
    check(!seen[dim], "Duplicate dim not allowed");
    seen[dim] = true;
    strides[dim] = step;
    step *= std::max<int64_t>(size[dim], 1);
  }
  return empty_strided_rule(call, size, strides, dtype, device);
}

Tensor scalar_tensor_rule(Call& call, Scalar s, OptionalDType dtype, OptionalDevice device) {
  return filled(call, {}, s, dtype, device, default_dtype());
}

template <int value>
Tensor constant_like_rule(Call& call, const Tensor& input, OptionalDType dtype, OptionalDevice device) {
  Tensor output = output_like(call, input, dtype, device);
  kernels::fill(output.device(), value, output);
  return output;
}

Tensor empty_like_rule(Call& call, const Tensor& input, OptionalDType dtype, OptionalDevice device) {
  return output_like(call, input, dtype, device);
}

Tensor full_like_rule(Call& call, const Tensor& input, Scalar fill_value, OptionalDType dtype,
                      OptionalDevice device) {
  Tensor output = empty_like_rule(call, input, dtype, device);
  check_fits(fill_value, output.dtype());
  kernels::fill(output.device(), fill_value, output);
  return output;
}

// What new_zeros and its kin make takes dtype and device from `input`.
template <int value>
Tensor new_constant_rule(Call& call, const Tensor& input, const Shape& size, OptionalDType dtype,
                         OptionalDevice device) {
  return filled(call, size, value, dtype.value_or(input.dtype()), device.value_or(input.device()),
                input.dtype());
}

Tensor new_empty_rule(Call& call, const Tensor& input, const Shape& size, OptionalDType dtype,
                      OptionalDevice device) {
  return made_output(call, size, dtype.value_or(input.dtype()), device.value_or(input.device()),
                     input.dtype());
}

Tensor new_full_rule(Call& call, const Tensor& input, const Shape& size, Scalar fill_value,
                     OptionalDType dtype, OptionalDevice device) {
  return filled(call, size, fill_value, dtype.value_or(input.dtype()), device.value_or(input.device()),
                input.dtype());
}

std::string number_text(const Scalar& number) {
  return number.is_integral() ? std::to_string(number.to<int64_t>()) : text(number.to<double>());
}

// How many steps fit in [start, end).
int64_t count_steps(const Scalar& start, const Scalar& end, const Scalar& step, DType dtype) {
  double low = start.to<double>(), high = end.to<double>(), distance = step.to<double>();
  check(distance != 0, "step must be nonzero");
  bool counts = lampas::is_integral(dtype) && dtype != DType::bool_;
  if (counts && step.to<int64_t>() == 0) fail(ErrorKind::value, "step must be nonzero");
  check(std::isfinite(low) && std::isfinite(high), "unsupported range: ", number_text(start), " -> ",
        number_text(end));
  check(std::isfinite(distance) && (distance > 0 ? high >= low : high <= low),
        "upper bound and lower bound inconsistent with step sign");
  double count = std::ceil((high - low) / distance);
  if (dtype == DType::int64) {  // exact where doubles are not
    auto range = static_cast<__int128>(end.to<int64_t>()) - start.to<int64_t>();
    __int128 stride = step.to<int64_t>();
    return static_cast<int64_t>((range + stride + (stride > 0 ? -1 : 1)) / stride);
  }
  check(count < 9.2e18, "invalid size, possible overflow?");
  return static_cast<int64_t>(count);
}

Tensor arange_between(Call& call, const Scalar& start, const Scalar& end, const Scalar& step,
                      OptionalDType dtype, OptionalDevice device) {
  bool integral = start.is_integral() && end.is_integral() && step.is_integral();
  const Tensor* target = call.target();
  if (!dtype) dtype = target ? target->dtype() : integral ? DType::int64 : default_dtype();
  int64_t count = count_steps(start, end, step, *dtype);
  if (target && target->numel() != count && target->numel() != 0)
    warn(text("The number of elements in the out tensor of shape ", target->sizes(), " is ", target->numel(),
              " which does not match the computed number of elements ", count,
              ". Note that this may occur as a result of rounding error. The out tensor will be resized to a "
              "tensor of shape (",
              count, ",)."));
  Tensor output = made_output(call, {count}, dtype, device, *dtype);
  if (output.dtype() == DType::bool_)
    fail(ErrorKind::not_implemented, "\"arange_cpu\" not implemented for 'Bool'");
  kernels::arange(output.device(), start, step, output);
  return output;
}

Tensor arange_rule(Call& call, Scalar end, OptionalDType dtype, OptionalDevice device) {
  return arange_between(call, 0, end, 1, dtype, device);
}

Tensor arange_start_rule(Call& call, Scalar start, Scalar end, Scalar step, OptionalDType dtype,
                         OptionalDevice device) {
  return arange_between(call, start, end, step, dtype, device);
}

Tensor eye_sized_rule(Call& call, int64_t n, int64_t m, OptionalDType dtype, OptionalDevice device) {
  check(n >= 0, "n must be greater or equal to 0, got ", n);
  check(m >= 0, "m must be greater or equal to 0, got ", m);
  Tensor output = made_output(call, {n, m}, dtype, device, default_dtype());
  kernels::fill(output.device(), 0, output);
  Tensor diagonal =
      alias(output, {std::min(n, m)}, {output.strides()[0] + output.strides()[1]}, output.offset());
  kernels::fill(output.device(), 1, diagonal);
  return output;
}

Tensor eye_rule(Call& call, int64_t n, OptionalDType dtype, OptionalDevice device) {
  return eye_sized_rule(call, n, n, dtype, device);
}

constexpr Traits making{.forms = function | out, .forward = Forward::none};
constexpr Traits making_like{.forms = function, .batching = Batching::elementwise, .forward = Forward::none};
constexpr Traits making_method{.forms = method, .batching = Batching::leading, .forward = Forward::none};
using FromSize = Op<Tensor(const Shape&, OptionalDType, OptionalDevice)>;
using Like = Op<Tensor(const Tensor&, OptionalDType, OptionalDevice)>;
using NewSize = Op<Tensor(const Tensor&, const Shape&, OptionalDType, OptionalDevice)>;

}  // namespace

const FromSize empty_op{"empty(int[] size, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
                        empty_rule, making,
                        R"(Make a tensor whose elements are whatever the memory holds.

    >>> lampas.empty(2, 3).shape
    torch.Size([2, 3])
)"};

const FromSize zeros_op{"zeros(int[] size, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
                        zeros_rule, making,
                        R"(Make a tensor of zeros.

    Args:
        size: the sizes, as several numbers or one sequence.
        dtype: the default floating point dtype where not given.
        device: the CPU where not given.

    >>> lampas.zeros(2)
    tensor([0., 0.])
)"};

const FromSize ones_op{"ones(int[] size, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
                       ones_rule, making,
                       R"(Make a tensor of ones.

    >>> lampas.ones(2)
    tensor([1., 1.])
)"};

const Op<Tensor(const Shape&, Scalar, OptionalDType, OptionalDevice)> full_op{
    "full(int[] size, Scalar fill_value, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
    full_rule, making,
    R"(Make a tensor with one value everywhere.

    Args:
        size: the sizes.
        fill_value: a number; it decides the dtype where that is not given.

    >>> lampas.full((2,), 7)
    tensor([7, 7])
)"};

const Op<Tensor(const Shape&, const Shape&, OptionalDType, OptionalDevice)> empty_strided{
    "empty_strided(int[] size, int[] stride, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
    empty_strided_rule,
    {.forms = function, .forward = Forward::none},
    R"(Make a tensor with the given strides; its elements are whatever the memory holds.

    >>> lampas.empty_strided((2, 3), (1, 2)).stride()
    (1, 2)
)"};

const Like empty_like_op{
    "empty_like(Tensor input, *, ScalarType? dtype=None, Device? device=None) -> Tensor", empty_like_rule,
    making_like,
    R"(Make a tensor of the size of another one; its elements are whatever the memory holds.

    >>> lampas.empty_like(lampas.tensor([1, 2])).dtype
    torch.int64
)"};

const Like zeros_like_op{"zeros_like(Tensor input, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
                         constant_like_rule<0>, making_like,
                         R"(Make zeros of the size, dtype and device of another tensor.

    >>> lampas.zeros_like(lampas.tensor([1, 2]))
    tensor([0, 0])
)"};

const Like ones_like_op{"ones_like(Tensor input, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
                        constant_like_rule<1>, making_like,
                        R"(Make ones of the size, dtype and device of another tensor.

    >>> lampas.ones_like(lampas.tensor([1, 2]))
    tensor([1, 1])
)"};

const Op<Tensor(const Tensor&, Scalar, OptionalDType, OptionalDevice)> full_like{
    "full_like(Tensor input, Scalar fill_value, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
    full_like_rule, making_like,
    R"(Make a tensor with one value everywhere, of the size, dtype and device of another tensor.

    >>> lampas.full_like(lampas.tensor([1, 2]), 7)
    tensor([7, 7])
)"};

const NewSize new_empty{
    "new_empty(Tensor input, int[] size, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
    new_empty_rule, making_method,
    R"(Make a tensor of the dtype and device of this one; its elements are whatever the memory holds.

    >>> lampas.tensor([1, 2]).new_empty(3).dtype
    torch.int64
)"};

const NewSize new_zeros{
    "new_zeros(Tensor input, int[] size, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
    new_constant_rule<0>, making_method,
    R"(Make zeros of the dtype and device of this tensor.

    >>> lampas.tensor([1, 2]).new_zeros(3)
    tensor([0, 0, 0])
)"};

const NewSize new_ones{
    "new_ones(Tensor input, int[] size, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
    new_constant_rule<1>, making_method,
    R"(Make ones of the dtype and device of this tensor.

    >>> lampas.tensor([1, 2]).new_ones(3)
    tensor([1, 1, 1])
)"};

const Op<Tensor(const Tensor&, const Shape&, Scalar, OptionalDType, OptionalDevice)> new_full{
    "new_full(Tensor input, int[] size, Scalar fill_value, *, ScalarType? dtype=None, Device? device=None) "
    "-> "
    "Tensor",
    new_full_rule, making_method,
    R"(Make a tensor with one value everywhere, of the dtype and device of this one.

    >>> lampas.tensor([1, 2]).new_full((3,), 7)
    tensor([7, 7, 7])
)"};

const Op<Tensor(const Tensor&, const Shape&, const Shape&, OptionalDType, OptionalDevice)> new_empty_strided{
    "new_empty_strided(Tensor input, int[] size, int[] stride, *, ScalarType? dtype=None, "
    "Device? device=None) -> Tensor",
    new_empty_strided_rule,
    {.forms = method, .forward = Forward::none},
    R"(Make a tensor with the given strides, of the dtype and device of this one; its elements are whatever
    the memory holds.

    >>> lampas.tensor([1]).new_empty_strided((2, 2), (1, 2)).stride()
    (1, 2)
)"};

const Op<Tensor(const Shape&, const Shape&, OptionalDType, OptionalDevice)> empty_permuted{
    "empty_permuted(int[] size, int[] physical_layout, *, ScalarType? dtype=None, Device? device=None) "
    "-> Tensor",
    empty_permuted_rule,
    {.forms = function, .forward = Forward::none},
    R"(Make a tensor without gaps whose dims lie in memory in another order, the outermost first; its elements
    are whatever the memory holds.

    >>> lampas.empty_permuted((2, 3), (1, 0)).stride()
    (1, 2)
)"};

const Op<Tensor(Scalar, OptionalDType, OptionalDevice)> scalar_tensor{
    "scalar_tensor(Scalar s, *, ScalarType? dtype=None, Device? device=None) -> Tensor",
    scalar_tensor_rule,
    {.forms = function, .forward = Forward::none},
    R"(Make a tensor without dims of a number, in the default dtype.

    >>> lampas.scalar_tensor(2)
    tensor(2.)
)"};

const Op<Tensor(Scalar, OptionalDType, OptionalDevice)> arange{
    "arange(Scalar end, *, ScalarType? dtype=None, Device? device=None) -> Tensor", arange_rule, making,
    R"(Count from `start` (0) in steps of `step` (1) up to, not including, `end`.

    Args:
        start, end, step: numbers. The result is int64 where all are integers, else floating point.

    Raises RuntimeError for a step of zero, or one that leads away from `end`.

    >>> lampas.arange(1, 4)
    tensor([1, 2, 3])
)"};

const Op<Tensor(Scalar, Scalar, Scalar, OptionalDType, OptionalDevice)> arange_start{
    "arange.start(Scalar start, Scalar end, Scalar step=1, *, ScalarType? dtype=None, Device? device=None) "
    "-> "
    "Tensor",
    arange_start_rule, making,
    R"(Count from `start` in steps of `step` up to, not including, `end`.

    >>> lampas.arange(4, 0, -2)
    tensor([4, 2])
)"};

const Op<Tensor(int64_t, OptionalDType, OptionalDevice)> eye{
    "eye(int n, *, ScalarType? dtype=None, Device? device=None) -> Tensor", eye_rule, making,
    R"(Make a matrix with ones on its diagonal, zeros elsewhere.

    Args:
        n: the number of rows.
        m: the number of columns; `n` where not given.

    >>> lampas.eye(2)
    tensor([[1., 0.],
            [0., 1.]])
)"};

const Op<Tensor(int64_t, int64_t, OptionalDType, OptionalDevice)> eye_sized{
    "eye.m(int n, int m, *, ScalarType? dtype=None, Device? device=None) -> Tensor", eye_sized_rule, making,
    R"(Make a matrix of `n` rows and `m` columns with ones on its diagonal, zeros elsewhere.

    >>> lampas.eye(1, 2)
    tensor([[1., 0.]])
)"};

}  // namespace lampas
