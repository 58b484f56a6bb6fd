// The module lampas._core: every file of bindings registers here what it gives.
#include "core/bindings/autograd_engine.h"
#include "core/bindings/creation.h"
#include "core/bindings/dlpack.h"
#include "core/bindings/generator_object.h"
#include "core/bindings/interpreter.h"
#include "core/bindings/module_base.h"
#include "core/bindings/numpy_bridge.h"
#include "core/bindings/op_function.h"
#include "core/bindings/process_state.h"
#include "core/bindings/python.h"
#include "core/bindings/return_types.h"
#include "core/bindings/settings.h"
#include "core/bindings/size_object.h"
#include "core/bindings/subclass.h"
#include "core/bindings/tensor_object.h"
#include "core/bindings/tensor_storage.h"
#include "core/bindings/to_arguments.h"
#include "core/bindings/transform_objects.h"
#include "core/bindings/value_types.h"

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
  register_process_state(module.get());
  register_value_types(module.get());
  register_size(module.get());
  register_generator(module.get());
  register_tensor_type(module.get());
  register_numpy_bridge(module.get());
  register_dlpack(module.get());
  register_storage_type(module.get());
  register_to_arguments(module.get());
  register_creation(module.get());
  register_settings(module.get());
  register_subclasses(module.get());
  register_return_types(module.get());
  register_ops(module.get());
  register_autograd(module.get());
  register_transforms(module.get());
  register_extensions(module.get());
  register_module_base(module.get());
  connect_interpreter();
  return module.release();
}

}  // namespace
}  // namespace lampas::python

PyMODINIT_FUNC PyInit__core() {
  return lampas::python::guarded([] { return lampas::python::make_module(); });
}
