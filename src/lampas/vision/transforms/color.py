"""Transforms that change the values of pixels: grey, colours, blur, erasing."""

import math
import numbers
from collections.abc import Sequence

import lampas
from lampas import nn
from lampas.vision.transforms import functional
from lampas.vision.transforms.geometry import (
    check_scale_and_ratio,
    random_place,
    random_rectangle,
    two_sizes,
    uniform,
)


class Grayscale(nn.Module):
    """Turn a picture grey; see `functional.rgb_to_grayscale`.

    Args:
        num_output_channels (int): 1 or 3.
    """

    def __init__(self, num_output_channels=1):
        super().__init__()
        self.num_output_channels = num_output_channels

    def forward(self, img):
        return functional.rgb_to_grayscale(img, num_output_channels=self.num_output_channels)

    def __repr__(self):
        return f"{type(self).__name__}(num_output_channels={self.num_output_channels})"


class RandomGrayscale(nn.Module):
    """Turn a picture grey with a probability; it keeps its number of channels.

    Args:
        p (float): the probability.
    """

    def __init__(self, p=0.1):
        super().__init__()
        self.p = p

    def forward(self, img):
        channels = functional.get_image_num_channels(img)
        if lampas.rand(1) < self.p:
            return functional.rgb_to_grayscale(img, num_output_channels=channels)
        return img

    def __repr__(self):
        return f"{type(self).__name__}(p={self.p})"


class ColorJitter(nn.Module):
    """Change brightness, contrast, saturation and hue at random, in random order.

    Args:
        brightness, contrast, saturation (float or pair): the factor is drawn from [1 - x, 1 + x], or from
            the pair.
        hue (float or pair): the turn is drawn from [-x, x], or from the pair, within [-0.5, 0.5].

    Raises:
        TypeError, ValueError: for other values.
    """

    def __init__(self, brightness=0, contrast=0, saturation=0, hue=0):
        super().__init__()
        self.brightness = self._range_of(brightness, "brightness")
        self.contrast = self._range_of(contrast, "contrast")
        self.saturation = self._range_of(saturation, "saturation")
        self.hue = self._range_of(hue, "hue", center=0, bound=(-0.5, 0.5))

    @staticmethod
    def _range_of(value, name, center=1, bound=(0, float("inf"))):
        """Return the (smallest, largest) value to draw, or None where nothing changes."""
        if isinstance(value, numbers.Real):
            if value < 0:
                raise ValueError(f"If {name} is a single number, it must be non negative.")
            value = [center - float(value), center + float(value)]
            if center == 1:
                value[0] = max(value[0], 0.0)
        elif isinstance(value, (tuple, list)) and len(value) == 2:
            value = [float(value[0]), float(value[1])]
        else:
            raise TypeError(f"{name} should be a single number or a list/tuple with length 2.")
        if not bound[0] <= value[0] <= value[1] <= bound[1]:
            raise ValueError(f"{name} values should be between {bound}, but got {value}.")
        return None if value[0] == value[1] == center else tuple(value)

    @staticmethod
    def get_params(brightness, contrast, saturation, hue):
        """Draw (order, brightness, contrast, saturation, hue); None for what does not change."""
        order = lampas.randperm(4)
        ranges = (brightness, contrast, saturation, hue)
        return order, *(None if each is None else uniform(*each) for each in ranges)

    def forward(self, img):
        order, *amounts = self.get_params(self.brightness, self.contrast, self.saturation, self.hue)
        adjustments = (
            functional.adjust_brightness,
            functional.adjust_contrast,
            functional.adjust_saturation,
            functional.adjust_hue,
        )
        for number in order.tolist():
            if amounts[number] is not None:
                img = adjustments[number](img, amounts[number])
        return img

    def __repr__(self):
        return (
            f"{type(self).__name__}(brightness={self.brightness}, contrast={self.contrast}, "
            f"saturation={self.saturation}, hue={self.hue})"
        )


