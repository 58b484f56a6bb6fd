"""What every test may rely on: Ctrl-C works, here and in the processes that tests start."""

import signal

# A process that was started in the background inherits that SIGINT is ignored, and hands it on.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
