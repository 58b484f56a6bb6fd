"""Notes on an error raised inside a module: which layer it was, what it was given, what would fit."""

from lampas import Tensor


class _Trail:
    """Where an error was raised: the innermost module, and its path as far as the error has risen."""

    def __init__(self, innermost, args, kwargs):
        self.innermost = innermost
        self.top = innermost  # the outermost module that the error has reached
        self.path = ""  # from `top` to `innermost`, as named_modules() spells it
        self.given = _given_text(args, kwargs)
        self.advice = _advice(innermost, args, kwargs)
        self.note_index = None

    def rise_to(self, module):
        for name, descendant in module.named_modules():
            if descendant is self.top and name:
                self.path = f"{name}.{self.path}" if self.path else name
                self.top = module
                return

    def text(self):
        name = type(self.top).__name__ + ("." + self.path if self.path else "")
        line = f"in {name}"
        if not self.innermost._modules:  # a layer describes itself in one line, a network in many
            description = repr(self.innermost)
            line = f"in {description}" if not self.path else f"{line}: {description}"
        return "\n".join([line, f"  given: {self.given}", *(f"  {each}" for each in self.advice)])


def _value_text(value):
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}, dtype {value.dtype}"
    if isinstance(value, (bool, int, float, str, type(None))):
        return repr(value)
    return f"a {type(value).__name__}"


def _given_text(args, kwargs):
    texts = [_value_text(value) for value in args]
    texts += [f"{name}={_value_text(value)}" for name, value in kwargs.items()]
    return "; ".join(texts) or "no argument"


def fitting_shapes(channels, dimensions):
    """Return the line that says which shapes fit a layer over some number of dimensions.

    Example:
        >>> fitting_shapes(3, 2)
        'fits: shape (3, H, W) or (N, 3, H, W)'
    """
    sizes = ", ".join(["D", "H", "W"][-dimensions:] if dimensions > 1 else ["L"])
    return f"fits: shape ({channels}, {sizes}) or (N, {channels}, {sizes})"


def _advice(module, args, kwargs):
    if args and type(args[0]).__module__ == "numpy":
        return ["try: torch.from_numpy(input)"]
    if args and isinstance(args[0], (list, tuple)) and all(isinstance(v, (int, float)) for v in args[0]):
        return ["try: torch.tensor(input)"]
    try:
        return module._advice(*args, **kwargs)
    except Exception:  # arguments so wrong that the module cannot even look at them
        return []


def note_layer(error, module, args, kwargs):
    """Add to `error` the note about the layer it was raised in, or lengthen the path in that note.

    Each module on the way up calls this, so the path is put together only when there is an error.
    """
    trail = getattr(error, "_layer_trail", None)
    try:
        if trail is None:
            trail = _Trail(module, args, kwargs)
            trail.note_index = len(getattr(error, "__notes__", ()))
            error._layer_trail = trail
            error.add_note(trail.text())
        else:
            trail.rise_to(module)
            error.__notes__[trail.note_index] = trail.text()
    except (
        Exception
    ):  # a half-built module may not be able to describe itself: the first error is what matters
        return
