"""Names of dtypes as PyTorch's messages have them."""


def scalar_type(tensor):
    """Return the name of a tensor's dtype: "Float" for float32."""
    return tensor.dtype._scalar_type_name


def compiler_name(tensor):
    """Return the element type's name in C++: "float" for float32."""
    return tensor.dtype._compiler_name
