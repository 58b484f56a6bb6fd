// The pool: slots of claimable chunks, one for each participant, and workers that spin, then sleep.
#include "core/parallel/thread_pool.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <thread>

#include "core/parallel/machine.h"

namespace lampas {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int most_threads = 512;
constexpr std::chrono::microseconds spin_time{50};

// Chunks for each participant: few keep the split stable and cheap, more let long regions rebalance
// beside other processes and be interrupted.
constexpr int64_t fewest_chunks_each = 4;
constexpr int64_t most_chunks_each = 64;

inline void pause_processor() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Spins until `ready()` or the time is over; returns the last answer.
template <class Ready>
bool spin_until(Ready ready, std::chrono::microseconds time) {
  if (ready()) return true;
  const Clock::time_point end = Clock::now() + time;
  do {
    for (int round = 0; round < 32; ++round) {
      pause_processor();
      if (ready()) return true;
    }
  } while (Clock::now() < end);
  return false;
}

// How a range is cut: `chunk_count` chunks of `chunk_size` steps, the last one shorter.
struct Split {
  int64_t begin;
  int64_t end;
  int64_t chunk_size;
  int64_t chunk_count;

  int64_t chunk_begin(int64_t chunk) const { return begin + chunk * chunk_size; }
  int64_t chunk_end(int64_t chunk) const { return std::min(end, chunk_begin(chunk) + chunk_size); }
};

Split split_range(int64_t begin, int64_t end, int64_t grain, int participants) {
  const int64_t length = end - begin;
  grain = std::max<int64_t>(grain, 1);
  const int64_t grains = (length - 1) / grain + 1;
  const int64_t chunks_each = std::clamp(grains / participants / 8, fewest_chunks_each, most_chunks_each);
  const int64_t wanted = std::min(grains, chunks_each * participants);
  int64_t chunk_size = (length - 1) / wanted + 1;
  // Ranges of many small steps are cut at multiples of 64, so that chunks share no cache line.
  if (grain >= 1024) chunk_size = (chunk_size + 63) / 64 * 64;
  return {begin, end, chunk_size, (length - 1) / chunk_size + 1};
}

// A region on its way: where it is cut, and what went wrong in it.
struct Region {
  Split split;
  parallel::Body body;
  std::atomic<bool> stopped{false};
  std::exception_ptr error = nullptr;  // written once, by whoever sets `stopped`

  void stop(std::exception_ptr reason) {
    if (!stopped.exchange(true, std::memory_order_acq_rel)) error = std::move(reason);
  }

  void run_chunk(int64_t chunk) noexcept {
    if (stopped.load(std::memory_order_relaxed)) return;
    try {
      body.invoke(body.context, split.chunk_begin(chunk), split.chunk_end(chunk));
    } catch (...) {
      stop(std::current_exception());
    }
  }
};

std::atomic<bool (*)()> interrupt_check{nullptr};
std::atomic<void* (*)()> enter_long_region{nullptr};
std::atomic<void (*)(void*)> leave_long_region{nullptr};

thread_local bool inside_region = false;

// Lets Ctrl-C stop a region; only the thread that began the region may ask.
void poll_interrupt(Region& region) {
  const auto interrupted = interrupt_check.load(std::memory_order_relaxed);
  if (interrupted && !region.stopped.load(std::memory_order_relaxed) && interrupted()) {
    region.stop(std::make_exception_ptr(Interrupted()));
  }
}

// One participant's part of the current region. `claims` packs the epoch (32 bits), the next chunk and
// the end of the chunks left (16 bits each): the owner claims at the front, others steal at the back.
struct alignas(64) Slot {
  std::atomic<uint64_t> claims{0};
  std::atomic<uint32_t> ticket{0};  // the newest epoch this slot's worker is wanted for

  void publish(uint32_t epoch, int64_t next, int64_t end) {
    claims.store(uint64_t(epoch) << 32 | uint64_t(next) << 16 | uint64_t(end), std::memory_order_release);
  }

