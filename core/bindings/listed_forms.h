// How PyTorch lists the overloads of some functions: where one op here covers several of them, where the
// order differs, and where Lampas has no op for one yet.
#pragma once

#include <string_view>
#include <vector>

namespace lampas::python {

struct ListedForm {
  enum Kind : unsigned { function = 1, method = 2, in_place = 4, out = 8, deprecated = 16 };

  const char* name;  // of the Python function
  const char* op;    // "max.dim"; null: PyTorch has this form and Lampas does not
  const char*
      parameters;  // as in a signature. Those of the op are found by name; the others keep their default
  unsigned kinds;  // out: the function has an `out` argument; deprecated: it works, with a warning
};

// In PyTorch's order; none for most names.
std::vector<const ListedForm*> listed_forms(std::string_view name, ListedForm::Kind kind);

}  // namespace lampas::python
