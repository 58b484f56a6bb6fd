"""Turns a sound into a tensor: python read_sound.py [FILE.wav]. Needs SciPy; without a FILE makes a tone."""

import math
import pathlib
import sys
import tempfile

from scipy.io import wavfile

import lampas

RATE = 16_000  # samples a second
PITCH = 440.0  # the tone's, in hertz


def write_tone(path):
    """Write half a second of a tone as 16-bit samples."""
    seconds = lampas.arange(RATE // 2) / RATE
    samples = (lampas.sin(2 * math.pi * PITCH * seconds) * 20_000).to(lampas.int16)
    wavfile.write(path, RATE, samples.numpy())


def sound_to_tensor(path):
    """Return (samples, rate): float32 of shape (channels, time), values in [-1, 1] for 16-bit sounds."""
    rate, samples = wavfile.read(path)
    sound = lampas.from_numpy(samples.copy())
    if sound.dim() == 1:
        sound = sound.unsqueeze(1)  # (time, channels)
    scale = lampas.iinfo(sound.dtype).max if not sound.dtype.is_floating_point else 1
    return sound.t().to(lampas.float32) / scale, rate


def pitch(channel, rate):
    """Return the frequency of a pure tone: half the number of times that it crosses zero in a second."""
    is_negative = channel < 0
    crossings = (is_negative[1:] != is_negative[:-1]).sum().item()
    return crossings / 2 * rate / len(channel)


def frames(channel, length=400, step=160):
    """Cut a sound into overlapping pieces, a row each: what a network for speech begins with."""
    return channel.unfold(0, length, step)


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = sys.argv[1] if sys.argv[1:] else pathlib.Path(folder) / "tone.wav"
        if not sys.argv[1:]:
            write_tone(path)
        sound, rate = sound_to_tensor(path)
    print("shape:", tuple(sound.shape), "rate:", rate)
    print("crossings of zero as a pitch:", round(pitch(sound[0], rate)), "Hz")
    print("frames of 25 ms:", tuple(frames(sound[0], rate // 40, rate // 100).shape))


if __name__ == "__main__":
    main()
