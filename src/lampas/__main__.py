"""`python -m lampas`: the command `lampas`."""

import sys

from lampas.train.command_line import main

sys.exit(main())
