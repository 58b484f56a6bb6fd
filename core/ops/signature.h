// Signature: an op's declaration as data. The argument parser, the stubs and the docs come from it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/ops/value.h"

namespace lampas {

enum class ParameterType : uint8_t {
  tensor,         // Tensor, Tensor?
  tensor_list,    // Tensor[], Tensor?[] (entries may be None)
  scalar,         // Scalar: any Python number
  integer,        // int
  real,           // float
  boolean,        // bool
  shape,          // int[], int[2]: one number stands for all entries of a sized list
  dtype,          // ScalarType
  device,         // Device
  text,           // str
  generator,      // Generator
  layout,         // Layout        the last three are read by the bindings only
  memory_format,  // MemoryFormat
  object,         // object: anything
};

struct ParameterDeclaration {
  std::string name;
  ParameterType type;
  bool optional = false;           // `?`: None is allowed
  bool optional_elements = false;  // of `Tensor?[]`: None is allowed among them
  bool keyword_only = false;       // after `*`
  bool has_default = false;
  int length = 0;  // of int[n]
  Value default_value;
};

struct Signature {
  std::string text;      // as written
  std::string name;      // "max"
  std::string overload;  // "dim" of "max.dim", or empty
  std::vector<ParameterDeclaration> parameters;
  std::vector<std::string> result_names;  // of a named tuple, or empty
  std::string result;                     // "Tensor", "(Tensor, Tensor)", "Tensor[]", "bool"

  // Index of a parameter, or -1.
  int find(std::string_view name) const;
};

// Reads "max.dim(Tensor input, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)".
// A malformed one is a programming error and throws.
Signature parse_signature(std::string_view text);

}  // namespace lampas
