// The tables of the loops compiled once, and the choice between them and the instruction set's.
#include "core/kernels/cpu/elementwise_loops.h"

#include "core/kernels/cpu/instruction_set.h"
#include "core/kernels/cpu/scalar_loops.h"
#include "core/kernels/cpu/vector/elementwise.h"

namespace lampas::cpu {
namespace {

using namespace scalar_loops;

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

// One loop per dtype in DType's order; the hot dtypes are null here.
#define LAMPAS_COLUMNS(maker, name)           \
  {maker<name##_row, uint8_t>(),              \
   maker<name##_row, int8_t>(),               \
   maker<name##_row, int16_t>(),              \
   nullptr,                                   \
   nullptr,                                   \
   maker<name##_row, Float16>(),              \
   nullptr,                                   \
   nullptr,                                   \
   maker<name##_row, std::complex<float>>(),  \
   maker<name##_row, std::complex<double>>(), \
   maker<name##_row, bool>(),                 \
   nullptr,                                   \
   maker<name##_row, uint16_t>(),             \
   maker<name##_row, uint32_t>(),             \
   maker<name##_row, uint64_t>()},
#define LAMPAS_UNARY_COLUMNS(name, domain, parameters) LAMPAS_COLUMNS(unary_loop_or_null, name)
#define LAMPAS_BINARY_COLUMNS(name, domain, parameters) LAMPAS_COLUMNS(binary_loop_or_null, name)
#define LAMPAS_TERNARY_COLUMNS(name, domain, parameters) LAMPAS_COLUMNS(ternary_loop_or_null, name)

constexpr UnaryLoop unary_loops[unary_function_count][dtype_count] = {
    LAMPAS_UNARY_ROWS(LAMPAS_UNARY_COLUMNS)};
constexpr BinaryLoop binary_loops[binary_function_count][dtype_count] = {
    LAMPAS_BINARY_ROWS(LAMPAS_BINARY_COLUMNS)};
constexpr BinaryLoop comparison_loops[comparison_function_count][dtype_count] = {
    LAMPAS_COMPARISON_ROWS(LAMPAS_BINARY_COLUMNS)};
constexpr TernaryLoop ternary_loops[ternary_function_count][dtype_count] = {
    LAMPAS_TERNARY_ROWS(LAMPAS_TERNARY_COLUMNS)};

template <class Loop, size_t functions, class Table, class Function>
Loop loop_of(const Table& table, const Loop (&loops)[functions][dtype_count], Function function,
             DType dtype) {
  const int row = static_cast<int>(function);
  const int hot = hot_index(dtype);
  return hot < 0 ? loops[row][static_cast<int>(dtype)] : table.loops[row][hot];
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

// Elements are only moved, so their size is all that counts.
template <class Element>
void where_by_size(const void* condition, const void* a, const void* b, void* output, int64_t count,
                   int64_t condition_stride, int64_t a_stride, int64_t b_stride, int64_t output_stride,
                   const Parameter*) {
  const uint8_t* conditions = static_cast<const uint8_t*>(condition);
  const Element* first = static_cast<const Element*>(a);
  const Element* second = static_cast<const Element*>(b);
  Element* target = static_cast<Element*>(output);
  for (int64_t i = 0; i < count; ++i) {
    target[i * output_stride] = conditions[i * condition_stride] ? first[i * a_stride] : second[i * b_stride];
  }
}

#define LAMPAS_ROW_TEXT(name, domain, parameter_count) #name,
constexpr const char* unary_names[] = {LAMPAS_UNARY_ROWS(LAMPAS_ROW_TEXT)};
constexpr const char* binary_names[] = {LAMPAS_BINARY_ROWS(LAMPAS_ROW_TEXT)};
constexpr const char* comparison_names[] = {LAMPAS_COMPARISON_ROWS(LAMPAS_ROW_TEXT)};
constexpr const char* ternary_names[] = {LAMPAS_TERNARY_ROWS(LAMPAS_ROW_TEXT)};
#undef LAMPAS_ROW_TEXT

}  // namespace

UnaryLoop unary_loop(UnaryFunction function, DType dtype) {
  return loop_of(unary_table, unary_loops, function, dtype);
}
BinaryLoop binary_loop(BinaryFunction function, DType dtype) {
  return loop_of(binary_table, binary_loops, function, dtype);
}
BinaryLoop comparison_loop(ComparisonFunction function, DType dtype) {
  return loop_of(comparison_table, comparison_loops, function, dtype);
}
TernaryLoop ternary_loop(TernaryFunction function, DType dtype) {
  return loop_of(ternary_table, ternary_loops, function, dtype);
}

TernaryLoop where_loop(size_t item_size) {
  switch (item_size) {
    case 1:
      return where_by_size<uint8_t>;
    case 2:
      return where_by_size<uint16_t>;
    case 4:
      return ternary_table.where_4_bytes;
    case 8:
      return ternary_table.where_8_bytes;
    default:
      return where_by_size<std::complex<double>>;
  }
}

const char* name_of(UnaryFunction function) { return unary_names[static_cast<int>(function)]; }
const char* name_of(BinaryFunction function) { return binary_names[static_cast<int>(function)]; }
const char* name_of(ComparisonFunction function) { return comparison_names[static_cast<int>(function)]; }
const char* name_of(TernaryFunction function) { return ternary_names[static_cast<int>(function)]; }

}  // namespace lampas::cpu
