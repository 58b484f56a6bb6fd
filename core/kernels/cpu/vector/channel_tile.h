// Tiles of a convolution with lanes along its result channels, and the way back to planes of channels.
#pragma once

#include "core/kernels/cpu/vector/convolution_table.h"
#include "core/kernels/cpu/vector/transpose.h"

namespace lampas::vector::LAMPAS_SET {
namespace {

#if defined(LAMPAS_SET_avx512)
constexpr int64_t channel_registers = 32;
#elif defined(LAMPAS_SET_avx2)
constexpr int64_t channel_registers = 16;
#else
constexpr int64_t channel_registers = 15;  // without fused multiply-add a product needs one more
#endif

// One register holds a pixel's factor and `vectors` hold a step's weights; the rest accumulate.
constexpr int64_t most_tile_pixels(int64_t vectors) {
  const int64_t pixels = (channel_registers - 1 - vectors) / vectors;
  return pixels < maximum_tile_pixels ? pixels : maximum_tile_pixels;
}

// Steps that are taken together, as far as registers hold their weights. With two vectors of channels loads
// are not what is scarce.
constexpr int64_t most_tile_taps(int64_t pixels, int64_t vectors) {
  const int64_t taps = vectors == 1 ? channel_registers - 1 - pixels : 1;
  return taps < 4 ? taps : 4;
}

// Adds `taps` adjacent steps: a pixel's factor is loaded once for all of them, and each sum still meets them
// in their order.
template <int64_t taps, typename T, int64_t pixels, int64_t vectors>
LAMPAS_INLINE void add_adjacent_steps(const T* source, const T* weights, Vector<T> (&sums)[pixels][vectors]) {
  using V = Vector<T>;
  V weight_vectors[taps][vectors];
  LAMPAS_UNROLL for (int64_t tap = 0; tap < taps; ++tap) {
    LAMPAS_UNROLL for (int64_t j = 0; j < vectors; ++j) {
      weight_vectors[tap][j] = load(weights + (tap * vectors + j) * V::size);
    }
  }
  LAMPAS_UNROLL for (int64_t place = 0; place < pixels + taps - 1; ++place) {
    const V factor(source[place]);
    LAMPAS_UNROLL for (int64_t tap = 0; tap < taps; ++tap) {
      const int64_t pixel = place - tap;
      if (pixel < 0 || pixel >= pixels) continue;
      LAMPAS_UNROLL for (int64_t j = 0; j < vectors; ++j) {
        sums[pixel][j] = multiply_add(factor, weight_vectors[tap][j], sums[pixel][j]);
      }
    }
  }
}

// What is left of a run behind the steps that were taken `taps` at a time.
template <int64_t taps, typename T, int64_t pixels, int64_t vectors>
LAMPAS_INLINE void add_last_steps(int64_t left, const T* source, const T* weights,
                                  Vector<T> (&sums)[pixels][vectors]) {
  if constexpr (taps > 1) {
    if (left == taps - 1) return add_adjacent_steps<taps - 1>(source, weights, sums);
    add_last_steps<taps - 1>(left, source, weights, sums);
  }
}

template <typename T, int64_t pixels, int64_t vectors>
void channel_tile(const ChannelTile<T>& tile) {
  using V = Vector<T>;
  constexpr int64_t taps = most_tile_taps(pixels, vectors);
  constexpr int64_t weights_of_a_step = vectors * V::size;
  V sums[pixels][vectors];
  LAMPAS_UNROLL for (int64_t j = 0; j < vectors; ++j) {
    const V start = load(tile.start + j * V::size);
    LAMPAS_UNROLL for (int64_t i = 0; i < pixels; ++i) sums[i][j] = start;
  }
  const int64_t depth = tile.depth;
  const int64_t* offsets = tile.offsets;
  const T* weights = tile.weights;
  if (tile.source_step == 1) {
    const int64_t run = tile.adjacent_steps;
    for (int64_t k = 0; k < depth; k += run) {
      const T* source = tile.source + offsets[k];
      int64_t left = run;
      for (; left >= taps; left -= taps, source += taps, weights += taps * weights_of_a_step) {
        add_adjacent_steps<taps>(source, weights, sums);
      }
      add_last_steps<taps>(left, source, weights, sums);
      weights += left * weights_of_a_step;
    }
  } else {
    const int64_t step = tile.source_step;
    for (int64_t k = 0; k < depth; ++k, weights += weights_of_a_step) {
      const T* source = tile.source + offsets[k];
      V weight_vectors[vectors];
      LAMPAS_UNROLL for (int64_t j = 0; j < vectors; ++j) weight_vectors[j] = load(weights + j * V::size);
      LAMPAS_UNROLL for (int64_t i = 0; i < pixels; ++i) {
        const V factor(source[i * step]);
        LAMPAS_UNROLL for (int64_t j = 0; j < vectors; ++j) {
          sums[i][j] = multiply_add(factor, weight_vectors[j], sums[i][j]);
        }
      }
    }
  }
  T* result = tile.result;
  LAMPAS_UNROLL for (int64_t i = 0; i < pixels; ++i) {
    LAMPAS_UNROLL for (int64_t j = 0; j < vectors; ++j) {
      store(sums[i][j], result + (i * vectors + j) * V::size);
    }
  }
}

template <typename T>
void store_planes(const PlaneStoring<T>& storing) {
  using V = Vector<T>;
  for (int64_t channel = 0; channel < storing.channels; channel += V::size) {
    const int64_t channels_left = storing.channels - channel;
    const int64_t channels = channels_left < V::size ? channels_left : V::size;
    for (int64_t pixel = 0; pixel < storing.pixels; pixel += V::size) {
      T square[V::size * V::size];
      transpose_square(storing.source + pixel * storing.source_width + channel, storing.source_width, square,
                       V::size);
      const int64_t pixels_left = storing.pixels - pixel;
      T* target = storing.target + channel * storing.target_stride + pixel;
      for (int64_t i = 0; i < channels; ++i, target += storing.target_stride) {
        const V row = load(square + i * V::size);
        if (pixels_left >= V::size) {
          store(row, target);
        } else {
          store(row, target, pixels_left);
        }
      }
    }
  }
}

template <typename T, int64_t vectors, int64_t pixels>
constexpr void add_channel_tiles(ConvolutionFunctions<T>& functions) {
  functions.channel_tile[vectors][pixels] = channel_tile<T, pixels, vectors>;
  functions.tile_pixels[vectors] = pixels;
  if constexpr (pixels < most_tile_pixels(vectors)) {
    add_channel_tiles<T, vectors, pixels + 1>(functions);
  } else if constexpr (vectors < maximum_channel_vectors) {
    add_channel_tiles<T, vectors + 1, 1>(functions);
  }
}

}  // namespace
}  // namespace lampas::vector::LAMPAS_SET