  // The chunk claimed, or -1 when none is left in this epoch.
  int64_t claim(uint32_t epoch, bool at_front) {
    uint64_t seen = claims.load(std::memory_order_acquire);
    for (;;) {
      const int64_t next = int64_t(seen >> 16 & 0xffff);
      const int64_t end = int64_t(seen & 0xffff);
      if (uint32_t(seen >> 32) != epoch || next >= end) return -1;
      const uint64_t rest = at_front ? seen + (uint64_t(1) << 16) : seen - 1;
      if (claims.compare_exchange_weak(seen, rest, std::memory_order_acq_rel, std::memory_order_acquire)) {
        return at_front ? next : end - 1;
      }
    }
  }
};
static_assert(most_chunks_each * most_threads <= 0xffff);

// Runs one region at a time. Workers are detached and the pool is never destroyed: a process may exit,
// or fork, at any moment without waiting for them.
class ThreadPool {
 public:
  bool try_acquire() { return !busy_.exchange(true, std::memory_order_acquire); }
  void release() { busy_.store(false, std::memory_order_release); }

  // Runs the region on this thread and up to `wanted - 1` workers. Needs the pool acquired.
  void run(Region& region, int wanted) {
    const int64_t chunk_count = region.split.chunk_count;
    const int participants = start_workers(int(std::min<int64_t>(wanted, chunk_count)));
    region_ = &region;
    unfinished_.store(int32_t(chunk_count), std::memory_order_relaxed);
    participants_.store(participants, std::memory_order_relaxed);
    if (++epoch_ == 0) ++epoch_;
    for (int index = 0; index < participants; ++index) {
      slots_[index].publish(epoch_, chunk_count * index / participants,
                            chunk_count * (index + 1) / participants);
    }
    for (int index = 1; index < participants; ++index) {
      slots_[index].ticket.store(epoch_, std::memory_order_seq_cst);
      slots_[index].ticket.notify_one();
    }
    work(0, epoch_);
    wait_for_begun_chunks();
  }

 private:
  // Claims and runs chunks until none is left: first the participant's own, then others'.
  void work(int participant, uint32_t epoch) {
    inside_region = true;
    // A late worker may read the number that belongs to a newer region: claims check the epoch.
    const int participants = participants_.load(std::memory_order_relaxed);
    int64_t chunk;
    while ((chunk = slots_[participant].claim(epoch, /*at_front=*/true)) >= 0) finish(chunk, participant);
    for (int step = 1; step < participants; ++step) {
      Slot& victim = slots_[(participant + step) % participants];
      while ((chunk = victim.claim(epoch, /*at_front=*/false)) >= 0) finish(chunk, participant);
    }
    inside_region = false;
  }

  // `region_` may be read only by the holder of a claimed chunk: until it reports, the region lives.
  void finish(int64_t chunk, int participant) {
    Region& region = *region_;
    region.run_chunk(chunk);
    if (participant == 0) poll_interrupt(region);
    if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1 && participant != 0)
      unfinished_.notify_one();
  }

  void wait_for_begun_chunks() {
    const auto all_finished = [this] { return unfinished_.load(std::memory_order_acquire) == 0; };
    if (spin_until(all_finished, spin_time_)) return;
    // Asleep, this thread leaves its processor to a worker that lost its own.
    for (int32_t left; (left = unfinished_.load(std::memory_order_acquire)) != 0;) unfinished_.wait(left);
  }

  // Returns how many participants there are, the caller included, once workers were started.
  int start_workers(int wanted) {
    while (started_ < wanted && start_worker(started_)) ++started_;
    const int participants = std::min(wanted, started_);
    // Where threads outnumber processors, spinning only takes time from those at work.
    if (processors_ == 0) processors_ = available_processors();
    spin_time_ = participants > processors_ ? std::chrono::microseconds(0) : spin_time;
    return participants;
  }

  // Signals belong to the program's own threads; faults stay visible to whoever reports them.
  bool start_worker(int index) {
    sigset_t blocked, previous;
    sigfillset(&blocked);
    for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigdelset(&blocked, fault);
    pthread_sigmask(SIG_SETMASK, &blocked, &previous);
    bool started = false;
    try {
      std::thread([this, index] { serve(index); }).detach();
      started = true;
    } catch (const std::exception&) {
      // The system has no thread left for us: those that run do the work.
    }
    pthread_sigmask(SIG_SETMASK, &previous, nullptr);
    return started;
  }

  [[noreturn]] void serve(int index) {
    std::atomic<uint32_t>& ticket = slots_[index].ticket;
    uint32_t served = 0;
    for (;;) {
      const auto wanted = [&] { return ticket.load(std::memory_order_acquire) != served; };
      if (!spin_until(wanted, spin_time_)) ticket.wait(served);
      served = ticket.load(std::memory_order_acquire);
      work(index, served);
    }
  }

