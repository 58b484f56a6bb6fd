// Gathers what the Tensor type is made of.
#include "core/bindings/tensor_members.h"

#include "core/bindings/indexing.h"
#include "core/bindings/tensor_operators.h"

namespace lampas::python {

std::vector<PyType_Slot> tensor_slots() {
  std::vector<PyType_Slot> slots;
  add_operator_slots(slots);
  add_indexing_slots(slots);
  return slots;
}

}  // namespace lampas::python
