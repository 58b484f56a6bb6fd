// Turns a row of elementwise_rows.h into a type with its domain, its number of parameters and its
// formula, for whatever values V the including namespace computes with.
#pragma once

#include "core/kernels/elementwise_rows.h"

#define LAMPAS_PASS_PARAMETERS_0
#define LAMPAS_PASS_PARAMETERS_1 , parameters[0]
#define LAMPAS_PASS_PARAMETERS_2 , parameters[0], parameters[1]
#define LAMPAS_PASS_PARAMETERS_3 , parameters[0], parameters[1], parameters[2]

#define LAMPAS_ROW_FACTS(row_domain, row_parameter_count) \
  static constexpr Domain domain = Domain::row_domain;    \
  static constexpr int parameter_count = row_parameter_count;

#define LAMPAS_UNARY_FORMULA(name, row_domain, row_parameter_count)       \
  struct name##_row {                                                     \
    LAMPAS_ROW_FACTS(row_domain, row_parameter_count)                     \
    template <class V>                                                    \
    static inline auto apply(V x, [[maybe_unused]] const V* parameters) { \
      return name(x LAMPAS_PASS_PARAMETERS_##row_parameter_count);        \
    }                                                                     \
  };

#define LAMPAS_BINARY_FORMULA(name, row_domain, row_parameter_count)           \
  struct name##_row {                                                          \
    LAMPAS_ROW_FACTS(row_domain, row_parameter_count)                          \
    template <class V>                                                         \
    static inline auto apply(V a, V b, [[maybe_unused]] const V* parameters) { \
      return name(a, b LAMPAS_PASS_PARAMETERS_##row_parameter_count);          \
    }                                                                          \
  };

#define LAMPAS_TERNARY_FORMULA(name, row_domain, row_parameter_count)               \
  struct name##_row {                                                               \
    LAMPAS_ROW_FACTS(row_domain, row_parameter_count)                               \
    template <class V>                                                              \
    static inline auto apply(V a, V b, V c, [[maybe_unused]] const V* parameters) { \
      return name(a, b, c LAMPAS_PASS_PARAMETERS_##row_parameter_count);            \
    }                                                                               \
  };
