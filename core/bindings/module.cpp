// The module lampas._core: every file of bindings registers here what it gives.
#include "core/bindings/python.h"
#include "core/bindings/tensor_object.h"

namespace lampas::python {
namespace {

PyModuleDef module_definition = {PyModuleDef_HEAD_INIT,
                                 "lampas._core",
                                 "The core of Lampas: tensors, ops, autograd.",
                                 -1,
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 nullptr};

PyObject* make_module() {
  Object module = Object::steal(PyModule_Create(&module_definition));
  register_tensor_type(module.get());
  return module.release();
}

}  // namespace
}  // namespace lampas::python

PyMODINIT_FUNC PyInit__core() {
  return lampas::python::guarded([] { return lampas::python::make_module(); });
}
