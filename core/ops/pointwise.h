// Rules that many elementwise ops share: a row each of a kernel's function, node, dtypes and derivative.
#pragma once

#include <algorithm>

#include "core/kernels/elementwise.h"
#include "core/kernels/special.h"
#include "core/ops/op.h"
#include "core/ops/promotion.h"

namespace lampas::pointwise {

// The dtype of the result: the inputs', or for integers the default floating one.
enum class Result { same, floating };
// What the derivative reads besides the gradient.
enum class Needs { nothing, input, output };

template <size_t length>
struct Name {
  consteval Name(const char (&text)[length]) { std::copy_n(text, length, letters); }
  char letters[length];
};

inline DType result_dtype(Result result, DType dtype) {
  return result == Result::floating ? floating_result(dtype) : dtype;
}

// Of one tensor and numbers. `compute(input, output, numbers...)` fills the output from the input in the
// output's dtype; `derivative(grad, saved, numbers...)` gives the input's gradient, with what `needs` names.
template <Name node_name, Result result, Needs needs, auto compute, auto derivative, class... Numbers>
Tensor rule(Call& call, const Tensor& input, Numbers... numbers) {
  Tensor output = call.elementwise_output({input}, result_dtype(result, input.dtype()));
  if (Recording node = call.record(node_name.letters, {input})) {
    Saved saved;
    if constexpr (needs == Needs::input) saved = node.save("self", input);
    if constexpr (needs == Needs::output) saved = node.save_output("result");
    node.derivative([saved, numbers...](const Gradients& grad, Wanted) {
      if constexpr (needs == Needs::nothing)
        return Gradients{derivative(grad[0], grad[0], numbers...)};
      else
        return Gradients{derivative(grad[0], saved(), numbers...)};
    });
  }
  compute(Converted(input, result_dtype(result, input.dtype())), output, numbers...);
  return output;
}

inline void run(UnaryFunction function, const Tensor& input, const Tensor& output) {
  kernels::unary(output.device(), function, nullptr, input, output);
}
inline void run(BinaryFunction function, const Tensor& input, const Tensor& other, const Tensor& output) {
  kernels::binary(output.device(), function, nullptr, input, other, output);
}
inline void run(SpecialUnary function, const Tensor& input, const Tensor& output) {
  kernels::special_unary(output.device(), function, input, output);
}
inline void run(SpecialBinary function, const Tensor& input, const Tensor& other, const Tensor& output) {
  kernels::special_binary(output.device(), function, input, other, output);
}

// Of one tensor.
template <auto function, Name node_name, Result result, Needs needs, auto derivative>
Tensor unary(Call& call, const Tensor& input) {
  constexpr auto compute = [](const Tensor& from, const Tensor& to) { run(function, from, to); };
  return rule<node_name, result, needs, compute, derivative>(call, input);
}

inline DType common_dtype(const Tensor& input, const Tensor& other) {
  bool alike = input.dtype() == other.dtype() && !input.body().wrapped_number && !other.body().wrapped_number;
  return alike ? input.dtype() : result_type({input, other});
}

// The node of an op of two tensors. PyTorch has another one where the second or the first is a number.
struct NodeNames {
  consteval NodeNames(const char* of_tensors, const char* of_second = "", const char* of_first = "") {
    copy(of_tensors, tensors);
    copy(of_second, second_number);
    copy(of_first, first_number);
  }
  constexpr bool for_second() const { return second_number[0] != 0; }
  const char* of(const Tensor& input, const Tensor& other) const {
    if (for_second() && other.body().wrapped_number) return second_number;
    return first_number[0] != 0 && input.body().wrapped_number ? first_number : tensors;
  }

  char tensors[32] = {}, second_number[32] = {}, first_number[32] = {};

 private:
  static consteval void copy(const char* from, char* to) {
    while ((*to++ = *from++) != 0) {
    }
  }
};

// Of two tensors that broadcast. `derivative(grad, input, other, wanted)` gives both gradients.
template <auto function, NodeNames names, Result result, auto derivative>
Tensor binary(Call& call, const Tensor& input, const Tensor& other) {
  DType dtype = result_dtype(result, common_dtype(input, other));
  Tensor output = call.elementwise_output({input, other}, dtype);
  if (Recording node = call.record(names.of(input, other), {input, other})) {
    bool number = names.for_second() && other.body().wrapped_number;
    if (number) node.node()->next.pop_back();  // that node has no edge for it
    Saved saved_input = node.save("self", input), saved_other = node.save("other", other);
    node.derivative([saved_input, saved_other, number](const Gradients& grad, Wanted wanted) {
      Gradients both = derivative(grad[0], saved_input(), saved_other(), wanted);
      if (number) both.pop_back();
      return both;
    });
  }
  run(function, Converted(input, dtype), Converted(other, dtype), output);
  return output;
}

// Of two tensors, without a derivative.
template <auto function, Result result>
Tensor flat_binary(Call& call, const Tensor& input, const Tensor& other) {
  call.not_differentiable();
  DType dtype = result_dtype(result, common_dtype(input, other));
  Tensor output = call.elementwise_output({input, other}, dtype);
  run(function, Converted(input, dtype), Converted(other, dtype), output);
  return output;
}

inline constexpr Forms every_form = function | method | in_place | out;
inline constexpr Traits plain{.forms = every_form, .batching = Batching::elementwise, .elementwise = true};
inline constexpr Traits full_precision{.forms = every_form,
                                       .batching = Batching::elementwise,
                                       .autocast = Autocast::float32,
                                       .elementwise = true};

}  // namespace lampas::pointwise
