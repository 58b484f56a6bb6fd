// Methods of Tensor that ask about it, change its flags, or make an object of another class.
#include "core/bindings/tensor_methods.h"

#include "core/bindings/arguments.h"
#include "core/bindings/creation.h"
#include "core/bindings/memory_format.h"
#include "core/bindings/named_op.h"
#include "core/bindings/size_object.h"
#include "core/bindings/tensor_data.h"
#include "core/bindings/tensor_object.h"
#include "core/bindings/tensor_storage.h"
#include "core/bindings/value_types.h"
#include "core/ops/history.h"

namespace lampas::python {
namespace {

// A method without arguments from a function of the tensor that returns a new reference.
template <auto compute>
PyObject* no_arguments(PyObject* self, PyObject*) {
  return guarded([&] { return static_cast<PyObject*>(compute(tensor_of(self))); });
}
template <auto compute>
PyObject* truth(PyObject* self, PyObject*) {
  return guarded([&] { return PyBool_FromLong(compute(tensor_of(self))); });
}

PyObject* rank(const Tensor& tensor) { return PyLong_FromLongLong(tensor.dim()); }
PyObject* element_count(const Tensor& tensor) { return PyLong_FromLongLong(tensor.numel()); }
PyObject* element_bytes(const Tensor& tensor) { return PyLong_FromSize_t(item_size(tensor.dtype())); }
PyObject* storage_offset(const Tensor& tensor) { return PyLong_FromLongLong(tensor.offset()); }
PyObject* address(const Tensor& tensor) { return PyLong_FromVoidPtr(tensor.data()); }
PyObject* device_index(const Tensor& tensor) { return PyLong_FromLong(tensor.device().index); }
PyObject* value_of(const Tensor& tensor) { return number_of(tensor).release(); }
PyObject* lists_of(const Tensor& tensor) { return nested_list(tensor).release(); }

bool is_floating_tensor(const Tensor& tensor) { return is_floating(tensor.dtype()); }
bool is_complex_tensor(const Tensor& tensor) { return is_complex(tensor.dtype()); }
bool is_signed_tensor(const Tensor& tensor) { return is_signed(tensor.dtype()); }
bool is_inference_tensor(const Tensor& tensor) { return tensor.body().inference; }
bool is_view(const Tensor& tensor) { return view_base(tensor).defined(); }
bool never(const Tensor&) { return false; }
bool in_shared_memory(const Tensor& tensor) {
  return tensor.body().storage && tensor.body().storage->kind == StorageKind::shared_memory;
}

PyObject* size(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser = new_parser("size", true, {"size(Tensor self, int? dim=None) -> int"});
    const Tensor& tensor = tensor_of(self);
    if (count == 0 && !names) return new_size(tensor.sizes());
    Values parsed;
    parser.parse({values, count, names}, parsed);
    if (is_none(parsed[0])) return new_size(tensor.sizes());
    return PyLong_FromLongLong(tensor.size(std::get<int64_t>(parsed[0])));
  });
}

PyObject* stride(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser = new_parser("stride", true, {"stride(Tensor self, int? dim=None) -> int"});
    const Tensor& tensor = tensor_of(self);
    Values parsed;
    parser.parse({values, count, names}, parsed);
    if (is_none(parsed[0])) return new_tuple_of_ints(tensor.strides()).release();
    return PyLong_FromLongLong(tensor.stride(std::get<int64_t>(parsed[0])));
  });
}

PyObject* is_contiguous_method(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser = new_parser(
        "is_contiguous", true, {"is_contiguous(Tensor self, *, MemoryFormat? memory_format=None) -> bool"});
    const Tensor& tensor = tensor_of(self);
    Values parsed;
    parser.parse({values, count, names}, parsed);
    MemoryFormat format = format_in(parsed[0], MemoryFormat::contiguous);
    check(format != MemoryFormat::preserve,
          "preserve memory format is unsupported by the contiguous operator");
    return PyBool_FromLong(lies_in(tensor, format));
  });
}

