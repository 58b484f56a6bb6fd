// mt19937 (Matsumoto and Nishimura, ACM Transactions on Modeling and Computer Simulation 8, 1998) and its
// state.
#include "core/random/generator.h"

#include <pthread.h>
#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>

namespace lampas {
namespace {

constexpr int shift_size = 397;

// How torch.get_rng_state() lays the state out.
struct SavedState {
  uint64_t initial_seed;
  int32_t left;
  int32_t seeded;
  uint64_t next;
  uint64_t words[624];
  double unused_x;
  double next_double_normal;
  double unused_rho;
  int32_t has_next_double_normal;
  int32_t padding;
  float next_float_normal;
  uint8_t has_next_float_normal;
  uint8_t tail[3];
};
static_assert(sizeof(SavedState) == Generator::state_bytes);

inline uint32_t twist(uint32_t upper, uint32_t lower) {
  const uint32_t mixed = (upper & 0x80000000u) | (lower & 0x7fffffffu);
  return mixed >> 1 ^ (lower & 1 ? 0x9908b0dfu : 0u);
}

// Made when the library loads and never destroyed: a function's static could be caught half made by a fork.
alignas(Generator) unsigned char process_generator_storage[sizeof(Generator)];
Generator* const process_generator = new (process_generator_storage) Generator(nondeterministic_seed());

// Held across a fork, so that the child finds it whole and unlocked.
[[maybe_unused]] const bool fork_handlers_registered =
    pthread_atfork([] { process_generator->mutex.lock(); }, [] { process_generator->mutex.unlock(); },
                   [] { process_generator->mutex.unlock(); }) == 0;

}  // namespace

void Generator::manual_seed(uint64_t seed) {
  seed_ = seed;
  words_[0] = uint32_t(seed);
  for (uint32_t index = 1; index < word_count; ++index) {
    words_[index] = 1812433253u * (words_[index - 1] ^ words_[index - 1] >> 30) + index;
  }
  left_ = 1;
  next_ = 0;
  next_double_normal.reset();
  next_float_normal.reset();
}

uint64_t Generator::seed() {
  const uint64_t seed = nondeterministic_seed();
  manual_seed(seed);
  return seed;
}

void Generator::next_words() {
  left_ = word_count;
  next_ = 0;
  constexpr int wrap = word_count - shift_size;
  for (int index = 0; index < wrap; ++index) {
    words_[index] = words_[index + shift_size] ^ twist(words_[index], words_[index + 1]);
  }
  for (int index = wrap; index < word_count - 1; ++index) {
    words_[index] = words_[index - wrap] ^ twist(words_[index], words_[index + 1]);
  }
  words_[word_count - 1] = words_[shift_size - 1] ^ twist(words_[word_count - 1], words_[0]);
}

void Generator::random_block(uint32_t* output, int64_t count) {
  while (count > 0) {
    if (left_ == 1) {
      *output++ = random();  // renews the words
      --count;
      continue;
    }
    const int run = int(std::min<int64_t>(count, left_ - 1));
    const uint32_t* words = words_ + next_;
    for (int index = 0; index < run; ++index) output[index] = temper(words[index]);
    left_ -= run;
    next_ += uint32_t(run);
    output += run;
    count -= run;
  }
}

void Generator::get_state(uint8_t* bytes) const {
  SavedState state{};
  state.initial_seed = seed_;
  state.left = left_;
  state.seeded = 1;
  state.next = next_;
  std::copy(words_, words_ + word_count, state.words);
  state.has_next_double_normal = next_double_normal.has_value();
  state.next_double_normal = next_double_normal.value_or(0.0);
  state.has_next_float_normal = next_float_normal.has_value();
  state.next_float_normal = next_float_normal.value_or(0.0f);
  std::memcpy(bytes, &state, sizeof state);
}

void Generator::set_state(const uint8_t* bytes, size_t count) {
  if (count != state_bytes) {
    throw std::invalid_argument("Expected a CPUGeneratorImplState of size " + std::to_string(state_bytes) +
                                " but found the input RNG state size to be " + std::to_string(count));
  }
  SavedState state;
  std::memcpy(&state, bytes, sizeof state);
  // Each draw takes one of `left` and moves `next` on by one: more left than words ahead would read past the
  // end.
  const bool fresh = state.left == 1;
  const bool running =
      state.left > 1 && state.left <= word_count && state.next + uint64_t(state.left) <= word_count + 1;
  if (state.seeded == 0 || state.next > word_count || !(fresh || running)) {
    throw std::invalid_argument("Invalid mt19937 state");
  }
  seed_ = state.initial_seed;
  left_ = state.left;
  next_ = uint32_t(state.next);
  for (int index = 0; index < word_count; ++index) words_[index] = uint32_t(state.words[index]);
  next_double_normal.reset();
  next_float_normal.reset();
  if (state.has_next_double_normal) next_double_normal = state.next_double_normal;
  if (state.has_next_float_normal) next_float_normal = state.next_float_normal;
}

uint64_t nondeterministic_seed() {
  uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, 0) != ssize_t(sizeof seed)) {
    seed = uint64_t(std::chrono::high_resolution_clock::now().time_since_epoch().count());
  }
  // Python and tensors hold seeds as signed 64-bit numbers.
  return seed & 0x7fffffffffffffffu;
}

Generator& default_generator() { return *process_generator; }

}  // namespace lampas
