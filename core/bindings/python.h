// The boundary to Python: owned references, the interpreter's lock, and errors in both directions.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <exception>
#include <new>
#include <string>
#include <utility>

#include "core/tensor/error.h"

namespace lampas::python {

// Takes over the Python error that is set, so that C++ can unwind; `restore` sets it again.
class PythonError : public std::exception {
 public:
  PythonError() noexcept;
  PythonError(const PythonError& other) noexcept;
  PythonError& operator=(const PythonError&) = delete;
  ~PythonError() override;
  void restore() noexcept;
  const char* what() const noexcept override { return "a Python error"; }

 private:
  PyObject *type_ = nullptr, *value_ = nullptr, *traceback_ = nullptr;
};

// An owned reference.
class Object {
 public:
  Object() noexcept = default;
  static Object borrow(PyObject* object) noexcept {
    Py_XINCREF(object);
    return Object(object);
  }
  // Takes over a new reference; null means that the call that made it set an error.
  static Object steal(PyObject* object) {
    if (!object) throw PythonError();
    return Object(object);
  }
  Object(const Object& other) noexcept : object_(other.object_) { Py_XINCREF(object_); }
  Object(Object&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Object& operator=(Object other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Object() { Py_XDECREF(object_); }

  PyObject* get() const noexcept { return object_; }
  PyObject* release() noexcept { return std::exchange(object_, nullptr); }
  explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  explicit Object(PyObject* object) noexcept : object_(object) {}
  PyObject* object_ = nullptr;
};

// Before it ends, the interpreter makes threads that ask for its lock exit, which would unwind through C++
// and end the process: these wait for that end instead.
PyGILState_STATE ensure_lock() noexcept;
void restore_lock(PyThreadState* state) noexcept;

// Holds the interpreter's lock, from whatever thread.
class WithLock {
 public:
  WithLock() noexcept : state_(ensure_lock()) {}
  ~WithLock() { PyGILState_Release(state_); }
  WithLock(const WithLock&) = delete;

 private:
  PyGILState_STATE state_;
};

// Lets other Python threads run meanwhile.
class WithoutLock {
 public:
  WithoutLock() noexcept : state_(PyEval_SaveThread()) {}
  ~WithoutLock() { restore_lock(state_); }
  WithoutLock(const WithoutLock&) = delete;

 private:
  PyThreadState* state_;
};

// Puts aside an error that is set while code that may run Python cleans up.
class ErrorAside {
 public:
  ErrorAside() noexcept {
    if (PyErr_Occurred()) new (&error_) PythonError, set_ = true;
  }
  ~ErrorAside() {
    if (!set_) return;
    error_.restore();
    error_.~PythonError();
  }
  ErrorAside(const ErrorAside&) = delete;

 private:
  union {
    PythonError error_;
  };
  bool set_ = false;
};

inline bool interpreter_is_finalizing() noexcept {
#if PY_VERSION_HEX >= 0x030d0000
  return Py_IsFinalizing();
#else
  return _Py_IsFinalizing();
#endif
}

// Keeps the error of a signal's handler until the core has unwound.
void keep_interrupt(PythonError error) noexcept;

// Inside a catch block: sets the Python error that the exception in flight stands for.
void translate_exception() noexcept;

// Runs `body` and translates what it throws; `failure` is what CPython expects then.
template <class Body, class Result = decltype(std::declval<Body>()())>
Result guarded(Body&& body, Result failure = Result()) noexcept {
  try {
    return body();
  } catch (...) {
    translate_exception();
    return failure;
  }
}
// For slots that answer 0 or -1.
template <class Body>
int guarded_status(Body&& body) noexcept {
  try {
    body();
    return 0;
  } catch (...) {
    translate_exception();
    return -1;
  }
}

// Throws where a C API call that answers with a status failed.
inline void check_status(int status) {
  if (status < 0) throw PythonError();
}

// Sets a Python error of any type and throws.
template <class... Parts>
[[noreturn]] [[gnu::noinline]] [[gnu::cold]] void raise(PyObject* type, const Parts&... parts) {
  PyErr_SetString(type, text(parts...).c_str());
  throw PythonError();
}

inline Object new_text(const std::string& text) {
  return Object::steal(PyUnicode_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size())));
}
std::string text_of(PyObject* object);  // of a str

// Adds a new reference to the module under `name`.
inline void add_to_module(PyObject* module, const char* name, Object value) {
  check_status(PyModule_AddObjectRef(module, name, value.get()));
}
inline Object import_attribute(const char* module, const char* name) {
  Object imported = Object::steal(PyImport_ImportModule(module));
  return Object::steal(PyObject_GetAttrString(imported.get(), name));
}

// The cast that every entry of a PyType_Slot or PyMethodDef needs.
template <class Function>
void* slot_function(Function* function) {
  return reinterpret_cast<void*>(function);
}
template <class Function>
PyCFunction method_function(Function* function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(function));
}

}  // namespace lampas::python
