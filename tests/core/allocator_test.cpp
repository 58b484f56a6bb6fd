// The caching allocator: alignment, reuse, counters, threads, exhaustion and fork.
#include "core/tensor/allocator.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "tests/core/check.h"

namespace {

using lampas::allocate;
using lampas::allocator_statistics;
using lampas::deallocate;

// Sizes on both sides of every boundary the allocator could have.
std::vector<size_t> sizes_around_boundaries() {
  std::vector<size_t> sizes{1, 3};
  for (size_t power = 64; power <= (size_t(1) << 24); power *= 2) {
    for (size_t size : {power - 1, power, power + 1, power + power / 8, power + power / 8 + 1})
      sizes.push_back(size);
  }
  return sizes;
}

}  // namespace

TEST(allocator_blocks_are_aligned_distinct_and_writable) {
  struct Block {
    unsigned char* bytes;
    size_t size;
  };
  std::vector<Block> blocks;
  for (int round = 0; round < 2; ++round) {
    for (size_t size : sizes_around_boundaries()) {
      auto* bytes = static_cast<unsigned char*>(allocate(size));
      CHECK_EQUAL(reinterpret_cast<uintptr_t>(bytes) % lampas::allocation_alignment, uintptr_t(0));
      std::memset(bytes, int(blocks.size() % 251), size);
      blocks.push_back({bytes, size});
    }
  }
  for (size_t index = 0; index < blocks.size(); ++index) {
    const Block& block = blocks[index];
    const auto expected = static_cast<unsigned char>(index % 251);
    bool intact = true;
    for (size_t offset = 0; offset < block.size; ++offset) intact &= block.bytes[offset] == expected;
    CHECK(intact);
    deallocate(block.bytes, block.size);
  }
}

TEST(allocator_gives_null_for_no_bytes) {
  CHECK(allocate(0) == nullptr);
  deallocate(nullptr, 0);
}

TEST(allocator_refuses_absurd_sizes_and_goes_on) {
  for (size_t bytes : {size_t(1) << 46, size_t(1) << 62, SIZE_MAX}) {
    try {
      allocate(bytes);
      CHECK(false);
    } catch (const lampas::OutOfMemory& error) {
      CHECK_EQUAL(error.bytes(), bytes);
      CHECK(std::strstr(error.what(), std::to_string(bytes).c_str()) != nullptr);
    }
  }
  deallocate(allocate(100), 100);
}

TEST(allocator_hands_many_small_blocks_across_threads) {
  std::vector<void*> blocks(200000);
  std::thread producer([&blocks] {
    for (size_t index = 0; index < blocks.size(); ++index) {
      blocks[index] = allocate(64 + index % 512);
      std::memset(blocks[index], 1, 64 + index % 512);
    }
  });
  producer.join();
  CHECK_EQUAL(std::set<void*>(blocks.begin(), blocks.end()).size(), blocks.size());
  std::thread consumer([&blocks] {
    for (size_t index = 0; index < blocks.size(); ++index) deallocate(blocks[index], 64 + index % 512);
  });
  consumer.join();
}

