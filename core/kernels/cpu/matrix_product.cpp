// Chooses how a product of matrices is computed, blocks it for the caches, and splits it among threads.
#include "core/kernels/cpu/matrix_product.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "core/kernels/cpu/cycle_estimates.h"
#include "core/kernels/cpu/workspace.h"
#include "core/parallel/thread_pool.h"

namespace lampas::cpu {
namespace {

// A block of A (rows x depth) stays in the second-level cache, a panel of B (depth x two vectors) in the
// first while all rows of the block pass by it.
constexpr int64_t block_depth = 256;
constexpr int64_t block_rows = 480;
// So much of the few rows and columns of a tile of inner products stays in the first-level cache.
constexpr int64_t inner_block_depth = 1024;
// A product of few rows reads B once, so it walks along B's rows, few at a time; unless B stays in the first
// level anyway.
constexpr int64_t streamed_depth = 16;
constexpr int64_t streamed_bytes = 1 << 15;
// From so many rows on, a panel of B that is packed beats one read where it lies.
constexpr int64_t rows_worth_packing = 96;
// Multiplications and additions that take about 50 microseconds.
constexpr double product_worth_a_thread = 3e6;
// Elements that a packed panel may have to lie on the stack.
constexpr int64_t small_panel = 1024;

// The part `index` of `count` parts of [0, total), as equal as multiples of `unit` allow.
std::pair<int64_t, int64_t> part(int64_t total, int64_t unit, int64_t index, int64_t count) {
  const int64_t units = ceil_divide(total, unit);
  return {std::min(total, units * index / count * unit), std::min(total, units * (index + 1) / count * unit)};
}

// beta * c + value, which does not read c where beta is 0; integers wrap around.
template <typename T>
T scaled_sum(T beta, T c, T value) {
  if (beta == 0) return value;
  if constexpr (std::is_integral_v<T>) {
    using Unsigned = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<Unsigned>(beta) * static_cast<Unsigned>(c) +
                          static_cast<Unsigned>(value));
  } else {
    return beta * c + value;
  }
}

template <typename T>
MatrixProduct<T> transposed(const MatrixProduct<T>& product) {
  MatrixProduct<T> result = product;
  result.rows = product.columns;
  result.columns = product.rows;
  result.a = product.b;
  result.a_row_stride = product.b_column_stride;
  result.a_column_stride = product.b_row_stride;
  result.b = product.a;
  result.b_row_stride = product.a_column_stride;
  result.b_column_stride = product.a_row_stride;
  result.c_row_stride = product.c_column_stride;
  result.c_column_stride = product.c_row_stride;
  return result;
}

template <typename T>
MatrixProduct<T> rectangle(const MatrixProduct<T>& product, std::pair<int64_t, int64_t> rows,
                           std::pair<int64_t, int64_t> columns) {
  MatrixProduct<T> result = product;
  result.rows = rows.second - rows.first;
  result.columns = columns.second - columns.first;
  result.a += rows.first * product.a_row_stride;
  result.b += columns.first * product.b_column_stride;
  result.c += rows.first * product.c_row_stride + columns.first * product.c_column_stride;
  if (product.bias) result.bias += columns.first;
  return result;
}

// Inner products of the rows of A with the columns of B: both adjacent along the depth, C with any strides.
template <typename T>
void multiply_by_inner_products(const vector::MatmulFunctions<T>& functions,
                                const MatrixProduct<T>& product) {
  int64_t b_offsets[vector::maximum_inner_columns];
  int64_t c_offsets[vector::maximum_inner_columns];
  for (int64_t j = 0; j < functions.inner_columns; ++j) {
    b_offsets[j] = j * product.b_column_stride;
    c_offsets[j] = j * product.c_column_stride;
  }
  vector::InnerProducts<T> tile{};
  tile.segments = 1;
  tile.a_row_stride = product.a_row_stride;
  tile.b_offsets = b_offsets;
  tile.c_row_stride = product.c_row_stride;
  tile.c_offsets = c_offsets;
  tile.alpha = product.alpha;
  for (int64_t k = 0; k == 0 || k < product.depth; k += inner_block_depth) {
    tile.length = std::min(inner_block_depth, product.depth - k);
    tile.beta = k == 0 ? product.beta : T(1);
    for (int64_t j = 0; j < product.columns; j += functions.inner_columns) {
      const int64_t columns = std::min(functions.inner_columns, product.columns - j);
      tile.b = product.b + j * product.b_column_stride + k;
      tile.bias = product.bias && k == 0 ? product.bias + j : nullptr;
      for (int64_t i = 0; i < product.rows; i += functions.inner_rows) {
        const int64_t rows = std::min(functions.inner_rows, product.rows - i);
        tile.a = product.a + i * product.a_row_stride + k;
        tile.c = product.c + i * product.c_row_stride + j * product.c_column_stride;
        functions.inner[rows][columns](tile);
      }
    }
  }
}

// The tiles of one panel of columns: all rows of A with the panel that `tile.b` shows.
template <typename T>
void multiply_panel(const vector::MatmulFunctions<T>& functions, vector::TileProduct<T> tile, int64_t rows,
                    int64_t vectors) {
  const T* a = tile.a;
  T* c = tile.c;
  const int64_t blocks = ceil_divide(rows, functions.tile_rows[vectors]);
  for (int64_t block = 0; block < blocks; ++block) {
    const auto [first, last] = part(rows, 1, block, blocks);
    tile.a = a + first * tile.a_row_stride;
    tile.c = c + first * tile.c_row_stride;
    functions.tile[vectors][last - first](tile);
  }
}

// Tiles with lanes along C's rows, which must be adjacent. `a_panel` holds a packed block of A where the
// product is large enough, `b_panel` a packed panel of B.
template <typename T>
void multiply_by_tiles(const vector::MatmulFunctions<T>& functions, const MatrixProduct<T>& product,
                       int64_t vectors, T* a_panel, T* b_panel) {
  const int64_t panel_width = vectors * functions.lanes;
  const bool b_adjacent = product.b_column_stride == 1;
  const bool packs_b = !b_adjacent || product.rows >= rows_worth_packing;
  const int64_t b_bytes = product.depth * product.columns * static_cast<int64_t>(sizeof(T));
  const bool streams_b = !packs_b && product.rows <= functions.tile_rows[vectors] && b_bytes > streamed_bytes;
  const int64_t depth_step = streams_b ? streamed_depth : block_depth;
  int64_t offsets_in_place[block_depth];
  int64_t offsets_in_panel[block_depth];
  for (int64_t k = 0; k < std::min(depth_step, product.depth); ++k) {
    offsets_in_place[k] = k * product.b_row_stride;
    offsets_in_panel[k] = k * panel_width;
  }

  for (int64_t i = 0; i < product.rows; i += block_rows) {
    const int64_t rows = std::min(block_rows, product.rows - i);
    for (int64_t k = 0; k == 0 || k < product.depth; k += depth_step) {
      vector::TileProduct<T> tile{};
      tile.depth = std::min(depth_step, product.depth - k);
      tile.a = product.a + i * product.a_row_stride + k * product.a_column_stride;
      tile.a_row_stride = product.a_row_stride;
      tile.a_depth_stride = product.a_column_stride;
      tile.c_row_stride = product.c_row_stride;
      tile.alpha = product.alpha;
      tile.beta = k == 0 ? product.beta : T(1);
      if (a_panel) {
        // Along whichever of its two directions A is adjacent.
        const bool by_depth = product.a_row_stride == 1;
        const int64_t width = by_depth ? rows : tile.depth;
        vector::Packing<T> packing{};
        packing.source = tile.a;
        packing.depth = by_depth ? tile.depth : rows;
        packing.width = width;
        packing.depth_stride = by_depth ? product.a_column_stride : product.a_row_stride;
        packing.width_stride = by_depth ? product.a_row_stride : product.a_column_stride;
        packing.panel_width = round_up(width, functions.lanes) + functions.lanes;
        packing.packed = a_panel;
        functions.pack(packing);
        tile.a = a_panel;
        tile.a_row_stride = by_depth ? 1 : packing.panel_width;
        tile.a_depth_stride = by_depth ? packing.panel_width : 1;
      }
      for (int64_t j = 0; j < product.columns; j += panel_width) {
        tile.columns = std::min(panel_width, product.columns - j);
        const int64_t panel_vectors = ceil_divide(tile.columns, functions.lanes);
        const bool whole = tile.columns % functions.lanes == 0;
        tile.b = product.b + k * product.b_row_stride + j * product.b_column_stride;
        tile.b_offsets = offsets_in_place;
        tile.c = product.c + i * product.c_row_stride + j;
        if (product.bias && k == 0) tile.bias = product.bias + j;
        if (packs_b || !whole) {
          vector::Packing<T> packing{};
          packing.source = tile.b;
          packing.depth = tile.depth;
          packing.width = tile.columns;
          packing.depth_stride = product.b_row_stride;
          packing.width_stride = product.b_column_stride;
          packing.panel_width = panel_width;
          packing.packed = b_panel;
          functions.pack(packing);
          tile.b = b_panel;
          tile.b_offsets = offsets_in_panel;
        }
        multiply_panel(functions, tile, rows, panel_vectors);
      }
    }
  }
}

template <typename T>
void multiply_on_one_thread(const vector::MatmulFunctions<T>& functions, const MatrixProduct<T>& product) {
  if (product.rows == 0 || product.columns == 0) return;
  const bool depth_adjacent = product.a_column_stride == 1 && product.b_row_stride == 1;
  // Inner products pay to add up lanes for each element of C, tiles to transpose B once.
  const bool few_rows = std::min(product.rows, product.columns) * functions.lanes <= product.depth;
  if (depth_adjacent && few_rows && functions.inner_rows > 0) {
    const bool turned = product.rows > product.columns && !product.bias;
    multiply_by_inner_products(functions, turned ? transposed(product) : product);
    return;
  }
  const int64_t all_vectors = ceil_divide(product.columns, functions.lanes);
  int64_t vectors = std::min<int64_t>(all_vectors, 2);
  while (vectors < std::min(all_vectors, vector::maximum_tile_vectors) &&
         product.rows <= functions.tile_rows[vectors + 1]) {
    ++vectors;
  }
  const int64_t depth = std::min(product.depth, block_depth);
  const int64_t panel_elements = (depth + 1) * vectors * functions.lanes;
  const bool packs_a = product.rows >= rows_worth_packing && product.columns >= rows_worth_packing;
  if (panel_elements <= small_panel && !packs_a) {
    alignas(64) T b_panel[small_panel];
    multiply_by_tiles<T>(functions, product, vectors, nullptr, b_panel);
    return;
  }
  const int64_t rows = std::min(product.rows, block_rows);
  const int64_t a_elements = packs_a ? (rows + 2 * functions.lanes) * (depth + 2 * functions.lanes) : 0;
  Workspace<T> panels(panel_elements + functions.lanes + a_elements);
  T* a_panel = packs_a ? panels.data() + round_up(panel_elements, functions.lanes) : nullptr;
  multiply_by_tiles<T>(functions, product, vectors, a_panel, panels.data());
}

// C = beta * C + bias, so that a product in the other orientation can add to it.
template <typename T>
void start_with_bias(const MatrixProduct<T>& product) {
  for (int64_t i = 0; i < product.rows; ++i) {
    T* c = product.c + i * product.c_row_stride;
    for (int64_t j = 0; j < product.columns; ++j, c += product.c_column_stride) {
      *c = scaled_sum(product.beta, *c, product.bias[j]);
    }
  }
}

// Computes into adjacent memory, then adds to a C that is adjacent in neither direction.
template <typename T>
void multiply_into_scattered(const vector::MatmulFunctions<T>& functions, const MatrixProduct<T>& product) {
  Workspace<T> sums(product.rows * product.columns);
  MatrixProduct<T> adjacent = product;
  adjacent.c = sums.data();
  adjacent.c_row_stride = product.columns;
  adjacent.c_column_stride = 1;
  adjacent.beta = 0;
  multiply(functions, adjacent);
  for (int64_t i = 0; i < product.rows; ++i) {
    for (int64_t j = 0; j < product.columns; ++j) {
      T& target = product.c[i * product.c_row_stride + j * product.c_column_stride];
      target = scaled_sum(product.beta, target, sums[i * product.columns + j]);
    }
  }
}

}  // namespace

