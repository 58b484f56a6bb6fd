// bitwise_and, or, xor, not of integers and bool; logical_and, or, xor of any dtype.
#include "core/kernels/integer.h"
#include "core/ops/op.h"
#include "core/ops/promotion.h"

namespace lampas {
namespace {

using kernels::Bitwise;

template <Bitwise function>
Tensor bitwise_rule(Call& call, const Tensor& input, const Tensor& other) {
  call.not_differentiable();
  DType dtype = result_type({input, other});
  static constexpr const char* names[] = {"bitwise_and_cpu", "bitwise_or_cpu", "bitwise_xor_cpu"};
  broadcast_shapes(input.sizes(), other.sizes());  // shapes that do not fit are told before the dtype
  if (!is_integral(dtype))
    fail(ErrorKind::not_implemented, "\"", names[static_cast<int>(function)], "\" not implemented for '",
         scalar_type_name(dtype), "'");
  Tensor output = call.elementwise_output({input, other}, dtype);
  kernels::bitwise(output.device(), function, Converted(input, dtype), Converted(other, dtype), output);
  return output;
}

Tensor bitwise_not_rule(Call& call, const Tensor& input) {
  call.not_differentiable();
  if (!is_integral(input.dtype()))
    fail(ErrorKind::not_implemented, "\"bitwise_not_cpu\" not implemented for '",
         scalar_type_name(input.dtype()), "'");
  Tensor output = call.elementwise_output({input}, input.dtype());
  kernels::bitwise_not(input.device(), input, output);
  return output;
}

// Of truth values: each input is compared with zero first.
template <Bitwise function>
Tensor logical_rule(Call& call, const Tensor& input, const Tensor& other) {
  call.not_differentiable();
  Tensor output = call.elementwise_output({input, other}, DType::bool_);
  kernels::bitwise(output.device(), function, Converted(input, DType::bool_), Converted(other, DType::bool_),
                   output);
  return output;
}

constexpr Traits plain{.forms = function | method | in_place | out,
                       .batching = Batching::elementwise,
                       .forward = Forward::none,
                       .elementwise = true,
                       .untracked = true};
using BinaryOp = Op<Tensor(const Tensor&, const Tensor&)>;

}  // namespace

const BinaryOp bitwise_and{"bitwise_and(Tensor input, Tensor other) -> Tensor",
                           bitwise_rule<Bitwise::conjunction>, plain,
                           R"(Take the bits that both elements have; of bool, "and".

    Raises NotImplementedError for floating point and complex tensors.

    >>> lampas.bitwise_and(lampas.tensor([6, 3]), 2)
    tensor([2, 2])
)"};

const BinaryOp bitwise_or{"bitwise_or(Tensor input, Tensor other) -> Tensor",
                          bitwise_rule<Bitwise::disjunction>, plain,
                          R"(Take the bits that either element has; of bool, "or".

    >>> lampas.bitwise_or(lampas.tensor([4, 1]), 2)
    tensor([6, 3])
)"};

const BinaryOp bitwise_xor{"bitwise_xor(Tensor input, Tensor other) -> Tensor",
                           bitwise_rule<Bitwise::exclusive>, plain,
                           R"(Take the bits that just one of two elements has; of bool, "not equal".

    >>> lampas.bitwise_xor(lampas.tensor([6, 3]), 2)
    tensor([4, 1])
)"};

const Op<Tensor(const Tensor&)> bitwise_not{"bitwise_not(Tensor input) -> Tensor", bitwise_not_rule, plain,
                                            R"(Take the complement of every bit; of bool, "not".

    >>> lampas.bitwise_not(lampas.tensor([0, 5]))
    tensor([-1, -6])
)"};

const BinaryOp logical_and{"logical_and(Tensor input, Tensor other) -> Tensor",
                           logical_rule<Bitwise::conjunction>, plain,
                           R"(Tell where both elements are not zero.

    >>> lampas.logical_and(lampas.tensor([1, 2]), lampas.tensor([0, 3]))
    tensor([False,  True])
)"};

const BinaryOp logical_or{"logical_or(Tensor input, Tensor other) -> Tensor",
                          logical_rule<Bitwise::disjunction>, plain,
                          R"(Tell where at least one element is not zero.

    >>> lampas.logical_or(lampas.tensor([1, 0]), lampas.tensor([0, 0]))
    tensor([ True, False])
)"};

const BinaryOp logical_xor{"logical_xor(Tensor input, Tensor other) -> Tensor",
                           logical_rule<Bitwise::exclusive>, plain,
                           R"(Tell where just one of two elements is not zero.

    >>> lampas.logical_xor(lampas.tensor([1, 2]), lampas.tensor([0, 3]))
    tensor([ True, False])
)"};

}  // namespace lampas
