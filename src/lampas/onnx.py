"""ONNX's names. Lampas does not export to ONNX."""

__all__ = ["export", "is_in_onnx_export"]


def export(model, args=(), f=None, **options):
    """Raise NotImplementedError: there is no export to ONNX.

    A state dict that `lampas.save` wrote can be loaded by PyTorch, which exports.
    """
    raise NotImplementedError(
        "lampas.onnx.export is not supported. Save `model.state_dict()` by lampas.save, load it with PyTorch "
        "and export there."
    )


def is_in_onnx_export():
    """Return whether an export is going on: False."""
    return False
