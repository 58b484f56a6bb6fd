// The matrix-product kernels: tiles held in registers, tiles of inner products, packing into panels.
#include "core/kernels/cpu/vector/matmul_table.h"
#include "core/kernels/cpu/vector/transpose.h"
#include "core/kernels/cpu/vector/vector.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

// AVX-512 has 32 vector registers, the others 16; without fused multiply-add a product needs one more.
#if defined(LAMPAS_SET_avx512)
constexpr int64_t tile_registers = 32;
constexpr int64_t inner_rows = 4, inner_columns = 6;
#elif defined(LAMPAS_SET_avx2)
constexpr int64_t tile_registers = 16;
constexpr int64_t inner_rows = 3, inner_columns = 4;
#else
constexpr int64_t tile_registers = 15;
constexpr int64_t inner_rows = 3, inner_columns = 3;
#endif

// One register holds a row's factor and `vectors` hold the row of B; the rest accumulate.
template <typename T>
constexpr int64_t most_tile_rows(int64_t vectors) {
  const int64_t rows = (tile_registers - 1 - vectors) / vectors;
  const int64_t most = LaneTypes<T>::is_integer ? 4 : maximum_tile_rows;
  return rows < most ? rows : most;
}

// Panels are two vectors wide unless few rows make wider ones worthwhile, which integers go without.
template <typename T>
constexpr int64_t most_tile_vectors = LaneTypes<T>::is_integer ? 2 : maximum_tile_vectors;

// Keeps the compiler from loading the vector again for each of its few uses: loads are what is scarce.
template <typename T>
LAMPAS_INLINE void keep_in_register(Vector<T>& vector) {
  __asm__("" : "+v"(vector.native));
}

// C = alpha * sums + beta * C + bias; `sums` holds the vectors of a tile, row by row.
template <typename T>
__attribute__((noinline, noclone)) void finish_tile(const TileProduct<T>& product, const Vector<T>* sums,
                                                    int64_t rows) {
  using V = Vector<T>;
  const V alpha(product.alpha);
  const V beta(product.beta);
  for (int64_t i = 0; i < rows; ++i) {
    T* c = product.c + i * product.c_row_stride;
    for (int64_t j = 0; j < product.columns; j += V::size) {
      const int64_t rest = product.columns - j;
      V result = alpha * *sums++;
      if (rest >= V::size) {
        if (product.bias) result = result + load(product.bias + j);
        if (product.beta != 0) result = multiply_add(beta, load(c + j), result);
        store(result, c + j);
      } else {
        if (product.bias) result = result + load(product.bias + j, rest);
        if (product.beta != 0) result = multiply_add(beta, load(c + j, rest), result);
        store(result, c + j, rest);
      }
    }
  }
}

template <typename T, int64_t rows, int64_t vectors>
void tile(const TileProduct<T>& product) {
  using V = Vector<T>;
  V sums[rows][vectors];
  LAMPAS_UNROLL for (int64_t i = 0; i < rows; ++i) {
    const V start(product.row_start ? product.row_start[i] : T(0));
    LAMPAS_UNROLL for (int64_t j = 0; j < vectors; ++j) sums[i][j] = start;
  }

  const int64_t depth = product.depth;
  const T* a = product.a;
  const int64_t a_row_stride = product.a_row_stride;
  const int64_t a_depth_stride = product.a_depth_stride;
  const T* b = product.b;
  const int64_t* b_offsets = product.b_offsets;
  for (int64_t k = 0; k < depth; ++k) {
    const T* b_row = b + b_offsets[k];
    V b_vectors[vectors];
    LAMPAS_UNROLL for (int64_t j = 0; j < vectors; ++j) {
      b_vectors[j] = load(b_row + j * V::size);
      keep_in_register(b_vectors[j]);
    }
    LAMPAS_UNROLL for (int64_t i = 0; i < rows; ++i) {
      const V factor(a[i * a_row_stride]);
      LAMPAS_UNROLL for (int64_t j = 0; j < vectors; ++j) {
        sums[i][j] = multiply_add(factor, b_vectors[j], sums[i][j]);
      }
    }
    a += a_depth_stride;
  }

  const bool plain = product.alpha == 1 && !product.bias && product.columns == vectors * V::size;
  if (plain && product.beta == 0) {
    LAMPAS_UNROLL for (int64_t i = 0; i < rows; ++i) {
      T* c = product.c + i * product.c_row_stride;
      LAMPAS_UNROLL for (int64_t j = 0; j < vectors; ++j) store(sums[i][j], c + j * V::size);
    }
  } else if (plain && product.beta == 1) {
    LAMPAS_UNROLL for (int64_t i = 0; i < rows; ++i) {
      T* c = product.c + i * product.c_row_stride;
      LAMPAS_UNROLL for (int64_t j = 0; j < vectors; ++j) {
        store(load(c + j * V::size) + sums[i][j], c + j * V::size);
      }
    }
  } else {
    V spilled[rows * vectors];
    LAMPAS_UNROLL for (int64_t i = 0; i < rows; ++i) {
      LAMPAS_UNROLL for (int64_t j = 0; j < vectors; ++j) spilled[i * vectors + j] = sums[i][j];
    }
    finish_tile(product, spilled, rows);
  }
}

