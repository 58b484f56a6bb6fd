// The thread pool: coverage of the range, exceptions, interruption, nesting, several callers, fork, load.
#include "core/parallel/thread_pool.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/core/check.h"

namespace {

using lampas::parallel_for;
using lampas::set_thread_count;
using lampas::thread_count;

// Sets the number of threads for one test.
class ThreadCount {
 public:
  explicit ThreadCount(int count) : previous_(thread_count()) { set_thread_count(count); }
  ~ThreadCount() { set_thread_count(previous_); }

 private:
  int previous_;
};

// True when every index of [begin, end) was visited exactly once.
bool covers(int64_t begin, int64_t end, int64_t grain) {
  std::vector<std::atomic<int>> visits(size_t(end - begin));
  parallel_for(begin, end, grain, [&](int64_t chunk_begin, int64_t chunk_end) {
    for (int64_t index = chunk_begin; index < chunk_end; ++index) visits[size_t(index - begin)].fetch_add(1);
  });
  return std::all_of(visits.begin(), visits.end(), [](const std::atomic<int>& count) { return count == 1; });
}

// Arithmetic that takes some tens of microseconds for 10000 steps and that no compiler removes.
double spend(int64_t steps) {
  volatile double sum = 0;
  for (int64_t step = 0; step < steps; ++step) sum = sum + 1.0 / double(step + 1);
  return sum;
}

int exit_status(pid_t child) {
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST(thread_pool_covers_every_index_once) {
  for (int threads : {1, 2, 3, 8}) {
    const ThreadCount count(threads);
    for (int64_t length : {0, 1, 2, 3, 7, 64, 1000, 100003}) {
      for (int64_t grain : {0, 1, 5, 1024, 50000}) CHECK(covers(-3, length - 3, grain));
    }
  }
}

TEST(thread_pool_runs_short_ranges_in_one_call) {
  const ThreadCount count(4);
  int calls = 0;
  parallel_for(10, 110, 100, [&](int64_t begin, int64_t end) {
    ++calls;
    CHECK_EQUAL(begin, int64_t(10));
    CHECK_EQUAL(end, int64_t(110));
    CHECK(!lampas::inside_parallel_region());
  });
  CHECK_EQUAL(calls, 1);
}

TEST(thread_pool_chunks_are_at_least_half_a_grain) {
  const ThreadCount count(3);
  for (int64_t length : {101, 150, 199, 1000, 100001}) {
    std::atomic<int> short_chunks{0};
    parallel_for(0, length, 100, [&](int64_t begin, int64_t end) {
      if (end - begin < 50) ++short_chunks;
    });
    CHECK(short_chunks <= 1);  // the rest at the end of the range
  }
}

TEST(thread_pool_really_uses_its_threads) {
  const ThreadCount count(3);
  // Each chunk waits until all three threads are inside one: a pool with fewer threads would not end.
  std::atomic<int> arrived{0};
  parallel_for(0, 3, 1, [&](int64_t, int64_t) {
    ++arrived;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (arrived < 3 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  });
  CHECK_EQUAL(arrived.load(), 3);
}

TEST(thread_pool_caller_takes_what_workers_have_not_begun) {
  const ThreadCount count(2);
  // The worker is held in its first chunk; the caller must do everything else meanwhile.
  const std::thread::id caller = std::this_thread::get_id();
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> done_by_caller{0};
    std::atomic<bool> worker_held{false};
    parallel_for(0, 8, 1, [&](int64_t, int64_t) {
      if (std::this_thread::get_id() == caller) {
        while (done_by_caller == 0 && !worker_held) std::this_thread::yield();
        ++done_by_caller;
      } else {
        worker_held = true;
        while (done_by_caller < 7) std::this_thread::yield();
      }
    });
    CHECK_EQUAL(done_by_caller.load(), 7);
  }
}

TEST(thread_pool_rethrows_the_exception_and_skips_the_rest) {
  const ThreadCount count(4);
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> executed{0};
    std::string message;
    try {
      parallel_for(0, 16, 1, [&](int64_t begin, int64_t) {
        ++executed;
        if (begin == 5) throw std::runtime_error("chunk five");
        spend(2000);
      });
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
    CHECK_EQUAL(message, std::string("chunk five"));
    CHECK(executed >= 1);
    CHECK(covers(0, 1000, 10));
  }
}

TEST(thread_pool_keeps_one_of_many_exceptions) {
  const ThreadCount count(4);
  for (int round = 0; round < 200; ++round) {
    CHECK_THROWS(parallel_for(0, 64, 1,
                              [](int64_t begin, int64_t) { throw std::out_of_range(std::to_string(begin)); }),
                 std::out_of_range);
  }
}

TEST(thread_pool_skips_chunks_after_an_exception) {
  const ThreadCount count(1);
  int executed = 0;
  CHECK_THROWS(parallel_for(0, 4, 1,
                            [&](int64_t, int64_t) {
                              ++executed;
                              throw std::runtime_error("first");
                            }),
               std::runtime_error);
  CHECK_EQUAL(executed, 1);
}

TEST(thread_pool_runs_nested_regions_serially) {
  const ThreadCount count(4);
  std::atomic<int64_t> sum{0};
  std::atomic<int> foreign_chunks{0};
  parallel_for(0, 16, 1, [&](int64_t begin, int64_t end) {
    const std::thread::id outer = std::this_thread::get_id();
    CHECK(lampas::inside_parallel_region());
    for (int64_t index = begin; index < end; ++index) {
      parallel_for(0, 1000, 1, [&](int64_t inner_begin, int64_t inner_end) {
        if (std::this_thread::get_id() != outer) ++foreign_chunks;
        sum += inner_end - inner_begin;
      });
    }
  });
  CHECK_EQUAL(sum.load(), int64_t(16000));
  CHECK_EQUAL(foreign_chunks.load(), 0);
  CHECK(!lampas::inside_parallel_region());
}

TEST(thread_pool_serves_two_callers_at_once) {
  const ThreadCount count(3);
  std::atomic<int> failures{0};
  const auto caller = [&failures] {
    for (int round = 0; round < 500; ++round) {
      if (!covers(0, 3000, 10)) ++failures;
    }
  };
  std::thread first(caller), second(caller), third(caller);
  first.join();
  second.join();
  third.join();
  CHECK_EQUAL(failures.load(), 0);
}

TEST(thread_pool_gives_each_thread_the_same_part_when_quiet) {
  const ThreadCount count(2);
  // Each thread stays in its first chunk until the other has one too, so that neither is late.
  std::set<std::thread::id> owners_of_first_half;
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> arrived{0};
    std::vector<std::thread::id> owner(2);
    parallel_for(0, 2, 1, [&](int64_t begin, int64_t) {
      owner[size_t(begin)] = std::this_thread::get_id();
      ++arrived;
      while (arrived < 2) std::this_thread::yield();
    });
    owners_of_first_half.insert(owner[0]);
  }
  // The caller claims its own chunk first, always: the worker never takes it before it has done its own.
  CHECK_EQUAL(owners_of_first_half.size(), size_t(1));
  CHECK(*owners_of_first_half.begin() == std::this_thread::get_id());
}

namespace {
std::atomic<int> entered{0}, left{0};
std::atomic<bool> hooks_on_wrong_thread{false};
std::thread::id hook_thread;
int hook_token;

void* enter_region() {
  ++entered;
  if (std::this_thread::get_id() != hook_thread) hooks_on_wrong_thread = true;
  return &hook_token;
}

void leave_region(void* token) {
  ++left;
  if (std::this_thread::get_id() != hook_thread || token != &hook_token) hooks_on_wrong_thread = true;
}

std::atomic<int> polls_until_interrupt{0};
bool interrupted() { return polls_until_interrupt.fetch_sub(1) <= 1; }
}  // namespace

TEST(thread_pool_calls_hooks_around_outermost_long_regions) {
  hook_thread = std::this_thread::get_id();
  for (int threads : {1, 3}) {
    const ThreadCount count(threads);
    entered = left = 0;
    lampas::set_long_region_hooks(enter_region, leave_region);
    parallel_for(0, 10, 100, [](int64_t, int64_t) {});  // short: no hooks
    CHECK_EQUAL(entered.load(), 0);
    parallel_for(0, 16, 1, [](int64_t, int64_t) { parallel_for(0, 10, 1, [](int64_t, int64_t) {}); });
    CHECK_EQUAL(entered.load(), 1);
    CHECK_EQUAL(left.load(), 1);
    CHECK_THROWS(parallel_for(0, 16, 1, [](int64_t, int64_t) { throw std::runtime_error("x"); }),
                 std::runtime_error);
    CHECK_EQUAL(entered.load(), 2);
    CHECK_EQUAL(left.load(), 2);
    lampas::set_long_region_hooks(nullptr, nullptr);
  }
  CHECK(!hooks_on_wrong_thread);
}

TEST(thread_pool_stops_when_interrupted) {
  for (int threads : {1, 2}) {
    const ThreadCount count(threads);
    polls_until_interrupt = 3;
    lampas::set_interrupt_check(interrupted);
    std::atomic<int> executed{0};
    CHECK_THROWS(parallel_for(0, 1000, 1,
                              [&](int64_t begin, int64_t end) {
                                executed += int(end - begin);
                                spend(1000);
                              }),
                 lampas::Interrupted);
    lampas::set_interrupt_check(nullptr);
    CHECK(executed > 0 && executed < 1000);
    CHECK(covers(0, 1000, 10));
  }
}

TEST(thread_pool_refuses_counts_below_one) {
  CHECK_THROWS(set_thread_count(0), std::invalid_argument);
  CHECK_THROWS(set_thread_count(-2), std::invalid_argument);
  CHECK(thread_count() >= 1);
}

#ifndef __SANITIZE_THREAD__  // ThreadSanitizer cannot start threads in the child of a fork

TEST(thread_pool_works_in_a_forked_child) {
  const ThreadCount count(3);
  CHECK(covers(0, 1000, 10));
  std::atomic<bool> stop{false};
  std::thread other([&] {  // keeps the pool busy while the process forks
    while (!stop) covers(0, 3000, 10);
  });
  for (int round = 0; round < 20; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      std::atomic<int> arrived{0};
      parallel_for(0, 3, 1, [&](int64_t, int64_t) {
        ++arrived;
        while (arrived < 3) std::this_thread::yield();  // needs workers of the child's own
      });
      _exit(covers(0, 1000, 10) ? 0 : 1);
    }
    CHECK_EQUAL(exit_status(child), 0);
  }
  stop = true;
  other.join();
}

