// What the core asks of the interpreter: its lock during long work, Ctrl-C, warnings.
#pragma once

namespace lampas::python {

void connect_interpreter();

}  // namespace lampas::python
