// Forward mode: a level at which tensors carry a tangent, and every op moves it along.
#pragma once

#include "core/ops/op.h"
#include "core/transforms/level.h"

namespace lampas::transforms {

struct DualTensor final : Wrapper {
  DualTensor(LevelIdentity level, const Tensor& primal, const Tensor& tangent)
      : Wrapper(level), primal(primal), tangent(tangent) {}
  Tensor changed(const Change& change, int added) const override;
  void visit(const std::function<void(const Tensor&)>& body) const override {
    body(primal);
    if (tangent.defined()) body(tangent);
  }

  Tensor primal;
  Tensor tangent;  // undefined: zero
  // For a view made while the tangent was zero: the dual tensor it looks into. That one may get a tangent
  // later, by a write, and then this one has its part of it.
  Tensor base;
};

class ForwardMode final : public Level {
 public:
  Value process(const OpBase& op, Values& arguments, Mode mode, TensorList& targets) override;

 private:
  Value process_functional(const OpBase& op, const Values& arguments);
  Value process_in_place(const OpBase& op, Values& arguments);
  Tensor primal_of(const Tensor& tensor) const;
  Tensor tangent_of(const Tensor& tensor) const;
  void write(const OpBase& op, const Tensor& target, const Tensor& result) const;
  Value with_zero_tangents(Value result, const Values& primals) const;
};

Tensor make_dual(const ForwardMode& level, const Tensor& primal, const Tensor& tangent);
// The same under wrappers of higher levels that either of the two may have.
Tensor make_dual_below(const ForwardMode& level, const Tensor& primal, const Tensor& tangent);
// Null where `tensor` is not dual at this level.
const DualTensor* dual_at(const Level& level, const Tensor& tensor);
// The tangent of a dual tensor of this level; undefined for zero.
Tensor tangent_at(const ForwardMode& level, const Tensor& tensor);
// Zeros that are batched where `tensor` is; not recorded.
Tensor zero_tangent(const Tensor& tensor);

// Rules from outside: given the arguments without tangents, the result, and the tangents (one value for
// each argument, none where it has no tangent), the tangents of the result.
using RegisteredForwardRule = std::function<TensorList(const OpBase&, const Values& primals,
                                                       const Value& result, const Values& tangents)>;
void register_forward_rule(std::string op_name, RegisteredForwardRule rule);

}  // namespace lampas::transforms
