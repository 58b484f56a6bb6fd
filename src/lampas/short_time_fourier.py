"""The spectrum of a signal piece by piece, and the signal that has it: torch.stft and torch.istft."""

from warnings import warn

from lampas import _core, fft
from lampas.dtype_names import scalar_type
from lampas.warning import warn_once

_NO_WINDOW = (
    "A window was not provided. A rectangular window will be applied{consequence}To suppress this warning "
    "and use a rectangular window, explicitly set `window=ones(n_fft, device=<device>)`."
)
_NOT_ONESIDED = "Cannot have onesided output if window or input is complex"


def _described(name, tensor_text, **arguments):
    """The call as PyTorch's errors show it."""
    texts = []
    for key, value in arguments.items():
        if isinstance(value, _core.Tensor):
            value = f"torch.{scalar_type(value)}Tensor{{{list(value.shape)}}}"
        texts.append(f"{key}={int(value) if isinstance(value, bool) else value}")
    return f"{name}({tensor_text}, {', '.join(texts)})"


def _window_of(window, win_length, n_fft, dtype, device):
    """The window, ones by default, with zeros around it up to n_fft."""
    if window is None:
        window = _core.ones(win_length, dtype=dtype, device=device)
    before = (n_fft - win_length) // 2
    return _core.pad(window, (before, n_fft - win_length - before)) if win_length < n_fft else window


