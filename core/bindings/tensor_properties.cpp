// The attributes of a tensor: shape, dtype, grad and their kin.
#include "core/bindings/tensor_properties.h"

#include "core/bindings/conversion.h"
#include "core/bindings/named_op.h"
#include "core/bindings/size_object.h"
#include "core/bindings/subclass.h"
#include "core/bindings/tensor_object.h"
#include "core/bindings/value_types.h"
#include "core/ops/history.h"
#include "core/ops/view_dims.h"
#include "core/ops/warning.h"
#include "core/transforms/level.h"

namespace lampas::python {
namespace {

// A getter from a function of the tensor that returns a new reference.
template <auto read>
PyObject* get(PyObject* self, void*) {
  return guarded([&] { return static_cast<PyObject*>(read(tensor_of(self))); });
}
// From a function that returns another tensor, which keeps the class.
template <auto compute>
PyObject* get_tensor(PyObject* self, void*) {
  return guarded([&] { return wrap_like(self, compute(tensor_of(self))); });
}
// From a function that returns a bool.
template <auto read>
PyObject* get_truth(PyObject* self, void*) {
  return guarded([&] { return PyBool_FromLong(read(tensor_of(self))); });
}

PyObject* shape(const Tensor& tensor) { return new_size(tensor.sizes()); }
PyObject* dtype(const Tensor& tensor) { return Py_NewRef(dtype_object(tensor.dtype())); }
PyObject* device(const Tensor& tensor) { return device_object(tensor.device()).release(); }
PyObject* layout(const Tensor&) { return Py_NewRef(layout_object()); }
PyObject* rank(const Tensor& tensor) { return PyLong_FromLongLong(tensor.dim()); }
PyObject* item_bytes(const Tensor& tensor) { return PyLong_FromSize_t(item_size(tensor.dtype())); }
PyObject* bytes(const Tensor& tensor) {
  return PyLong_FromLongLong(tensor.numel() * static_cast<int64_t>(item_size(tensor.dtype())));
}
PyObject* version(const Tensor& tensor) { return PyLong_FromUnsignedLong(tensor.version()); }
PyObject* base(const Tensor& tensor) { return wrap(view_base(tensor)); }
PyObject* none(const Tensor&) { Py_RETURN_NONE; }

bool needs_grad(const Tensor& tensor) { return tensor.requires_grad() || grad_fn(tensor); }
bool is_leaf(const Tensor& tensor) { return !grad_fn(tensor); }
bool never(const Tensor&) { return false; }
template <DeviceKind kind>
bool is_on(const Tensor& tensor) {
  return tensor.device().kind == kind;
}

// ---- other views of the same elements

Tensor reversed_dims(const Tensor& tensor) {
  if (tensor.dim() != 2)
    warn(
        "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it "
        "will throw an error in a future release. Consider `x.mT` to transpose batches of matrices or "
        "`x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor.");
  Shape dims;
  for (int64_t dim = tensor.dim() - 1; dim >= 0; --dim) dims.push_back(dim);
  return permute(tensor, dims);
}
Tensor matrix_transpose(const Tensor& tensor) {
  if (tensor.dim() < 2)
    fail(ErrorKind::runtime, "tensor.mT is only supported on matrices or batches of matrices. Got ",
         tensor.dim(), "-D tensor.");
  return transpose(tensor, -2, -1);
}
Tensor adjoint(const Tensor& tensor, const char* name) {
  if (tensor.dim() < 2)
    fail(ErrorKind::runtime, "tensor.", name, " is only supported on matrices or batches of matrices. Got ",
         tensor.dim(), "-D tensor.");
  Tensor transposed = transpose(tensor, -2, -1);
  static const NamedOp conj("conj");
  return is_complex(tensor.dtype()) ? conj(transposed) : transposed;
}
Tensor conjugate_transpose(const Tensor& tensor) {
  if (tensor.dim() != 2 && tensor.dim() != 0)
    fail(ErrorKind::runtime, "tensor.H is only supported on matrices (2-D tensors). Got ", tensor.dim(),
         "-D tensor.", tensor.dim() > 2 ? " For batches of matrices, consider using tensor.mH" : "");
  return tensor.dim() == 0 ? tensor : adjoint(tensor, "H");
}
Tensor matrix_adjoint(const Tensor& tensor) { return adjoint(tensor, "mH"); }

Tensor real_part(const Tensor& tensor) {
  if (!is_complex(tensor.dtype())) return tensor;
  static const NamedOp real("real");
  return real(tensor);
}
Tensor imaginary_part(const Tensor& tensor) {
  check(is_complex(tensor.dtype()), "imag is not implemented for tensors with non-complex dtypes.");
  static const NamedOp imag("imag");
  return imag(tensor);
}

// ---- gradients

int set_requires_grad_attribute(PyObject* self, PyObject* value, void*) {
  return guarded_status([&] {
    if (!value || !PyBool_Check(value)) fail(ErrorKind::runtime, "requires_grad must be a bool");
    set_requires_grad(tensor_of(self), value == Py_True);
  });
}

PyObject* get_grad(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    const Tensor& tensor = tensor_of(self);
    AutogradState* state = autograd_state(tensor);
    if (!state) Py_RETURN_NONE;
    if (!state->grad.defined() && state->node && !state->retains_grad)
      warn(
          "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute "
          "won't be populated during autograd.backward(). If you indeed want the .grad field to be populated "
          "for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf "
          "Tensor by mistake, make sure you access the leaf Tensor instead. See "
          "github.com/pytorch/pytorch/pull/30531 for more information.");
    return wrap(state->grad);
  });
}

