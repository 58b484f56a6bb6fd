// The recorded graph and its backward, without Python.
#include "core/engine/backward.h"

#include "core/ops/binary.h"
#include "core/ops/creation.h"
#include "core/ops/history.h"
#include "core/ops/reduction.h"
#include "core/ops/view.h"
#include "tests/core/check.h"

namespace lampas {
namespace {

Tensor leaf(const Shape& sizes, double value) {
  Tensor tensor = full(sizes, Scalar(value), DType::float32, {});
  set_requires_grad(tensor, true);
  return tensor;
}

double at(const Tensor& tensor, int64_t index) { return tensor.data<float>()[index]; }

void backward(const Tensor& root, bool retain_graph = false) {
  run_backward(TensorList{root}, {}, {}, {.retain_graph = retain_graph});
}

}  // namespace

TEST(backward_of_a_product) {
  Tensor x = leaf({2, 3}, 2), y = leaf({3}, 5);
  backward(sum_dims(mul(x, y), {}, false));
  CHECK(autograd_state(x)->grad.sizes() == (Shape{2, 3}));
  CHECK_NEAR(at(autograd_state(x)->grad, 4), 5.0, 0);
  CHECK(autograd_state(y)->grad.sizes() == (Shape{3}));
  CHECK_NEAR(at(autograd_state(y)->grad, 2), 4.0, 0);
}

TEST(second_backward_is_refused_unless_retained) {
  Tensor x = leaf({2}, 3);
  Tensor loss = sum_dims(mul(x, x), {}, false);
  backward(loss, true);
  backward(loss);
  CHECK_NEAR(at(autograd_state(x)->grad, 0), 12.0, 0);
  bool refused = false;
  try {
    backward(loss);
  } catch (const Error&) {
    refused = true;
  }
  CHECK(refused);
}

TEST(second_derivative) {
  Tensor x = leaf({}, 3);
  Tensor cube = mul(mul(x, x), x);
  Tensor first = run_backward(TensorList{cube}, {}, TensorList{x},
                              {.retain_graph = true, .create_graph = true, .accumulate = false})[0];
  CHECK_NEAR(at(first, 0), 27.0, 0);
  Tensor second = run_backward(TensorList{first}, {}, TensorList{x}, {.accumulate = false})[0];
  CHECK_NEAR(at(second, 0), 18.0, 0);
}

TEST(writing_into_a_view_rewrites_the_history_of_its_base) {
  Tensor x = leaf({4}, 2), factor = leaf({2}, 3);
  Tensor copy = clone(x);
  Tensor part = as_strided(copy, {2}, {1}, 1);
  mul.write_into(part, factor);
  CHECK(grad_fn(copy)->name == std::string("CopySlices"));
  backward(sum_dims(mul(copy, copy), {}, false));
  CHECK_NEAR(at(autograd_state(x)->grad, 0), 4.0, 0);
  CHECK_NEAR(at(autograd_state(x)->grad, 1), 36.0, 0);
  CHECK_NEAR(at(autograd_state(factor)->grad, 0), 24.0, 0);
}

TEST(a_long_chain_is_walked_and_freed_without_recursion) {
  Tensor x = leaf({1}, 1);
  Tensor one = full({1}, Scalar(1.0), DType::float32, {});
  Tensor chain = x;
  for (int i = 0; i < 300000; ++i) chain = mul(chain, one);
  backward(chain);
  CHECK_NEAR(at(autograd_state(x)->grad, 0), 1.0, 0);
  Tensor dropped = x;
  for (int i = 0; i < 300000; ++i) dropped = mul(dropped, one);
}

}  // namespace lampas