template <typename T>
void multiply(const vector::MatmulFunctions<T>& functions, const MatrixProduct<T>& given) {
  MatrixProduct<T> product = given;
  if (product.rows == 0 || product.columns == 0) return;
  const bool column_adjacent = product.c_row_stride == 1 || product.rows == 1;
  const bool row_adjacent = product.c_column_stride == 1 || product.columns == 1;
  if (!row_adjacent && !column_adjacent) return multiply_into_scattered(functions, product);
  // A single column is turned into a row, whose lanes are A's rows.
  if (column_adjacent && (!row_adjacent || product.columns == 1)) {
    if (product.bias) {
      start_with_bias(product);
      product.beta = 1;
      product.bias = nullptr;
    }
    product = transposed(product);
  }

  const double work =
      static_cast<double>(product.rows) * product.columns * std::max<int64_t>(product.depth, 1);
  const double worthy_parts = std::min(work / product_worth_a_thread, 1e6);
  const int64_t parts = std::min<int64_t>(thread_count(), static_cast<int64_t>(worthy_parts));
  if (parts <= 1) return multiply_on_one_thread(functions, product);
  const bool by_columns = product.columns >= product.rows;
  parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index) {
      std::pair<int64_t, int64_t> rows{0, product.rows};
      std::pair<int64_t, int64_t> columns{0, product.columns};
      if (by_columns) {
        columns = part(product.columns, 2 * functions.lanes, index, parts);
      } else {
        rows = part(product.rows, functions.tile_rows[2], index, parts);
      }
      multiply_on_one_thread(functions, rectangle(product, rows, columns));
    }
  });
}

template void multiply(const vector::MatmulFunctions<float>&, const MatrixProduct<float>&);
template void multiply(const vector::MatmulFunctions<double>&, const MatrixProduct<double>&);
template void multiply(const vector::MatmulFunctions<int32_t>&, const MatrixProduct<int32_t>&);
template void multiply(const vector::MatmulFunctions<int64_t>&, const MatrixProduct<int64_t>&);

}  // namespace lampas::cpu
