// adjoint, and ops that give the tensor itself: resolve_conj, resolve_neg. Conjugates and negatives are
// computed at once, never as a mark.
#include "core/ops/unary.h"
#include "core/ops/view_dims.h"

namespace lampas {
namespace {

Tensor adjoint_rule(Call&, const Tensor& input) {
  check(input.dim() != 1,
        "tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor.");
  return input.dim() == 0 ? conjugate(input) : conjugate(transpose_last(input));
}

Tensor itself_rule(Call&, const Tensor& input) { return input; }

constexpr Traits composite{.forms = function | method, .composite = true};

const Op<Tensor(const Tensor&)> adjoint{"adjoint(Tensor input) -> Tensor", adjoint_rule, composite,
                                        R"(Transpose the last two dims and take the conjugate.

    >>> lampas.adjoint(lampas.tensor([[1 + 2j, 3]]))
    tensor([[1.-2.j],
            [3.-0.j]])
)"};
const Op<Tensor(const Tensor&)> resolve_conj{"resolve_conj(Tensor input) -> Tensor", itself_rule, composite,
                                             R"(Give the tensor itself: conjugates are computed at once.

    >>> lampas.tensor([1j]).conj().resolve_conj()
    tensor([0.-1.j])
)"};
const Op<Tensor(const Tensor&)> resolve_neg{"resolve_neg(Tensor input) -> Tensor", itself_rule, composite,
                                            R"(Give the tensor itself: negatives are computed at once.

    >>> lampas.tensor([1]).neg().resolve_neg()
    tensor([-1])
)"};

// For functions written in Python, so that their out= is written with the checks of every other op.
const Op<Tensor(const Tensor&)> into{"_into(Tensor input) -> Tensor",
                                     itself_rule,
                                     {.forms = function | out, .composite = true},
                                     "Give the tensor itself; with out=, write it there."};

}  // namespace
}  // namespace lampas