void check_new_grad(const Tensor& tensor, const Tensor& grad) {
  check(!grad.same_as(tensor), "can't assign Variable as its own grad");
  if (grad.dtype() != tensor.dtype())
    fail(ErrorKind::runtime, "attempting to assign a gradient with dtype '", name_of(grad.dtype()),
         "' to a tensor with grad_dtype '", scalar_type_name(tensor.dtype()),
         "'. The gradient must match the tensor's grad_dtype (defaults to the tensor's dtype).");
  if (grad.device() != tensor.device())
    fail(ErrorKind::runtime, "attempting to assign a gradient with device type '", name_of(grad.device()),
         "' to a tensor with device type '", name_of(tensor.device()),
         "'. Please ensure that the gradient and the tensor are on the same device");
  if (grad.sizes() != tensor.sizes())
    fail(ErrorKind::runtime, "attempting to assign a gradient of size '", grad.sizes(),
         "' to a tensor of size '", tensor.sizes(),
         "'. Please ensure that the gradient and the tensor are the same size");
}

int set_grad(PyObject* self, PyObject* value, void*) {
  return guarded_status([&] {
    const Tensor& tensor = tensor_of(self);
    if (!value || value == Py_None) {
      if (AutogradState* state = autograd_state(tensor)) state->grad = Tensor();
      return;
    }
    if (!is_tensor(value))
      raise(PyExc_TypeError, "assigned grad expected to be a Tensor or None but got grad of type ",
            type_name(value));
    check_new_grad(tensor, tensor_of(value));
    make_autograd_state(tensor).grad = tensor_of(value);
  });
}

// ---- data: the same memory, unknown to autograd

Reference<VersionCounter> own_counter(uint32_t start) {
  auto counter = Reference<VersionCounter>::adopt(new VersionCounter);
  counter->value = start;
  return counter;
}

Tensor data(const Tensor& tensor) {
  if (tensor.is_wrapped()) return transforms::detached(tensor);
  Tensor result = alias(tensor);
  result.body().own_version = own_counter(0);
  return result;
}