// Lane i of the result is the sum of the lanes of rows[i]: a transpose that adds at each step.
template <typename T, int64_t distance>
LAMPAS_INLINE Vector<T> sums_of_rows(Vector<T>* rows) {
  if constexpr (distance < Vector<T>::size) {
    LAMPAS_UNROLL for (int64_t i = 0; i < Vector<T>::size; i += 2 * distance) {
      exchange_lanes<T, distance>(rows[i], rows[i + distance]);
      rows[i] = rows[i] + rows[i + distance];
    }
    return sums_of_rows<T, 2 * distance>(rows);
  }
  return rows[0];
}

// C = alpha * sums + beta * C + bias, from the vectors whose lanes are still to be added. There are as many
// vectors as make whole squares; those behind rows * columns may hold anything.
template <typename T>
__attribute__((noinline, noclone)) void finish_inner(const InnerProducts<T>& product,
                                                     const Vector<T>* vectors, int64_t rows,
                                                     int64_t columns) {
  using V = Vector<T>;
  const int64_t count = rows * columns;
  T sums[maximum_inner_rows * maximum_inner_columns + V::size];
  for (int64_t first = 0; first < count; first += V::size) {
    V square[V::size];
    LAMPAS_UNROLL for (int64_t i = 0; i < V::size; ++i) square[i] = vectors[first + i];
    store(sums_of_rows<T, 1>(square), sums + first);
  }
  const bool plain = product.alpha == 1 && !product.bias;
  const T* sum = sums;
  for (int64_t i = 0; i < rows; ++i, sum += columns) {
    T* c = product.c + i * product.c_row_stride;
    const int64_t* offsets = product.c_offsets;
    if (plain && product.beta == 0) {
      for (int64_t j = 0; j < columns; ++j) c[offsets[j]] = sum[j];
    } else if (plain && product.beta == 1) {
      for (int64_t j = 0; j < columns; ++j) c[offsets[j]] += sum[j];
    } else {
      for (int64_t j = 0; j < columns; ++j) {
        T result = product.alpha * sum[j];
        if (product.bias) result += product.bias[j];
        if (product.beta != 0) result += product.beta * c[offsets[j]];
        c[offsets[j]] = result;
      }
    }
  }
}

template <typename T>
LAMPAS_INLINE Vector<T> load_where(Vector<T> mask, const T* source) {
  return from_bits<T>(to_bits(load(source)) & to_bits(mask));
}

template <typename T, int64_t rows, int64_t columns, bool masked>
void inner(const InnerProducts<T>& product) {
  using V = Vector<T>;
  V sums[rows][columns];
  LAMPAS_UNROLL for (int64_t i = 0; i < rows; ++i) {
    LAMPAS_UNROLL for (int64_t j = 0; j < columns; ++j) sums[i][j] = V(T(0));
  }

  const int64_t a_row_stride = product.a_row_stride;
  const int64_t whole = masked ? product.length : product.length / V::size * V::size;
  const int64_t tail = product.length - whole;
  for (int64_t s = 0; s < product.segments; ++s) {
    const T* a = product.a + s * product.a_segment_stride;
    const T* b_row[columns];
    LAMPAS_UNROLL for (int64_t j = 0; j < columns; ++j) {
      b_row[j] = product.b + s * product.b_segment_stride + product.b_offsets[j];
    }
    for (int64_t p = 0; p < whole; p += V::size) {
      V mask(T(0));
      if constexpr (masked) mask = load((const T*)product.mask + p);
      V a_vectors[rows];
      LAMPAS_UNROLL for (int64_t i = 0; i < rows; ++i) a_vectors[i] = load(a + i * a_row_stride + p);
      LAMPAS_UNROLL for (int64_t j = 0; j < columns; ++j) {
        V b_vector = masked ? load_where(mask, b_row[j] + p) : load(b_row[j] + p);
        keep_in_register(b_vector);
        LAMPAS_UNROLL for (int64_t i = 0; i < rows; ++i) {
          sums[i][j] = multiply_add(a_vectors[i], b_vector, sums[i][j]);
        }
      }
    }
    if (tail > 0) {
      V a_vectors[rows];
      LAMPAS_UNROLL for (int64_t i = 0; i < rows; ++i) a_vectors[i] =
          load(a + i * a_row_stride + whole, tail);
      LAMPAS_UNROLL for (int64_t j = 0; j < columns; ++j) {
        const V b_vector = load(b_row[j] + whole, tail);
        LAMPAS_UNROLL for (int64_t i = 0; i < rows; ++i) {
          sums[i][j] = multiply_add(a_vectors[i], b_vector, sums[i][j]);
        }
      }
    }
  }

  constexpr int64_t squares = (rows * columns + V::size - 1) / V::size;
  V spilled[squares * V::size];
  LAMPAS_UNROLL for (int64_t i = 0; i < rows; ++i) {
    LAMPAS_UNROLL for (int64_t j = 0; j < columns; ++j) spilled[i * columns + j] = sums[i][j];
  }
  finish_inner(product, spilled, rows, columns);
}

