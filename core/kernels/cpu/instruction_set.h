// Which copy of the vector kernels this process runs: chosen once, from what the processor and the
// operating system support, or a lower one named by the environment variable LAMPAS_INSTRUCTION_SET.
#pragma once

#include <cstdint>
#include <string>

namespace lampas {

enum class InstructionSet : uint8_t { baseline, avx2, avx512 };

const char* name_of(InstructionSet set);

InstructionSet instruction_set();

// Empty, or one sentence: the processor is too old, or LAMPAS_INSTRUCTION_SET names a set that does
// not exist or that this machine cannot run. The importer raises it; kernels must not be called then.
std::string instruction_set_problem();

// What would be chosen for this value of LAMPAS_INSTRUCTION_SET (null: not set) on a machine whose best
// set is `best`. A problem leaves the best set chosen.
struct InstructionSetChoice {
  InstructionSet set;
  std::string problem;
};
InstructionSetChoice choose_instruction_set(const char* wanted, InstructionSet best);

// A family's table: the one of the set that was chosen.
template <class Table>
const Table& choose(const Table& baseline, const Table& avx2, const Table& avx512) {
  switch (instruction_set()) {
    case InstructionSet::avx512:
      return avx512;
    case InstructionSet::avx2:
      return avx2;
    default:
      return baseline;
  }
}

}  // namespace lampas
