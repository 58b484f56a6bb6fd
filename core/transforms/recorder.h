// Recorder: writes down the ops of a function as it runs, to run them again on other inputs.
#pragma once

#include <memory>
#include <unordered_map>

#include "core/ops/op.h"

namespace lampas::transforms {

// One recorded call. Tensors that the function got or made are slots; their places in the arguments are
// empty here. Other tensors are constants and stay.
struct RecordedCall {
  struct Place {
    int32_t argument;  // -1: a target
    int32_t element;   // of a list, or which target; -1: the argument itself
    int64_t slot;
  };
  const OpBase* op;
  Mode mode;
  Values arguments;
  TensorList targets;
  std::vector<Place> places;
  std::vector<int64_t> results;  // the slots of the result's tensors
};

class Program {
 public:
  // Runs the calls on `inputs` and gives what stands for the recorded outputs.
  TensorList replay(const TensorList& inputs) const;

  std::vector<RecordedCall> calls;
  int64_t slot_count = 0;          // the inputs come first
  std::vector<Shape> input_sizes;  // as recorded; the same are needed again
  std::vector<DType> input_dtypes;
  std::vector<int64_t> outputs;  // a slot, or -1: the constant at the same index
  TensorList constant_outputs;
};

class Recorder final : public Transform {
 public:
  explicit Recorder(const TensorList& inputs);
  Value process(const OpBase& op, Values& arguments, Mode mode, TensorList& targets) override;
  std::shared_ptr<const Program> finish(const TensorList& outputs);

 private:
  int64_t slot_of(const Tensor& tensor) const;
  void add_slot(const Tensor& tensor, int64_t slot);

  std::shared_ptr<Program> program_ = std::make_shared<Program>();
  std::unordered_map<const TensorBody*, int64_t> slots_;
  TensorList alive_;  // so that no body's address is used twice
};

}  // namespace lampas::transforms
