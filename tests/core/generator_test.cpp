// The random streams against PyTorch's recorded draws, and the generator's state.
#include "core/random/generator.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/random/distributions.h"
#include "tests/core/check.h"
#include "tests/recorded/random_values.h"

namespace {

using namespace lampas;
using lampas::recorded::RandomCase;

void draw(const RandomCase& row, void* output, int64_t count, Generator& generator) {
  const std::string name = row.distribution;
  const double first = row.first_argument, second = row.second_argument;
  std::vector<double> double_p(20);
  std::vector<float> float_p(20);
  for (size_t index = 0; index < 20; ++index) {
    double_p[index] = double(index) / 19;
    float_p[index] = float(index) / 19;
  }
  if (name == "uniform") return fill_uniform(output, row.dtype, count, first, second, generator);
  if (name == "normal") return fill_normal(output, row.dtype, count, first, second, true, generator);
  if (name == "strided_normal") return fill_normal(output, row.dtype, count, first, second, false, generator);
  if (name == "exponential") return fill_exponential(output, row.dtype, count, first, generator);
  if (name == "cauchy") return fill_cauchy(output, row.dtype, count, first, second, generator);
  if (name == "log_normal") return fill_log_normal(output, row.dtype, count, first, second, generator);
  if (name == "geometric") return fill_geometric(output, row.dtype, count, first, generator);
  if (name == "bernoulli") return fill_bernoulli(output, row.dtype, count, first, generator);
  if (name == "bernoulli_float64")
    return fill_bernoulli(output, row.dtype, count, double_p.data(), generator);
  if (name == "bernoulli_float32") return fill_bernoulli(output, row.dtype, count, float_p.data(), generator);
  if (name == "random") return fill_random(output, row.dtype, count, generator);
  if (name == "range") {
    return fill_random_range(output, row.dtype, count, uint64_t(first), int64_t(second), generator);
  }
  if (name == "all_bits") return fill_random_64_bits(output, row.dtype, count, generator);
  if (name == "permutation") return fill_permutation(output, row.dtype, count, generator);
  throw std::invalid_argument(name);
}

bool processor_fuses() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

// Steps between neighbouring floating-point numbers from one value to the other, by their bits.
uint64_t steps_apart(uint64_t actual, uint64_t expected, size_t size) {
  const uint64_t sign = uint64_t(1) << (8 * size - 1);
  if ((actual & sign) != (expected & sign)) return UINT64_MAX;
  return actual > expected ? actual - expected : expected - actual;
}

// Integer arithmetic, and float arithmetic that IEEE fixes, are the same on every machine. The rest goes
// through the C library's logarithm and sine, whose last bit differs between versions.
uint64_t allowed_steps(const RandomCase& row) {
  const std::string name = row.distribution;
  if (name == "exponential" || name == "cauchy" || name == "log_normal" || name == "strided_normal") return 2;
  if (name == "normal") {
    const bool in_float_blocks = row.values.size() >= 16 && row.dtype != DType::float64;
    if (!in_float_blocks) return 2;
    return processor_fuses() ? 0 : 16;
  }
  if (name == "uniform") return processor_fuses() ? 0 : 1;
  return 0;
}

}  // namespace

TEST(generator_draws_what_pytorch_draws) {
  for (const RandomCase& row : recorded::random_cases) {
    Generator generator(row.seed);
    const size_t size = item_size(row.dtype);
    const size_t count = row.values.size();
    std::vector<uint8_t> output(size * count);
    draw(row, output.data(), int64_t(count), generator);
    const std::string place =
        std::string(row.distribution) + " " + name_of(row.dtype) + " seed " + std::to_string(row.seed);
    for (size_t index = 0; index < count; ++index) {
      uint64_t bits = 0;
      std::memcpy(&bits, output.data() + index * size, size);
      if (steps_apart(bits, row.values[index], size) > allowed_steps(row)) {
        testing::fail(__FILE__, __LINE__, place + ": value " + std::to_string(index) + " differs");
        break;
      }
    }
    if (generator.random64() != row.next_draw)
      testing::fail(__FILE__, __LINE__, place + ": the next draw differs");
  }
}

TEST(generator_saves_the_state_as_pytorch_does) {
  Generator generator(7);
  std::vector<float> values(1000);
  fill_uniform(values.data(), DType::float32, 1000, 0, 1, generator);
  fill_normal(values.data(), DType::float32, 3, 0, 1, true, generator);
  std::vector<uint8_t> state(Generator::state_bytes);
  generator.get_state(state.data());
  // The cached normal value at byte 5024 depends on the C library in its last bit.
  double cached = 0;
  std::memcpy(&cached, state.data() + 5024, sizeof cached);
  CHECK(generator.next_double_normal == cached);
  std::vector<uint8_t> hashed = state;
  std::fill_n(hashed.begin() + 5024, 8, uint8_t(0));
  uint64_t hash = 0xcbf29ce484222325;
  for (uint8_t byte : hashed) hash = (hash ^ byte) * 0x100000001b3;
  CHECK_EQUAL(hash, recorded::state_hash);

  Generator restored;
  restored.set_state(state.data(), state.size());
  CHECK_EQUAL(restored.initial_seed(), uint64_t(7));
  CHECK(restored.next_double_normal == generator.next_double_normal);
  std::vector<float> again(2000), expected(2000);
  fill_normal(again.data(), DType::float32, 5, 0, 1, false, restored);
  fill_normal(expected.data(), DType::float32, 5, 0, 1, false, generator);
  CHECK(again == expected);
  fill_uniform(again.data(), DType::float32, 2000, 0, 1, restored);
  fill_uniform(expected.data(), DType::float32, 2000, 0, 1, generator);
  CHECK(again == expected);
}

