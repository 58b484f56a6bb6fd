"""`python -m lampas`: runs a program written for PyTorch, or the command `lampas`."""

import sys

from lampas.drop_in.script import is_program, run_program

if sys.argv[1:] and is_program(sys.argv[1]):
    run_program(sys.argv[1:])
else:
    from lampas.train.command_line import main

    sys.exit(main())
