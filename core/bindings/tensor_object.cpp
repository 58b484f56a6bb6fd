// Life and death of tensor objects: making, keeping for the core, collecting cycles, reuse of memory.
#include "core/bindings/tensor_object.h"

#include <structmember.h>

#include "core/bindings/tensor_members.h"

namespace lampas::python {

PyTypeObject* tensor_type = nullptr;
GraphCollector graph_collector;

namespace {

PyTypeObject* tensor_metatype = nullptr;

TensorObject* as_object(PyObject* self) { return reinterpret_cast<TensorObject*>(self); }
PyObject* as_python(TensorObject* object) { return reinterpret_cast<PyObject*>(object); }

// Objects of exactly lampas.Tensor that died, kept for the next ones. They still count as instances.
constexpr int greatest_free_count = 256;
TensorObject* free_objects[greatest_free_count];
int free_count = 0;

TensorObject* allocate_object() {
  if (free_count > 0) {
    TensorObject* object = free_objects[--free_count];
    Py_SET_REFCNT(as_python(object), 1);
    return object;
  }
  TensorObject* object = PyObject_GC_New(TensorObject, tensor_type);
  if (!object) throw PythonError();
  object->attributes = nullptr;
  object->weak_references = nullptr;
  return object;
}

[[gnu::noinline]] PyObject* existing_object(Tensor& tensor) {
  TensorBody& body = tensor.body();
  auto* self = static_cast<PyObject*>(body.object);
  if (!body.object_owned) return Py_NewRef(self);
  // The owners change places: the caller gets the body's reference, the object takes over `tensor`'s.
  body.object_owned = false;
  new (&tensor) Tensor();
  return self;
}

// Whether the core holds the tensor too, so that the object must be taken as reachable.
bool held_by_core(const TensorObject* object) {
  const TensorBody& body = object->tensor.body();
  return body.object_owned || body.references.value() > 1;
}

// Leaves the object to its body where others hold that.
bool stay_with_body(TensorObject* object) {
  TensorBody& body = object->tensor.body();
  if (body.references.value() == 1) return false;
  body.object_owned = true;
  Py_SET_REFCNT(as_python(object), 1);
  if (body.references.decrement_unless_last()) return true;
  body.object_owned = false;  // the others let go just now
  Py_SET_REFCNT(as_python(object), 0);
  return false;
}

// The core's last reference to a body that owns its object has gone.
void release_to_python(TensorBody* body) noexcept {
  // Without an interpreter, or in a thread that it no longer admits, both stay: the process is ending.
  if (!Py_IsInitialized() || (interpreter_is_finalizing() && !PyGILState_Check())) return;
  WithLock lock;
  ErrorAside error_aside;
  body->references.revive();
  body->object_owned = false;
  Py_DECREF(static_cast<PyObject*>(body->object));
}

// Calls visit_slot(PyObject*&) for every __slots__ entry of the subclasses.
template <class Visit>
int for_each_slot(PyObject* self, Visit&& visit_slot) {
  for (PyTypeObject* type = Py_TYPE(self); type && type != tensor_type; type = type->tp_base) {
    PyMemberDef* member = type->tp_members;
    for (Py_ssize_t i = 0, count = Py_SIZE(type); member && i < count; ++i, ++member) {
      if (member->type != T_OBJECT_EX || (member->flags & READONLY)) continue;
      auto& slot = *reinterpret_cast<PyObject**>(reinterpret_cast<char*>(self) + member->offset);
      if (int stop = slot ? visit_slot(slot) : 0) return stop;
    }
  }
  return 0;
}

int tensor_traverse(PyObject* self, visitproc visit, void* arg) {
  TensorObject* object = as_object(self);
  Py_VISIT(Py_TYPE(self));
  // An object that visits nothing counts as a root for what it refers to: what the core can still hand
  // back to Python must not be collected.
  if (held_by_core(object)) return 0;
  int stop = for_each_slot(self, [&](PyObject* slot) {
    Py_VISIT(slot);
    return 0;
  });
  if (stop) return stop;
  Py_VISIT(object->attributes);
  return graph_collector.traverse ? graph_collector.traverse(object->tensor, visit, arg) : 0;
}

// Leaves the tensor itself in place: code that runs during the collection may still see it.
int tensor_clear(PyObject* self) {
  TensorObject* object = as_object(self);
  for_each_slot(self, [](PyObject*& slot) {
    Py_CLEAR(slot);
    return 0;
  });
  Py_CLEAR(object->attributes);
  if (graph_collector.clear) graph_collector.clear(object->tensor);
  return 0;
}

void tensor_dealloc(PyObject* self);

void dealloc_with_state(PyObject* self) {
  TensorObject* object = as_object(self);
  PyTypeObject* type = Py_TYPE(self);
  TensorBody& body = object->tensor.body();
  if (body.object == self) {  // else the trashcan calls a second time
    if (stay_with_body(object)) return;
    if (type->tp_finalize) {
      if (PyObject_CallFinalizerFromDealloc(self) < 0) return;  // __del__ stored it somewhere
      if (stay_with_body(object)) return;
    }
    body.object = nullptr;
    PyObject_GC_UnTrack(self);
  }
  Py_TRASHCAN_BEGIN(self, tensor_dealloc) if (object->weak_references) PyObject_ClearWeakRefs(self);
  for_each_slot(self, [](PyObject*& slot) {
    Py_CLEAR(slot);
    return 0;
  });
  Py_CLEAR(object->attributes);
  object->tensor.~Tensor();
  type->tp_free(self);
  Py_DECREF(type);
  Py_TRASHCAN_END
}

// Serves Tensor and, put there by the metatype, every subclass.
void tensor_dealloc(PyObject* self) {
  TensorObject* object = as_object(self);
  if (!is_exact_tensor(self) || object->attributes || object->weak_references) [[unlikely]] {
    dealloc_with_state(self);
    return;
  }
  PyObject_GC_UnTrack(self);
  object->tensor.body().object = nullptr;
  object->tensor.~Tensor();
  if (free_count < greatest_free_count) {
    free_objects[free_count++] = object;
    return;
  }
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_Del(self);
  Py_DECREF(type);
}

// CPython's own dealloc for classes written in Python clears the instance before the base class is asked,
// and a finalizer runs only once: neither can keep an object, again and again, for the core.
PyObject* metatype_new(PyTypeObject* metatype, PyObject* arguments, PyObject* keywords) {
  PyObject* created = PyType_Type.tp_new(metatype, arguments, keywords);
  if (!created) return nullptr;
  auto* type = reinterpret_cast<PyTypeObject*>(created);
  if (tensor_type && PyType_IsSubtype(type, tensor_type)) {
    type->tp_dealloc = tensor_dealloc;
    type->tp_traverse = tensor_traverse;
    type->tp_clear = tensor_clear;
  }
  return created;
}

PyMemberDef layout_members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(TensorObject, attributes), READONLY, nullptr},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(TensorObject, weak_references), READONLY, nullptr},
    {},
};

}  // namespace

