// Gathers what the Tensor type is made of.
#include "core/bindings/tensor_members.h"

#include "core/bindings/creation.h"
#include "core/bindings/indexing.h"
#include "core/bindings/tensor_methods.h"
#include "core/bindings/tensor_operators.h"
#include "core/bindings/tensor_properties.h"

namespace lampas::python {

namespace {

// The printing is written in Python and imported by the first tensor that is printed.
PyObject* repr_slot(PyObject* self) {
  return guarded([&] {
    static PyObject* tensor_repr = import_attribute("lampas._tensor_repr", "tensor_repr").release();
    return PyObject_CallOneArg(tensor_repr, self);
  });
}

}  // namespace

std::vector<PyType_Slot> tensor_slots() {
  std::vector<PyType_Slot> slots;
  add_operator_slots(slots);
  add_indexing_slots(slots);
  slots.push_back({Py_tp_repr, slot_function(repr_slot)});
  slots.push_back({Py_tp_new, slot_function(new_tensor_object)});
  slots.push_back({Py_tp_getset, tensor_properties()});
  slots.push_back({Py_tp_methods, tensor_methods()});
  return slots;
}

}  // namespace lampas::python