class GaussianBlur(nn.Module):
    """Blur a picture by a random amount; see `functional.gaussian_blur`.

    Args:
        kernel_size (int or sequence): pixels (across, down), odd numbers.
        sigma (float or pair): the standard deviation in pixels, or its smallest and largest value.
    """

    def __init__(self, kernel_size, sigma=(0.1, 2.0)):
        super().__init__()
        self.kernel_size = two_sizes(kernel_size, "Kernel size should be a tuple/list of two integers")
        for size in self.kernel_size:
            if size <= 0 or size % 2 == 0:
                raise ValueError("Kernel size value should be an odd and positive number.")
        if isinstance(sigma, numbers.Real):
            if sigma <= 0:
                raise ValueError("If sigma is a single number, it must be positive.")
            sigma = (sigma, sigma)
        elif isinstance(sigma, Sequence) and len(sigma) == 2:
            if not 0.0 < sigma[0] <= sigma[1]:
                raise ValueError(f"sigma values should be positive and of the form (min, max). Got {sigma}")
        else:
            raise ValueError("sigma should be a single number or a list/tuple with length 2.")
        self.sigma = sigma

    @staticmethod
    def get_params(sigma_min, sigma_max):
        """Draw the standard deviation."""
        return uniform(sigma_min, sigma_max)

    def forward(self, img):
        sigma = self.get_params(*self.sigma)
        return functional.gaussian_blur(img, self.kernel_size, [sigma, sigma])

    def __repr__(self):
        return f"{type(self).__name__}(kernel_size={self.kernel_size}, sigma={self.sigma})"


class RandomErasing(nn.Module):
    """Overwrite a random rectangle of a tensor with a probability.

    Args:
        p (float): the probability.
        scale (sequence): the smallest and largest share of the picture's area.
        ratio (sequence): the smallest and largest height / width.
        value (number, sequence or "random"): what the pixels become; a sequence has one number a channel.
        inplace (bool): overwrite the picture itself.

    Source: Zhong et al., "Random Erasing Data Augmentation", 2017.
    """

    def __init__(self, p=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=0, inplace=False):
        super().__init__()
        if not isinstance(value, (numbers.Real, str, tuple, list)):
            raise TypeError("Argument value should be either a number or str or a sequence")
        if isinstance(value, str) and value != "random":
            raise ValueError("If value is str, it should be 'random'")
        check_scale_and_ratio(scale, ratio)
        if scale[0] < 0 or scale[1] > 1:
            raise ValueError("Scale should be between 0 and 1")
        if p < 0 or p > 1:
            raise ValueError("Random erasing probability should be between 0 and 1")
        self.p = p
        self.scale = scale
        self.ratio = ratio
        self.value = value
        self.inplace = inplace

    @staticmethod
    def get_params(img, scale, ratio, value=None):
        """Draw (top, left, height, width, values); after ten misfits it is the whole picture as it is."""
        channels, height, width = img.shape[-3:]
        log_ratio = lampas.log(lampas.tensor(ratio)).tolist()
        for _ in range(10):
            area, aspect = random_rectangle(height * width, scale, log_ratio)
            new_height, new_width = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
            if not (new_height < height and new_width < width):
                continue
            if value is None:
                values = lampas.empty([channels, new_height, new_width]).normal_()
            else:
                values = lampas.tensor(value)[:, None, None]
            top, left = random_place((new_height, new_width), (height, width))
            return top, left, new_height, new_width, values
        return 0, 0, height, width, img

    def forward(self, img):
        if not lampas.rand(1) < self.p:
            return img
        value = self.value
        if isinstance(value, str):
            value = None
        elif isinstance(value, (tuple, list)):
            value = list(value)
        else:
            value = [float(value)]
        if value is not None and len(value) not in (1, img.shape[-3]):
            raise ValueError(
                "If value is a sequence, it should have either a single value or "
                f"{img.shape[-3]} (number of input channels)"
            )
        top, left, height, width, values = self.get_params(img, self.scale, self.ratio, value)
        return functional.erase(img, top, left, height, width, values, self.inplace)

    def __repr__(self):
        return (
            f"{type(self).__name__}(p={self.p}, scale={self.scale}, ratio={self.ratio}, "
            f"value={self.value}, inplace={self.inplace})"
        )
