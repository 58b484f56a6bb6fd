// What the core asks of the interpreter: its lock during long work, Ctrl-C, warnings.
#include "core/bindings/interpreter.h"

#include <chrono>

#include "core/bindings/python.h"
#include "core/engine/backward.h"
#include "core/ops/warning.h"
#include "core/parallel/thread_pool.h"

namespace lampas::python {
namespace {

using Clock = std::chrono::steady_clock;

unsigned long main_thread = 0;

void* release_lock() { return PyGILState_Check() ? PyEval_SaveThread() : nullptr; }
void take_lock(void* state) {
  if (state) restore_lock(static_cast<PyThreadState*>(state));
}

// Signals are handled in the main thread only, and asking costs the lock: not more often than people notice.
constexpr std::chrono::milliseconds interval{50};
Clock::time_point last_check;

bool interrupted() {
  if (PyThread_get_thread_ident() != main_thread || !Py_IsInitialized()) return false;
  Clock::time_point now = Clock::now();
  if (now - last_check < interval) return false;
  last_check = now;
  WithLock lock;
  if (PyErr_CheckSignals() == 0) return false;
  keep_interrupt(PythonError());
  return true;
}

// Nodes may take less time than a look at the clock.
void check_between_nodes() {
  static thread_local constinit unsigned nodes = 0;
  if (++nodes % 32 == 0 && interrupted()) throw Interrupted();
}

// A Python warning; where warnings are errors, that error.
void warn_in_python(const std::string& message) {
  WithLock lock;
  if (PyErr_WarnEx(PyExc_UserWarning, message.c_str(), 1) < 0) throw PythonError();
}

}  // namespace

void connect_interpreter() {
  main_thread = PyThread_get_thread_ident();
  set_long_region_hooks(release_lock, take_lock);
  set_interrupt_check(interrupted);
  set_between_nodes(check_between_nodes);
  set_warning_handler(warn_in_python);
}

}  // namespace lampas::python
