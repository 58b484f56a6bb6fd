// Runs the C++ tests: all of them, or those whose name contains the first argument.
#include <cstdio>
#include <cstring>
#include <exception>

#include "tests/core/check.h"

namespace lampas::testing {
namespace {

TestCase* first_test = nullptr;
TestCase** last_link = &first_test;
int failures_of_this_test = 0;

}  // namespace

TestCase::TestCase(const char* test_name, void (*test_body)())
    : name(test_name), body(test_body), next(nullptr) {
  *last_link = this;
  last_link = &next;
}

void fail(const char* file, int line, const std::string& message) {
  // A check inside a loop may fail a million times: print the first few only.
  if (++failures_of_this_test <= 10) std::printf("%s:%d: %s\n", file, line, message.c_str());
}

static bool passes(const TestCase& test) {
  failures_of_this_test = 0;
  try {
    test.body();
  } catch (const std::exception& error) {
    fail(test.name, 0, std::string("threw: ") + error.what());
  } catch (...) {
    fail(test.name, 0, "threw something that is no std::exception");
  }
  if (failures_of_this_test > 0) std::printf("FAILED %s (%d checks)\n", test.name, failures_of_this_test);
  return failures_of_this_test == 0;
}

}  // namespace lampas::testing

int main(int argument_count, char** arguments) {
  using namespace lampas::testing;
  const char* wanted = argument_count > 1 ? arguments[1] : "";
  int passed = 0, failed = 0;
  for (const TestCase* test = first_test; test != nullptr; test = test->next) {
    if (std::strstr(test->name, wanted) == nullptr) continue;
    std::fflush(stdout);
    passes(*test) ? ++passed : ++failed;
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed > 0 || passed == 0 ? 1 : 0;
}