PyObject* wrap(Tensor tensor) {
  if (!tensor.defined()) [[unlikely]]
    Py_RETURN_NONE;
  TensorBody& body = tensor.body();
  if (body.object) return existing_object(tensor);
  TensorObject* object = allocate_object();
  new (&object->tensor) Tensor(std::move(tensor));
  body.object = object;
  PyObject_GC_Track(object);
  return as_python(object);
}

PyObject* wrap_as(PyTypeObject* type, Tensor tensor) {
  if (type == tensor_type) return wrap(std::move(tensor));
  check(tensor.body().object == nullptr, "a tensor that has a Python object cannot get another one");
  // Tracked by the collector already, so that the tensor must be there at once.
  Object made = Object::steal(type->tp_alloc(type, 0));
  TensorObject* object = as_object(made.get());
  tensor.body().object = object;
  new (&object->tensor) Tensor(std::move(tensor));
  return made.release();
}

constexpr const char* tensor_doc =
    R"(An array of elements of one dtype, in any number of dimensions, that can remember how it was computed.

    `lampas.tensor(data)` makes one from numbers. Where `requires_grad` is set, `backward()` on a result
    leaves derivatives in `grad`. Views share their elements.

    >>> x = lampas.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([[2., 4.],
            [6., 8.]])
)";

void register_tensor_type(PyObject* module) {
  PyType_Slot metatype_slots[] = {{Py_tp_new, slot_function(metatype_new)}, {}};
  PyType_Spec metatype_spec = {"lampas._core._TensorMeta", 0, 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                               metatype_slots};
  Object metatype =
      Object::steal(PyType_FromSpecWithBases(&metatype_spec, reinterpret_cast<PyObject*>(&PyType_Type)));
  tensor_metatype = reinterpret_cast<PyTypeObject*>(metatype.get());
  add_to_module(module, "_TensorMeta", metatype);

  std::vector<PyType_Slot> slots = tensor_slots();
  slots.push_back({Py_tp_dealloc, slot_function(tensor_dealloc)});
  slots.push_back({Py_tp_traverse, slot_function(tensor_traverse)});
  slots.push_back({Py_tp_clear, slot_function(tensor_clear)});
  slots.push_back({Py_tp_members, layout_members});
  slots.push_back({Py_tp_doc, const_cast<char*>(tensor_doc)});
  slots.push_back({});
  PyType_Spec spec = {"lampas.Tensor", sizeof(TensorObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots.data()};
  Object type = Object::steal(PyType_FromSpec(&spec));
  tensor_type = reinterpret_cast<PyTypeObject*>(type.get());
  Py_SET_TYPE(type.get(), reinterpret_cast<PyTypeObject*>(metatype.release()));
  release_object = release_to_python;
  tensor_type->tp_name = "Tensor";  // what messages say
  add_to_module(module, "Tensor", type);
  type.release();  // `tensor_type` keeps it
}

}  // namespace lampas::python
