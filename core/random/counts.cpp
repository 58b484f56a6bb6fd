// Poisson and binomial draws by transformed rejection, with the constants of W. Hoermann: "The transformed
// rejection method for generating Poisson random variables" (1993), PTRS, and "The generation of binomial
// random variates" (1993), BTRS. Small means are drawn by multiplying or adding up waiting times.
#include "core/random/counts.h"

#include <cmath>
#include <limits>

namespace lampas {
namespace {

constexpr double least_mean_for_rejection = 10;

double poisson_by_rejection(double rate, Generator& generator) {
  const double root = std::sqrt(rate), logarithm = std::log(rate);
  const double b = 0.931 + 2.53 * root;
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double v_r = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = generator.random_unit() - 0.5;
    const double v = generator.random_unit();
    const double us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= v_r) return k;  // inside the box no density is needed
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const double height = std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b);
    if (height <= -rate + k * logarithm - std::lgamma(k + 1)) return k;
  }
}

// log k! without Stirling's formula for it.
double stirling_rest(double k) {
  static constexpr double first[] = {
      0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
      0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287};
  if (k <= 9) return first[static_cast<int>(k)];
  const double square = (k + 1) * (k + 1);
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1);
}

double binomial_by_rejection(double count, double p, Generator& generator) {
  const double deviation = std::sqrt(count * p * (1 - p));  // spq of the paper
  const double b = 1.15 + 2.53 * deviation;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double c = count * p + 0.5;
  const double v_r = 0.92 - 4.2 / b;
  const double odds = p / (1 - p);
  const double alpha = (2.83 + 5.1 / b) * deviation;
  const double mode = std::floor((count + 1) * p);
  for (;;) {
    const double u = generator.random_unit() - 0.5;
    const double v = generator.random_unit();
    const double us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + c);
    if (us >= 0.07 && v <= v_r) return k;
    if (k < 0 || k > count) continue;
    const double height = std::log(v * alpha / (a / (us * us) + b));
    const double bound = (mode + 0.5) * std::log((mode + 1) / (odds * (count - mode + 1))) +
                         (count + 1) * std::log((count - mode + 1) / (count - k + 1)) +
                         (k + 0.5) * std::log(odds * (count - k + 1) / (k + 1)) + stirling_rest(mode) +
                         stirling_rest(count - mode) - stirling_rest(k) - stirling_rest(count - k);
    if (height <= bound) return k;
  }
}

// Adds up the geometric waiting times between successes.
double binomial_by_waiting(double count, double p, Generator& generator) {
  const double log_of_failure = std::log1p(-p);
  double waited = 0;
  for (double successes = 0;; ++successes) {
    waited += std::ceil(std::log(generator.random_unit()) / log_of_failure);
    if (waited > count) return successes;
  }
}

// For p up to one half.
double binomial_of_rarer(double count, double p, Generator& generator) {
  return count * p >= least_mean_for_rejection ? binomial_by_rejection(count, p, generator)
                                               : binomial_by_waiting(count, p, generator);
}

}  // namespace

double draw_poisson(double rate, Generator& generator) {
  if (rate == 0 || std::isinf(rate)) return rate;
  if (rate >= least_mean_for_rejection) return poisson_by_rejection(rate, generator);
  const double limit = std::exp(-rate);
  double product = generator.random_unit();
  double events = 0;
  for (; product > limit; ++events) product *= generator.random_unit();
  return events;
}

double draw_binomial(double count, double probability, Generator& generator) {
  if (!std::isfinite(count)) return std::numeric_limits<double>::quiet_NaN();
  if (count <= 0 || probability <= 0) return 0;
  if (probability >= 1) return count;
  if (probability <= 0.5) return binomial_of_rarer(count, probability, generator);
  if (probability > 0.5) return count - binomial_of_rarer(count, 1 - probability, generator);
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace lampas
