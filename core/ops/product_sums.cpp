// addmv, addr, addbmm and baddbmm: beta * input + alpha * a product.
#include "core/kernels/copy.h"
#include "core/ops/binary.h"
#include "core/ops/matmul.h"
#include "core/ops/promotion.h"
#include "core/ops/reduction.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"

namespace lampas {
namespace {

Tensor adjoint_of(const Tensor& matrix) { return conjugate(transpose_last(matrix)); }

// One of these ops: its product, and the derivatives of that in its two factors.
struct Product {
  const char *name, *node_name, *left_name, *right_name;
  // Of the product. `expected` is read off dims that may not be there, before anything is checked; `sizes`
  // checks.
  Shape (*expected)(const Tensor& left, const Tensor& right);
  Shape (*sizes)(const Tensor& left, const Tensor& right);
  Tensor (*multiply)(const Tensor& left, const Tensor& right);
  Tensor (*of_left)(const Tensor& grad, const Tensor& right);
  Tensor (*of_right)(const Tensor& grad, const Tensor& left);
};

void check_expected(const Product& product, const Tensor& input, const Tensor& left, const Tensor& right) {
  if (!product.expected) return;
  Shape sizes = product.expected(left, right);
  if (!can_expand(input.sizes(), sizes)) expand(input, sizes);  // throws
}

Tensor product_sum(Call& call, const Product& product, const Tensor& input, const Tensor& left,
                   const Tensor& right, Scalar beta, Scalar alpha) {
  Shape sizes = product.sizes(left, right);
  if (!can_expand(input.sizes(), sizes)) {
    check(right.dim() != 1 || left.dim() != 2 || input.dim() != 1, "size mismatch, got input (",
          input.size(0), "), mat (", left.size(0), "x", left.size(-1), "), vec (", right.size(0), ")");
    expand(input, sizes);  // throws
  }
  DType dtype = result_type({input, left, right});
  if (is_integral(dtype)) {  // products of integers count with whole numbers
    beta = Scalar(beta.to<int64_t>());
    alpha = Scalar(alpha.to<int64_t>());
  }
  Tensor output = call.output(sizes, dtype, input.device());
  if (Recording node = call.record(product.node_name, {input, left, right})) {
    Saved saved_left = right.requires_grad() ? node.save(product.left_name, left) : Saved();
    Saved saved_right = left.requires_grad() ? node.save(product.right_name, right) : Saved();
    auto of_left = product.of_left, of_right = product.of_right;
    node.derivative([=](const Gradients& grad, Wanted wanted) {
      return Gradients{wanted[0] ? scaled(grad[0], beta) : Tensor(),  // the engine sums what was expanded
                       wanted[1] ? scaled(of_left(grad[0], saved_right()), alpha) : Tensor(),
                       wanted[2] ? scaled(of_right(grad[0], saved_left()), alpha) : Tensor()};
    });
  }
  GradModeGuard unrecorded(false);
  Tensor result = scaled(product.multiply(left, right), alpha);
  if (!beta.equal(0)) result = add(scaled(input, beta), result, 1);
  kernels::copy(output.device(), result, output);
  return output;
}

// Each of these ops has its own words for it.
void check_same_dtype(const Product& product, const Tensor& input, const Tensor& left, const Tensor& right) {
  if (input.dtype() == left.dtype() && left.dtype() == right.dtype()) return;
  std::string_view name = product.name;
  if (name == "addbmm")
    fail(ErrorKind::runtime, "self and mat2 must have the same dtype, but got ",
         scalar_type_name(input.dtype()), " and ", scalar_type_name(right.dtype()));
  if (name == "baddbmm")
    fail(ErrorKind::runtime, "Input dtypes must be the same, got: input ", compiler_name(input.dtype()),
         ", batch1: ", compiler_name(left.dtype()), ", batch2: ", compiler_name(right.dtype()));
  fail(ErrorKind::runtime, name, " input tensors must have the same dtype, but got ",
       scalar_type_name(input.dtype()), ", ", scalar_type_name(left.dtype()), ", and ",
       scalar_type_name(right.dtype()));
}

Shape sizes_of_addmv(const Tensor& mat, const Tensor& vec) {
  if (mat.dim() != 2 || vec.dim() != 1)
    fail(ErrorKind::runtime, "vector + matrix @ vector expected, got 1, ", mat.dim(), ", ", vec.dim());
  check(mat.sizes()[1] == vec.sizes()[0], "size mismatch, got input (", mat.sizes()[0], "), mat (",
        mat.sizes()[0], "x", mat.sizes()[1], "), vec (", vec.sizes()[0], ")");
  return {mat.sizes()[0]};
}

Tensor outer_product(const Tensor& left, const Tensor& right) {
  return mul(unsqueeze(left, 1), unsqueeze(right, 0));
}

constexpr Product of_addmv{
    "addmv",
    "AddmvBackward0",
    "mat",
    "vec",
    nullptr,
    sizes_of_addmv,
    [](const Tensor& mat, const Tensor& vec) { return mv(mat, vec); },
    [](const Tensor& grad, const Tensor& vec) { return outer_product(grad, conjugate(vec)); },
    [](const Tensor& grad, const Tensor& mat) { return mv(adjoint_of(mat), grad); }};

constexpr Product of_addr{
    "addr",
    "AddrBackward0",
    "vec1",
    "vec2",
    nullptr,
    [](const Tensor& vec1, const Tensor& vec2) {
      check(vec1.dim() == 1 && vec2.dim() == 1, "addr: Expected 1-D argument ",
            vec1.dim() == 1 ? "vec2" : "vec1", ", but got ", vec1.dim() == 1 ? vec2.dim() : vec1.dim(), "-D");
      return Shape{vec1.sizes()[0], vec2.sizes()[0]};
    },
    outer_product,
    [](const Tensor& grad, const Tensor& vec2) { return mv(grad, conjugate(vec2)); },
    [](const Tensor& grad, const Tensor& vec1) { return mv(transpose_last(grad), conjugate(vec1)); }};

template <bool summed>
Shape sizes_of_batches(const Tensor& batch1, const Tensor& batch2) {
  check(batch1.dim() == 3, "batch1 must be a 3D tensor");
  check(batch2.dim() == 3, "batch2 must be a 3D tensor");
  const Shape &left = batch1.sizes(), &right = batch2.sizes();
  if (summed) {
    check(left[0] == right[0], "batch1 and batch2 must have same number of batches, got ", left[0], " and ",
          right[0]);
    check(left[2] == right[1], "Incompatible matrix sizes for bmm (", left[1], "x", left[2], " and ",
          right[1], "x", right[2], ")");
    return {left[1], right[2]};
  }
  check(left[0] == right[0] && left[2] == right[1],
        "Expected size for first two dimensions of batch2 tensor to be: [", left[0], ", ", left[2],
        "] but got: [", right[0], ", ", right[1], "].");
  return {left[0], left[1], right[2]};
}

constexpr Product of_baddbmm{
    "baddbmm",
    "BaddbmmBackward0",
    "batch1",
    "batch2",
    [](const Tensor& left, const Tensor& right) {
      return Shape{left.size(0), left.size(1), right.size(2)};
    },
    sizes_of_batches<false>,
    [](const Tensor& batch1, const Tensor& batch2) { return bmm(batch1, batch2); },
    [](const Tensor& grad, const Tensor& batch2) { return bmm(grad, adjoint_of(batch2)); },
    [](const Tensor& grad, const Tensor& batch1) { return bmm(adjoint_of(batch1), grad); }};

// The gradient of a sum over a batch is the same for each of it.
Tensor for_each_of(const Tensor& grad, const Tensor& batch) {
  return expand(unsqueeze(grad, 0), {batch.sizes()[0], grad.sizes()[0], grad.sizes()[1]});
}

constexpr Product of_addbmm{
    "addbmm",
    "AddbmmBackward0",
    "batch1",
    "batch2",
    [](const Tensor& left, const Tensor& right) {
      return Shape{left.size(1), right.size(2)};
    },
    sizes_of_batches<true>,
    [](const Tensor& batch1, const Tensor& batch2) { return sum_dims(bmm(batch1, batch2), {0}, false); },
    [](const Tensor& grad, const Tensor& batch2) {
      return bmm(for_each_of(grad, batch2), adjoint_of(batch2));
    },
    [](const Tensor& grad, const Tensor& batch1) {
      return bmm(adjoint_of(batch1), for_each_of(grad, batch1));
    }};

template <const Product& product, bool same_dtype>
Tensor product_sum_rule(Call& call, const Tensor& input, const Tensor& left, const Tensor& right, Scalar beta,
                        Scalar alpha) {
  check_expected(product, input, left, right);
  if (same_dtype) {
    check_same_dtype(product, input, left, right);
  } else if (is_integral(result_type({input, left, right}))) {
    check(beta.is_integral(),
          "For integral input tensors, argument beta must not be a floating point number.");
    check(alpha.is_integral(),
          "For integral input tensors, argument alpha must not be a floating point number.");
  }
  return product_sum(call, product, input, left, right, beta, alpha);
}

constexpr Traits lower{.forms = function | method | in_place | out, .autocast = Autocast::lower};
constexpr Traits unchanged{.forms = function | method | in_place | out};
using ProductSum = Op<Tensor(const Tensor&, const Tensor&, const Tensor&, Scalar, Scalar)>;

const ProductSum addmv{
    "addmv(Tensor input, Tensor mat, Tensor vec, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
    product_sum_rule<of_addmv, true>, unchanged,
    R"(Compute beta * input + alpha * mat @ vec.

    Args:
        input: broadcasts to (rows); ignored where `beta` is 0.
        mat: (rows, depth).
        vec: (depth).

    >>> lampas.addmv(lampas.tensor([1.]), lampas.tensor([[1., 2.]]), lampas.tensor([3., 4.]))
    tensor([12.])
)"};

const ProductSum addr{
    "addr(Tensor input, Tensor vec1, Tensor vec2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
    product_sum_rule<of_addr, false>, unchanged,
    R"(Compute beta * input + alpha * the outer product of two vectors.

    Args:
        input: broadcasts to (rows, columns); ignored where `beta` is 0.
        vec1: (rows).
        vec2: (columns).

    >>> lampas.addr(lampas.zeros(1, 2), lampas.tensor([2.]), lampas.tensor([3., 4.]))
    tensor([[6., 8.]])
)"};

const ProductSum addbmm{
    "addbmm(Tensor input, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
    product_sum_rule<of_addbmm, true>, lower,
    R"(Compute beta * input + alpha * the sum of the products of two batches' matrices.

    Args:
        input: broadcasts to (rows, columns); ignored where `beta` is 0.
        batch1: (batch, rows, depth).
        batch2: (batch, depth, columns).

    >>> lampas.addbmm(lampas.zeros(1, 1), lampas.ones(2, 1, 3), lampas.ones(2, 3, 1))
    tensor([[6.]])
)"};

const ProductSum baddbmm{
    "baddbmm(Tensor input, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
    product_sum_rule<of_baddbmm, true>, lower,
    R"(Compute beta * input + alpha * the products of two batches' matrices, pair by pair.

    Args:
        input: broadcasts to (batch, rows, columns); ignored where `beta` is 0.
        batch1: (batch, rows, depth).
        batch2: (batch, depth, columns).

    >>> lampas.baddbmm(lampas.zeros(1), lampas.ones(2, 1, 3), lampas.ones(2, 3, 1)).flatten()
    tensor([3., 3.])
)"};

}  // namespace
}  // namespace lampas
