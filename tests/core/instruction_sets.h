// The instruction sets that this machine can run, whichever was chosen at start, so that a test can run its
// kernels on each of them.
#pragma once

#include <vector>

#include "core/kernels/cpu/instruction_set.h"

namespace lampas::testing {

inline std::vector<InstructionSet> runnable_instruction_sets() {
  std::vector<InstructionSet> sets{InstructionSet::baseline};
  if (__builtin_cpu_supports("x86-64-v3")) sets.push_back(InstructionSet::avx2);
  if (__builtin_cpu_supports("x86-64-v4")) sets.push_back(InstructionSet::avx512);
  return sets;
}

// A family's table for a set.
template <class Table>
const Table& table_of(InstructionSet set, const Table& baseline, const Table& avx2, const Table& avx512) {
  if (set == InstructionSet::avx512) return avx512;
  return set == InstructionSet::avx2 ? avx2 : baseline;
}

}  // namespace lampas::testing
