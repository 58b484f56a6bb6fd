// Extensions written in Python: transforms, ops at the same seam, and rules for ops that exist.
#include "core/bindings/arguments.h"
#include "core/bindings/op_function.h"
#include "core/bindings/tensor_object.h"
#include "core/bindings/transform_arguments.h"
#include "core/bindings/transform_objects.h"
#include "core/transforms/forward_mode.h"
#include "core/transforms/vmap.h"

namespace lampas::python {
namespace {

PyTypeObject* op_type = nullptr;

// What an op gives, from what Python gave in its place.
Value result_value(PyObject* result, const std::string& whose) {
  if (is_tensor(result)) return Value(tensor_of(result));
  if (PyTuple_Check(result) || PyList_Check(result)) return Value(tensors_of(result));
  if (std::optional<Scalar> number = as_number(result)) return Value(*number);
  raise(PyExc_TypeError, whose, " must return a Tensor, a tuple of Tensors or a number, not ",
        Py_TYPE(result)->tp_name);
}

Object values_tuple(const Values& values) {
  Object tuple = Object::steal(PyTuple_New(static_cast<Py_ssize_t>(values.size())));
  for (size_t i = 0; i < values.size(); ++i)
    PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), value_object(values[i]));
  return tuple;
}

// ---- the op as a transform's `process` sees it ----

struct OpObject {
  PyObject_HEAD const OpBase* op;
  Mode mode;
};
OpObject* as_op(PyObject* self) { return reinterpret_cast<OpObject*>(self); }

Object make_op_object(const OpBase& op, Mode mode) {
  Object made = Object::steal(op_type->tp_alloc(op_type, 0));
  as_op(made.get())->op = &op;
  as_op(made.get())->mode = mode;
  return made;
}

void op_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

std::string op_name_of(const OpObject& object) {
  return object.op->name() + (object.mode == Mode::in_place ? "_" : "");
}

PyObject* op_name(PyObject* self, void*) {
  return guarded([&] { return new_text(op_name_of(*as_op(self))).release(); });
}

PyObject* op_full_name(PyObject* self, void*) {
  return guarded([&] { return new_text(as_op(self)->op->full_name()).release(); });
}

// Runs the op below the transform that was handed it.
PyObject* op_call(PyObject* self, PyObject* arguments, PyObject* keywords) {
  return guarded([&] {
    const OpObject& object = *as_op(self);
    Object named = keywords ? Object::steal(PyDict_Copy(keywords)) : Object::steal(PyDict_New());
    TensorList targets;
    if (object.mode == Mode::out) {
      PyObject* out = PyDict_GetItemString(named.get(), "out");
      if (!out) raise(PyExc_TypeError, op_name_of(object), "() needs `out` here");
      targets = is_tensor(out) ? TensorList{tensor_of(out)} : tensors_of(out);
      check_status(PyDict_DelItemString(named.get(), "out"));
    }
    Overload overload(object.op->signature(), object.op->name(), false, 0);
    TupleArguments given(arguments, named.get());
    Values values;
    overload.parse(given.arguments(), values, true);
    return value_object(object.op->call(values, object.mode, targets));
  });
}

PyObject* op_repr(PyObject* self) {
  return guarded([&] { return new_text("<op " + op_name_of(*as_op(self)) + ">").release(); });
}

PyGetSetDef op_properties[] = {
    {"name", op_name, nullptr, "The op's name; with an underscore where it writes in place.", nullptr},
    {"full_name", op_full_name, nullptr, "The op's name with that of the overload: 'max.dim'.", nullptr},
    {},
};

// ---- transforms written in Python ----

class PythonTransform final : public Transform {
 public:
  explicit PythonTransform(PyObject* self) : self_(self) {}

  Value process(const OpBase& op, Values& values, Mode mode, TensorList& targets) override {
    WithLock lock;
    Object object = make_op_object(op, mode);
    const auto& parameters = op.signature().parameters;
    Object positional = Object::steal(PyList_New(0)), named = Object::steal(PyDict_New());
    for (size_t i = 0; i < values.size(); ++i) {
      Object value = Object::steal(value_object(values[i]));
      if (parameters[i].keyword_only)
        check_status(PyDict_SetItemString(named.get(), parameters[i].name.c_str(), value.get()));
      else
        check_status(PyList_Append(positional.get(), value.get()));
    }
    if (mode == Mode::out) {
      Object out = targets.size() == 1 ? Object::steal(wrap(targets[0])) : tensor_tuple(targets);
      check_status(PyDict_SetItemString(named.get(), "out", out.get()));
    }
    Object tuple = Object::steal(PyList_AsTuple(positional.get()));
    Object process = Object::steal(PyObject_GetAttrString(self_, "process"));
    Object result = Object::steal(
        PyObject_CallFunctionObjArgs(process.get(), object.get(), tuple.get(), named.get(), nullptr));
    if (op.signature().result == "bool") return Value(PyObject_IsTrue(result.get()) == 1);
    return result_value(result.get(), "Transform.process");
  }

