"""Bad input, errors and interrupts in the middle of work: an exception, no leak, a usable process."""
