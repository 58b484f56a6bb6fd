// The instruction sets that this machine can run (up to the one chosen at start), with their tables.
#pragma once

#include <vector>

#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/vector/elementwise.h"

namespace lampas::testing {

struct VectorSet {
  InstructionSet set;
  const vector::UnaryTable& unary;
  const vector::BinaryTable& binary;
  const vector::ComparisonTable& comparison;
  const vector::TernaryTable& ternary;

  UnaryLoop loop(UnaryFunction function, vector::HotType type) const {
    return unary.loops[static_cast<int>(function)][static_cast<int>(type)];
  }
  BinaryLoop loop(BinaryFunction function, vector::HotType type) const {
    return binary.loops[static_cast<int>(function)][static_cast<int>(type)];
  }
  BinaryLoop loop(ComparisonFunction function, vector::HotType type) const {
    return comparison.loops[static_cast<int>(function)][static_cast<int>(type)];
  }
  TernaryLoop loop(TernaryFunction function, vector::HotType type) const {
    return ternary.loops[static_cast<int>(function)][static_cast<int>(type)];
  }
};

inline std::vector<VectorSet> runnable_sets() {
  namespace v = lampas::vector;
  std::vector<VectorSet> sets;
  sets.push_back({InstructionSet::baseline, v::baseline::unary, v::baseline::binary, v::baseline::comparison,
                  v::baseline::ternary});
  if (instruction_set() >= InstructionSet::avx2) {
    sets.push_back(
        {InstructionSet::avx2, v::avx2::unary, v::avx2::binary, v::avx2::comparison, v::avx2::ternary});
  }
  if (instruction_set() >= InstructionSet::avx512) {
    sets.push_back({InstructionSet::avx512, v::avx512::unary, v::avx512::binary, v::avx512::comparison,
                    v::avx512::ternary});
  }
  return sets;
}

}  // namespace lampas::testing