 private:
  PyObject* self_;  // owns this
};

PyObject* transform_enter(PyObject* self, PyObject*) {
  return guarded([&] {
    enter_transform(self, std::make_unique<PythonTransform>(self));
    Py_INCREF(self);  // as long as it is active
    return Py_NewRef(self);
  });
}

PyObject* transform_leave(PyObject* self, PyObject*) {
  return guarded([&]() -> PyObject* {
    leave_transform(self);
    Py_DECREF(self);
    Py_RETURN_NONE;
  });
}

// process(op, args, kwargs): as if it were not there.
PyObject* transform_process(PyObject*, PyObject* arguments) {
  PyObject *op, *args, *kwargs;
  if (!PyArg_ParseTuple(arguments, "OO!O!", &op, &PyTuple_Type, &args, &PyDict_Type, &kwargs)) return nullptr;
  return PyObject_Call(op, args, kwargs);
}

PyMethodDef transform_methods[] = {
    {"__enter__", transform_enter, METH_NOARGS, nullptr},
    {"__exit__", transform_leave, METH_VARARGS, nullptr},
    {"process", transform_process, METH_VARARGS,
     "Answer a call of `op` with `args` and `kwargs`; `op(*args, **kwargs)` passes it on."},
    {},
};

// ---- ops and rules written in Python ----

// A rule lives as long as the process.
PyObject* kept_forever(PyObject* callable) { return Py_NewRef(callable); }

class PythonOp final : public OpBase {
 public:
  PythonOp(const char* signature, PyObject* call, const char* documentation)
      : OpBase(signature, {.forms = Forms::function | Forms::out, .any_device = true}, documentation),
        call_(kept_forever(call)) {}

  Value run(Values& values, Mode mode, TensorList& targets) const override {
    check(mode != Mode::in_place, name(), "() has no in-place form");
    WithLock lock;
    Object arguments = values_tuple(values);
    Object object = Object::steal(PyObject_CallObject(call_, arguments.get()));
    Value result = result_value(object.get(), name() + "()");
    if (mode == Mode::functional) return result;
    // With out= the results are copied into the targets, after the checks of every op.
    Call call(false, name().c_str(), mode, values, targets);
    call.not_differentiable();
    if (auto* list = std::get_if<TensorList>(&result)) return Value(call.finish(std::move(*list)));
    return Value(call.finish(std::get<Tensor>(result)));
  }

 private:
  PyObject* call_;
};

// An autograd.Function whose tensors are wrappers passes the seam as this op. `call` computes the outputs
// from the tensors; it travels as an object, whatever the declaration says.
class CustomFunctionOp final : public OpBase {
 public:
  CustomFunctionOp()
      : OpBase("_custom_function(Tensor[] tensors, str call) -> Tensor[]",
               {.forms = Forms{}, .any_device = true}, "Call an autograd.Function under transforms.") {}

  Value run(Values& values, Mode, TensorList&) const override {
    WithLock lock;
    PyObject* call = static_cast<PythonObject&>(*std::get<Reference<Opaque>>(values[1])).object.get();
    Object tensors = tensor_tuple(std::get<TensorList>(values[0]));
    return Value(tensors_of(Object::steal(PyObject_CallObject(call, tensors.get())).get()));
  }
};
const OpBase* custom_function = nullptr;

// _call_custom_function(tensors, call)
PyObject* call_custom_function(PyObject*, PyObject* arguments) {
  PyObject *tensors, *call;
  if (!PyArg_ParseTuple(arguments, "OO", &tensors, &call)) return nullptr;
  return guarded([&] {
    Values values{Value(tensors_of(tensors)),
                  Value(Reference<Opaque>::adopt(new PythonObject(Object::borrow(call))))};
    return value_object(custom_function->call(values));
  });
}

// _register_op(signature, function, documentation): the function that calls the op.
PyObject* register_op(PyObject*, PyObject* arguments) {
  const char *signature, *documentation;
  PyObject* call;
  if (!PyArg_ParseTuple(arguments, "sOs", &signature, &call, &documentation)) return nullptr;
  return guarded([&] {
    Signature parsed = parse_signature(signature);
    check(!find_op(parsed.name), "an op named '", parsed.name, "' is registered already");
    Object text = new_text(documentation);
    const char* kept = PyUnicode_AsUTF8(kept_forever(text.get()));
    return function_of(*new PythonOp(signature, call, kept)).release();
  });
}

const char* name_of(transforms::Randomness randomness) {
  return randomness == transforms::Randomness::error       ? "error"
         : randomness == transforms::Randomness::different ? "different"
                                                           : "same";
}

