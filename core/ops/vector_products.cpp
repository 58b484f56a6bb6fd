// vdot, outer, inner, kron and cross.
#include <atomic>

#include "core/kernels/copy.h"
#include "core/ops/batching.h"
#include "core/ops/binary.h"
#include "core/ops/matmul.h"
#include "core/ops/promotion.h"
#include "core/ops/rearranging.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"
#include "core/ops/warning.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, const Tensor&)> vdot;
extern const Op<Tensor(const Tensor&, const Tensor&, int64_t)> linalg_cross;

namespace {

Tensor vdot_rule(Call& call, const Tensor& input, const Tensor& other) {
  check(input.dim() == 1 && other.dim() == 1, "1D tensors expected, but got ", input.dim(), "D and ",
        other.dim(), "D tensors");
  check(input.dtype() == other.dtype(), "vdot : expected both vectors to have same dtype, but found ",
        scalar_type_name(input.dtype()), " and ", scalar_type_name(other.dtype()));
  check(input.numel() == other.numel(), "inconsistent tensor size, expected tensor ", input.sizes(),
        " and src ", other.sizes(), " to have the same number of elements, but got ", input.numel(), " and ",
        other.numel(), " elements respectively");
  if (const Tensor* target = call.target(); target && target->defined())
    check(target->dtype() == input.dtype(), "result dtype ", scalar_type_name(target->dtype()),
          " does not match input dtype ", scalar_type_name(input.dtype()));
  Tensor output = call.output({}, input.dtype(), input.device());
  if (Recording node = call.record("VdotBackward0", {input, other})) {
    Saved saved_input = other.requires_grad() ? node.save("self", input) : Saved();
    Saved saved_other = input.requires_grad() ? node.save("other", other) : Saved();
    node.derivative([saved_input, saved_other](const Gradients& grad, Wanted wanted) {
      return Gradients{wanted[0] ? mul(conjugate(grad[0]), saved_other()) : Tensor(),
                       wanted[1] ? mul(grad[0], saved_input()) : Tensor()};
    });
  }
  GradModeGuard unrecorded(false);
  kernels::copy(output.device(), dot(conjugate(input), other), output);
  return output;
}

Tensor outer_rule(Call&, const Tensor& input, const Tensor& vec2) {
  check(input.dim() == 1, "outer: Expected 1-D argument self, but got ", input.dim(), "-D");
  check(vec2.dim() == 1, "outer: Expected 1-D argument vec2, but got ", vec2.dim(), "-D");
  return mul(reshape(input, {input.sizes()[0], 1}), vec2);
}

Tensor inner_rule(Call& call, const Tensor& input, const Tensor& other) {
  GradModeGuard recorded(grad_mode.enabled && !call.into_out());
  if (input.dim() == 0 || other.dim() == 0) return mul(input, other);
  int64_t depth = input.size(-1);
  check(depth == other.size(-1),
        "inner() the last dimension must match on both input tensors but got shapes ", input.sizes(), " and ",
        other.sizes());
  check(input.dtype() == other.dtype(), "both inputs should have same dtype");
  if (input.dim() == 1 && other.dim() == 1) return view(dot(input, other), {});
  Shape sizes(input.sizes().begin(), input.sizes().end() - 1);
  for (int64_t dim = 0; dim + 1 < other.dim(); ++dim) sizes.push_back(other.sizes()[dim]);
  auto rows = [depth](const Tensor& tensor) {
    Shape leading(tensor.sizes().begin(), tensor.sizes().end() - 1);
    return reshape(tensor, {count_elements(leading), depth});
  };
  return reshape(mm(rows(input), transpose_last(rows(other))), sizes);
}

// Each dim of one in front of the same dim of the other: their sizes multiply.
Tensor kron_rule(Call&, const Tensor& input, const Tensor& other) {
  int64_t rank = std::max(input.dim(), other.dim());
  Shape left(static_cast<size_t>(2 * rank), 1), right = left, sizes;
  auto size_at = [rank](const Tensor& tensor, int64_t dim) {
    int64_t own = dim - rank + tensor.dim();
    return own < 0 ? 1 : tensor.sizes()[own];
  };
  for (int64_t dim = 0; dim < rank; ++dim) {
    left[2 * dim] = size_at(input, dim);
    right[2 * dim + 1] = size_at(other, dim);
    sizes.push_back(left[2 * dim] * right[2 * dim + 1]);
  }
  Tensor product = mul(reshape(input, left), reshape(other, right));
  return product.is_contiguous() ? unsafe_view(product, sizes) : reshape(product, sizes);
}

Tensor linalg_cross_rule(Call& call, const Tensor& input, const Tensor& other, int64_t dim) {
  check(input.dim() == other.dim(), "linalg.cross: inputs must have the same number of dimensions.");
  int64_t along = wrap_dim(dim, input.dim());
  check(input.dim() > 0 && input.sizes()[along] == 3 && other.sizes()[along] == 3,
        "linalg.cross: inputs dimension ", dim, " must have length 3. Got ",
        input.dim() > 0 ? input.sizes()[along] : 1, " and ", other.dim() > 0 ? other.sizes()[along] : 1);
  if (input.dtype() == DType::bool_) fail(ErrorKind::not_implemented, "\"cross\" not implemented for 'Bool'");
  check(input.dtype() == other.dtype(), "expected scalar type ", scalar_type_name(input.dtype()),
        " but found ", scalar_type_name(other.dtype()));
  Shape sizes = broadcast_shapes(input.sizes(), other.sizes());
  DType dtype = result_type({input, other});
  check_out_dtype(call, 0, dtype);
  call.refuse_target_among_inputs();
  Tensor output = call.output(sizes, dtype, input.device());
  if (Recording node = call.record("LinalgCrossBackward0", {input, other})) {
    Saved saved_input = other.requires_grad() ? node.save("self", input) : Saved();
    Saved saved_other = input.requires_grad() ? node.save("other", other) : Saved();
    node.derivative([saved_input, saved_other, along](const Gradients& grad, Wanted wanted) {
      return Gradients{wanted[0] ? linalg_cross(conjugate(saved_other()), grad[0], along) : Tensor(),
                       wanted[1] ? linalg_cross(grad[0], conjugate(saved_input()), along) : Tensor()};
    });
  }
  GradModeGuard unrecorded(false);
  auto moved = [along](const Tensor& tensor, int64_t by) { return roll(tensor, {by}, {along}); };
  Tensor result = sub(mul(moved(input, -1), moved(other, -2)), mul(moved(input, -2), moved(other, -1)), 1);
  kernels::copy(output.device(), result, output);
  return output;
}

BatchedValue cross_of_batch(const OpBase&, BatchedValues& arguments, int64_t batch_size) {
  Tensor input = expanded_batch_first(arguments[0], batch_size);
  int64_t dim = wrap_dim(unbox<int64_t>(arguments[2].value), input.dim() - 1) + 1;
  return {linalg_cross(input, expanded_batch_first(arguments[1], batch_size), dim), 0};
}

int64_t first_dim_of_three(const Tensor& input) {
  static std::atomic<bool> warned{false};  // std::call_once would need libstdc++'s static TLS
  warn_once(warned,
            "Using torch.cross without specifying the dim arg is deprecated.\n"
            "Please either pass the dim explicitly or simply use torch.linalg.cross.\n"
            "The default value of dim will change to agree with that of linalg.cross in a future release.");
  for (int64_t dim = 0; dim < input.dim(); ++dim)
    if (input.sizes()[dim] == 3) return dim;
  fail(ErrorKind::runtime, "no dimension of size 3 in input");
}

Tensor cross_rule(Call& call, const Tensor& input, const Tensor& other, std::optional<int64_t> dim) {
  int64_t along = dim ? *dim : first_dim_of_three(input);
  if (!call.into_out()) return linalg_cross(input, other, along);
  return linalg_cross.write_out(*call.target(), input, other, along);
}

constexpr Traits composite{.forms = function | method | out, .composite = true};
// It hands its out= on to the op it is made of, which looks at it.
constexpr Traits forwarding{.forms = function | method | out, .untracked = true, .composite = true};

}  // namespace

