// PyTorch's wording for a call that fits no overload.
#pragma once

#include "core/bindings/arguments.h"

namespace lampas::python {

// "add() received an invalid combination of arguments - got (str), but expected …"
std::string no_overload_fits(const Parser& parser, const Arguments& arguments);

}  // namespace lampas::python
