// Indexing: integers, slices, None and Ellipsis make views; tensors, lists and masks go to the index ops.
#include "core/bindings/indexing.h"

#include "core/bindings/numpy_bridge.h"
#include "core/bindings/subclass.h"
#include "core/bindings/tensor_data.h"
#include "core/bindings/tensor_object.h"
#include "core/ops/creation.h"
#include "core/ops/indexing.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"
#include "core/ops/view_parts.h"
#include "core/ops/warning.h"

namespace lampas::python {
namespace {

bool is_mask(const Tensor& index) { return index.dtype() == DType::bool_ || index.dtype() == DType::uint8; }

bool is_integer(PyObject* index) {
  if (PyLong_CheckExact(index)) return true;
  if (PyBool_Check(index) || is_tensor(index) || is_numpy_array(index)) return false;
  return PyLong_Check(index) || PyIndex_Check(index);
}

bool is_sequence(PyObject* index) {
  return PySequence_Check(index) && !PyUnicode_Check(index) && !PyBytes_Check(index);
}

// PyTorch takes a short list that holds slices, tensors or lists as a tuple, with a warning.
bool means_tuple(PyObject* index) {
  if (!PyList_Check(index) || PyList_GET_SIZE(index) >= 32) return false;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(index); ++i) {
    PyObject* part = PyList_GET_ITEM(index, i);
    if (is_tensor(part) || PySlice_Check(part) || part == Py_Ellipsis || part == Py_None ||
        (!is_integer(part) && is_sequence(part))) {
      warn(
          "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in "
          "pytorch 2.9; "
          "use x[tuple(seq)] instead of x[seq]. In pytorch 2.9 this will be interpreted as tensor index, "
          "x[torch.tensor(seq)], which will result either in an error or a different result");
      return true;
    }
  }
  return false;
}

// One index of a tuple, classified once.
struct Part {
  enum class Kind { integer, slice, new_dim, ellipsis, truth, tensor } kind;
  int64_t integer = 0;        // integer; 0 or 1 for truth
  PyObject* slice = nullptr;  // borrowed
  Tensor tensor;
  int64_t dims = 1;  // how many dims of the tensor it takes
};

Part classify(const Tensor& self, PyObject* index) {
  using Kind = Part::Kind;
  if (is_integer(index)) {
    Py_ssize_t value = PyNumber_AsSsize_t(index, PyExc_IndexError);
    if (value == -1 && PyErr_Occurred()) throw PythonError();
    return {Kind::integer, value, nullptr, {}, 1};
  }
  if (PySlice_Check(index)) return {Kind::slice, 0, index, {}, 1};
  if (index == Py_None) return {Kind::new_dim, 0, nullptr, {}, 0};
  if (index == Py_Ellipsis) return {Kind::ellipsis, 0, nullptr, {}, 0};
  if (PyBool_Check(index)) return {Kind::truth, index == Py_True, nullptr, {}, 0};

  Tensor tensor;
  if (is_tensor(index)) {
    tensor = tensor_of(index);
  } else if (is_numpy_array(index) || is_sequence(index)) {
    tensor =
        is_numpy_array(index) ? tensor_from_array(index, false) : tensor_from_data(index, std::nullopt, {});
    if (tensor.numel() == 0 && !is_numpy_array(index)) tensor = cast(tensor, DType::int64);
  } else {
    raise(PyExc_IndexError,
          "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
          "(got ",
          Py_TYPE(index)->tp_name, ")");
  }
  if (!is_integral(tensor.dtype()))
    fail(ErrorKind::index, "tensors used as indices must be long, int, byte or bool tensors");
  bool is_meta = tensor.device().kind == DeviceKind::meta;
  if (tensor.dim() == 0 && !tensor.is_wrapped() && !is_meta) {
    int64_t value = scalar_of(tensor).to<int64_t>();
    return is_mask(tensor) ? Part{Kind::truth, value != 0, nullptr, {}, 0}
                           : Part{Kind::integer, value, nullptr, {}, 1};
  }
  int64_t dims = is_mask(tensor) ? tensor.dim() : 1;
  if (tensor.device() != self.device() && tensor.device().kind == DeviceKind::cpu)
    tensor = to_copy(tensor, std::nullopt, self.device());
  return {Kind::tensor, 0, nullptr, std::move(tensor), dims};
}

// A truth value selects everything once or nothing: an index of one or no zeros into a new dim.
Tensor truth_index(bool truth, Device device) { return zeros(Shape{truth ? 1 : 0}, DType::int64, device); }

// `alone`: the slice is the whole index, and makes a view even where it takes everything.
Tensor take_slice(const Tensor& tensor, int64_t dim, PyObject* index, bool alone) {
  Py_ssize_t start, stop, step;
  auto* object = reinterpret_cast<PySliceObject*>(index);
  if (is_tensor(object->step) || object->step != Py_None) {
    Object number = Object::steal(PyNumber_Index(object->step));
    Py_ssize_t given = PyNumber_AsSsize_t(number.get(), nullptr);
    if (given == 0) raise(PyExc_ValueError, "slice step cannot be zero");
    if (given < 0) raise(PyExc_ValueError, "step must be greater than zero");
  }
  check_status(PySlice_Unpack(index, &start, &stop, &step));
  if (!alone && start == 0 && stop >= tensor.sizes()[dim] && step == 1) return tensor;
  return slice(tensor, dim, start, stop, step);
}

// `position` is the part's place in the index: PyTorch's message says it instead of the dim.
int64_t checked_index(const Tensor& view, int64_t dim, size_t position, int64_t index) {
  int64_t size = view.sizes()[dim];
  if (index < -size || index >= size)
    fail(ErrorKind::index, "index ", index, " is out of bounds for dimension ", position, " with size ",
         size);
  return index;
}

// What an index leads to: a view, and the index tensors still to be applied to it (undefined for `:`).
struct Selection {
  Tensor view;
  TensorList indices;
  bool advanced = false;
};

Selection select_parts(const Tensor& self, const SmallVector<Part, 4>& parts) {
  int64_t taken = 0;
  for (const Part& part : parts) taken += part.dims;
  if (taken > self.dim()) {
    if (self.dim() == 0)
      fail(ErrorKind::index,
           "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to "
           "convert a "
           "0-dim tensor to a number");
    fail(ErrorKind::index, "too many indices for tensor of dimension ", self.dim());
  }
  Selection selection{self, {}, false};
  int64_t dim = 0;
  auto keep_dims = [&](int64_t count) {
    dim += count;
    selection.indices.insert(selection.indices.end(), static_cast<size_t>(count), Tensor());
  };
  for (size_t position = 0; position < parts.size(); ++position) {
    const Part& part = parts[position];
    Tensor& view = selection.view;
    switch (part.kind) {
      case Part::Kind::integer:
        view = select(view, dim, checked_index(view, dim, position, part.integer));
        break;
      case Part::Kind::slice:
        view = take_slice(view, dim, part.slice, parts.size() == 1);
        keep_dims(1);
        break;
      case Part::Kind::new_dim:
        view = unsqueeze(view, dim);
        keep_dims(1);
        break;
      case Part::Kind::ellipsis:
        keep_dims(self.dim() - taken);
        break;
      case Part::Kind::truth:
        view = unsqueeze(view, dim++);
        selection.indices.push_back(truth_index(part.integer != 0, self.device()));
        selection.advanced = true;
        break;
      case Part::Kind::tensor:
        selection.indices.push_back(part.tensor);
        selection.advanced = true;
        dim += part.dims;
        break;
    }
  }
  return selection;
}

Selection select_index(const Tensor& self, PyObject* index) {
  SmallVector<Part, 4> parts;
  if (PyTuple_Check(index)) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(index); ++i)
      parts.push_back(classify(self, PyTuple_GET_ITEM(index, i)));
  } else if (means_tuple(index)) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(index); ++i)
      parts.push_back(classify(self, PyList_GET_ITEM(index, i)));
  } else {
    parts.push_back(classify(self, index));
  }
  return select_parts(self, parts);
}