const Op<Tensor(const Tensor&, const Tensor&)> vdot{
    "vdot(Tensor input, Tensor other) -> Tensor",
    vdot_rule,
    {.forms = function | method | out},
    R"(Sum the products of two vectors' elements, the first ones conjugated.

    >>> lampas.vdot(lampas.tensor([1j]), lampas.tensor([1j]))
    tensor(1.+0.j)
)"};

namespace {

const Op<Tensor(const Tensor&, const Tensor&)> outer{
    "outer(Tensor input, Tensor vec2) -> Tensor", outer_rule, composite,
    R"(Multiply each element of a vector with each of another.

    >>> lampas.outer(lampas.tensor([1, 2]), lampas.tensor([3, 4]))
    tensor([[3, 4],
            [6, 8]])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> inner{"inner(Tensor input, Tensor other) -> Tensor",
                                                     inner_rule, composite,
                                                     R"(Sum the products along the last dims of two tensors.

    Args:
        input: (…, depth), or a number.
        other: (…, depth), or a number.

    Returns the leading dims of `input`, then those of `other`.

    >>> lampas.inner(lampas.tensor([1, 2]), lampas.tensor([3, 4]))
    tensor(11)
)"};

const Op<Tensor(const Tensor&, const Tensor&)> kron{
    "kron(Tensor input, Tensor other) -> Tensor", kron_rule, composite,
    R"(Replace each element of a tensor by its product with another tensor.

    >>> lampas.kron(lampas.tensor([1, 2]), lampas.tensor([1, 10]))
    tensor([ 1, 10,  2, 20])
)"};

const Op<Tensor(const Tensor&, const Tensor&, std::optional<int64_t>)> cross{
    "cross(Tensor input, Tensor other, int? dim=None) -> Tensor", cross_rule, forwarding,
    R"(Take the vector product along a dim of size 3: `dim`, or the first such dim.

    >>> lampas.cross(lampas.tensor([1., 0., 0.]), lampas.tensor([0., 1., 0.]))
    tensor([0., 0., 1.])
)"};

}  // namespace

const Op<Tensor(const Tensor&, const Tensor&, int64_t)> linalg_cross{
    "linalg_cross(Tensor input, Tensor other, *, int dim=-1) -> Tensor",
    linalg_cross_rule,
    {.forms = function | out, .batching = Batching::custom, .batching_rule = cross_of_batch},
    R"(Take the vector product along a dim of size 3.

    >>> lampas.linalg.cross(lampas.tensor([1., 0., 0.]), lampas.tensor([0., 1., 0.]))
    tensor([0., 0., 1.])
)"};

}  // namespace lampas
