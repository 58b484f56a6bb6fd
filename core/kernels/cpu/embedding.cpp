// The gradient of an embedding on the CPU: rows are added up in their order, in float32 for half types.
#include "core/kernels/embedding.h"

#include <vector>

#include "core/kernels/dense.h"

namespace lampas {
namespace {

template <class T>
void add_rows(const T* rows, const int64_t* places, int64_t count, int64_t width, int64_t skipped,
              const std::vector<int64_t>& occurrences, T* table) {
  for (int64_t i = 0; i < count; ++i) {
    if (places[i] == skipped) continue;
    T scale = occurrences.empty() ? T(1) : T(1) / static_cast<T>(occurrences[places[i]]);
    const T* row = rows + i * width;
    T* target = table + places[i] * width;
    for (int64_t column = 0; column < width; ++column) target[column] += scale * row[column];
  }
}

void embedding_backward_on_cpu(const Tensor& rows, const Tensor& places, int64_t skipped, bool by_frequency,
                               const Tensor& table) {
  int64_t count = places.numel(), size = table.sizes()[0], width = table.sizes()[1];
  const int64_t* place = places.data<int64_t>();
  for (int64_t i = 0; i < count; ++i)
    if (place[i] < 0 || place[i] >= size) fail(ErrorKind::index, "index out of range in self");
  std::vector<int64_t> occurrences(by_frequency ? static_cast<size_t>(size) : 0, 0);
  if (by_frequency)
    for (int64_t i = 0; i < count; ++i) ++occurrences[place[i]];
  bool precise = table.dtype() == DType::float64;
  DType computed = precise ? DType::float64 : DType::float32;
  Tensor sums = table.dtype() == computed ? table : new_tensor(table.sizes(), computed);
  kernels::fill(sums.device(), 0, sums);
  Tensor values = converted(rows, computed);
  if (precise)
    add_rows(values.data<double>(), place, count, width, skipped, occurrences, sums.data<double>());
  else
    add_rows(values.data<float>(), place, count, width, skipped, occurrences, sums.data<float>());
  if (!sums.same_as(table)) kernels::copy(table.device(), sums, table);
}

const Implement implement_embedding_backward(kernels::embedding_backward, DeviceKind::cpu,
                                             embedding_backward_on_cpu);

}  // namespace
}  // namespace lampas
