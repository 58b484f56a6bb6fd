// The matrix-product kernels of one instruction set: what a call is given, and the table of all of them.
#pragma once

#include <stdint.h>

namespace lampas::vector {

// A tile C (rows x columns) of a product, lanes along its columns. The caller picks a kernel by the tile's
// size in rows and in vectors; it computes C = alpha * A B + beta * C + bias.
template <typename T>
struct TileProduct {
  int64_t depth;  // columns of A and rows of B; may be 0
  const T* a;     // A[i, k] is a[i * a_row_stride + k * a_depth_stride]
  int64_t a_row_stride;
  int64_t a_depth_stride;
  const T* b;  // B[k, j] is b[b_offsets[k] + j], readable for every lane of the tile's vectors
  const int64_t* b_offsets;
  T* c;  // C[i, j] is c[i * c_row_stride + j]
  int64_t c_row_stride;
  int64_t columns;  // columns to write: they reach into the tile's last vector, maybe not to its end
  T alpha;
  T beta;              // 0 writes C without reading it
  const T* bias;       // one value a column, or null
  const T* row_start;  // one value a row that its sums begin with (alpha scales it too), or null
};

// A tile C (rows x columns) of inner products, lanes along what is summed:
// C[i, j] = alpha * sum over s, p of A[i, s, p] * B[j, s, p] + beta * C[i, j] + bias[j].
template <typename T>
struct InnerProducts {
  int64_t segments;  // range of s
  int64_t length;    // range of p
  const T* a;        // A[i, s, p] is a[i * a_row_stride + s * a_segment_stride + p]
  int64_t a_row_stride;
  int64_t a_segment_stride;
  const T* b;  // B[j, s, p] is b[b_offsets[j] + s * b_segment_stride + p]
  const int64_t* b_offsets;
  int64_t b_segment_stride;
  // Where it is given, the words that are all ones or all zeros for each p: B counts as zero at the zeros,
  // whatever it holds. A must be zero there, and A and B readable up to a whole number of vectors.
  const void* mask;
  T* c;
  int64_t c_row_stride;
  const int64_t* c_offsets;  // C[i, j] is c[i * c_row_stride + c_offsets[j]]
  T alpha;
  T beta;
  const T* bias;
};

// Rearranges B (depth x width) into panels of `panel_width` columns, each [depth][panel_width], the last one
// filled up with zeros. B[k, j] is source[k * depth_stride + j * width_stride].
template <typename T>
struct Packing {
  const T* source;
  int64_t depth;
  int64_t width;
  int64_t depth_stride;
  int64_t width_stride;
  int64_t panel_width;  // a multiple of the lanes of a vector
  T* packed;            // one vector longer than the panels: what lies behind them may be overwritten
};

constexpr int64_t maximum_tile_rows = 14;
constexpr int64_t maximum_tile_vectors = 4;
constexpr int64_t maximum_inner_rows = 4;
constexpr int64_t maximum_inner_columns = 6;

template <typename T>
struct MatmulFunctions {
  int64_t lanes;                                // elements of a vector
  int64_t tile_rows[maximum_tile_vectors + 1];  // most rows of a tile so many vectors wide
  int64_t inner_rows;                           // most rows and columns of a tile of inner products; or 0
  int64_t inner_columns;
  void (*tile[maximum_tile_vectors + 1][maximum_tile_rows + 1])(const TileProduct<T>&);  // [vectors][rows]
  void (*inner[maximum_inner_rows + 1][maximum_inner_columns + 1])(
      const InnerProducts<T>&);  // [rows][columns]
  void (*masked_inner[maximum_inner_rows + 1][maximum_inner_columns + 1])(const InnerProducts<T>&);
  void (*pack)(const Packing<T>&);
};

struct MatmulTable {
  MatmulFunctions<float> float32;
  MatmulFunctions<double> float64;
  // Integers wrap around. They have tiles of few sizes, and no inner products.
  MatmulFunctions<int32_t> int32;
  MatmulFunctions<int64_t> int64;
};

namespace baseline {
extern const MatmulTable matmul;
}
namespace avx2 {
extern const MatmulTable matmul;
}
namespace avx512 {
extern const MatmulTable matmul;
}

}  // namespace lampas::vector
