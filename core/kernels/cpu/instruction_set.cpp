// Asks the processor (cpuid, and the registers that the system saves) which vector kernels can run.
#include "core/kernels/cpu/instruction_set.h"

#include <cstdlib>
#include <cstring>

namespace lampas {
namespace {

constexpr InstructionSet every_set[] = {InstructionSet::baseline, InstructionSet::avx2,
                                        InstructionSet::avx512};

// The compiler's test covers the instructions of each x86-64 level and the system's support for them.
InstructionSet best_set() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return InstructionSet::avx512;
  if (__builtin_cpu_supports("x86-64-v3")) return InstructionSet::avx2;
  return InstructionSet::baseline;
}

const InstructionSetChoice& choice() {
  static const InstructionSetChoice chosen = [] {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("x86-64-v2")) {
      return InstructionSetChoice{InstructionSet::baseline,
                                  "this processor is too old: Lampas needs SSE4.2 and POPCNT (x86-64-v2)"};
    }
    return choose_instruction_set(std::getenv("LAMPAS_INSTRUCTION_SET"), best_set());
  }();
  return chosen;
}

}  // namespace

const char* name_of(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx512:
      return "avx512";
    case InstructionSet::avx2:
      return "avx2";
    default:
      return "baseline";
  }
}

InstructionSetChoice choose_instruction_set(const char* wanted, InstructionSet best) {
  if (wanted == nullptr || *wanted == '\0') return {best, ""};
  for (InstructionSet set : every_set) {
    if (std::strcmp(wanted, name_of(set)) != 0) continue;
    if (set <= best) return {set, ""};
    return {best, std::string("LAMPAS_INSTRUCTION_SET is ") + wanted +
                      ", but the best this machine can run is " + name_of(best)};
  }
  return {best,
          std::string("LAMPAS_INSTRUCTION_SET is '") + wanted + "'; it may be baseline, avx2 or avx512"};
}

InstructionSet instruction_set() { return choice().set; }

std::string instruction_set_problem() { return choice().problem; }

}  // namespace lampas