// A value to assign, as a tensor of the target's dtype; throws PyTorch's TypeError for what is no number.
Tensor value_tensor(const Tensor& self, PyObject* value) {
  if (is_tensor(value)) return tensor_of(value);
  bool number = PyFloat_Check(value) || PyLong_Check(value) || PyComplex_Check(value) ||
                PyIndex_Check(value) ||
                (PyNumber_Check(value) && !is_numpy_array(value) && !is_sequence(value));
  if (!number)
    raise(PyExc_TypeError, "can't assign a ", Py_TYPE(value)->tp_name, " to a torch.",
          scalar_type_name(self.dtype()), "Tensor");
  return tensor_from_data(value, self.dtype(), self.device());
}

// Leading dims of size 1 that the target has not are dropped.
Tensor without_leading_ones(const Tensor& value, int64_t rank) {
  int64_t extra = value.dim() - rank, drop = 0;
  while (drop < extra && value.sizes()[drop] == 1) ++drop;
  if (drop == 0) return value;
  return view(value, Shape(value.sizes().begin() + drop, value.sizes().end()));
}

void assign(const Tensor& target, const Tensor& value) {
  Tensor fitting = without_leading_ones(value, target.dim());
  copy_(target, fitting.sizes() == target.sizes() ? fitting : expand(fitting, target.sizes()));
}