template <typename T>
void pack(const Packing<T>& packing) {
  using V = Vector<T>;
  const int64_t panel_width = packing.panel_width;
  for (int64_t first = 0; first < packing.width; first += panel_width) {
    const T* source = packing.source + first * packing.width_stride;
    T* panel = packing.packed + first * packing.depth;
    const int64_t remaining = packing.width - first;
    const int64_t width = remaining < panel_width ? remaining : panel_width;
    const int64_t whole_columns = width / V::size * V::size;
    int64_t packed_columns = 0;
    int64_t packed_depth = packing.depth;  // what of the first `packed_columns` columns is done
    if (packing.width_stride == 1) {
      for (int64_t k = 0; k < packing.depth; ++k) {
        const T* row = source + k * packing.depth_stride;
        T* target = panel + k * panel_width;
        int64_t j = 0;
        for (; j < whole_columns; j += V::size) store(load(row + j), target + j);
        if (j < width) {
          store(load(row + j, width - j), target + j);
          j += V::size;
        }
        for (; j < panel_width; j += V::size) store(V(T(0)), target + j);
      }
      continue;
    }
    if (packing.depth_stride == 1) {
      packed_columns = whole_columns;
      packed_depth = packing.depth / V::size * V::size;
      for (int64_t j = 0; j < whole_columns; j += V::size) {
        for (int64_t k = 0; k < packed_depth; k += V::size) {
          transpose_square(source + j * packing.width_stride + k, packing.width_stride,
                           panel + k * panel_width + j, panel_width);
        }
      }
    }
    for (int64_t k = 0; k < packing.depth; ++k) {
      const T* row = source + k * packing.depth_stride;
      T* target = panel + k * panel_width;
      for (int64_t j = k < packed_depth ? packed_columns : 0; j < width; ++j) {
        target[j] = row[j * packing.width_stride];
      }
      for (int64_t j = width; j < panel_width; ++j) target[j] = T(0);
    }
  }
}

template <typename T, int64_t vectors, int64_t rows>
constexpr void add_tiles(MatmulFunctions<T>& functions) {
  functions.tile[vectors][rows] = tile<T, rows, vectors>;
  functions.tile_rows[vectors] = rows;
  if constexpr (rows < most_tile_rows<T>(vectors)) {
    add_tiles<T, vectors, rows + 1>(functions);
  } else if constexpr (vectors < most_tile_vectors<T>) {
    add_tiles<T, vectors + 1, 1>(functions);
  }
}

template <typename T, int64_t rows, int64_t columns>
constexpr void add_inner_products(MatmulFunctions<T>& functions) {
  functions.inner[rows][columns] = inner<T, rows, columns, false>;
  functions.masked_inner[rows][columns] = inner<T, rows, columns, true>;
  if constexpr (columns < inner_columns) {
    add_inner_products<T, rows, columns + 1>(functions);
  } else if constexpr (rows < inner_rows) {
    add_inner_products<T, rows + 1, 1>(functions);
  }
}

template <typename T>
constexpr MatmulFunctions<T> all_functions() {
  MatmulFunctions<T> functions{};
  functions.lanes = Vector<T>::size;
  add_tiles<T, 1, 1>(functions);
  if constexpr (!LaneTypes<T>::is_integer) {
    functions.inner_rows = inner_rows;
    functions.inner_columns = inner_columns;
    add_inner_products<T, 1, 1>(functions);
  }
  functions.pack = pack<T>;
  return functions;
}

}  // namespace

constinit const MatmulTable matmul{all_functions<float>(), all_functions<double>(), all_functions<int32_t>(),
                                   all_functions<int64_t>()};

}  // namespace lampas::vector::LAMPAS_SET