  std::atomic<bool> busy_{false};
  Region* region_ = nullptr;
  std::atomic<int> participants_{1};
  int started_ = 1;  // participants that exist, the caller included
  int processors_ = 0;
  std::atomic<std::chrono::microseconds> spin_time_{spin_time};
  uint32_t epoch_ = 0;
  alignas(64) std::atomic<int32_t> unfinished_{0};
  std::array<Slot, most_threads> slots_;
};

std::atomic<ThreadPool*> current_pool{nullptr};

// The child of a fork has no workers, and another thread may have held the pool: it begins anew.
[[maybe_unused]] const bool fork_handler_registered =
    pthread_atfork(nullptr, nullptr, [] { current_pool.store(nullptr, std::memory_order_relaxed); }) == 0;

ThreadPool& thread_pool() {
  ThreadPool* pool = current_pool.load(std::memory_order_acquire);
  if (pool) return *pool;
  auto made = std::make_unique<ThreadPool>();
  if (current_pool.compare_exchange_strong(pool, made.get(), std::memory_order_acq_rel))
    pool = made.release();
  return *pool;
}

void run_serially(Region& region) {
  inside_region = true;
  for (int64_t chunk = 0; chunk < region.split.chunk_count; ++chunk) {
    region.run_chunk(chunk);
    poll_interrupt(region);
  }
  inside_region = false;
}

// Keeps the long-region hooks paired.
class LongRegion {
 public:
  LongRegion() : leave_(leave_long_region.load(std::memory_order_relaxed)) {
    const auto enter = enter_long_region.load(std::memory_order_relaxed);
    if (enter) token_ = enter();
  }
  ~LongRegion() {
    if (leave_) leave_(token_);
  }
  LongRegion(const LongRegion&) = delete;
  LongRegion& operator=(const LongRegion&) = delete;

 private:
  void (*leave_)(void*);
  void* token_ = nullptr;
};

std::atomic<int> chosen_threads{0};  // 0 until it is first asked for

// The number that a variable sets, or 0; one that is no positive number is passed over.
int threads_from_environment() {
  for (const char* name : {"LAMPAS_NUM_THREADS", "OMP_NUM_THREADS"}) {
    const char* text = std::getenv(name);
    if (!text || !*text) continue;
    char* end = nullptr;
    const long count = std::strtol(text, &end, 10);
    // OpenMP's variable may be a list for nested levels; the first number is ours.
    if (end != text && (*end == '\0' || *end == ',') && count >= 1)
      return int(std::min<long>(count, most_threads));
  }
  return 0;
}

}  // namespace

int thread_count() {
  int count = chosen_threads.load(std::memory_order_relaxed);
  if (count > 0) return count;
  const int from_environment = threads_from_environment();
  const int found = from_environment > 0 ? from_environment : std::min(available_processors(), most_threads);
  // Another thread may have chosen meanwhile; its choice stands.
  return chosen_threads.compare_exchange_strong(count, found) ? found : count;
}

void set_thread_count(int count) {
  if (count < 1)
    throw std::invalid_argument("the number of threads must be positive, got " + std::to_string(count));
  chosen_threads.store(std::min(count, most_threads), std::memory_order_relaxed);
}

bool inside_parallel_region() { return inside_region; }

void set_long_region_hooks(void* (*enter)(), void (*leave)(void*)) {
  enter_long_region.store(enter, std::memory_order_relaxed);
  leave_long_region.store(leave, std::memory_order_relaxed);
}

void LockAroundRegions::wait() {
  LongRegion waiting;
  while (held_.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
}

void set_interrupt_check(bool (*interrupted)()) {
  interrupt_check.store(interrupted, std::memory_order_relaxed);
}

void parallel::run_region(int64_t begin, int64_t end, int64_t grain, Body body) {
  if (inside_region) {
    body.invoke(body.context, begin, end);
    return;
  }
  const int threads = thread_count();
  Region region{split_range(begin, end, grain, threads), body};
  {
    const LongRegion long_region;
    ThreadPool* pool = threads > 1 && region.split.chunk_count > 1 ? &thread_pool() : nullptr;
    if (pool && pool->try_acquire()) {
      pool->run(region, threads);
      pool->release();
    } else {
      run_serially(region);
    }
  }
  if (region.error) std::rethrow_exception(region.error);
}

}  // namespace lampas
