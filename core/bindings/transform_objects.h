// Transforms in Python: levels of vmap and forward mode, autocast, the recorder, and gradients under them.
#pragma once

#include <memory>

#include "core/bindings/python.h"
#include "core/ops/seam.h"

namespace lampas::python {

// A transform that Python enters and leaves by `with`.
struct TransformObject {
  PyObject_HEAD Transform* transform;  // owned; made when it is entered
  bool entered;
};

void enter_transform(PyObject* self, std::unique_ptr<Transform> transform);
void leave_transform(PyObject* self);
void dealloc_transform(PyObject* self);

void register_transforms(PyObject* module);
// Transforms and ops written in Python, and rules for ops from outside.
void register_extensions(PyObject* module);

}  // namespace lampas::python
