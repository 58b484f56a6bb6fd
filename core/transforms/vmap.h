// vmap: a level at which ops on one example's tensors become ops on those of all examples at once.
#pragma once

#include "core/ops/op.h"
#include "core/transforms/batched.h"

namespace lampas::transforms {

// What a random op does under vmap: refuse, draw anew for each example, or draw once for all.
enum class Randomness : uint8_t { error, different, same };

class Vmap final : public Level {
 public:
  Vmap(int64_t batch_size, Randomness randomness) : batch_size(batch_size), randomness(randomness) {}
  Value process(const OpBase& op, Values& arguments, Mode mode, TensorList& targets) override;

  const int64_t batch_size;
  const Randomness randomness;

 private:
  Value process_in_place(const OpBase& op, Values& arguments);
  Value process_out(const OpBase& op, Values& arguments, TensorList& targets);
  Value process_random(const OpBase& op, Values& arguments, Mode mode, TensorList& targets);
  bool is_batched(const Value& value) const;
  Value unwrapped(const Value& value, int64_t& batch_dim) const;
  BatchedValues unwrapped(const Values& arguments) const;
  Value wrapped(const BatchedValue& result) const;
};

// How one op runs on the whole batch. A tensor's batch dim may be anywhere; the tensors of a list all have
// theirs in front. The result's tensors share one batch dim.
using RegisteredBatchingRule = std::function<BatchedValue(const OpBase&, BatchedValues&, const Vmap&)>;
// Adds or replaces a rule; "max" names the op without an overload name, "max.dim" that overload.
void register_batching_rule(std::string op_name, RegisteredBatchingRule rule);

// Runs an op on the whole batch by its rule.
BatchedValue apply_batching_rule(const OpBase& op, BatchedValues& arguments, const Vmap& level);

// The rules that serve many ops. Each answers with the batch dim in front.
BatchedValue batch_elementwise(const OpBase& op, BatchedValues& arguments, int64_t batch_size);
BatchedValue batch_leading(const OpBase& op, BatchedValues& arguments, int64_t batch_size);
BatchedValue batch_by_loop(const OpBase& op, BatchedValues& arguments, int64_t batch_size);

// Warn whenever an op runs once for each example, since it has no rule.
void set_loop_warnings(bool enabled);

}  // namespace lampas::transforms