TEST(thread_pool_lets_the_process_exit_at_any_moment) {
  for (int round = 0; round < 10; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      set_thread_count(4);
      std::thread([] {
        for (;;) covers(0, 3000, 10);
      }).detach();
      spend(20000 * round);
      std::exit(0);  // with static destructors, beside a running region
    }
    CHECK_EQUAL(exit_status(child), 0);
  }
}

#endif

TEST(thread_pool_workers_leave_signals_to_the_program) {
  const ThreadCount count(3);
  std::atomic<int> open_workers{0}, arrived{0};
  const std::thread::id caller = std::this_thread::get_id();
  parallel_for(0, 3, 1, [&](int64_t, int64_t) {
    ++arrived;
    while (arrived < 3) std::this_thread::yield();
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    const bool open = !sigismember(&blocked, SIGINT) || !sigismember(&blocked, SIGTERM);
    if (std::this_thread::get_id() != caller && open) ++open_workers;
  });
  CHECK_EQUAL(open_workers.load(), 0);
}

namespace {

// Median seconds of a region relative to the same work on one thread, measured in turns under the same load.
double cost_beside_serial_work() {
  using Clock = std::chrono::steady_clock;
  constexpr size_t rounds = 201;
  std::vector<double> serial, shared;
  for (size_t round = 0; round < rounds; ++round) {
    const Clock::time_point start = Clock::now();
    spend(80000);
    const Clock::time_point middle = Clock::now();
    parallel_for(0, 80000, 10000, [](int64_t begin, int64_t end) { spend(end - begin); });
    serial.push_back(std::chrono::duration<double>(middle - start).count());
    shared.push_back(std::chrono::duration<double>(Clock::now() - middle).count());
  }
  std::sort(serial.begin(), serial.end());
  std::sort(shared.begin(), shared.end());
  return shared[rounds / 2] / serial[rounds / 2];
}

}  // namespace

TEST(thread_pool_keeps_its_pace_beside_busy_processes) {
  const ThreadCount count(2);
  std::vector<pid_t> busy;
  for (int index = 0; index < 2; ++index) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(60);
      for (;;) spend(1000);
    }
    busy.push_back(child);
  }
  // Whatever else the machine does may spoil one attempt; a pool that waits for its workers fails them all.
  double best = cost_beside_serial_work();
  for (int attempt = 1; attempt < 4 && best >= 2; ++attempt) best = std::min(best, cost_beside_serial_work());
  for (pid_t child : busy) {
    kill(child, SIGKILL);
    exit_status(child);
  }
  CHECK(best < 2);
}
