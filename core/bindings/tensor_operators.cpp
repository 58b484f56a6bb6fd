// Python's operators on tensors: + - * / and their kin go straight to the op.
#include "core/bindings/tensor_operators.h"

#include "core/bindings/tensor_object.h"
#include "core/ops/binary.h"

namespace lampas::python {
namespace {

PyObject* add_slot(PyObject* left, PyObject* right) {
  if (!is_tensor(left) || !is_tensor(right)) Py_RETURN_NOTIMPLEMENTED;
  return guarded([&] { return wrap(add(tensor_of(left), tensor_of(right), 1)); });
}

}  // namespace

void add_operator_slots(std::vector<PyType_Slot>& slots) {
  slots.push_back({Py_nb_add, slot_function(add_slot)});
}

}  // namespace lampas::python
