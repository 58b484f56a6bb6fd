"""The dtypes that come out when two kinds of operands meet, as tables of names."""

from ops.behaviour import first_line
from ops.sample import ALL_DTYPES

NUMBERS = {"bool": True, "int": 2, "float": 2.5, "complex": 2 + 1j}
OPERATIONS = ("add", "sub", "mul", "div", "pow", "maximum", "eq", "where", "result_type", "add_", "copy_")
KINDS = ("tensor with tensor", "tensor with scalar", "scalar with tensor", "tensor with number")


def operate(framework, operation, left, right):
    """Name the dtype that an operation of two operands gives, or what it raises; None for complex32."""
    try:
        if operation == "where":
            result = framework.where(framework.ones(2, dtype=framework.bool), left, right)
        elif operation.endswith("_"):
            result = getattr(left.clone(), operation)(right)
        else:
            result = getattr(framework, operation)(left, right)
    except Exception as error:
        if "ComplexHalf" in str(error):
            return None
        return first_line(f"{type(error).__name__}: {error}")
    name = str(result if operation == "result_type" else result.dtype).rsplit(".", 1)[-1]
    return None if name == "complex32" else name  # which Lampas does not have


def operands(framework, kind):
    """Return {dtype name: operand}: ones with a dim ("tensor") or without ("scalar"); or Python numbers."""
    if kind == "number":
        return NUMBERS
    size = (2,) if kind == "tensor" else ()
    return {name: framework.ones(size, dtype=getattr(framework, name)) for name in ALL_DTYPES}


def table(framework, name):
    """Return {"float32": results for each right operand, …} for a name such as "add, tensor with number"."""
    operation, kinds = name.split(", ")
    left_kind, right_kind = kinds.split(" with ")
    rights = operands(framework, right_kind).values()
    return {
        left_name: [operate(framework, operation, left, right) for right in rights]
        for left_name, left in operands(framework, left_kind).items()
    }


def tables(framework):
    """Return every table by its name."""
    result = {}
    for operation in OPERATIONS:
        for kinds in KINDS:
            if "number" in kinds and operation in ("maximum", "copy_"):
                continue
            if kinds.startswith("scalar") and operation.endswith("_"):
                continue
            name = f"{operation}, {kinds}"
            result[name] = table(framework, name)
    return result
