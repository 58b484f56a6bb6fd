"""The types of named results: `lampas.return_types.max` has `values` and `indices`."""

from collections import namedtuple

from lampas import _core


def _named_result(name, fields):
    """Make a type like those of the core's results, for a function written in Python."""
    fields = fields.split()

    def represent(self):
        lines = ",\n".join(f"{field}={value!r}" for field, value in zip(fields, self, strict=True))
        return f"torch.return_types.{name}(\n{lines})"

    def made(cls, values):
        return tuple.__new__(cls, values)

    members = {"__slots__": (), "__repr__": represent, "__new__": made, "__module__": __name__}
    members["__doc__"] = f"The results of lampas.{name.replace('linalg_', 'linalg.')}, by name."
    return type(name, (namedtuple(name, fields),), members)


histogram = _named_result("histogram", "hist bin_edges")
histogramdd = _named_result("histogramdd", "hist bin_edges")
linalg_cholesky_ex = _named_result("linalg_cholesky_ex", "L info")
geqrf = _named_result("geqrf", "a tau")
linalg_eig = _named_result("linalg_eig", "eigenvalues eigenvectors")
linalg_eigh = _named_result("linalg_eigh", "eigenvalues eigenvectors")
linalg_inv_ex = _named_result("linalg_inv_ex", "inverse info")
linalg_ldl_factor = _named_result("linalg_ldl_factor", "LD pivots")
linalg_ldl_factor_ex = _named_result("linalg_ldl_factor_ex", "LD pivots info")
linalg_lstsq = _named_result("linalg_lstsq", "solution residuals rank singular_values")
linalg_lu = _named_result("linalg_lu", "P L U")
linalg_lu_factor = _named_result("linalg_lu_factor", "LU pivots")
linalg_lu_factor_ex = _named_result("linalg_lu_factor_ex", "LU pivots info")
linalg_qr = _named_result("linalg_qr", "Q R")
linalg_slogdet = _named_result("linalg_slogdet", "sign logabsdet")
linalg_solve_ex = _named_result("linalg_solve_ex", "result info")
linalg_svd = _named_result("linalg_svd", "U S Vh")
lu_unpack = _named_result("lu_unpack", "P L U")
qr = _named_result("qr", "Q R")
slogdet = _named_result("slogdet", "sign logabsdet")
svd = _named_result("svd", "U S V")
triangular_solve = _named_result("triangular_solve", "solution cloned_coefficient")


def __getattr__(name):
    found = _core._return_type(name)
    if found is None:
        raise AttributeError(f"module 'lampas.return_types' has no attribute {name!r}")
    return found
