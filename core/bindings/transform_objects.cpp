// The levels, autocast and the recorder as Python context managers.
#include "core/bindings/transform_objects.h"

#include "core/bindings/conversion.h"
#include "core/bindings/tensor_object.h"
#include "core/bindings/transform_arguments.h"
#include "core/bindings/value_types.h"
#include "core/transforms/autocast.h"
#include "core/transforms/forward_mode.h"
#include "core/transforms/recorder.h"
#include "core/transforms/vmap.h"

namespace lampas::python {
namespace {

using transforms::AutocastTransform;
using transforms::ForwardMode;
using transforms::Program;
using transforms::Randomness;
using transforms::Recorder;
using transforms::Vmap;

TransformObject* as_object(PyObject* self) { return reinterpret_cast<TransformObject*>(self); }

PyObject* transform_exit(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* {
    leave_transform(self);
    Py_RETURN_NONE;
  });
}

template <class Kind>
Kind& entered(PyObject* self) {
  check(as_object(self)->transform != nullptr, "this transform has not been entered");
  return static_cast<Kind&>(*as_object(self)->transform);
}

// ---- vmap ----

struct VmapObject {
  TransformObject base;
  long long batch_size;
  Randomness randomness;
};

int vmap_init(PyObject* self, PyObject* arguments, PyObject*) {
  long long batch_size;
  const char* randomness;
  if (!PyArg_ParseTuple(arguments, "Ls", &batch_size, &randomness)) return -1;
  return guarded_status([&] {
    auto* object = reinterpret_cast<VmapObject*>(self);
    object->batch_size = batch_size;
    std::string mode = randomness;
    if (mode != "error" && mode != "different" && mode != "same")
      raise(PyExc_RuntimeError,
            "Only allowed values for randomness are 'error', 'different', or 'same'. Got ", mode);
    object->randomness = mode == "error"       ? Randomness::error
                         : mode == "different" ? Randomness::different
                                               : Randomness::same;
  });
}

PyObject* vmap_enter(PyObject* self, PyObject*) {
  return guarded([&] {
    auto* object = reinterpret_cast<VmapObject*>(self);
    enter_transform(self, std::make_unique<Vmap>(object->batch_size, object->randomness));
    return Py_NewRef(self);
  });
}

// wrap(tensor, batch_dim)
PyObject* vmap_wrap(PyObject* self, PyObject* arguments) {
  PyObject* tensor;
  long long dim;
  if (!PyArg_ParseTuple(arguments, "O!L", tensor_type, &tensor, &dim)) return nullptr;
  return guarded([&] {
    const Tensor& value = tensor_of(tensor);
    return wrap(
        transforms::make_batched(entered<Vmap>(self).identity, value, wrap_dim(dim, value.dim(), false)));
  });
}

// unwrap(tensor, out_dim): the values of all examples; the same for each where the tensor is not batched.
PyObject* vmap_unwrap(PyObject* self, PyObject* arguments) {
  PyObject* object;
  long long dim;
  if (!PyArg_ParseTuple(arguments, "O!L", tensor_type, &object, &dim)) return nullptr;
  return guarded([&] {
    Vmap& level = entered<Vmap>(self);
    const Tensor& tensor = tensor_of(object);
    ActiveTransform below(level.below);
    int64_t out_dim = wrap_dim(dim, tensor.dim() + 1);
    if (const transforms::BatchedTensor* batched = transforms::batched_at(level, tensor))
      return wrap(transforms::move_dim(batched->value, batched->batch_dim, out_dim));
    return wrap(transforms::move_dim(transforms::expand_in_front(tensor, level.batch_size), 0, out_dim));
  });
}

// values(tensor): (the tensor behind, its batch dim), or (tensor, None) where it is not batched here.
PyObject* vmap_values(PyObject* self, PyObject* object) {
  return guarded([&]() -> PyObject* {
    if (!is_tensor(object)) return Py_BuildValue("(OO)", object, Py_None);
    const auto* batched = transforms::batched_at(entered<Vmap>(self), tensor_of(object));
    if (!batched) return Py_BuildValue("(OO)", object, Py_None);
    Object value = Object::steal(wrap(batched->value));
    return Py_BuildValue("(OL)", value.get(), static_cast<long long>(batched->batch_dim));
  });
}

PyMethodDef vmap_methods[] = {
    {"__enter__", vmap_enter, METH_NOARGS, nullptr},
    {"__exit__", transform_exit, METH_VARARGS, nullptr},
    {"wrap", vmap_wrap, METH_VARARGS, "Give the tensor that stands for one example of `tensor`."},
    {"unwrap", vmap_unwrap, METH_VARARGS, "Give all examples of a tensor, side by side along `out_dim`."},
    {"values", vmap_values, METH_O, "Give what is behind a batched tensor, and its batch dim."},
    {},
};

// ---- forward mode ----

PyObject* forward_enter(PyObject* self, PyObject*) {
  return guarded([&] {
    enter_transform(self, std::make_unique<ForwardMode>());
    return Py_NewRef(self);
  });
}

// make_dual(tensor, tangent)
PyObject* forward_make_dual(PyObject* self, PyObject* arguments) {
  PyObject *primal_object, *tangent_object;
  if (!PyArg_ParseTuple(arguments, "O!O!", tensor_type, &primal_object, tensor_type, &tangent_object))
    return nullptr;
  return guarded([&] {
    ForwardMode& level = entered<ForwardMode>(self);
    // What was made inside the level carries its wrapper already.
    auto unwrapped = [&](PyObject* object) {
      const transforms::DualTensor* dual = transforms::dual_at(level, tensor_of(object));
      return dual ? dual->primal : tensor_of(object);
    };
    Tensor primal = unwrapped(primal_object), tangent = unwrapped(tangent_object);
    check(is_differentiable(primal.dtype()),
          "Expected primal to be floating point or complex, but got: ", scalar_type_name(primal.dtype()));
    check(is_differentiable(tangent.dtype()),
          "Expected tangent to be floating point or complex, but got: ", scalar_type_name(tangent.dtype()));
    check(primal.sizes() == tangent.sizes(),
          "Trying to set a forward gradient that has a different size than that of the original Tensor, this "
          "is not supported. Tensor is of size ",
          primal.sizes(), " while the given forward gradient is of size ", tangent.sizes(), ".");
    return wrap(transforms::make_dual(level, primal, tangent));
  });
}

// unpack(tensor): (primal, tangent or None)
PyObject* forward_unpack(PyObject* self, PyObject* object) {
  return guarded([&]() -> PyObject* {
    ForwardMode& level = entered<ForwardMode>(self);
    if (!is_tensor(object) || !transforms::dual_at(level, tensor_of(object)))
      return Py_BuildValue("(OO)", object, Py_None);
    Object primal = Object::steal(wrap(transforms::dual_at(level, tensor_of(object))->primal));
    Object tangent = Object::steal(wrap(transforms::tangent_at(level, tensor_of(object))));
    return Py_BuildValue("(OO)", primal.get(), tangent.get());
  });
}

PyMethodDef forward_methods[] = {
    {"__enter__", forward_enter, METH_NOARGS, nullptr},
    {"__exit__", transform_exit, METH_VARARGS, nullptr},
    {"make_dual", forward_make_dual, METH_VARARGS, "Give a tensor that carries a tangent."},
    {"unpack", forward_unpack, METH_O, "Give a tensor without its tangent, and the tangent (None for zero)."},
    {},
};

// ---- autocast ----

struct AutocastObject {
  TransformObject base;
  DeviceKind device;
  DType dtype;
  bool enabled, cache_enabled;
};

int autocast_init(PyObject* self, PyObject* arguments, PyObject*) {
  const char* device;
  PyObject* dtype;
  int enabled, cache_enabled;
  if (!PyArg_ParseTuple(arguments, "sOpp", &device, &dtype, &enabled, &cache_enabled)) return -1;
  return guarded_status([&] {
    auto* object = reinterpret_cast<AutocastObject*>(self);
    object->device = parse_device(device).kind;
    object->dtype = dtype_of(dtype);
    object->enabled = enabled != 0;
    object->cache_enabled = cache_enabled != 0;
  });
}

PyObject* autocast_enter(PyObject* self, PyObject*) {
  return guarded([&] {
    auto* object = reinterpret_cast<AutocastObject*>(self);
    enter_transform(self, std::make_unique<AutocastTransform>(object->device, object->dtype, object->enabled,
                                                              object->cache_enabled));
    return Py_NewRef(self);
  });
}

PyMethodDef autocast_methods[] = {
    {"__enter__", autocast_enter, METH_NOARGS, nullptr},
    {"__exit__", transform_exit, METH_VARARGS, nullptr},
    {},
};

// _autocast_state(device_type): (enabled, dtype) of the innermost autocast; None outside of one.
PyObject* autocast_state(PyObject*, PyObject* device) {
  return guarded([&]() -> PyObject* {
    const AutocastTransform* autocast = transforms::current_autocast(parse_device(text_of(device)).kind);
    if (!autocast) Py_RETURN_NONE;
    return Py_BuildValue("(OO)", autocast->enabled ? Py_True : Py_False, dtype_object(autocast->dtype));
  });
}

// ---- recorder ----

struct ProgramObject {
  PyObject_HEAD std::shared_ptr<const Program> program;
};
PyTypeObject* program_type = nullptr;

const Program& program_of(PyObject* self) { return *reinterpret_cast<ProgramObject*>(self)->program; }

void program_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  reinterpret_cast<ProgramObject*>(self)->program.~shared_ptr();
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* program_replay(PyObject* self, PyObject* inputs) {
  return guarded([&] { return tensor_tuple(program_of(self).replay(tensors_of(inputs))).release(); });
}

// The names of the recorded ops, an in-place one with its underscore.
PyObject* program_ops(PyObject* self, void*) {
  return guarded([&] {
    const Program& program = program_of(self);
    Object list = Object::steal(PyList_New(0));
    for (const transforms::RecordedCall& call : program.calls) {
      std::string name = call.op->name() + (call.mode == Mode::in_place ? "_" : "");
      check_status(PyList_Append(list.get(), new_text(name).get()));
    }
    return list.release();
  });
}

PyMethodDef program_methods[] = {
    {"replay", program_replay, METH_VARARGS, "Run the recorded ops on other inputs; give the outputs."},
    {},
};
PyGetSetDef program_properties[] = {{"ops", program_ops, nullptr, "The names of the recorded ops.", nullptr},
                                    {}};

struct RecorderObject {
  TransformObject base;
  PyObject* inputs;
};

int recorder_init(PyObject* self, PyObject* inputs, PyObject*) {
  auto* object = reinterpret_cast<RecorderObject*>(self);
  Py_XSETREF(object->inputs, Py_NewRef(inputs));
  return 0;
}

void recorder_dealloc(PyObject* self) {
  Py_CLEAR(reinterpret_cast<RecorderObject*>(self)->inputs);
  dealloc_transform(self);
}

PyObject* recorder_enter(PyObject* self, PyObject*) {
  return guarded([&] {
    enter_transform(self,
                    std::make_unique<Recorder>(tensors_of(reinterpret_cast<RecorderObject*>(self)->inputs)));
    return Py_NewRef(self);
  });
}

// finish(*outputs): the program.
PyObject* recorder_finish(PyObject* self, PyObject* outputs) {
  return guarded([&] {
    std::shared_ptr<const Program> program = entered<Recorder>(self).finish(tensors_of(outputs));
    Object made = Object::steal(program_type->tp_alloc(program_type, 0));
    new (&reinterpret_cast<ProgramObject*>(made.get())->program) std::shared_ptr<const Program>(program);
    return made.release();
  });
}

PyMethodDef recorder_methods[] = {
    {"__enter__", recorder_enter, METH_NOARGS, nullptr},
    {"__exit__", transform_exit, METH_VARARGS, nullptr},
    {"finish", recorder_finish, METH_VARARGS, "End with these outputs; give the program."},
    {},
};

PyTypeObject* make_type(const char* name, size_t size, initproc init, destructor dealloc,
                        PyMethodDef* methods) {
  std::vector<PyType_Slot> slots = {
      {Py_tp_new, slot_function(PyType_GenericNew)},
      {Py_tp_dealloc, slot_function(dealloc)},
      {Py_tp_methods, methods},
  };
  if (init) slots.push_back({Py_tp_init, slot_function(init)});
  slots.push_back({});
  PyType_Spec spec = {name, static_cast<int>(size), 0, Py_TPFLAGS_DEFAULT, slots.data()};
  return reinterpret_cast<PyTypeObject*>(Object::steal(PyType_FromSpec(&spec)).release());
}

PyObject* set_loop_warnings(PyObject*, PyObject* enabled) {
  return guarded([&]() -> PyObject* {
    int truth = PyObject_IsTrue(enabled);
    check_status(truth);
    transforms::set_loop_warnings(truth != 0);
    Py_RETURN_NONE;
  });
}

// Whether a tensor stands for others, whose elements Python cannot look at.
PyObject* is_wrapped(PyObject*, PyObject* object) {
  return guarded([&] { return PyBool_FromLong(is_tensor(object) && tensor_of(object).is_wrapped()); });
}

PyMethodDef functions[] = {
    {"_is_wrapped", is_wrapped, METH_O, nullptr},
    {"vmap_fallback_warnings", set_loop_warnings, METH_O,
     "Choose whether vmap warns where an op runs once for each example."},
    {"_autocast_state", autocast_state, METH_O, nullptr},
    {},
};

}  // namespace