const Tensor& other_tensor(PyObject* other, const char* function) {
  if (!is_tensor(other))
    raise(PyExc_TypeError, function, "(): argument 'other' (position 1) must be Tensor, not ",
          type_name(other));
  return tensor_of(other);
}
PyObject* is_same_size(PyObject* self, PyObject* other) {
  return guarded([&] {
    return PyBool_FromLong(tensor_of(self).sizes() == other_tensor(other, "is_same_size").sizes());
  });
}
PyObject* is_set_to(PyObject* self, PyObject* other) {
  return guarded([&] {
    const TensorBody& left = tensor_of(self).body();
    const TensorBody& right = other_tensor(other, "is_set_to").body();
    return PyBool_FromLong(left.storage == right.storage && left.offset == right.offset &&
                           left.sizes == right.sizes && left.strides == right.strides);
  });
}

PyObject* requires_grad_in_place(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser = new_parser(
        "requires_grad_", true, {"requires_grad_(Tensor self, bool requires_grad=True) -> Tensor"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    const Tensor& tensor = tensor_of(self);
    bool requires_grad = std::get<bool>(parsed[0]);
    check(!requires_grad || is_differentiable(tensor.dtype()),
          "only Tensors of floating point dtype can require gradients");
    set_requires_grad(tensor, requires_grad);
    return Py_NewRef(self);
  });
}

PyObject* detach_in_place(PyObject* self, PyObject*) {
  return guarded([&] {
    const Tensor& tensor = tensor_of(self);
    if (view_base(tensor).defined())
      fail(
          ErrorKind::runtime,
          "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) "
          "for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and "
          "hence detach_() cannot be called on these gradients. To fix this error, please refer to the "
          "Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.");
    if (AutogradState* state = autograd_state(tensor)) {
      state->node = nullptr;
      state->output_index = 0;
    }
    tensor.body().requires_grad = false;
    return Py_NewRef(self);
  });
}

PyObject* resize_in_place(PyObject* self, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser = new_parser(
        "resize_", true, {"resize_(Tensor self, int[] size, *, MemoryFormat? memory_format=None) -> Tensor"});
    const Tensor& tensor = tensor_of(self);
    check(!tensor.is_wrapped() && tensor.body().storage,
          "resize_ needs a tensor with memory of its own, not one that stands for others");
    check(!tensor.requires_grad(), "cannot resize variables that require grad");
    Values parsed;
    parser.parse({values, count, names}, parsed);
    resize(tensor, std::get<Shape>(parsed[0]));
    return Py_NewRef(self);
  });
}

// ---- objects of other classes for the same elements

[[noreturn]] void fail_not_a_tensor_class() {
  raise(
      PyExc_TypeError,
      "Creating a Tensor subclass from a class that does not inherit from Tensor is not possible. Make sure "
      "your class inherits from Tensor.");
}
PyTypeObject* tensor_class(PyObject* object) {
  if (!PyType_Check(object)) raise(PyExc_TypeError, "cls must be a type (got ", type_name(object), ")");
  auto* type = reinterpret_cast<PyTypeObject*>(object);
  if (!PyType_IsSubtype(type, tensor_type)) fail_not_a_tensor_class();
  return type;
}

PyObject* make_subclass(PyObject*, PyObject* const* values, Py_ssize_t count, PyObject* names) {
  return guarded([&] {
    static const Parser& parser =
        new_parser("_make_subclass", false,
                   {"_make_subclass(object cls, Tensor data, bool requires_grad=False) -> Tensor"});
    Values parsed;
    parser.parse({values, count, names}, parsed);
    auto& holder = static_cast<PythonObject&>(*std::get<Reference<Opaque>>(parsed[0]));
    PyTypeObject* type = tensor_class(holder.object.get());
    Tensor tensor = alias(std::get<Tensor>(parsed[1]));
    bool requires_grad = std::get<bool>(parsed[2]);
    check(!requires_grad || is_differentiable(tensor.dtype()),
          "Only Tensors of floating point and complex dtype can require gradients");
    set_requires_grad(tensor, requires_grad);
    return wrap_as(type, std::move(tensor));
  });
}

PyObject* as_subclass(PyObject* self, PyObject* type) {
  return guarded([&] {
    PyTypeObject* wanted = tensor_class(type);
    static const NamedOp alias_op("alias");
    return wrap_as(wanted, alias_op(tensor_of(self)));
  });
}