TEST(generator_refuses_a_broken_state_and_keeps_its_own) {
  Generator generator(3);
  generator.random();
  std::vector<uint8_t> good(Generator::state_bytes), now(Generator::state_bytes);
  generator.get_state(good.data());
  CHECK_THROWS(generator.set_state(good.data(), 50), std::invalid_argument);
  const auto with_field = [&good](size_t offset, int32_t value) {
    std::vector<uint8_t> bytes = good;
    std::memcpy(bytes.data() + offset, &value, sizeof value);
    return bytes;
  };
  constexpr size_t left = 8, seeded = 12, next = 16;
  for (const auto& bytes :
       {with_field(left, 0), with_field(left, -5), with_field(left, 625), with_field(seeded, 0),
        with_field(next, 625), with_field(next, -1), with_field(next, 600)}) {
    CHECK_THROWS(generator.set_state(bytes.data(), bytes.size()), std::invalid_argument);
  }
  generator.get_state(now.data());
  CHECK(now == good);
}

TEST(generator_draws_blocks_as_it_draws_one_by_one) {
  for (int64_t count : {0, 1, 2, 623, 624, 625, 2000}) {
    Generator block(11), single(11);
    for (int64_t skipped = 0; skipped < 5; ++skipped) CHECK_EQUAL(block.random(), single.random());
    std::vector<uint32_t> words(static_cast<size_t>(count));
    block.random_block(words.data(), count);
    bool same = true;
    for (uint32_t word : words) same &= word == single.random();
    CHECK(same);
    CHECK_EQUAL(block.random(), single.random());
  }
}

TEST(generator_refuses_dtypes_without_the_distribution) {
  Generator generator;
  uint64_t output[4] = {};
  CHECK_THROWS(fill_uniform(output, DType::int64, 1, 0, 1, generator), std::invalid_argument);
  CHECK_THROWS(fill_normal(output, DType::complex64, 1, 0, 1, true, generator), std::invalid_argument);
  CHECK_THROWS(fill_bernoulli(output, DType::complex64, 1, 0.5, generator), std::invalid_argument);
  CHECK_THROWS(fill_random(output, DType::uint32, 1, generator), std::invalid_argument);
  CHECK_THROWS(fill_random_range(output, DType::int64, 1, 0, 0, generator), std::invalid_argument);
  CHECK_THROWS(fill_permutation(output, DType::bool_, 1, generator), std::invalid_argument);
  generator.mutex.lock();  // none of them kept the lock
  generator.mutex.unlock();
}

TEST(generator_uniform_stays_below_the_upper_bound) {
  Generator generator(5);
  std::vector<BFloat16> values(20000);
  fill_uniform(values.data(), DType::bfloat16, 20000, 0, 1, generator);
  CHECK(std::all_of(values.begin(), values.end(),
                    [](BFloat16 value) { return float(value) >= 0 && float(value) < 1; }));
}

TEST(generator_serves_threads_at_once) {
  Generator generator(1);
  std::vector<std::vector<float>> drawn(4, std::vector<float>(10000));
  std::vector<std::thread> threads;
  for (auto& values : drawn) {
    threads.emplace_back([&] { fill_uniform(values.data(), DType::float32, 10000, 0, 1, generator); });
  }
  for (std::thread& thread : threads) thread.join();
  // Each call took a whole stretch of the one stream.
  std::vector<float> stream(40000);
  Generator alone(1);
  fill_uniform(stream.data(), DType::float32, 40000, 0, 1, alone);
  for (const auto& values : drawn) {
    bool found = false;
    for (size_t start = 0; start < 40000; start += 10000) {
      found |= std::equal(values.begin(), values.end(), stream.begin() + int64_t(start));
    }
    CHECK(found);
  }
}

TEST(generator_default_survives_a_fork_while_others_draw) {
  bool stop = false;
  std::thread other([&stop] {
    std::vector<float> values(5000);
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
      fill_uniform(values.data(), DType::float32, 5000, 0, 1, default_generator());
    }
  });
  for (int round = 0; round < 20; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);
      float value = -1;
      fill_uniform(&value, DType::float32, 1, 0, 1, default_generator());
      _exit(value >= 0 && value < 1 ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_EQUAL(status, 0);
  }
  __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
  other.join();
}
