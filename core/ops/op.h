// What an op is: a signature, a rule, traits for the transforms, a docstring, all in one object.
#pragma once

#include <functional>
#include <initializer_list>
#include <string_view>

#include "core/ops/call.h"
#include "core/ops/seam.h"
#include "core/ops/signature.h"

namespace lampas {

// Which Python names an op gets: lampas.name, Tensor.name, Tensor.name_, and out=.
enum Forms : uint8_t { function = 1, method = 2, in_place = 4, out = 8 };
inline constexpr Forms operator|(Forms left, Forms right) {
  return static_cast<Forms>(static_cast<int>(left) | static_cast<int>(right));
}

// How vmap runs an op on a whole batch. `loop`: one call for each example.
enum class Batching : uint8_t {
  loop,
  elementwise,  // tensors broadcast against each other: batch dim first, ranks aligned
  leading,      // one tensor; its batch dim goes first, `dim`-like arguments shift, sizes gain the batch
  custom,       // `batching_rule`
};
// How forward mode gets the tangent.
enum class Forward : uint8_t {
  from_derivative,  // differentiate the derivative
  linear,           // the op of the tangents
  none,             // integer or boolean results: no tangent
};
enum class Autocast : uint8_t { unchanged, lower, float32, promote };

// A tensor as vmap sees it: its values, and which dim is the batch (-1: the same for all examples).
struct BatchedValue {
  Value value;
  int64_t batch_dim = -1;
};
using BatchedValues = SmallVector<BatchedValue, 6>;
using BatchingRule = BatchedValue (*)(const OpBase& op, BatchedValues& arguments, int64_t batch_size);

struct Traits {
  Forms forms = function;
  Batching batching = Batching::loop;
  Forward forward = Forward::from_derivative;
  Autocast autocast = Autocast::unchanged;
  bool elementwise = false;  // element i of the output needs only element i of the inputs
  bool any_device = false;   // the tensors may live on different devices
  bool untracked = false;    // autograd does not see it: it fills even what asks for a gradient
  bool composite = false;    // made of other ops: transforms and autograd see those instead
  BatchingRule batching_rule = nullptr;
};

// Throws where a wrapper tensor meets an op that no transform processes any more.
void check_plain(const OpBase& op, const Values& arguments, const TensorList& targets);

class OpBase {
 public:
  OpBase(const char* signature, const Traits& traits, const char* documentation);
  virtual ~OpBase() = default;
  OpBase(const OpBase&) = delete;

  // Past the transforms: straight into the rule.
  virtual Value run(Values& arguments, Mode mode, TensorList& targets) const = 0;
  // Through the transforms, where there are any.
  Value call(Values& arguments, Mode mode, TensorList& targets) const {
    if (active_transform && !traits.composite)
      return process_through_transforms(*this, arguments, mode, targets);
    if (active_transform && traits.autocast != Autocast::unchanged)
      return process_composite(*this, arguments, mode, targets);
    if (!traits.composite) check_plain(*this, arguments, targets);
    return run(arguments, mode, targets);
  }
  Value call(Values& arguments) const {
    TensorList no_targets;
    return call(arguments, Mode::functional, no_targets);
  }

  const Signature& signature() const { return signature_; }
  const std::string& name() const { return signature_.name; }
  std::string full_name() const {  // "max.dim"
    return signature_.overload.empty() ? signature_.name : signature_.name + "." + signature_.overload;
  }
  const char* documentation() const { return documentation_; }
  Traits traits;

 private:
  Signature signature_;
  const char* documentation_;
};

// Every op, in the order of registration. Overloads of one name follow each other's registration order.
const std::vector<const OpBase*>& all_ops();
// "max" or "max.dim"; null where there is none.
const OpBase* find_op(std::string_view name);

// Puts every tensor on one device (a zero-dimensional CPU tensor follows the others) or throws.
void unify_devices(Values& arguments, const char* op_name);

template <class Signature>
class Op;

template <class Result, class... Args>
class Op<Result(Args...)> final : public OpBase {
 public:
  using Rule = Result (*)(Call&, Args...);

  Op(const char* signature, Rule rule, const Traits& traits, const char* documentation)
      : OpBase(signature, traits, documentation), rule_(rule) {}

  Result operator()(Args... arguments) const {
    bool direct = !active_transform || (traits.composite && traits.autocast == Autocast::unchanged);
    if (direct && can_call_directly(arguments...)) [[likely]] {
      Call call(traits.elementwise);
      if (traits.composite) call.not_differentiable();
      return call.finish(rule_(call, arguments...));
    }
    Values values = boxed(arguments...);
    return unbox<Result>(OpBase::call(values));
  }

  // Overwrites the first argument and returns it.
  template <class First, class... Rest>
  Result write_into(const First& target, const Rest&... rest) const {
    Values values = boxed(target, rest...);
    TensorList no_targets;
    return unbox<Result>(OpBase::call(values, Mode::in_place, no_targets));
  }

  // Fills `target`, as out= does, and returns it.
  Result write_out(const Tensor& target, const Args&... arguments) const {
    Values values = boxed(arguments...);
    TensorList targets{target};
    return unbox<Result>(OpBase::call(values, Mode::out, targets));
  }

  Value run(Values& values, Mode mode, TensorList& targets) const override {
    return run_unboxed(values, mode, targets, std::index_sequence_for<Args...>{});
  }

 private:
  template <size_t... index>
  Value run_unboxed(Values& values, Mode mode, TensorList& targets, std::index_sequence<index...>) const {
    if (!traits.any_device && !can_call_directly(unbox<Args>(values[index])...))
      unify_devices(values, name().c_str());
    if (mode == Mode::functional) {
      Call call(traits.elementwise);
      if (traits.composite) call.not_differentiable();
      return box(call.finish(rule_(call, unbox<Args>(values[index])...)));
    }
    Call call(traits.elementwise, name().c_str(), mode, values, targets, traits.untracked);
    if (traits.composite) call.not_differentiable();
    return box(call.finish(rule_(call, unbox<Args>(values[index])...)));
  }

  static Values boxed(const Args&... arguments) {
    Values values;
    (values.push_back(box(arguments)), ...);
    return values;
  }

  // No wrapper tensor among them, and all on one device where the op needs that.
  bool can_call_directly(const Args&... arguments) const {
    const Tensor* first = nullptr;
    bool fits = true;
    auto look = [&](const auto& argument) {
      using T = std::remove_cvref_t<decltype(argument)>;
      auto compare = [&](const Tensor& tensor) {
        if (!tensor.defined()) return;
        fits &= !tensor.is_wrapped();
        if (!first)
          first = &tensor;
        else
          fits &= traits.any_device || tensor.device() == first->device();
      };
      if constexpr (std::is_same_v<T, Tensor>) {
        compare(argument);
      } else if constexpr (std::is_same_v<T, TensorList>) {
        for (const Tensor& tensor : argument) compare(tensor);
      }
    };
    (look(arguments), ...);
    return fits;
  }

  Rule rule_;
};

}  // namespace lampas
