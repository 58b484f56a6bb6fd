// Python's operators on tensors. The frequent ones go straight to their op; the rest find it by name.
#include "core/bindings/tensor_operators.h"

#include "core/bindings/conversion.h"
#include "core/bindings/named_op.h"
#include "core/bindings/numpy_bridge.h"
#include "core/bindings/subclass.h"
#include "core/bindings/tensor_data.h"
#include "core/bindings/tensor_object.h"
#include "core/ops/binary.h"
#include "core/ops/comparison.h"
#include "core/ops/indexing.h"
#include "core/ops/matmul.h"
#include "core/ops/unary.h"

namespace lampas::python {
namespace {

// An operand: a tensor, or a number as a weak scalar; undefined for anything else.
Tensor operand(PyObject* object) {
  if (is_tensor(object)) return tensor_of(object);
  std::optional<Scalar> number = as_number(object);
  return number ? number_tensor(*number) : Tensor();
}

// Where an operand is a number, of a subclass, or foreign.
template <class Compute>
[[gnu::noinline]] PyObject* mixed_binary_slot(const char* name, PyObject* left, PyObject* right,
                                              Compute& compute) {
  PyObject* operands[] = {left, right};
  Arguments arguments{operands, 2, nullptr};
  SubclassRequest request = subclass_request(nullptr, arguments);
  if (request.overridden) {
    std::string method = is_tensor(left) ? text("__", name, "__") : text("__r", name, "__");
    if (!is_tensor(left)) std::swap(operands[0], operands[1]);
    Object function =
        Object::steal(PyObject_GetAttrString(reinterpret_cast<PyObject*>(tensor_type), method.c_str()));
    return call_override(function.get(), nullptr, arguments);
  }
  Tensor first = operand(left), second = operand(right);
  if (!first.defined() || !second.defined()) Py_RETURN_NOTIMPLEMENTED;
  return wrap_in(request.result_class, compute(first, second));
}

// Slots are called with a tensor on either side. `name` is the method's, without its underscores.
template <class Compute>
PyObject* binary_slot(const char* name, PyObject* left, PyObject* right, Compute&& compute) {
  return guarded([&]() -> PyObject* {
    if (is_exact_tensor(left) && is_exact_tensor(right))
      return wrap(compute(tensor_of(left), tensor_of(right)));
    return mixed_binary_slot(name, left, right, compute);
  });
}

PyObject* add_slot(PyObject* left, PyObject* right) {
  // PyTorch puts the tensor first, which shows in the graph.
  if (!is_tensor(left)) std::swap(left, right);
  return binary_slot("add", left, right, [](const Tensor& a, const Tensor& b) { return add(a, b, 1); });
}
PyObject* multiply_slot(PyObject* left, PyObject* right) {
  if (!is_tensor(left)) std::swap(left, right);
  return binary_slot("mul", left, right, [](const Tensor& a, const Tensor& b) { return mul(a, b); });
}
PyObject* subtract_slot(PyObject* left, PyObject* right) {
  static const NamedOp rsub("rsub");
  bool reversed = !is_tensor(left) && rsub;
  return binary_slot("sub", left, right, [&](const Tensor& a, const Tensor& b) {
    return reversed ? rsub(b, a, Scalar(1)) : sub(a, b, 1);
  });
}
PyObject* divide_slot(PyObject* left, PyObject* right) {
  bool reversed = !is_tensor(left);
  return binary_slot("truediv", left, right, [&](const Tensor& a, const Tensor& b) {
    return reversed ? mul(reciprocal(b), a) : div(a, b);  // as PyTorch computes 2 / x
  });
}
PyObject* matrix_multiply_slot(PyObject* left, PyObject* right) {
  if (!is_tensor(left) || !is_tensor(right)) Py_RETURN_NOTIMPLEMENTED;
  return binary_slot("matmul", left, right, matmul);
}

PyObject* compare_slot(PyObject* self, PyObject* other, int operation) {
  Object as_tensor;  // NumPy leaves comparisons with tensors to the tensor
  if (is_numpy_array(other)) {
    as_tensor = guarded([&] { return Object::steal(wrap(tensor_from_array(other, false))); });
    if (!as_tensor) return nullptr;
    other = as_tensor.get();
  }
  struct Comparison {
    const char* name;
    const BinaryOp& op;
  };
  static const Comparison comparisons[] = {{"lt", lt}, {"le", le}, {"eq", eq},  // by Py_LT ... Py_GE
                                           {"ne", ne}, {"gt", gt}, {"ge", ge}};
  return binary_slot(comparisons[operation].name, self, other, comparisons[operation].op);
}

// Operators whose op is looked up by name; where it is missing Python says that the type lacks them.
struct Name {
  template <size_t length>
  consteval Name(const char (&text)[length]) {
    for (size_t i = 0; i < length; ++i) letters[i] = text[i];
  }
  char letters[32] = {};
};

template <Name name>
const NamedOp& named_op() {
  static const NamedOp op(name.letters);
  return op;
}
template <Name name, Name method_name>
PyObject* named_binary_slot(PyObject* left, PyObject* right) {
  const NamedOp& op = named_op<name>();
  const char* method = method_name.letters;
  if (!op) Py_RETURN_NOTIMPLEMENTED;
  return binary_slot(method, left, right, [&](const Tensor& a, const Tensor& b) { return op(a, b); });
}
PyObject* power_slot(PyObject* left, PyObject* right, PyObject* modulus) {
  if (modulus != Py_None) Py_RETURN_NOTIMPLEMENTED;
  static const NamedOp tensors("pow.Tensor"), scalar_exponent("pow"), scalar_base("pow.Scalar");
  return binary_slot("pow", left, right, [&](const Tensor& a, const Tensor& b) {
    if (scalar_exponent && b.body().wrapped_number && !is_tensor(right))
      return scalar_exponent(a, scalar_of(b));
    if (scalar_base && a.body().wrapped_number && !is_tensor(left)) return scalar_base(scalar_of(a), b);
    return tensors(a, b);
  });
}

// x += y and its kin: the result is x itself.
template <class Write>
PyObject* in_place_slot(PyObject* self, PyObject* other, Write&& write) {
  return guarded([&]() -> PyObject* {
    Tensor value = operand(other);
    if (!value.defined()) Py_RETURN_NOTIMPLEMENTED;
    write(tensor_of(self), value);
    return Py_NewRef(self);
  });
}
PyObject* add_in_place_slot(PyObject* self, PyObject* other) {
  return in_place_slot(self, other,
                       [](const Tensor& a, const Tensor& b) { add.write_into(a, b, Scalar(1)); });
}
PyObject* subtract_in_place_slot(PyObject* self, PyObject* other) {
  return in_place_slot(self, other,
                       [](const Tensor& a, const Tensor& b) { sub.write_into(a, b, Scalar(1)); });
}
PyObject* multiply_in_place_slot(PyObject* self, PyObject* other) {
  return in_place_slot(self, other, [](const Tensor& a, const Tensor& b) { mul.write_into(a, b); });
}
PyObject* divide_in_place_slot(PyObject* self, PyObject* other) {
  return in_place_slot(self, other, [](const Tensor& a, const Tensor& b) { div.write_into(a, b); });
}
template <Name name>
PyObject* named_in_place_slot(PyObject* self, PyObject* other) {
  const NamedOp& op = named_op<name>();
  if (!op) Py_RETURN_NOTIMPLEMENTED;
  return in_place_slot(self, other, [&](const Tensor& a, const Tensor& b) { op.write_into(a, b); });
}
PyObject* power_in_place_slot(PyObject* self, PyObject* other, PyObject*) {
  static const NamedOp scalar_exponent("pow");
  if (scalar_exponent && !is_tensor(other))
    return guarded([&]() -> PyObject* {
      std::optional<Scalar> exponent = as_number(other);
      if (!exponent) Py_RETURN_NOTIMPLEMENTED;
      scalar_exponent.write_into(tensor_of(self), *exponent);
      return Py_NewRef(self);
    });
  return named_in_place_slot<"pow.Tensor">(self, other);
}

PyObject* negative_slot(PyObject* self) {
  return guarded([&] { return wrap_like(self, neg(tensor_of(self))); });
}
PyObject* positive_slot(PyObject* self) {
  return guarded([&]() -> PyObject* {
    check(tensor_of(self).dtype() != DType::bool_, "The `+` operator, on a bool tensor is not supported.");
    return Py_NewRef(self);
  });
}
PyObject* absolute_slot(PyObject* self) {
  return guarded([&] { return wrap_like(self, abs(tensor_of(self))); });
}
PyObject* invert_slot(PyObject* self) {
  return guarded([&] {
    const Tensor& tensor = tensor_of(self);
    if (!is_integral(tensor.dtype()))
      fail(ErrorKind::type, "~ (operator.invert) is only implemented on integer and Boolean-type tensors");
    if (tensor.dtype() == DType::bool_) return wrap_like(self, logical_not(tensor));
    return wrap_like(self, named_op<"bitwise_not">()(tensor));
  });
}

// ---- as a Python number

int truth_slot(PyObject* self) {
  return guarded(
      [&] {
        const Tensor& tensor = tensor_of(self);
        if (tensor.is_wrapped()) return static_cast<int>(is_nonzero(tensor));
        check(tensor.numel() != 0, "Boolean value of Tensor with no values is ambiguous");
        check(tensor.numel() == 1, "Boolean value of Tensor with more than one value is ambiguous");
        return static_cast<int>(scalar_of(tensor).to<bool>());
      },
      -1);
}

Object one_number(PyObject* self) {
  const Tensor& tensor = tensor_of(self);
  if (tensor.numel() != 1)
    fail(ErrorKind::value, "only one element tensors can be converted to Python scalars");
  return number_of(tensor);
}
void check_real(const Tensor& tensor, const char* type) {
  check(!is_complex(tensor.dtype()) || scalar_of(tensor).to<std::complex<double>>().imag() == 0,
        "value cannot be converted to type ", type, " without overflow");
}
PyObject* float_slot(PyObject* self) {
  return guarded([&] {
    Object number = one_number(self);
    check_real(tensor_of(self), "double");
    if (PyComplex_Check(number.get())) return PyFloat_FromDouble(PyComplex_RealAsDouble(number.get()));
    return PyNumber_Float(number.get());
  });
}
PyObject* int_slot(PyObject* self) {
  return guarded([&] {
    Object number = one_number(self);
    check_real(tensor_of(self), "int64_t");
    if (PyComplex_Check(number.get())) return PyLong_FromDouble(PyComplex_RealAsDouble(number.get()));
    return PyNumber_Long(number.get());
  });
}
PyObject* index_slot(PyObject* self) {
  return guarded([&] {
    const Tensor& tensor = tensor_of(self);
    if (tensor.numel() != 1 || !is_integral(tensor.dtype()))
      raise(PyExc_TypeError, "only integer tensors of a single element can be converted to an index");
    return PyNumber_Long(number_of(tensor).get());
  });
}

// ---- as a container

PyObject* iterate_slot(PyObject* self) {
  return guarded([&] {
    const Tensor& tensor = tensor_of(self);
    if (tensor.dim() == 0) raise(PyExc_TypeError, "iteration over a 0-d tensor");
    static const NamedOp unbind("unbind");
    TensorList rows = unbind.list(tensor, int64_t{0});
    Object parts = Object::steal(PyTuple_New(static_cast<Py_ssize_t>(rows.size())));
    for (size_t i = 0; i < rows.size(); ++i)
      PyTuple_SET_ITEM(parts.get(), static_cast<Py_ssize_t>(i), wrap_like(self, rows[i]));
    return PyObject_GetIter(parts.get());
  });
}

int contains_slot(PyObject* self, PyObject* element) {
  return guarded(
      [&] {
        Tensor wanted = operand(element);
        if (!wanted.defined()) {
          Object type = Object::steal(PyObject_Repr(reinterpret_cast<PyObject*>(Py_TYPE(element))));
          fail(ErrorKind::runtime, "Tensor.__contains__ only supports Tensor or scalar, but you passed in a ",
               text_of(type.get()), ".");
        }
        static const NamedOp any("any");
        Tensor equal = eq(tensor_of(self), wanted);
        return static_cast<int>(scalar_of(any(equal, Value(), false)).to<bool>());
      },
      -1);
}

Py_hash_t identity_hash(PyObject* self) { return reinterpret_cast<Py_hash_t>(self); }

}  // namespace

void add_operator_slots(std::vector<PyType_Slot>& slots) {
  auto add_slots = [&](std::initializer_list<PyType_Slot> more) { slots.insert(slots.end(), more); };
  add_slots({{Py_nb_add, slot_function(add_slot)},
             {Py_nb_subtract, slot_function(subtract_slot)},
             {Py_nb_multiply, slot_function(multiply_slot)},
             {Py_nb_true_divide, slot_function(divide_slot)},
             {Py_nb_matrix_multiply, slot_function(matrix_multiply_slot)},
             {Py_nb_floor_divide, slot_function(named_binary_slot<"floor_divide", "floordiv">)},
             {Py_nb_remainder, slot_function(named_binary_slot<"remainder", "mod">)},
             {Py_nb_and, slot_function(named_binary_slot<"bitwise_and", "and">)},
             {Py_nb_or, slot_function(named_binary_slot<"bitwise_or", "or">)},
             {Py_nb_xor, slot_function(named_binary_slot<"bitwise_xor", "xor">)},
             {Py_nb_lshift, slot_function(named_binary_slot<"bitwise_left_shift", "lshift">)},
             {Py_nb_rshift, slot_function(named_binary_slot<"bitwise_right_shift", "rshift">)},
             {Py_nb_power, slot_function(power_slot)}});
  add_slots({{Py_nb_inplace_add, slot_function(add_in_place_slot)},
             {Py_nb_inplace_subtract, slot_function(subtract_in_place_slot)},
             {Py_nb_inplace_multiply, slot_function(multiply_in_place_slot)},
             {Py_nb_inplace_true_divide, slot_function(divide_in_place_slot)},
             {Py_nb_inplace_floor_divide, slot_function(named_in_place_slot<"floor_divide">)},
             {Py_nb_inplace_remainder, slot_function(named_in_place_slot<"remainder">)},
             {Py_nb_inplace_and, slot_function(named_in_place_slot<"bitwise_and">)},
             {Py_nb_inplace_or, slot_function(named_in_place_slot<"bitwise_or">)},
             {Py_nb_inplace_xor, slot_function(named_in_place_slot<"bitwise_xor">)},
             {Py_nb_inplace_lshift, slot_function(named_in_place_slot<"bitwise_left_shift">)},
             {Py_nb_inplace_rshift, slot_function(named_in_place_slot<"bitwise_right_shift">)},
             {Py_nb_inplace_power, slot_function(power_in_place_slot)}});
  add_slots({{Py_nb_negative, slot_function(negative_slot)},
             {Py_nb_positive, slot_function(positive_slot)},
             {Py_nb_absolute, slot_function(absolute_slot)},
             {Py_nb_invert, slot_function(invert_slot)},
             {Py_nb_bool, slot_function(truth_slot)},
             {Py_nb_float, slot_function(float_slot)},
             {Py_nb_int, slot_function(int_slot)},
             {Py_nb_index, slot_function(index_slot)}});
  add_slots({{Py_tp_richcompare, slot_function(compare_slot)},
             {Py_tp_hash, slot_function(identity_hash)},
             {Py_tp_iter, slot_function(iterate_slot)},
             {Py_sq_contains, slot_function(contains_slot)}});
}

}  // namespace lampas::python