def stft(
    input,
    n_fft,
    hop_length=None,
    win_length=None,
    window=None,
    center=True,
    pad_mode="reflect",
    normalized=False,
    onesided=None,
    return_complex=None,
    align_to_window=None,
):
    """Take the Fourier transforms of pieces of a signal, each multiplied by a window.

    Args:
        input (Tensor): (L) or (B, L): signals, real or complex.
        n_fft (int): how long a piece is.
        hop_length (int): how far it is from one piece to the next; n_fft // 4 by default.
        win_length (int): how long the window is; n_fft by default. Zeros surround a shorter one.
        window (Tensor): (win_length), ones by default.
        center (bool): whether piece t has its middle at t * hop_length, for which the signal is padded.
        pad_mode (str): how, as of `nn.functional.pad`.
        normalized (bool): whether to divide by the root of n_fft.
        onesided (bool): whether to leave out the half that follows by symmetry; by default where it does.
        return_complex (bool): whether to return complex numbers; else pairs in a last dimension of size 2.
        align_to_window (bool): without `center`, whether piece t begins where its window does.

    Returns a tensor (F, T) or (B, F, T): F frequencies at T times.

    Raises RuntimeError for sizes that do not fit.

    Example:
        >>> lampas.stft(lampas.ones(8), 4, center=False, window=lampas.ones(4), return_complex=True)[:, 0]
        tensor([4.+0.j, 0.+0.j, 0.+0.j])
    """
    if align_to_window is not None and center:
        raise RuntimeError("stft align_to_window should only be set when center = false")
    signal = input.unsqueeze(0) if input.dim() == 1 else input
    if center and input.dim() <= 2:
        rows = input.reshape(1, -1) if input.dim() < 2 else input
        signal = _core.pad(rows.unsqueeze(0), (n_fft // 2, n_fft // 2), mode=pad_mode).squeeze(0)
    hop_length = n_fft // 4 if hop_length is None else hop_length
    win_length = n_fft if win_length is None else win_length

    def check(condition, message):
        if condition:
            return
        shape = [*input.shape[:-1], signal.shape[-1]] if input.dim() else list(signal.shape)
        shown = _described(
            "stft",
            f"torch.{scalar_type(input)}Tensor{shape}",
            n_fft=n_fft,
            hop_length=hop_length,
            win_length=win_length,
            window=window,
            normalized=normalized,
            onesided=onesided,
            return_complex=return_complex,
            align_to_window=align_to_window,
        )
        raise RuntimeError(f"{shown} : {message}")

    is_complex = input.is_complex() or (window is not None and window.is_complex())
    if return_complex is None and not is_complex:
        raise RuntimeError(
            "stft requires the return_complex parameter be given for real inputs, and will further require "
            "that return_complex=True in a future PyTorch release."
        )
    check(
        input.is_floating_point() or input.is_complex(),
        "expected a tensor of floating point or complex values",
    )
    check(1 <= input.dim() <= 2, "expected a 1D or 2D tensor")
    length = signal.shape[-1]
    check(0 < n_fft <= length, f"expected 0 < n_fft < {length}, but got n_fft={n_fft}")
    check(hop_length > 0, f"expected hop_length > 0, but got hop_length={hop_length}")
    check(0 < win_length <= n_fft, f"expected 0 < win_length <= n_fft, but got win_length={win_length}")
    check(
        window is None or (window.dim() == 1 and window.shape[0] == win_length),
        f"expected a 1D window tensor of size equal to win_length={win_length}, but got window with size "
        f"{None if window is None else list(window.shape)}",
    )
    if onesided and is_complex:
        raise RuntimeError(_NOT_ONESIDED)
    if window is None:
        leakage = (
            ",which is known to cause spectral leakage. Other windows such as hann_window or hamming_window "
            "are recommended to reduce spectral leakage."
        )
        warn_once(_NO_WINDOW.format(consequence=leakage))
    if return_complex is False:
        warn_once(
            "stft with return_complex=False is deprecated. In a future pytorch release, stft will return "
            "complex tensors for all inputs, and return_complex=False will raise an error.\n"
            "Note: you can still call view_as_real on the complex output to recover the old return format."
        )
    if align_to_window:  # the first window, not its zeros, begins with the signal
        before = (n_fft - win_length) // 2
        signal = _core.pad(signal, (before, n_fft - win_length - before))
    whole_window = _window_of(window, win_length, n_fft, signal.dtype, signal.device)
    pieces = signal.unfold(-1, n_fft, hop_length) * whole_window  # (B, T, n_fft)
    is_half = not is_complex if onesided is None else onesided
    transform = fft.rfft if is_half else fft.fft
    result = transform(pieces, norm="ortho" if normalized else "backward").transpose(1, 2)
    result = result.squeeze(0) if input.dim() == 1 else result
    return result if return_complex or return_complex is None else _core.view_as_real(result)


def istft(
    input,
    n_fft,
    hop_length=None,
    win_length=None,
    window=None,
    center=True,
    normalized=False,
    onesided=None,
    length=None,
    return_complex=False,
):
    """Return the signal of which `stft` gave the spectrum: the pieces, added up and divided by the windows.

    Args:
        input (Tensor): (F, T) or (B, F, T), complex, as `stft` gives it.
        n_fft, hop_length, win_length, window, center, normalized, onesided: as they were given to `stft`.
        length (int): how long the signal shall be; what is missing is zero.
        return_complex (bool): whether the signal is complex.

    Returns a tensor (L) or (B, L).

    Raises RuntimeError for sizes that do not fit, and where the windows leave a place out.

    Example:
        >>> window = lampas.ones(4)
        >>> signal = lampas.tensor([1.0, 2.0, 3.0, 4.0])
        >>> spectrum = lampas.stft(signal, 4, window=window, return_complex=True)
        >>> lampas.istft(spectrum, 4, window=window)
        tensor([1., 2., 3., 4.])
    """
    hop_length = n_fft // 4 if hop_length is None else hop_length
    win_length = n_fft if win_length is None else win_length

    def check(condition, message, colon=" :"):
        if condition:
            return
        shown = _described(
            "istft",
            f"CPU{scalar_type(input)}Type{list(input.shape)}",
            n_fft=n_fft,
            hop_length=hop_length,
            win_length=win_length,
            window=window,
            center=center,
            normalized=normalized,
            onesided=onesided,
            length=length,
            return_complex=return_complex,
        )
        raise RuntimeError(f"{shown}{colon} {message}")

    if not input.is_complex():
        raise RuntimeError(
            "istft requires a complex-valued input tensor matching the output from stft with "
            "return_complex=True."
        )
    check(input.numel() > 0, "input tensor cannot be empty.")
    check(input.dim() in (2, 3), f"expected a tensor with 3 or 4 dimensions, but got {input.dim() + 1}")
    frequencies, times = input.shape[-2:]
    is_half = frequencies != n_fft if onesided is None else onesided
    if is_half:
        check(
            frequencies == n_fft // 2 + 1,
            "expected the frequency dimension (3rd to the last) of the input tensor to match n_fft / 2 + 1 "
            f"when onesided=True, but got {frequencies}",
        )
    else:
        check(
            frequencies == n_fft,
            "expected the frequency dimension (3rd to the last) of the input tensor to match n_fft when "
            f"onesided=False, but got {frequencies}",
        )
    check(0 < hop_length <= win_length, "expected 0 < hop_length <= win_length")
    check(0 < win_length <= n_fft, "expected 0 < win_length <= n_fft")
    check(
        window is None or (window.dim() == 1 and window.shape[0] == win_length),
        "Invalid window shape. window has to be 1D and length of `win_length`",
    )
    if is_half and return_complex:
        raise RuntimeError(_NOT_ONESIDED)
    if window is None:
        loss = ".Please provide the same window used by stft to make the inversion lossless."
        warn_once(_NO_WINDOW.format(consequence=loss))
    if not return_complex and window is not None and window.is_complex():
        raise RuntimeError("Complex windows are incompatible with return_complex=False")
    whole_window = _window_of(window, win_length, n_fft, input.real.dtype, input.device)
    norm = "ortho" if normalized else "backward"
    spectra = (input if input.dim() == 3 else input.unsqueeze(0)).transpose(1, 2)  # (B, T, F)
    if return_complex:
        pieces = fft.ifft(spectra, norm=norm)
    else:  # of a real signal the other half says nothing
        pieces = fft.irfft(spectra[..., : n_fft // 2 + 1], n_fft, norm=norm)
    signal = _overlapped(pieces * whole_window, hop_length)
    squares = _overlapped((whole_window * whole_window).expand(1, times, n_fft), hop_length)
    start = n_fft // 2 if center else 0
    whole = signal.shape[-1]
    end = start + length if length is not None else whole - start
    signal, squares = signal[:, start:end], squares[:, start:end]
    lowest = squares.abs().min()
    check(lowest.is_meta or float(lowest) > 1e-11, "window overlap add min: 1", colon="")
    signal = signal / squares
    if end > whole:
        warn(
            "The length of signal is shorter than the length parameter. Result is being padded with zeros in "
            "the tail. Please check your center and hop_length settings.",
            stacklevel=2,
        )
        signal = _core.pad(signal, (0, end - whole))
    return signal if input.dim() == 3 else signal.squeeze(0)


def _overlapped(pieces, hop_length):
    """Add up pieces (B, T, n), each `hop_length` behind the one before, to (B, (T - 1) * hop_length + n)."""
    batch, times, length = pieces.shape
    starts = _core.arange(times, device=pieces.device) * hop_length
    places = (starts.unsqueeze(1) + _core.arange(length, device=pieces.device)).reshape(-1)
    whole = pieces.new_zeros(batch, (times - 1) * hop_length + length)
    return whole.index_add(1, places, pieces.reshape(batch, -1))
