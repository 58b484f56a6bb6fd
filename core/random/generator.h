// The random number generator: mt19937 with PyTorch's seeding, draw order and saved state.
#pragma once
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

namespace lampas {

class Generator {
 public:
  static constexpr uint64_t default_seed = 67280421310721;
  static constexpr size_t state_bytes = 5056;

  explicit Generator(uint64_t seed = default_seed) { manual_seed(seed); }
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  // Whoever draws, seeds or copies the state holds this.
  std::mutex mutex;

  void manual_seed(uint64_t seed);
  uint64_t initial_seed() const { return seed_; }
  // Seeds from the system's randomness and returns that seed.
  uint64_t seed();

  // The bytes of torch.get_rng_state(). set_state throws std::invalid_argument and changes nothing when
  // the size or the content cannot be a state.
  void get_state(uint8_t* bytes) const;
  void set_state(const uint8_t* bytes, size_t count);

  uint32_t random() {
    if (--left_ == 0) next_words();
    return temper(words_[next_++]);
  }
  uint64_t random64() {
    const uint64_t high = random();
    return high << 32 | random();
  }
  // On [0, 1), in steps of 2^-53.
  double random_unit() { return static_cast<double>(random64() & ((uint64_t{1} << 53) - 1)) * 0x1p-53; }
  // `count` draws in order, faster than one by one.
  void random_block(uint32_t* output, int64_t count);

  // Box-Muller gives two values at a time; the second one waits here for the next draw.
  std::optional<double> next_double_normal;
  std::optional<float> next_float_normal;

 private:
  static constexpr int word_count = 624;

  static uint32_t temper(uint32_t word) {
    word ^= word >> 11;
    word ^= word << 7 & 0x9d2c5680;
    word ^= word << 15 & 0xefc60000;
    return word ^ word >> 18;
  }
  void next_words();

  uint64_t seed_ = 0;
  int left_ = 1;       // draws until the words are renewed
  uint32_t next_ = 0;  // the word drawn next
  uint32_t words_[word_count] = {};
};

// The generator behind every draw that names none. A new process seeds it from the system.
Generator& default_generator();

// A seed from the system's randomness.
uint64_t nondeterministic_seed();

}  // namespace lampas
