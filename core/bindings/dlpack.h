// Memory exchanged with other libraries by DLPack, https://dmlc.github.io/dlpack/latest/.
#pragma once

#include "core/bindings/python.h"
#include "core/tensor/tensor.h"

namespace lampas::python {

// A tensor on the memory in a capsule, which is used up.
Tensor tensor_from_capsule(PyObject* capsule);
// A capsule on the tensor's memory: of DLPack 1.0 where `versioned`, else of the older form.
Object capsule_from_tensor(const Tensor& tensor, bool versioned, bool is_copy);

void register_dlpack(PyObject* module);

}  // namespace lampas::python
