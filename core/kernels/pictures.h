// Contract: a batch of pictures, taken from many and translated byte by byte.
#pragma once

#include "core/kernels/kernel.h"

namespace lampas::kernels {

// A border around each picture, in pixels; its pixels are bytes of this value.
struct PictureBorder {
  int64_t left = 0, top = 0;
  uint8_t value = 0;
};

// input (N, C, H, W), uint8, any strides: what lies at offset 0. offsets (B), int64, contiguous.
// table (C, 256) and output (B, C, H + top + bottom, W + left + right): one dtype, contiguous.
// output[b, c, top + y, left + x] = table[c, input at (c, y, x) + offsets[b]]; table[c, value] around it.
inline constinit Kernel<void(const Tensor& input, const Tensor& offsets, const Tensor& table,
                             const PictureBorder& border, const Tensor& output)>
    gather_pictures{"gather_pictures"};

}  // namespace lampas::kernels
