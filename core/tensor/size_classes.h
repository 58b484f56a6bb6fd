// The sizes in which the allocator hands out blocks.
#pragma once
#include <bit>
#include <cstddef>

namespace lampas::allocation {

constexpr size_t small_limit = size_t(16) << 10;  // larger blocks skip the threads' lists and the slabs
constexpr size_t largest_request = size_t(1) << 47;

// Size classes: multiples of 64 up to 1024, then eight steps to each power of two.
constexpr int linear_classes = 16;
constexpr int steps_per_doubling = 8;

constexpr int size_class(size_t bytes) {
  if (bytes <= 1024) [[likely]]
    return int((bytes - 1) / 64);
  const int exponent = std::bit_width(bytes - 1) - 1;
  const int step = int((bytes - 1) >> (exponent - 3)) - steps_per_doubling;
  return linear_classes + (exponent - 10) * steps_per_doubling + step;
}

constexpr size_t class_bytes(int size_class) {
  if (size_class < linear_classes) return size_t(size_class + 1) * 64;
  const int exponent = 10 + (size_class - linear_classes) / steps_per_doubling;
  const int step = (size_class - linear_classes) % steps_per_doubling;
  return size_t(steps_per_doubling + step + 1) << (exponent - 3);
}

constexpr int small_classes = size_class(small_limit) + 1;
constexpr int all_classes = size_class(largest_request) + 1;
static_assert(class_bytes(size_class(1025)) == 1152 && class_bytes(size_class(2048)) == 2048);
static_assert(class_bytes(small_classes - 1) == small_limit);

}  // namespace lampas::allocation
