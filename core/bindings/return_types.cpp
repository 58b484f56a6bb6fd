// Named results: what torch.max(input, dim) returns has `values` and `indices`.
#include "core/bindings/return_types.h"

#include <structmember.h>
#include <structseq.h>

#include <map>

#include "core/bindings/subclass.h"
#include "core/ops/op.h"

namespace lampas::python {
namespace {

// PyTorch prints one field a line.
PyObject* result_repr(PyObject* self) {
  return guarded([&] {
    PyTypeObject* type = Py_TYPE(self);
    std::string text = std::string(type->tp_name) + "(";
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(self); ++i) {
      Object value = Object::steal(PyObject_Repr(PyTuple_GET_ITEM(self, i)));
      text += std::string(i ? ",\n" : "\n") + type->tp_members[i].name + "=" + text_of(value.get());
    }
    return new_text(text + ")").release();
  });
}

PyTypeObject* result_type_for(const Signature& signature) {
  static std::map<std::string, PyTypeObject*>& types = *new std::map<std::string, PyTypeObject*>;
  auto [entry, is_new] = types.try_emplace(signature.name + "." + signature.overload, nullptr);
  if (entry->second) return entry->second;
  // The type refers to these names for as long as it lives, which is to the end of the process.
  auto* name = new std::string("torch.return_types." + signature.name);
  auto* fields = new std::vector<PyStructSequence_Field>;
  for (const std::string& field : signature.result_names)
    fields->push_back({(new std::string(field))->c_str(), nullptr});
  fields->push_back({nullptr, nullptr});
  std::string doc = "The results of lampas." + signature.name + ", by name.";
  PyStructSequence_Desc description = {name->c_str(), doc.c_str(), fields->data(),
                                       static_cast<int>(signature.result_names.size())};
  PyTypeObject* type = PyStructSequence_NewType(&description);
  if (!type) throw PythonError();
  type->tp_repr = result_repr;
  entry->second = type;
  return type;
}

}  // namespace

Object named_result(const Signature& signature, const TensorList& tensors, PyTypeObject* result_class) {
  Object result = Object::steal(PyStructSequence_New(result_type_for(signature)));
  for (size_t i = 0; i < tensors.size(); ++i)
    PyStructSequence_SetItem(result.get(), static_cast<Py_ssize_t>(i), wrap_in(result_class, tensors[i]));
  return result;
}

namespace {

PyObject* return_type(PyObject*, PyObject* name) {
  return guarded([&]() -> PyObject* {
    if (!PyUnicode_Check(name)) raise(PyExc_TypeError, "_return_type() takes the name of a function");
    std::string wanted = text_of(name);
    for (const OpBase* op : all_ops())
      if (op->name() == wanted && !op->signature().result_names.empty())
        return Py_NewRef(reinterpret_cast<PyObject*>(result_type_for(op->signature())));
    Py_RETURN_NONE;
  });
}

PyMethodDef functions[] = {
    {"_return_type", return_type, METH_O, "Return the type of a function's named results, or None."},
    {},
};

}  // namespace

void register_return_types(PyObject* module) { check_status(PyModule_AddFunctions(module, functions)); }

}  // namespace lampas::python