PyObject* get_item_slot(PyObject* self, PyObject* index) {
  return guarded([&] { return wrap_like(self, get_item(tensor_of(self), index)); });
}

PyObject* sequence_item_slot(PyObject* self, Py_ssize_t index) {
  return guarded([&]() -> PyObject* {
    const Tensor& tensor = tensor_of(self);
    Part part{Part::Kind::integer, index, nullptr, {}, 1};
    return wrap_like(self, select_parts(tensor, {part}).view);
  });
}

int set_item_slot(PyObject* self, PyObject* index, PyObject* value) {
  return guarded_status([&] {
    if (!value) raise(PyExc_TypeError, "Tensor does not support deleting items");
    set_item(tensor_of(self), index, value);
  });
}

Py_ssize_t length_slot(PyObject* self) {
  return guarded(
      [&]() -> Py_ssize_t {
        const Tensor& tensor = tensor_of(self);
        if (tensor.dim() == 0) raise(PyExc_TypeError, "len() of a 0-d tensor");
        return tensor.sizes()[0];
      },
      static_cast<Py_ssize_t>(-1));
}

}  // namespace

Tensor get_item(const Tensor& self, PyObject* index) {
  if (index == Py_Ellipsis) return alias_op(self);
  Selection selection = select_index(self, index);
  if (selection.advanced) return lampas::index(selection.view, selection.indices);
  return selection.view.same_as(self) ? alias_op(self) : selection.view;
}

void set_item(const Tensor& self, PyObject* index, PyObject* value) {
  Tensor source = value_tensor(self, value);
  if (index == Py_False) return;
  if (index == Py_True) return assign(unsqueeze(self, 0), source);
  Selection selection = index == Py_Ellipsis ? Selection{self, {}, false} : select_index(self, index);
  if (!selection.advanced) {
    assign(selection.view, source);
    return;
  }
  size_t defined = 0, masks = 0;
  for (const Tensor& tensor : selection.indices) {
    defined += tensor.defined();
    masks += tensor.defined() && is_mask(tensor);
  }
  if (source.numel() == 1 && defined == 1 && masks == 1)
    source = cast(source, self.dtype());  // PyTorch fills here, and a filled number is converted
  index_put.write_into(selection.view, selection.indices, without_leading_ones(source, selection.view.dim()),
                       false);
}

void add_indexing_slots(std::vector<PyType_Slot>& slots) {
  slots.push_back({Py_mp_subscript, slot_function(get_item_slot)});
  slots.push_back({Py_mp_ass_subscript, slot_function(set_item_slot)});
  slots.push_back({Py_mp_length, slot_function(length_slot)});
  slots.push_back({Py_sq_item, slot_function(sequence_item_slot)});
  slots.push_back({Py_sq_length, slot_function(length_slot)});
}

}  // namespace lampas::python