void enter_transform(PyObject* self, std::unique_ptr<Transform> transform) {
  TransformObject* object = as_object(self);
  check(!object->entered, "this transform has been entered already");
  delete object->transform;
  object->transform = transform.release();
  transforms::enter(*object->transform);
  object->entered = true;
}

void leave_transform(PyObject* self) {
  TransformObject* object = as_object(self);
  if (!object->entered) return;
  transforms::leave(*object->transform);
  object->entered = false;
}

void dealloc_transform(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  TransformObject* object = as_object(self);
  // One that was never left stays: calls may still pass through it.
  if (!object->entered) delete object->transform;
  type->tp_free(self);
  Py_DECREF(type);
}

TensorList tensors_of(PyObject* tuple) {
  TensorList tensors;
  Object sequence = Object::steal(PySequence_Fast(tuple, "expected a sequence of tensors"));
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence.get()); ++i) {
    PyObject* entry = PySequence_Fast_GET_ITEM(sequence.get(), i);
    if (entry != Py_None && !is_tensor(entry))
      raise(PyExc_TypeError, "expected a Tensor, not ", Py_TYPE(entry)->tp_name);
    tensors.push_back(entry == Py_None ? Tensor() : tensor_of(entry));
  }
  return tensors;
}

void register_transforms(PyObject* module) {
  auto add = [&](const char* name, PyTypeObject* type) {
    add_to_module(module, name, Object::borrow(reinterpret_cast<PyObject*>(type)));
  };
  add("_VmapLevel",
      make_type("lampas._core._VmapLevel", sizeof(VmapObject), vmap_init, dealloc_transform, vmap_methods));
  add("_ForwardLevel", make_type("lampas._core._ForwardLevel", sizeof(TransformObject), nullptr,
                                 dealloc_transform, forward_methods));
  add("_Autocast", make_type("lampas._core._Autocast", sizeof(AutocastObject), autocast_init,
                             dealloc_transform, autocast_methods));
  add("_Recorder", make_type("lampas._core._Recorder", sizeof(RecorderObject), recorder_init,
                             recorder_dealloc, recorder_methods));
  PyType_Slot program_slots[] = {
      {Py_tp_doc,
       const_cast<char*>("The calls of ops that a function made, to be made again with other tensors.")},
      {Py_tp_dealloc, slot_function(program_dealloc)},
      {Py_tp_methods, program_methods},
      {Py_tp_getset, program_properties},
      {},
  };
  PyType_Spec program_spec = {"lampas._core.Program", sizeof(ProgramObject), 0,
                              Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, program_slots};
  program_type = reinterpret_cast<PyTypeObject*>(Object::steal(PyType_FromSpec(&program_spec)).release());
  add("Program", program_type);
  check_status(PyModule_AddFunctions(module, functions));
}

}  // namespace lampas::python
