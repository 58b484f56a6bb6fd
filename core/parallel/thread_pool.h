// parallel_for over a work-claiming pool: the caller works too, and waits only for chunks that were begun.
#pragma once
#include <atomic>
#include <cstdint>
#include <exception>
#include <type_traits>

namespace lampas {

// Thrown in the caller when the interrupt check asked to stop; the remaining chunks were skipped.
class Interrupted : public std::exception {
 public:
  const char* what() const noexcept override { return "interrupted"; }
};

// Threads that share a region, the caller included. At first LAMPAS_NUM_THREADS, else OMP_NUM_THREADS,
// else the processors the process may use.
int thread_count();

// Throws std::invalid_argument below 1. Takes effect with the next region.
void set_thread_count(int count);

// True while the calling thread runs a chunk; regions begun there run serially.
bool inside_parallel_region();

// Called on the calling thread around each outermost region of more than one chunk; `leave` gets what
// `enter` returned. The bindings release Python's lock here.
void set_long_region_hooks(void* (*enter)(), void (*leave)(void* token));

// Holds a flag that is seldom contended, and whose holder may run a region meanwhile: while this waits, the
// long-region hooks let that holder have what it needs to finish.
class LockAroundRegions {
 public:
  explicit LockAroundRegions(std::atomic_flag& held) : held_(held) {
    if (held.test_and_set(std::memory_order_acquire)) [[unlikely]]
      wait();
  }
  ~LockAroundRegions() { held_.clear(std::memory_order_release); }
  LockAroundRegions(const LockAroundRegions&) = delete;
  LockAroundRegions& operator=(const LockAroundRegions&) = delete;

 private:
  void wait();

  std::atomic_flag& held_;
};

// Polled by the calling thread between its chunks; true stops the region.
void set_interrupt_check(bool (*interrupted)());

namespace parallel {

// A region's body without its type: `invoke(context, begin, end)` runs one chunk.
struct Body {
  void (*invoke)(void* context, int64_t begin, int64_t end);
  void* context;
};

void run_region(int64_t begin, int64_t end, int64_t grain, Body body);

}  // namespace parallel

// Calls body(chunk_begin, chunk_end) for chunks that together cover [begin, end), on several threads when
// the range is longer than `grain`, the number of steps worth about 50 microseconds. A chunk is at least
// half a grain long. When the pool is idle each thread gets the same part of the range every time, in
// proportion. The first exception is rethrown here after the chunks that were begun have ended.
template <class Function>
void parallel_for(int64_t begin, int64_t end, int64_t grain, Function&& body) {
  if (end <= begin) return;
  if (end - begin <= grain) {
    body(begin, end);
    return;
  }
  using Callable = std::remove_reference_t<Function>;
  const auto invoke = [](void* context, int64_t chunk_begin, int64_t chunk_end) {
    (*static_cast<Callable*>(context))(chunk_begin, chunk_end);
  };
  void* context = const_cast<void*>(static_cast<const void*>(&body));
  parallel::run_region(begin, end, grain, {invoke, context});
}

}  // namespace lampas
