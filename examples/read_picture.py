"""Turns a picture into a tensor: python read_picture.py [FILE]. Needs Pillow; without a FILE it draws one."""

import sys

import numpy
from PIL import Image, ImageDraw

import lampas
from lampas.vision import transforms


def drawn_picture():
    """Return a small colour picture: an orange disc on blue."""
    image = Image.new("RGB", (64, 48), (30, 60, 160))
    ImageDraw.Draw(image).ellipse((20, 12, 44, 36), fill=(250, 160, 30))
    return image


def picture_to_tensor(image):
    """Return a PIL image as a float32 tensor of shape (channels, height, width) with values in [0, 1]."""
    pixels = lampas.from_numpy(numpy.array(image.convert("RGB")))  # (height, width, 3), uint8
    return pixels.permute(2, 0, 1).to(lampas.float32) / 255


def main():
    image = Image.open(sys.argv[1]) if sys.argv[1:] else drawn_picture()
    picture = picture_to_tensor(image)
    print("shape:", tuple(picture.shape))
    print("mean of red, green, blue:", [round(mean, 3) for mean in picture.mean((1, 2)).tolist()])
    # ToTensor does the same, and stands at the head of the data sets' transforms.
    prepare = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)])
    batch = prepare(image.convert("RGB")).unsqueeze(0)
    print("a batch of one for a network:", tuple(batch.shape))


if __name__ == "__main__":
    main()
