// lampas.Generator: a stream of random numbers.
#pragma once

#include "core/bindings/python.h"
#include "core/ops/shared_generator.h"

namespace lampas::python {

bool is_generator(PyObject* object);
Reference<Opaque> generator_argument(PyObject* object);  // of a Generator

void register_generator(PyObject* module);

}  // namespace lampas::python
