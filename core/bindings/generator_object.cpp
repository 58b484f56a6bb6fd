// lampas.Generator: a stream of random numbers.
#include "core/bindings/generator_object.h"

#include "core/bindings/conversion.h"
#include "core/bindings/tensor_object.h"
#include "core/bindings/value_types.h"

namespace lampas::python {
namespace {

PyTypeObject* generator_type = nullptr;

struct GeneratorObject {
  PyObject_HEAD Reference<Opaque> handle;
};

Generator& generator_in(PyObject* self) {
  return generator_of(reinterpret_cast<GeneratorObject*>(self)->handle);
}

Object new_generator(PyTypeObject* type, Reference<Opaque> handle) {
  Object made = Object::steal(type->tp_alloc(type, 0));
  new (&reinterpret_cast<GeneratorObject*>(made.get())->handle) Reference<Opaque>(std::move(handle));
  return made;
}

PyObject* generator_new(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  return guarded([&] {
    static const char* names[] = {"device", nullptr};
    PyObject* device = nullptr;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|O:Generator", const_cast<char**>(names), &device))
      throw PythonError();
    if (device && device != Py_None) {
      std::optional<Device> wanted = as_device(device);
      if (!wanted)
        raise(PyExc_TypeError, "Generator(): argument 'device' (position 1) must be torch.device, not ",
              type_name(device));
      check(wanted->kind == DeviceKind::cpu, "Generator: Lampas has no generator for the device '",
            name_of(wanted->kind), "'");
    }
    auto handle = Reference<Opaque>::adopt(new SharedGenerator(std::make_unique<Generator>()));
    return new_generator(type, std::move(handle)).release();
  });
}

void generator_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  reinterpret_cast<GeneratorObject*>(self)->handle.~Reference();
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* generator_manual_seed(PyObject* self, PyObject* seed) {
  return guarded([&]() -> PyObject* {
    if (!PyLong_Check(seed))
      fail(ErrorKind::runtime, "manual_seed expected a long, but got ", type_name(seed));
    // Negative seeds wrap around: -1 is 2**64 - 1.
    int overflow = 0;
    uint64_t value = static_cast<uint64_t>(PyLong_AsLongLongAndOverflow(seed, &overflow));
    if (overflow > 0) value = PyLong_AsUnsignedLongLong(seed);
    if (PyErr_Occurred()) PyErr_Clear(), overflow = -1;
    if (overflow < 0) fail(ErrorKind::value, "Overflow when unpacking long long");
    Generator& generator = generator_in(self);
    std::lock_guard lock(generator.mutex);
    generator.manual_seed(value);
    return Py_NewRef(self);
  });
}

PyObject* generator_seed(PyObject* self, PyObject*) {
  return guarded([&] {
    Generator& generator = generator_in(self);
    std::lock_guard lock(generator.mutex);
    return PyLong_FromUnsignedLongLong(generator.seed());
  });
}

PyObject* generator_initial_seed(PyObject* self, PyObject*) {
  return PyLong_FromUnsignedLongLong(generator_in(self).initial_seed());
}

PyObject* generator_get_state(PyObject* self, PyObject*) {
  return guarded([&] {
    Tensor state = new_tensor({static_cast<int64_t>(Generator::state_bytes)}, DType::uint8);
    Generator& generator = generator_in(self);
    std::lock_guard lock(generator.mutex);
    generator.get_state(state.data<uint8_t>());
    return wrap(state);
  });
}

PyObject* generator_set_state(PyObject* self, PyObject* state) {
  return guarded([&]() -> PyObject* {
    if (!is_tensor(state)) raise(PyExc_TypeError, "expected a torch.ByteTensor, but got ", type_name(state));
    const Tensor& tensor = tensor_of(state);
    if (tensor.dtype() != DType::uint8 || tensor.device().kind != DeviceKind::cpu)
      raise(PyExc_TypeError, "RNG state must be a torch.ByteTensor");
    check(tensor.is_contiguous(), "RNG state must be contiguous");
    Generator& generator = generator_in(self);
    std::lock_guard lock(generator.mutex);
    try {
      generator.set_state(tensor.data<uint8_t>(), static_cast<size_t>(tensor.numel()));
    } catch (const std::invalid_argument& error) {
      fail(ErrorKind::runtime, error.what());
    }
    return Py_NewRef(self);
  });
}

PyObject* get_generator_device(PyObject*, void*) {
  return guarded([] { return device_object(Device{}).release(); });
}

PyMethodDef generator_methods[] = {
    {"manual_seed", generator_manual_seed, METH_O, "Start the stream that belongs to a seed."},
    {"seed", generator_seed, METH_NOARGS, "Seed from the system's randomness and return the seed."},
    {"initial_seed", generator_initial_seed, METH_NOARGS, "Return the seed that the stream started from."},
    {"get_state", generator_get_state, METH_NOARGS, "Return the state as a tensor of bytes."},
    {"set_state", generator_set_state, METH_O, "Go on from a state that get_state() returned."},
    {},
};
PyGetSetDef generator_properties[] = {
    {"device", get_generator_device, nullptr, "The device whose draws it serves.", nullptr},
    {},
};

}  // namespace

bool is_generator(PyObject* object) { return PyType_IsSubtype(Py_TYPE(object), generator_type); }
Reference<Opaque> generator_argument(PyObject* object) {
  return reinterpret_cast<GeneratorObject*>(object)->handle;
}

void register_generator(PyObject* module) {
  PyType_Slot slots[] = {
      {Py_tp_new, slot_function(generator_new)},
      {Py_tp_dealloc, slot_function(generator_dealloc)},
      {Py_tp_methods, generator_methods},
      {Py_tp_getset, generator_properties},
      {Py_tp_doc, const_cast<char*>("A stream of random numbers; the same seed gives the same numbers.")},
      {}};
  PyType_Spec spec = {"lampas.Generator", sizeof(GeneratorObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
  Object type = Object::steal(PyType_FromSpec(&spec));
  generator_type = reinterpret_cast<PyTypeObject*>(type.get());
  add_to_module(module, "Generator", type);
  type.release();
  auto handle = Reference<Opaque>::adopt(new SharedGenerator(default_generator()));
  add_to_module(module, "default_generator", new_generator(generator_type, std::move(handle)));
}

}  // namespace lampas::python
