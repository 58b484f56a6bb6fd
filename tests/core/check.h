// A tiny harness for the C++ tests: TEST(name) { CHECK(condition); CHECK_NEAR(actual, expected, tolerance);
// }. A failed check is printed with its file and line, fails the test, and lets the test go on.
#pragma once

#include <cmath>
#include <exception>
#include <sstream>
#include <string>

namespace lampas::testing {

// A test links itself into one list when the program starts; main.cpp runs the list.
struct TestCase {
  TestCase(const char* test_name, void (*test_body)());
  const char* name;
  void (*body)();
  TestCase* next;
};

void fail(const char* file, int line, const std::string& message);

// True when both are NaN, are equal (infinities included), or differ by at most `tolerance`.
inline bool near(double actual, double expected, double tolerance) {
  if (std::isnan(actual) || std::isnan(expected)) return std::isnan(actual) && std::isnan(expected);
  return actual == expected || std::fabs(actual - expected) <= tolerance;
}

}  // namespace lampas::testing

#define TEST(name)                                                            \
  static void test_body_##name();                                             \
  static lampas::testing::TestCase test_case_##name(#name, test_body_##name); \
  static void test_body_##name()

#define CHECK(condition)                                                     \
  do {                                                                       \
    if (!(condition)) lampas::testing::fail(__FILE__, __LINE__, #condition); \
  } while (false)

#define CHECK_EQUAL(actual, expected)                                               \
  do {                                                                              \
    const auto& actual_value = (actual);                                            \
    const auto& expected_value = (expected);                                        \
    if (!(actual_value == expected_value)) {                                        \
      std::ostringstream message;                                                   \
      message << #actual " is " << actual_value << ", expected " << expected_value; \
      lampas::testing::fail(__FILE__, __LINE__, message.str());                     \
    }                                                                               \
  } while (false)

#define CHECK_NEAR(actual, expected, tolerance)                                                  \
  do {                                                                                           \
    const double actual_value = static_cast<double>(actual);                                     \
    const double expected_value = static_cast<double>(expected);                                 \
    if (!lampas::testing::near(actual_value, expected_value, (tolerance))) {                     \
      std::ostringstream message;                                                                \
      message.precision(17);                                                                     \
      message << #actual " is " << actual_value << ", expected " << expected_value << " within " \
              << (tolerance);                                                                    \
      lampas::testing::fail(__FILE__, __LINE__, message.str());                                  \
    }                                                                                            \
  } while (false)

// The expression must throw an exception of this type (or derived from it).
#define CHECK_THROWS(expression, Exception)                                                      \
  do {                                                                                           \
    bool thrown = false;                                                                         \
    try {                                                                                        \
      (void)(expression);                                                                        \
    } catch (const Exception&) {                                                                 \
      thrown = true;                                                                             \
    }                                                                                            \
    if (!thrown) lampas::testing::fail(__FILE__, __LINE__, #expression " threw no " #Exception); \
  } while (false)
