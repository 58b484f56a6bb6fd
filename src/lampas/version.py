"""The version of the package."""

__version__ = "0.1.0"
cuda = hip = xpu = None  # what it was built for besides the CPU
debug = False
