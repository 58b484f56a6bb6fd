// How the core's exceptions become Python errors, and Python errors travel through C++.
#include "core/bindings/python.h"

#include <cxxabi.h>
#include <unistd.h>

#include <optional>
#include <stdexcept>

#include "core/parallel/thread_pool.h"
#include "core/tensor/allocator.h"

namespace lampas::python {

PythonError::PythonError() noexcept {
#if PY_VERSION_HEX >= 0x030c0000
  value_ = PyErr_GetRaisedException();
#else
  PyErr_Fetch(&type_, &value_, &traceback_);
#endif
}

PythonError::PythonError(const PythonError& other) noexcept
    : std::exception(other), type_(other.type_), value_(other.value_), traceback_(other.traceback_) {
  WithLock lock;
  Py_XINCREF(type_);
  Py_XINCREF(value_);
  Py_XINCREF(traceback_);
}

PythonError::~PythonError() {
  if ((!type_ && !value_ && !traceback_) || !Py_IsInitialized()) return;
  WithLock lock;
  Py_XDECREF(type_);
  Py_XDECREF(value_);
  Py_XDECREF(traceback_);
}

void PythonError::restore() noexcept {
#if PY_VERSION_HEX >= 0x030c0000
  PyErr_SetRaisedException(std::exchange(value_, nullptr));
#else
  PyErr_Restore(std::exchange(type_, nullptr), std::exchange(value_, nullptr),
                std::exchange(traceback_, nullptr));
#endif
}

namespace {

PyObject* exception_type(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::index:
      return PyExc_IndexError;
    case ErrorKind::type:
      return PyExc_TypeError;
    case ErrorKind::value:
      return PyExc_ValueError;
    case ErrorKind::not_implemented:
      return PyExc_NotImplementedError;
    case ErrorKind::assertion:
      return PyExc_AssertionError;
    case ErrorKind::interrupted:
      return PyExc_KeyboardInterrupt;
    default:
      return PyExc_RuntimeError;
  }
}

std::optional<PythonError> kept_interrupt;  // of the main thread, which alone handles signals

void set_interrupted() {
  if (kept_interrupt) {
    kept_interrupt->restore();
    kept_interrupt.reset();
  }
  if (!PyErr_Occurred()) PyErr_SetNone(PyExc_KeyboardInterrupt);
}

}  // namespace

namespace {

// Ends with the process: for a thread that the interpreter no longer admits and makes exit, which C++ must
// not stop.
[[noreturn]] void wait_for_the_end() noexcept {
  for (;;) pause();
}

template <class Call>
auto or_wait_for_the_end(Call&& call) noexcept {
  try {
    return call();
  } catch (abi::__forced_unwind&) {
    wait_for_the_end();
  }
}

}  // namespace

PyGILState_STATE ensure_lock() noexcept {
  return or_wait_for_the_end([] { return PyGILState_Ensure(); });
}
void restore_lock(PyThreadState* state) noexcept {
  or_wait_for_the_end([state] { PyEval_RestoreThread(state); });
}

void keep_interrupt(PythonError error) noexcept { kept_interrupt.emplace(error); }

void translate_exception() noexcept {
  try {
    throw;
  } catch (PythonError& error) {
    error.restore();
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_SystemError, "a Python call failed without an error");
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted)
      set_interrupted();
    else
      PyErr_SetString(exception_type(error.kind()), error.what());
  } catch (const Interrupted&) {
    set_interrupted();
  } catch (const OutOfMemory& error) {
    PyErr_Format(PyExc_RuntimeError,
                 "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: "
                 "you tried to allocate %zu bytes. Error code 12 (Cannot allocate memory)",
                 error.bytes());
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::invalid_argument& error) {
    PyErr_SetString(PyExc_ValueError, error.what());
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  } catch (abi::__forced_unwind&) {  // from Python code that the core called
    wait_for_the_end();
  } catch (...) {
    PyErr_SetString(PyExc_SystemError, "the core threw something that is no exception");
  }
}

std::string text_of(PyObject* object) {
  Py_ssize_t length = 0;
  const char* letters = PyUnicode_AsUTF8AndSize(object, &length);
  if (!letters) throw PythonError();
  return std::string(letters, static_cast<size_t>(length));
}

}  // namespace lampas::python