TEST(allocator_serves_threads_at_once) {
  std::vector<std::thread> threads;
  bool intact[4] = {};
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([thread, &intact] {
      bool good = true;
      std::vector<unsigned char*> held(64, nullptr);
      std::vector<size_t> held_sizes(64, 0);
      uint32_t state = 17u + uint32_t(thread);
      for (int step = 0; step < 20000; ++step) {
        state = state * 1664525u + 1013904223u;
        const size_t slot = (state >> 8) % held.size();
        if (held[slot]) {
          good &= held[slot][0] == thread + 1 && held[slot][held_sizes[slot] - 1] == thread + 1;
          deallocate(held[slot], held_sizes[slot]);
        }
        held_sizes[slot] = 1 + (state >> 12) % 40000;
        held[slot] = static_cast<unsigned char*>(allocate(held_sizes[slot]));
        held[slot][0] = held[slot][held_sizes[slot] - 1] = static_cast<unsigned char>(thread + 1);
      }
      for (size_t slot = 0; slot < held.size(); ++slot) deallocate(held[slot], held_sizes[slot]);
      intact[thread] = good;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (bool good : intact) CHECK(good);
}

TEST(allocator_counts_blocks_freed_by_another_thread) {
  const int64_t before = allocator_statistics().bytes_in_use;
  std::vector<void*> blocks;
  for (int count = 0; count < 5000; ++count) blocks.push_back(allocate(256));
  CHECK_EQUAL(allocator_statistics().bytes_in_use - before, int64_t(5000 * 256));
  std::thread([&blocks] {
    for (void* block : blocks) deallocate(block, 256);
  }).join();
  CHECK_EQUAL(allocator_statistics().bytes_in_use, before);
}

#ifndef LAMPAS_ALLOCATOR_WITHOUT_CACHE

TEST(allocator_reuses_the_block_freed_last) {
  for (size_t size : {size_t(16), size_t(5000), size_t(75000), size_t(3) << 20}) {
    void* first = allocate(size);
    deallocate(first, size);
    void* second = allocate(size);
    CHECK(first == second);
    deallocate(second, size);
  }
}

TEST(allocator_counts_bytes) {
  lampas::empty_cache();
  const auto before = allocator_statistics();
  void* small = allocate(100);
  void* large = allocate(size_t(1) << 20);
  const auto during = allocator_statistics();
  CHECK_EQUAL(during.bytes_in_use - before.bytes_in_use, int64_t(128 + (1 << 20)));
  CHECK(during.peak_bytes_in_use >= during.bytes_in_use);
  deallocate(small, 100);
  deallocate(large, size_t(1) << 20);
  const auto after = allocator_statistics();
  CHECK_EQUAL(after.bytes_in_use, before.bytes_in_use);
  CHECK(after.bytes_cached >= before.bytes_cached + (1 << 20));
  lampas::empty_cache();
  CHECK(allocator_statistics().bytes_cached < after.bytes_cached);
  lampas::reset_peak_bytes_in_use();
  CHECK(allocator_statistics().peak_bytes_in_use < during.peak_bytes_in_use);
}

TEST(allocator_returns_slabs_of_a_burst) {
  lampas::empty_cache();
  const int64_t before = allocator_statistics().bytes_cached;
  std::vector<void*> blocks;
  for (int count = 0; count < 1000000; ++count) blocks.push_back(allocate(64));
  for (void* block : blocks) deallocate(block, 64);
  // 64 MB were in use; at most the bound on empty slabs (16 MiB) and this thread's lists may stay.
  CHECK(allocator_statistics().bytes_cached - before <= (17 << 20));
  lampas::empty_cache();
  CHECK(allocator_statistics().bytes_cached <= before + (1 << 20));
}

TEST(allocator_frees_the_oldest_blocks_beyond_the_limit) {
  lampas::empty_cache();
  lampas::set_cache_limit(10 << 20);
  std::vector<void*> blocks;
  for (int count = 0; count < 8; ++count) blocks.push_back(allocate(size_t(4) << 20));
  const int64_t before = allocator_statistics().bytes_cached;
  for (void* block : blocks) deallocate(block, size_t(4) << 20);
  CHECK_EQUAL(allocator_statistics().bytes_cached - before, int64_t(8 << 20));
  CHECK(allocate(size_t(4) << 20) == blocks[7]);
  CHECK(allocate(size_t(4) << 20) == blocks[6]);
  deallocate(blocks[6], size_t(4) << 20);
  deallocate(blocks[7], size_t(4) << 20);
  lampas::set_cache_limit(uint64_t(1) << 30);
}

TEST(allocator_works_in_a_forked_child) {
  void* kept = allocate(1000);
  bool stop = false;
  std::thread churn([&stop] {
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) deallocate(allocate(size_t(1) << 20), size_t(1) << 20);
  });
  for (int round = 0; round < 20; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      for (size_t size : sizes_around_boundaries()) deallocate(allocate(size), size);
      deallocate(kept, 1000);
      _exit(allocator_statistics().bytes_in_use >= 0 ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_EQUAL(status, 0);
  }
  __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
  churn.join();
  deallocate(kept, 1000);
}

#endif