PyObject* untyped_storage(const Tensor& tensor) { return storage_object(tensor).release(); }

constexpr int with_names = METH_FASTCALL | METH_KEYWORDS;

}  // namespace

void add_query_methods(std::vector<PyMethodDef>& methods) {
  auto add = [&](std::initializer_list<PyMethodDef> more) { methods.insert(methods.end(), more); };
  add({{"size", method_function(size), with_names, "Return the sizes, or the size of one dimension."},
       {"stride", method_function(stride), with_names,
        "Return how far elements lie apart along each dimension, or along one."},
       {"dim", no_arguments<rank>, METH_NOARGS, "Return the number of dimensions."},
       {"ndimension", no_arguments<rank>, METH_NOARGS, "Return the number of dimensions."},
       {"numel", no_arguments<element_count>, METH_NOARGS, "Return the number of elements."},
       {"nelement", no_arguments<element_count>, METH_NOARGS, "Return the number of elements."},
       {"element_size", no_arguments<element_bytes>, METH_NOARGS, "Return the bytes of one element."},
       {"storage_offset", no_arguments<storage_offset>, METH_NOARGS,
        "Return where in the storage the first element lies, counted in elements."},
       {"data_ptr", no_arguments<address>, METH_NOARGS, "Return the address of the first element."},
       {"get_device", no_arguments<device_index>, METH_NOARGS, "Return the GPU's index; -1 on a CPU."},
       {"item", no_arguments<value_of>, METH_NOARGS, "Return the only element as a Python number."},
       {"tolist", no_arguments<lists_of>, METH_NOARGS, "Return the elements as nested lists."},
       {"untyped_storage", no_arguments<untyped_storage>, METH_NOARGS, "Return the memory it looks into."}});
  add({{"is_contiguous", method_function(is_contiguous_method), with_names,
        "Return whether the elements lie in memory in order and without gaps."},
       {"is_floating_point", truth<is_floating_tensor>, METH_NOARGS,
        "Return whether the dtype is a real floating point type."},
       {"is_complex", truth<is_complex_tensor>, METH_NOARGS, "Return whether the dtype is complex."},
       {"is_signed", truth<is_signed_tensor>, METH_NOARGS, "Return whether the dtype has negative values."},
       {"is_inference", truth<is_inference_tensor>, METH_NOARGS,
        "Return whether it was made in inference mode."},
       {"is_conj", truth<never>, METH_NOARGS, "Return False: conjugates are computed at once."},
       {"is_neg", truth<never>, METH_NOARGS, "Return False: negatives are computed at once."},
       {"is_pinned", truth<never>, METH_NOARGS, "Return whether its memory is pinned for a GPU."},
       {"is_shared", truth<in_shared_memory>, METH_NOARGS, "Return whether processes share its memory."},
       {"is_same_size", is_same_size, METH_O, "Return whether another tensor has the same shape."},
       {"is_set_to", is_set_to, METH_O, "Return whether another tensor shows the same memory alike."},
       {"_is_view", truth<is_view>, METH_NOARGS, "Return whether it is a view of another tensor."}});
  add({{"requires_grad_", method_function(requires_grad_in_place), with_names,
        "Set whether gradients are recorded for it, and return it."},
       {"detach_", detach_in_place, METH_NOARGS, "Cut it from its history, and return it."},
       {"resize_", method_function(resize_in_place), with_names,
        "Give it other sizes in the same memory, which grows where it must, and return it."},
       {"_make_subclass", method_function(make_subclass), with_names | METH_STATIC,
        "Make an object of a subclass for the same elements, without history."},
       {"new_tensor", method_function(new_tensor_method), with_names,
        "Copy data into a new tensor of this dtype and device."},
       {"as_subclass", as_subclass, METH_O, "Return an object of a subclass for the same elements."}});
}

PyMethodDef* tensor_methods() {
  static std::vector<PyMethodDef> methods;
  if (methods.empty()) {
    add_query_methods(methods);
    add_conversion_methods(methods);
    methods.push_back({});
  }
  return methods.data();
}

}  // namespace lampas::python
