// mm, bmm, mv, dot, addmm; matmul and linear, which are made of them.
#include "core/ops/matmul.h"

#include <utility>

#include "core/kernels/copy.h"
#include "core/kernels/matmul.h"
#include "core/ops/batching.h"
#include "core/ops/binary.h"
#include "core/ops/creation.h"
#include "core/ops/promotion.h"
#include "core/ops/reduction.h"
#include "core/ops/unary.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"

namespace lampas {
namespace {

void check_shapes(const Tensor& mat1, const Tensor& mat2) {
  if (mat1.sizes()[1] != mat2.sizes()[0])
    fail(ErrorKind::runtime, "mat1 and mat2 shapes cannot be multiplied (", mat1.sizes()[0], "x",
         mat1.sizes()[1], " and ", mat2.sizes()[0], "x", mat2.sizes()[1], ")");
}

void check_same_dtype(const Tensor& mat1, const Tensor& mat2) {
  if (mat1.dtype() != mat2.dtype())
    fail(ErrorKind::runtime,
         "expected m1 and m2 to have the same dtype, but got: ", compiler_name(mat1.dtype()),
         " != ", compiler_name(mat2.dtype()));
}

// A vector or matrix seen as a batch of one matrix, without history.
Tensor one_matrix(const Tensor& matrix) {
  const Shape &sizes = matrix.sizes(), &strides = matrix.strides();
  return alias(matrix, {1, sizes[0], sizes[1]}, {0, strides[0], strides[1]}, matrix.offset());
}
Tensor one_column(const Tensor& vector) {
  return alias(vector, {1, vector.sizes()[0], 1}, {0, vector.strides()[0], 1}, vector.offset());
}
Tensor one_row(const Tensor& vector) {
  return alias(vector, {1, 1, vector.sizes()[0]}, {0, 0, vector.strides()[0]}, vector.offset());
}

void multiply(const Tensor& input, const Tensor& other, const Tensor& output) {
  kernels::matmul(output.device(), input, other, Tensor(), 1, 0, output);
}

Tensor adjoint(const Tensor& matrix) { return conjugate(transpose(matrix, -2, -1)); }

// Whether a matrix lies in memory column by column. Its gradient is then made as its transpose, so that it
// lies like the tensor that it is accumulated into: a weight, which `linear` transposes.
bool lies_by_columns(const Tensor& matrix) {
  return matrix.strides()[0] == 1 && matrix.strides()[1] == matrix.sizes()[0];
}

// The gradients of a product of two matrices. PyTorch's condition, so strides are PyTorch's too.
Tensor grad_of_left(const Tensor& grad, const Tensor& right, bool by_columns) {
  return by_columns ? t(mm(conjugate(right), t(grad))) : mm(grad, adjoint(right));
}
Tensor grad_of_right(const Tensor& grad, const Tensor& left, bool by_columns) {
  return by_columns ? t(mm(t(grad), conjugate(left))) : mm(adjoint(left), grad);
}

Tensor mm_rule(Call& call, const Tensor& input, const Tensor& mat2) {
  check(input.dim() == 2, "self must be a matrix");
  check(mat2.dim() == 2, "mat2 must be a matrix");
  check_shapes(input, mat2);
  check_same_dtype(input, mat2);
  check_out_dtype(call, 0, input.dtype());
  Tensor output = call.output({input.sizes()[0], mat2.sizes()[1]}, input.dtype(), input.device());
  if (Recording node = call.record("MmBackward0", {input, mat2})) {
    Saved saved_input = mat2.requires_grad() ? node.save("self", input) : Saved();
    Saved saved_mat2 = input.requires_grad() ? node.save("mat2", mat2) : Saved();
    node.derivative([saved_input, saved_mat2, input_by_columns = lies_by_columns(input),
                     mat2_by_columns = lies_by_columns(mat2)](const Gradients& grad, Wanted wanted) {
      return Gradients{wanted[0] ? grad_of_left(grad[0], saved_mat2(), input_by_columns) : Tensor(),
                       wanted[1] ? grad_of_right(grad[0], saved_input(), mat2_by_columns) : Tensor()};
    });
  }
  multiply(one_matrix(input), one_matrix(mat2), one_matrix(output));
  return output;
}

Tensor bmm_rule(Call& call, const Tensor& input, const Tensor& mat2) {
  check(input.dim() == 3, "batch1 must be a 3D tensor");
  check(mat2.dim() == 3, "batch2 must be a 3D tensor");
  const Shape &left = input.sizes(), &right = mat2.sizes();
  if (left[0] != right[0] || left[2] != right[1])
    fail(ErrorKind::runtime, "Expected size for first two dimensions of batch2 tensor to be: [", left[0],
         ", ", left[2], "] but got: [", right[0], ", ", right[1], "].");
  if (input.dtype() != mat2.dtype())
    fail(ErrorKind::runtime, "expected scalar type ", scalar_type_name(input.dtype()), " but found ",
         scalar_type_name(mat2.dtype()));
  check_out_dtype(call, 0, input.dtype());
  Tensor output = call.output({left[0], left[1], right[2]}, input.dtype(), input.device());
  if (Recording node = call.record("BmmBackward0", {input, mat2})) {
    Saved saved_input = mat2.requires_grad() ? node.save("self", input) : Saved();
    Saved saved_mat2 = input.requires_grad() ? node.save("mat2", mat2) : Saved();
    node.derivative([saved_input, saved_mat2](const Gradients& grad, Wanted wanted) {
      return Gradients{wanted[0] ? bmm(grad[0], adjoint(saved_mat2())) : Tensor(),
                       wanted[1] ? bmm(adjoint(saved_input()), grad[0]) : Tensor()};
    });
  }
  multiply(input, mat2, output);
  return output;
}

Tensor mv_rule(Call& call, const Tensor& input, const Tensor& vec) {
  if (input.dim() != 2 || vec.dim() != 1)
    fail(ErrorKind::runtime, "vector + matrix @ vector expected, got 1, ", input.dim(), ", ", vec.dim());
  if (input.sizes()[1] != vec.sizes()[0])
    fail(ErrorKind::runtime, "size mismatch, got input (", input.sizes()[0], "), mat (", input.sizes()[0],
         "x", input.sizes()[1], "), vec (", vec.sizes()[0], ")");
  check(input.dtype() == vec.dtype(), "addmv input tensors must have the same dtype, but got ",
        scalar_type_name(vec.dtype()), ", ", scalar_type_name(input.dtype()), ", and ",
        scalar_type_name(vec.dtype()));
  if (const Tensor* target = call.target(); target && target->numel() > 0)
    check(target->dtype() == input.dtype(), "addmv input tensors must have the same dtype, but got ",
          scalar_type_name(target->dtype()), ", ", scalar_type_name(input.dtype()), ", and ",
          scalar_type_name(vec.dtype()));
  check_out_dtype(call, 0, input.dtype());
  Tensor output = call.output({input.sizes()[0]}, input.dtype(), input.device());
  if (Recording node = call.record("MvBackward0", {input, vec})) {
    Saved saved_input = vec.requires_grad() ? node.save("self", input) : Saved();
    Saved saved_vec = input.requires_grad() ? node.save("vec", vec) : Saved();
    node.derivative([saved_input, saved_vec](const Gradients& grad, Wanted wanted) {
      Tensor grad_input;
      if (wanted[0]) grad_input = mul(unsqueeze(grad[0], 1), unsqueeze(conjugate(saved_vec()), 0));
      return Gradients{grad_input, wanted[1] ? mv(adjoint(saved_input()), grad[0]) : Tensor()};
    });
  }
  multiply(one_matrix(input), one_column(vec), one_column(output));
  return output;
}

Tensor dot_rule(Call& call, const Tensor& input, const Tensor& tensor) {
  if (input.dim() != 1 || tensor.dim() != 1)
    fail(ErrorKind::runtime, "1D tensors expected, but got ", input.dim(), "D and ", tensor.dim(),
         "D tensors");
  if (input.dtype() != tensor.dtype())
    fail(ErrorKind::runtime, "dot : expected both vectors to have same dtype, but found ",
         scalar_type_name(input.dtype()), " and ", scalar_type_name(tensor.dtype()));
  if (input.numel() != tensor.numel())
    fail(ErrorKind::runtime, "inconsistent tensor size, expected tensor ", input.sizes(), " and src ",
         tensor.sizes(), " to have the same number of elements, but got ", input.numel(), " and ",
         tensor.numel(), " elements respectively");
  Tensor output = call.output({}, input.dtype(), input.device());
  if (Recording node = call.record("DotBackward0", {input, tensor})) {
    Saved saved_input = tensor.requires_grad() ? node.save("self", input) : Saved();
    Saved saved_tensor = input.requires_grad() ? node.save("tensor", tensor) : Saved();
    node.derivative([saved_input, saved_tensor](const Gradients& grad, Wanted wanted) {
      return Gradients{wanted[0] ? mul(grad[0], conjugate(saved_tensor())) : Tensor(),
                       wanted[1] ? mul(grad[0], conjugate(saved_input())) : Tensor()};
    });
  }
  multiply(one_row(input), one_column(tensor), alias(output, {1, 1, 1}, {1, 1, 1}, output.offset()));
  return output;
}

double real_factor(const Scalar& factor, const char* name) {
  check(factor.kind() != Scalar::Kind::complex, name, " of a product of matrices must be a real number");
  return factor.to<double>();
}

Tensor addmm_rule(Call& call, const Tensor& input, const Tensor& mat1, const Tensor& mat2, Scalar beta,
                  Scalar alpha) {
  if (mat1.dim() != 2) fail(ErrorKind::runtime, "mat1 must be a matrix, got ", mat1.dim(), "-D tensor");
  if (mat2.dim() != 2) fail(ErrorKind::runtime, "mat2 must be a matrix, got ", mat2.dim(), "-D tensor");
  auto must_match = [](const char* names, const Tensor& one, const Tensor& other) {
    check(one.dtype() == other.dtype(), names, " must have the same dtype, but got ",
          scalar_type_name(one.dtype()), " and ", scalar_type_name(other.dtype()));
  };
  must_match("self and mat2", input, mat2);
  must_match("mat1 and mat2", mat1, mat2);
  check_shapes(mat1, mat2);
  if (is_integral(mat1.dtype()))
    check(alpha.is_integral() && beta.is_integral(),
          "For integral input tensors, argument alpha must not be a floating point number.");
  Shape sizes{mat1.sizes()[0], mat2.sizes()[1]};
  if (!can_expand(input.sizes(), sizes)) expand(input, sizes);  // throws
  double alpha_value = real_factor(alpha, "alpha"), beta_value = real_factor(beta, "beta");
  check_out_dtype(call, 0, mat1.dtype());
  Tensor output = call.output(sizes, mat1.dtype(), mat1.device());
  if (Recording node = call.record("AddmmBackward0", {input, mat1, mat2})) {
    Saved saved_mat1 = mat2.requires_grad() ? node.save("mat1", mat1) : Saved();
    Saved saved_mat2 = mat1.requires_grad() ? node.save("mat2", mat2) : Saved();
    node.derivative([saved_mat1, saved_mat2, alpha, beta, mat1_by_columns = lies_by_columns(mat1),
                     mat2_by_columns = lies_by_columns(mat2)](const Gradients& grad, Wanted wanted) {
      Tensor grad_mat1, grad_mat2;
      if (wanted[1]) grad_mat1 = scaled(grad_of_left(grad[0], saved_mat2(), mat1_by_columns), alpha);
      if (wanted[2]) grad_mat2 = scaled(grad_of_right(grad[0], saved_mat1(), mat2_by_columns), alpha);
      return Gradients{wanted[0] ? scaled(grad[0], beta) : Tensor(), grad_mat1, grad_mat2};
    });
  }
  bool row = input.dim() == 1 && input.sizes()[0] == sizes[1] && input.strides()[0] == 1 && beta_value == 1;
  if (row) {
    kernels::matmul(output.device(), one_matrix(mat1), one_matrix(mat2), input, alpha_value, 0,
                    one_matrix(output));
  } else {
    if (beta_value != 0) kernels::copy(output.device(), input, output);
    kernels::matmul(output.device(), one_matrix(mat1), one_matrix(mat2), Tensor(), alpha_value, beta_value,
                    one_matrix(output));
  }
  return output;
}

// The leading dims of `sizes` as one.
int64_t leading_count(const Shape& sizes, size_t kept) {
  int64_t count = 1;
  for (size_t dim = 0; dim + kept < sizes.size(); ++dim) count *= sizes[dim];
  return count;
}

// Whether a batch times one matrix or vector becomes one product of matrices, the batch's leading dims being
// its rows. PyTorch does so where it avoids an expanded gradient or costs no copy.
bool folds(const Tensor& input, const Tensor& other) {
  bool batch_first = input.dim() >= other.dim();
  const Tensor &batch = batch_first ? input : other, &single = batch_first ? other : input;
  if (batch.dim() < 3 || single.dim() > 2) return false;
  if (single.requires_grad()) return true;
  if (input.dim() == 2) return false;
  if (batch.numel() == 0) return true;
  Shape sizes = batch.sizes(), strides = batch.strides();
  if (!batch_first) {
    std::swap(sizes[sizes.size() - 1], sizes[sizes.size() - 2]);
    std::swap(strides[strides.size() - 1], strides[strides.size() - 2]);
  }
  for (size_t dim = 0; dim + 2 < sizes.size(); ++dim)
    if (strides[dim] != strides[dim + 1] * sizes[dim + 1]) return false;
  return true;
}

Tensor folded_product(const Tensor& input, const Tensor& other) {
  bool batch_first = input.dim() >= other.dim();
  Tensor batch = batch_first ? input : transpose(other, -2, -1);
  Tensor single = batch_first || input.dim() < 2 ? (batch_first ? other : input) : t(input);
  Shape sizes = batch.sizes();
  Tensor rows = reshape(batch, {leading_count(sizes, 1), sizes.back()});
  sizes.pop_back();
  if (single.dim() == 1) return unsafe_view(mv(rows, single), sizes);
  sizes.push_back(single.sizes()[1]);
  Tensor product = unsafe_view(mm(rows, single), sizes);
  if (batch_first) return product;
  Tensor turned = transpose(product, -2, -1);
  return as_contiguous(turned);
}

Tensor matmul_rule(Call&, const Tensor& input, const Tensor& other) {
  int64_t left = input.dim(), right = other.dim();
  if (left == 0 || right == 0)
    fail(ErrorKind::runtime, "both arguments to matmul need to be at least 1D, but they are ", left, "D and ",
         right, "D");
  if (left == 1 && right == 1) return dot(input, other);
  if (left == 2 && right == 1) return mv(input, other);
  if (left == 1 && right == 2) return squeeze_dim.write_into(mm(unsqueeze(input, 0), other), int64_t{0});
  if (left == 2 && right == 2) return mm(input, other);

  if (folds(input, other)) return folded_product(input, other);

  Tensor a = left == 1 ? unsqueeze(input, 0) : input;
  Tensor b = right == 1 ? unsqueeze(other, 1) : other;
  Shape a_lead(a.sizes().begin(), a.sizes().end() - 2), b_lead(b.sizes().begin(), b.sizes().end() - 2);
  Shape lead = broadcast_shapes(a_lead, b_lead);
  int64_t batch = count_elements(lead), rows = a.size(-2), columns = b.size(-1);
  auto as_batch = [&](const Tensor& tensor) {
    Shape sizes = lead;
    sizes.push_back(tensor.size(-2));
    sizes.push_back(tensor.size(-1));
    return reshape(expand(tensor, sizes), {batch, tensor.size(-2), tensor.size(-1)});
  };
  Tensor product = bmm(as_batch(a), as_batch(b));
  Shape sizes = lead;
  if (left > 1) sizes.push_back(rows);
  if (right > 1) sizes.push_back(columns);
  return unsafe_view(product, sizes);
}

Tensor linear_rule(Call&, const Tensor& input, const Tensor& weight, const Tensor& bias) {
  if (input.dim() == 0 || weight.dim() == 0)
    fail(ErrorKind::runtime, "both arguments to linear need to be at least 1D, but they are ", input.dim(),
         "D and ", weight.dim(), "D");
  Tensor transposed = t(weight);
  if (!bias.defined()) return matmul(input, transposed);
  if (input.dim() == 2) return addmm(bias, input, transposed, 1, 1);
  Shape sizes = input.sizes();
  Tensor rows = view(as_contiguous(input), {leading_count(sizes, 1), sizes.back()});
  sizes.back() = weight.sizes()[0];
  return view(addmm(bias, rows, transposed, 1, 1), sizes);
}

// vmap's rules: the batch is one more leading dim of a matmul, which broadcasts.
BatchedValue product_of_batch(const OpBase&, BatchedValues& arguments, int64_t) {
  return {matmul(batch_first(arguments[0]), batch_first(arguments[1])), 0};
}

BatchedValue mv_of_batch(const OpBase&, BatchedValues& arguments, int64_t) {
  Tensor matrix = batch_first(arguments[0]), vector = batch_first(arguments[1]);
  if (vector.dim() == 1) return {matmul(matrix, vector), 0};
  return {squeeze_dim(matmul(matrix, unsqueeze(vector, -1)), -1), 0};
}

BatchedValue dot_of_batch(const OpBase&, BatchedValues& arguments, int64_t) {
  return {sum_dims(mul(batch_first(arguments[0]), batch_first(arguments[1])), {-1}, false), 0};
}

BatchedValue addmm_of_batch(const OpBase&, BatchedValues& arguments, int64_t) {
  Tensor input = batch_first(arguments[0]);
  if (arguments[0].batch_dim >= 0 && input.dim() < 3) {  // align with (batch, rows, columns)
    Shape sizes = input.sizes();
    while (sizes.size() < 3) sizes.insert(1, 1);
    input = reshape(input, sizes);
  }
  Tensor product = matmul(batch_first(arguments[1]), batch_first(arguments[2]));
  product = scaled(product, unbox<Scalar>(arguments[4].value));
  const Scalar& beta = unbox<Scalar>(arguments[3].value);
  if (beta.equal(0)) return {product, 0};
  return {add(scaled(input, beta), product, 1), 0};
}

constexpr Forms with_out = function | method | out;
constexpr Traits lower{.forms = with_out,
                       .batching = Batching::custom,
                       .autocast = Autocast::lower,
                       .batching_rule = product_of_batch};
constexpr Traits of_matrix_and_vector{
    .forms = with_out, .batching = Batching::custom, .batching_rule = mv_of_batch};
constexpr Traits of_vectors{.forms = with_out, .batching = Batching::custom, .batching_rule = dot_of_batch};

}  // namespace

const Op<Tensor(const Tensor&, const Tensor&)> mm{"mm(Tensor input, Tensor mat2) -> Tensor", mm_rule, lower,
                                                  R"(Multiply two matrices.

    Args:
        input: (rows, depth).
        mat2: (depth, columns), in the dtype of `input`.

    Returns (rows, columns). Raises RuntimeError where the shapes or dtypes do not fit.

    >>> lampas.mm(lampas.tensor([[1., 2.]]), lampas.tensor([[3.], [4.]]))
    tensor([[11.]])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> bmm{"bmm(Tensor input, Tensor mat2) -> Tensor", bmm_rule,
                                                   lower,
                                                   R"(Multiply the matrices of two batches, pair by pair.

    Args:
        input: (batch, rows, depth).
        mat2: (batch, depth, columns).

    >>> lampas.bmm(lampas.ones(2, 1, 3), lampas.ones(2, 3, 1)).flatten()
    tensor([3., 3.])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> mv{"mv(Tensor input, Tensor vec) -> Tensor", mv_rule,
                                                  of_matrix_and_vector,
                                                  R"(Multiply a matrix (rows, depth) by a vector (depth).

    >>> lampas.mv(lampas.tensor([[1., 2.], [3., 4.]]), lampas.tensor([1., 1.]))
    tensor([3., 7.])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> dot{"dot(Tensor input, Tensor tensor) -> Tensor", dot_rule,
                                                   of_vectors,
                                                   R"(Sum the products of two vectors' elements.

    >>> lampas.dot(lampas.tensor([1., 2.]), lampas.tensor([3., 4.]))
    tensor(11.)
)"};

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, Scalar, Scalar)> addmm{
    "addmm(Tensor input, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
    addmm_rule,
    {.forms = function | method | in_place | out,
     .batching = Batching::custom,
     .autocast = Autocast::lower,
     .batching_rule = addmm_of_batch},
    R"(Compute beta * input + alpha * mat1 @ mat2.

    Args:
        input: broadcasts to (rows, columns); ignored where `beta` is 0.
        mat1: (rows, depth).
        mat2: (depth, columns).

    >>> lampas.addmm(lampas.tensor([1.]), lampas.tensor([[1., 2.]]), lampas.tensor([[3.], [4.]]))
    tensor([[12.]])
)"};

const Op<Tensor(const Tensor&, const Tensor&)> matmul{
    "matmul(Tensor input, Tensor other) -> Tensor",
    matmul_rule,
    {.forms = with_out, .autocast = Autocast::lower, .composite = true},
    R"(Multiply matrices; vectors and batches as in `numpy.matmul`.

    Args:
        input: at least one-dimensional; a vector counts as a row.
        other: at least one-dimensional; a vector counts as a column. Leading dims broadcast.

    >>> lampas.matmul(lampas.ones(4, 2, 3), lampas.ones(3, 5)).shape
    torch.Size([4, 2, 5])
)"};

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&)> linear{
    "linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor",
    linear_rule,
    {.forms = function | out, .autocast = Autocast::lower, .composite = true},
    R"(Compute input @ weight.T + bias.

    Args:
        input: (…, in_features).
        weight: (out_features, in_features).
        bias: (out_features) or None.

    Returns (…, out_features).

    >>> lampas.nn.functional.linear(lampas.ones(1, 2), lampas.ones(3, 2))
    tensor([[2., 2., 2.]])
)"};

}  // namespace lampas
