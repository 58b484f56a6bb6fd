// The choice between the tables of the instruction set and the generic loops.
#include "core/kernels/cpu/elementwise_loops.h"

#include <type_traits>

#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/vector/elementwise.h"

namespace lampas::cpu {
namespace {

// The index of a dtype in the per-set tables, or -1.
int hot_index(DType dtype) {
  using vector::HotType;
  switch (dtype) {
    case DType::float32:
      return static_cast<int>(HotType::float32);
    case DType::float64:
      return static_cast<int>(HotType::float64);
    case DType::bfloat16:
      return static_cast<int>(HotType::bfloat16);
    case DType::int32:
      return static_cast<int>(HotType::int32);
    case DType::int64:
      return static_cast<int>(HotType::int64);
    default:
      return -1;
  }
}

template <class Table, class Function>
auto loop_of(const Table& table, Function function, DType dtype)
    -> std::remove_cvref_t<decltype(table.loops[0][0])> {
  int type = hot_index(dtype);
  return type < 0 ? nullptr : table.loops[static_cast<int>(function)][type];
}

// Chosen once: the tables never change while the process lives.
const vector::UnaryTable& unary_table =
    choose(vector::baseline::unary, vector::avx2::unary, vector::avx512::unary);
const vector::BinaryTable& binary_table =
    choose(vector::baseline::binary, vector::avx2::binary, vector::avx512::binary);
const vector::ComparisonTable& comparison_table =
    choose(vector::baseline::comparison, vector::avx2::comparison, vector::avx512::comparison);
const vector::TernaryTable& ternary_table =
    choose(vector::baseline::ternary, vector::avx2::ternary, vector::avx512::ternary);

#define LAMPAS_ROW_TEXT(name, domain, parameter_count) #name,
constexpr const char* unary_names[] = {LAMPAS_UNARY_ROWS(LAMPAS_ROW_TEXT)};
constexpr const char* binary_names[] = {LAMPAS_BINARY_ROWS(LAMPAS_ROW_TEXT)};
constexpr const char* comparison_names[] = {LAMPAS_COMPARISON_ROWS(LAMPAS_ROW_TEXT)};
constexpr const char* ternary_names[] = {LAMPAS_TERNARY_ROWS(LAMPAS_ROW_TEXT)};
#undef LAMPAS_ROW_TEXT

}  // namespace

UnaryLoop unary_loop(UnaryFunction function, DType dtype) { return loop_of(unary_table, function, dtype); }
BinaryLoop binary_loop(BinaryFunction function, DType dtype) {
  return loop_of(binary_table, function, dtype);
}
BinaryLoop comparison_loop(ComparisonFunction function, DType dtype) {
  return loop_of(comparison_table, function, dtype);
}
TernaryLoop ternary_loop(TernaryFunction function, DType dtype) {
  return loop_of(ternary_table, function, dtype);
}
TernaryLoop where_loop(size_t item_size) {
  return item_size == 4 ? ternary_table.where_4_bytes : ternary_table.where_8_bytes;
}

const char* name_of(UnaryFunction function) { return unary_names[static_cast<int>(function)]; }
const char* name_of(BinaryFunction function) { return binary_names[static_cast<int>(function)]; }
const char* name_of(ComparisonFunction function) { return comparison_names[static_cast<int>(function)]; }
const char* name_of(TernaryFunction function) { return ternary_names[static_cast<int>(function)]; }

}  // namespace lampas::cpu