// rule(batch_size, randomness, in_dims, args) -> (output or tuple of outputs, their batch dim or None)
BatchedValue run_batching_rule(PyObject* rule, const OpBase& op, BatchedValues& arguments,
                               const transforms::Vmap& level) {
  WithLock lock;
  Object dims = Object::steal(PyTuple_New(static_cast<Py_ssize_t>(arguments.size())));
  Values values;
  for (size_t i = 0; i < arguments.size(); ++i) {
    int64_t dim = arguments[i].batch_dim;
    PyTuple_SET_ITEM(dims.get(), static_cast<Py_ssize_t>(i),
                     dim < 0 ? Py_NewRef(Py_None) : PyLong_FromLongLong(dim));
    values.push_back(arguments[i].value);
  }
  Object tuple = values_tuple(values);
  Object result = Object::steal(PyObject_CallFunction(rule, "LsOO", static_cast<long long>(level.batch_size),
                                                      name_of(level.randomness), dims.get(), tuple.get()));
  PyObject *output, *dim;
  if (!PyArg_ParseTuple(result.get(), "OO;a batching rule returns its output and that one's batch dim",
                        &output, &dim))
    throw PythonError();
  int64_t batch_dim = dim == Py_None ? -1 : PyLong_AsLongLong(dim);
  if (PyErr_Occurred()) throw PythonError();
  return {result_value(output, "the batching rule of " + op.full_name()), batch_dim};
}

PyObject* add_batching_rule(PyObject*, PyObject* arguments) {
  const char* name;
  PyObject* rule;
  if (!PyArg_ParseTuple(arguments, "sO", &name, &rule)) return nullptr;
  return guarded([&]() -> PyObject* {
    check(find_op(name) != nullptr, "there is no op named '", name, "'");
    PyObject* kept = kept_forever(rule);
    transforms::register_batching_rule(
        name, [kept](const OpBase& op, BatchedValues& values, const transforms::Vmap& level) {
          return run_batching_rule(kept, op, values, level);
        });
    Py_RETURN_NONE;
  });
}

// rule(args, result, tangents) -> the tangent of the result, or a tuple of them
PyObject* add_forward_rule(PyObject*, PyObject* arguments) {
  const char* name;
  PyObject* rule;
  if (!PyArg_ParseTuple(arguments, "sO", &name, &rule)) return nullptr;
  return guarded([&]() -> PyObject* {
    check(find_op(name) != nullptr, "there is no op named '", name, "'");
    PyObject* kept = kept_forever(rule);
    transforms::register_forward_rule(name, [kept](const OpBase&, const Values& primals, const Value& result,
                                                   const Values& tangents) {
      WithLock lock;
      Object args = values_tuple(primals), moved = values_tuple(tangents);
      Object output = Object::steal(value_object(result));
      Object answer =
          Object::steal(PyObject_CallFunctionObjArgs(kept, args.get(), output.get(), moved.get(), nullptr));
      return is_tensor(answer.get()) ? TensorList{tensor_of(answer.get())} : tensors_of(answer.get());
    });
    Py_RETURN_NONE;
  });
}

PyMethodDef functions[] = {
    {"_call_custom_function", call_custom_function, METH_VARARGS, nullptr},
    {"_register_op", register_op, METH_VARARGS, nullptr},
    {"_register_batching_rule", add_batching_rule, METH_VARARGS, nullptr},
    {"_register_forward_rule", add_forward_rule, METH_VARARGS, nullptr},
    {},
};

}  // namespace

void register_extensions(PyObject* module) {
  PyType_Slot op_slots[] = {
      {Py_tp_dealloc, slot_function(op_dealloc)},
      {Py_tp_call, slot_function(op_call)},
      {Py_tp_repr, slot_function(op_repr)},
      {Py_tp_getset, op_properties},
      {},
  };
  PyType_Spec op_spec = {"lampas.library.Op", sizeof(OpObject), 0,
                         Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, op_slots};
  op_type = reinterpret_cast<PyTypeObject*>(Object::steal(PyType_FromSpec(&op_spec)).release());

  PyType_Slot slots[] = {
      {Py_tp_new, slot_function(PyType_GenericNew)},
      {Py_tp_dealloc, slot_function(dealloc_transform)},
      {Py_tp_methods, transform_methods},
      {Py_tp_doc,
       const_cast<char*>("A transform: while entered, `process(op, args, kwargs)` answers every op.")},
      {},
  };
  PyType_Spec spec = {"lampas.library.Transform", sizeof(TransformObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
  add_to_module(module, "_Transform", Object::steal(PyType_FromSpec(&spec)));
  check_status(PyModule_AddFunctions(module, functions));
  custom_function = new CustomFunctionOp;
}

}  // namespace lampas::python