int set_data(PyObject* self, PyObject* value, void*) {
  return guarded_status([&] {
    check(value != nullptr, "Deleting tensor data is not allowed. Delete tensor instead!");
    if (!is_tensor(value))
      raise(PyExc_TypeError, "Variable data has to be a tensor, but got ", type_name(value));
    const Tensor& tensor = tensor_of(self);
    const Tensor& source = tensor_of(value);
    check(!tensor.is_wrapped() && !source.is_wrapped(),
          "`.data` cannot be set on a tensor that stands for several while a transform is active");
    bool compatible = tensor.device() == source.device() ||
                      (tensor.device().kind != DeviceKind::meta && source.device().kind != DeviceKind::meta);
    check(compatible,
          "Attempted to call `variable.set_data(tensor)`, but `variable` and `tensor` have "
          "incompatible tensor type.");
    check(!tensor.requires_grad() || is_differentiable(source.dtype()),
          "data set to a tensor that requires gradients must be floating point or complex dtype");
    // Versions go on from here: what was saved before knows this tensor by them.
    if (!tensor.body().own_version) tensor.body().own_version = own_counter(tensor.version());
    set_contents(tensor, source);
  });
}

PyGetSetDef properties[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
    {"shape", get<shape>, nullptr, "The size of each dimension.", nullptr},
    {"dtype", get<dtype>, nullptr, "The type of the elements.", nullptr},
    {"device", get<device>, nullptr, "Where the elements live.", nullptr},
    {"layout", get<layout>, nullptr, "Always lampas.strided.", nullptr},
    {"ndim", get<rank>, nullptr, "The number of dimensions.", nullptr},
    {"itemsize", get<item_bytes>, nullptr, "The bytes of one element.", nullptr},
    {"nbytes", get<bytes>, nullptr, "The bytes of all elements.", nullptr},
    {"T", get_tensor<reversed_dims>, nullptr, "The tensor with its dimensions reversed.", nullptr},
    {"mT", get_tensor<matrix_transpose>, nullptr, "The tensor with its last two dimensions swapped.",
     nullptr},
    {"H", get_tensor<conjugate_transpose>, nullptr, "The conjugate of the transposed matrix.", nullptr},
    {"mH", get_tensor<matrix_adjoint>, nullptr, "The conjugate of each transposed matrix.", nullptr},
    {"real", get_tensor<real_part>, nullptr, "The real part; a real tensor itself.", nullptr},
    {"imag", get_tensor<imaginary_part>, nullptr, "The imaginary part of a complex tensor.", nullptr},
    {"requires_grad", get_truth<needs_grad>, set_requires_grad_attribute,
     "Whether gradients are recorded for it.", nullptr},
    {"grad", get_grad, set_grad, "The gradient that backward() has added up, or None.", nullptr},
    {"is_leaf", get_truth<is_leaf>, nullptr, "Whether no recorded op made it.", nullptr},
    {"data", get_tensor<data>, set_data, "The same elements, without history.", nullptr},
    {"is_cpu", get_truth<is_on<DeviceKind::cpu>>, nullptr, "Whether it lives on a CPU.", nullptr},
    {"is_cuda", get_truth<is_on<DeviceKind::cuda>>, nullptr, "Whether it lives on a CUDA GPU.", nullptr},
    {"is_meta", get_truth<is_on<DeviceKind::meta>>, nullptr, "Whether it has a shape but no memory.",
     nullptr},
    {"is_mps", get_truth<never>, nullptr, "Always False.", nullptr},
    {"is_xpu", get_truth<never>, nullptr, "Always False.", nullptr},
    {"is_sparse", get_truth<never>, nullptr, "Always False.", nullptr},
    {"is_sparse_csr", get_truth<never>, nullptr, "Always False.", nullptr},
    {"is_quantized", get_truth<never>, nullptr, "Always False.", nullptr},
    {"is_nested", get_truth<never>, nullptr, "Always False.", nullptr},
    {"is_mkldnn", get_truth<never>, nullptr, "Always False.", nullptr},
    {"name", get<none>, nullptr, "Always None.", nullptr},
    {"_version", get<version>, nullptr, "How often its memory was written in place.", nullptr},
    {"_base", get<base>, nullptr, "The tensor it is a view of, or None.", nullptr},
    {},
};

}  // namespace

PyGetSetDef* tensor_properties() { return properties; }

}  // namespace lampas::python
