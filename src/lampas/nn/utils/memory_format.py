"""The weights of convolutions, and only they, in another memory format."""

from lampas.nn.modules.conv import Conv2d, Conv3d, ConvTranspose2d, ConvTranspose3d

__all__ = ["convert_conv2d_weight_memory_format", "convert_conv3d_weight_memory_format"]


def _convert(module, kinds, memory_format):
    for each in module.modules():
        if isinstance(each, kinds):
            each.weight.data = each.weight.detach().clone(memory_format=memory_format)
    return module


def convert_conv2d_weight_memory_format(module, memory_format):
    """Lay out the weights of all two-dimensional convolutions anew; return the module.

    Args:
        module (Module): a convolution, or what holds some.
        memory_format (memory_format): such as lampas.channels_last.

    Example:
        >>> layer = nn.utils.convert_conv2d_weight_memory_format(nn.Conv2d(8, 4, 3), lampas.channels_last)
        >>> layer.weight.stride()
        (72, 1, 24, 8)
    """
    return _convert(module, (Conv2d, ConvTranspose2d), memory_format)


def convert_conv3d_weight_memory_format(module, memory_format):
    """Lay out the weights of all three-dimensional convolutions anew; return the module.

    Args:
        module (Module): a convolution, or what holds some.
        memory_format (memory_format): such as lampas.channels_last_3d.
    """
    return _convert(module, (Conv3d, ConvTranspose3d), memory_format)
