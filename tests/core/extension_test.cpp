// A new op, a batching rule and a transform, registered in test code alone: no existing op is edited.
#include "core/engine/backward.h"
#include "core/ops/binary.h"
#include "core/ops/creation.h"
#include "core/ops/history.h"
#include "core/ops/op.h"
#include "core/transforms/forward_mode.h"
#include "core/transforms/gradient.h"
#include "core/transforms/vmap.h"
#include "tests/core/check.h"

namespace lampas {
namespace {

// x^3, with its derivative.
Tensor cube_rule(Call& call, const Tensor& input) {
  Tensor output = call.output(input.sizes(), input.dtype(), input.device());
  if (Recording node = call.record("CubeBackward0", {input})) {
    Saved saved = node.save("self", input);
    node.derivative([saved](const Gradients& grad, Wanted) {
      return Gradients{mul(grad[0], mul(number_tensor(Scalar(3)), mul(saved(), saved())))};
    });
  }
  GradModeGuard off(false);
  copy_(output, mul(mul(input, input), input));
  return output;
}

const Op<Tensor(const Tensor&)> cube{
    "cube_for_test(Tensor input) -> Tensor", cube_rule, {.forms = Forms{}}, "Cube."};

int batched_calls = 0;

class Counting final : public Transform {
 public:
  Value process(const OpBase& op, Values& arguments, Mode mode, TensorList& targets) override {
    ++calls;
    return op.call(arguments, mode, targets);
  }
  int calls = 0;
};

Tensor numbers() {
  Tensor tensor = new_tensor({3}, DType::float32);
  for (int64_t i = 0; i < 3; ++i) tensor.data<float>()[i] = static_cast<float>(i + 1);
  return tensor;
}

double at(const Tensor& tensor, int64_t index) { return tensor.data<float>()[index]; }

Tensor cubed_by_vmap() {
  transforms::Vmap level(3, transforms::Randomness::error);
  transforms::enter(level);
  Tensor result = cube(transforms::make_batched(level.identity, numbers(), 0));
  transforms::leave(level);
  return transforms::batched_at(level, result)->value;
}

}  // namespace

TEST(a_new_op_is_found_computed_and_differentiated_twice) {
  CHECK(find_op("cube_for_test") == &cube);
  Tensor x = numbers();
  set_requires_grad(x, true);
  Tensor y = cube(x);
  CHECK(grad_fn(y)->name == std::string("CubeBackward0"));
  Tensor ones = ones_like(y);
  Tensor first = run_backward(TensorList{y}, TensorList{ones}, TensorList{x},
                              {.create_graph = true, .accumulate = false})[0];
  CHECK_NEAR(at(first, 2), 27.0, 0);
  Tensor second = run_backward(TensorList{first}, TensorList{ones}, TensorList{x}, {.accumulate = false})[0];
  CHECK_NEAR(at(second, 2), 18.0, 0);
}

TEST(a_new_op_in_forward_mode_needs_no_rule) {
  transforms::ForwardMode level;
  transforms::enter(level);
  Tensor result = cube(transforms::make_dual(level, numbers(), full({3}, 2, DType::float32, {})));
  Tensor tangent = transforms::tangent_at(level, result);
  transforms::leave(level);
  CHECK_NEAR(at(tangent, 1), 24.0, 0);
}

TEST(a_batching_rule_is_registered_from_outside) {
  CHECK_NEAR(at(cubed_by_vmap(), 2), 27.0, 0);  // one call for each example
  CHECK_EQUAL(batched_calls, 0);
  transforms::register_batching_rule("cube_for_test",
                                     [](const OpBase& op, BatchedValues& arguments, const transforms::Vmap&) {
                                       ++batched_calls;
                                       Values physical{arguments[0].value};
                                       return BatchedValue{op.call(physical), arguments[0].batch_dim};
                                     });
  CHECK_NEAR(at(cubed_by_vmap(), 2), 27.0, 0);
  CHECK_EQUAL(batched_calls, 1);
}

TEST(a_new_transform_sees_new_and_old_ops) {
  Counting counting;
  transforms::enter(counting);
  Tensor result = add(cube(numbers()), numbers(), 1);
  transforms::leave(counting);
  CHECK_EQUAL(counting.calls, 2);
  CHECK_NEAR(at(result, 1), 10.0, 0);
}

TEST(a_wrapper_without_its_level_is_refused) {
  transforms::Vmap level(3, transforms::Randomness::error);
  Tensor stale = transforms::make_batched(level.identity, numbers(), 0);
  CHECK_THROWS(cube(stale), Error);
  CHECK_THROWS(add(stale, stale, 1), Error);
}

}  // namespace lampas
