"""Nested tuples, lists and dicts of tensors, taken apart into leaves and put together again."""


def flatten(tree):
    """Return the leaves of `tree`, in order, and a function that puts others in their places."""
    leaves = []
    rebuild = _take_apart(tree, leaves)
    count = len(leaves)

    def put_together(new_leaves):
        if len(new_leaves) != count:
            raise ValueError(f"expected {count} leaves, got {len(new_leaves)}")
        return rebuild(iter(new_leaves))

    return leaves, put_together


def _take_apart(tree, leaves):
    if isinstance(tree, dict):
        children = {key: _take_apart(value, leaves) for key, value in tree.items()}
        return lambda values: type(tree)((key, child(values)) for key, child in children.items())
    if _is_sequence(tree):
        parts = [_take_apart(value, leaves) for value in tree]
        make = getattr(type(tree), "_make", type(tree))
        return lambda values: make([part(values) for part in parts])
    leaves.append(tree)
    return lambda values: next(values)


def _is_sequence(tree):
    """Whether a value is a tuple or a list; also one with names: a namedtuple, what max gives."""
    named = hasattr(tree, "_fields") or hasattr(type(tree), "n_sequence_fields")
    return named or type(tree) in (tuple, list)


def spread(prefix, tree, what):
    """Return one entry of `prefix` for each leaf of `tree`; an entry may stand for a whole subtree.

    Raises ValueError, naming `what`, where the structures do not fit.
    """
    if isinstance(tree, dict) or _is_sequence(tree):
        values = list(tree.values()) if isinstance(tree, dict) else list(tree)
        if isinstance(prefix, dict) and isinstance(tree, dict) and prefix.keys() == tree.keys():
            prefixes = [prefix[key] for key in tree]
        elif isinstance(prefix, (tuple, list)) and not isinstance(tree, dict):
            if len(prefix) != len(values):
                raise ValueError(
                    f"{what} is not compatible with the structure of the values: {prefix} for {tree}"
                )
            prefixes = list(prefix)
        elif isinstance(prefix, (tuple, list, dict)):
            raise ValueError(
                f"{what} is not compatible with the structure of the values: {prefix} for {tree}"
            )
        else:
            prefixes = [prefix] * len(values)
        return [
            entry for part, value in zip(prefixes, values, strict=True) for entry in spread(part, value, what)
        ]
    if isinstance(prefix, (tuple, list, dict)):
        raise ValueError(f"{what} is not compatible with the structure of the values: {prefix} for {tree}")
    return [prefix]
