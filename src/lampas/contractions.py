"""Sums of products over named dims: einsum and tensordot."""

from lampas import _core
from lampas._core import Tensor
from lampas.argument_checks import check_elements, check_type

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def einsum(*args):
    """Multiply tensors and sum over the dims whose letters do not stand in the result.

    Args:
        equation (str): a term of letters for each operand, with commas, then "->" and the result's letters;
            without "->" those that stand once, in the order of the alphabet. "..." stands for dims that
            broadcast. A letter that stands twice in one term takes the diagonal.
        operands: tensors, as arguments or as one list; or each followed by a list of numbers for letters.

    Products are taken from left to right. Raises RuntimeError where equation and operands do not fit.

    Example:
        >>> lampas.einsum("ij,jk->ik", lampas.ones(2, 3), lampas.ones(3, 2))
        tensor([[3., 3.],
                [3., 3.]])
    """
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand "
            "and its subscripts list"
        )
    if isinstance(args[0], Tensor):
        equation, operands = _from_lists(args)
    else:
        equation, operands = args[0], args[1:]
        if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
            operands = operands[0]
    check_type("einsum", "equation", equation, str, position=1)
    check_elements(operands, argument=1)
    if not operands:
        raise RuntimeError("einsum(): must provide at least one operand")
    terms, wanted = _parsed(equation.replace(" ", ""), operands)
    return _contracted(terms, wanted, list(operands))


def _from_lists(args):
    """The equation of operands that are each followed by a list of numbers."""

    def letters(numbers):
        text = ""
        for number in numbers:
            if number is Ellipsis:
                text += "..."
            elif 0 <= number < len(_LETTERS):
                text += _LETTERS[number]
            else:
                raise ValueError(
                    "einsum(): subscript in subscript list is not within the valid range [0, 52)"
                )
        return text

    equation = ",".join(letters(numbers) for numbers in args[1::2][: len(args) // 2])
    if len(args) % 2:
        equation += "->" + letters(args[-1])
    return equation, args[0 : len(args) // 2 * 2 : 2]


def _parsed(equation, operands):
    """Return (a list of dim names for each operand, those of the result); "..." becomes numbers."""
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        word = "more operands were provided than specified in the equation"
        if len(terms) > len(operands):
            word = "fewer operands were provided than specified in the equation"
        raise RuntimeError(f"einsum(): {word}")
    pairs = zip(terms, operands, strict=True)
    parsed = [_dim_names(term, operand.dim(), place) for place, (term, operand) in enumerate(pairs)]
    count = max(sum(isinstance(name, int) for name in names) for names in parsed)
    numbers = list(range(-count, 0))
    if not arrow:
        once = [name for names in parsed for name in names if isinstance(name, str)]
        return parsed, numbers + sorted(name for name in set(once) if once.count(name) == 1)
    wanted = []
    before, dots, behind = right.partition("...")
    if "." in before or "." in behind:
        raise RuntimeError("einsum(): found '.' for output but an ellipsis (...) was already found")
    for part in (before, numbers if dots else [], behind):
        wanted.extend(part)
    known = {name for names in parsed for name in names}
    for name in wanted:
        if isinstance(name, str) and (not name.isalpha() or not name.isascii()):
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {len(left) + 2 + right.index(name)} in the "
                "equation string, subscripts must be in [a-zA-Z]"
            )
        if wanted.count(name) > 1:
            raise RuntimeError(f"einsum(): output subscript {name} appears more than once in the output")
        if name not in known:
            raise RuntimeError(
                f"einsum(): output subscript {name} does not appear in the equation for any input operand"
            )
    return parsed, wanted


def _dim_names(term, rank, place):
    before, dots, behind = term.partition("...")
    for part in (before, behind):
        for letter in part:
            if not letter.isalpha() or not letter.isascii():
                raise RuntimeError(
                    f"einsum(): invalid subscript given at index {term.index(letter)} in the equation "
                    "string, subscripts must be in [a-zA-Z]"
                )
    covered = rank - len(before) - len(behind)
    if covered < 0 or (covered > 0 and not dots):
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({len(before) + len(behind)}) "
            f"{'is more than' if dots else 'does not match'} the number of dimensions ({rank}) "
            f"for operand {place}{'' if dots else ' and no ellipsis was given'}"
        )
    return [*before, *range(-covered, 0), *behind]


def _contracted(terms, wanted, operands):
    sizes = {}
    for place, (names, operand) in enumerate(zip(terms, operands, strict=True)):
        names, operand = _with_diagonals(names, operand, place)
        terms[place], operands[place] = names, operand
        for name, size in zip(names, operand.shape, strict=True):
            if sizes.get(name, 1) == 1:
                sizes[name] = size
            elif size not in (1, sizes[name]):
                raise RuntimeError(
                    f"einsum(): subscript {name} has size {size} for operand {place} which does not "
                    f"broadcast with previously seen size {sizes[name]}"
                )
    # Every operand gets all dims: the result's, then those that are summed.
    summed = [name for name in sizes if name not in wanted]
    order = [*wanted, *summed]
    aligned = [_aligned(names, operand, order) for names, operand in zip(terms, operands, strict=True)]
    last_use = {name: max(i for i, names in enumerate(terms) if name in names) for name in sizes}
    result = aligned[0]
    for place in range(len(aligned)):
        done = [dim for dim, name in enumerate(order) if name in summed and last_use[name] == place]
        if place == 0:
            result = result.sum(done, True) if done else result
        else:
            result = _product_summed(result, aligned[place], done)
    return result.reshape(result.shape[: len(wanted)]) if summed else result


def _with_diagonals(names, operand, place):
    """One dim for each name: of a name that stands twice, the diagonal."""
    names = list(names)
    for name in [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        while names.count(name) > 1:
            first = names.index(name)
            second = names.index(name, first + 1)
            if operand.shape[first] != operand.shape[second]:
                raise RuntimeError(
                    f"einsum(): subscript {name} is repeated for operand {place} but the sizes don't match, "
                    f"{operand.shape[second]} != {operand.shape[first]}"
                )
            operand = operand.diagonal(0, first, second).movedim(-1, first)
            del names[second]
    return names, operand


def _aligned(names, operand, order):
    operand = operand.permute([names.index(name) for name in order if name in names])
    for dim, name in enumerate(order):
        if name not in names:
            operand = operand.unsqueeze(dim)
    return operand


def _product_summed(left, right, dims):
    """Multiply two tensors of one rank and sum over dims (which stay with size 1), as a batch of products."""
    both = [dim for dim in dims if left.shape[dim] != 1 and right.shape[dim] != 1]
    one = [dim for dim in dims if dim not in both]
    left_only = [dim for dim in one if left.shape[dim] != 1]
    right_only = [dim for dim in one if right.shape[dim] != 1]
    left = left.sum(left_only, True) if left_only else left
    right = right.sum(right_only, True) if right_only else right
    if not both:
        return left * right
    kept = [dim for dim in range(left.dim()) if dim not in both]
    batch = [dim for dim in kept if left.shape[dim] != 1 and right.shape[dim] != 1]
    rows = [dim for dim in kept if dim not in batch and left.shape[dim] != 1]
    columns = [dim for dim in kept if dim not in batch and dim not in rows]

    def folded(tensor, *groups):
        shape = [_core.Size([tensor.shape[dim] for dim in group]).numel() for group in groups]
        return tensor.permute([dim for group in groups for dim in group]).reshape(shape)

    # (batch, rows, both) @ (batch, both, columns); a group that a tensor lacks has size 1 there.
    first = folded(left, batch, rows, both + columns)
    second = folded(right, batch, both, columns + rows)
    order = batch + rows + columns + both
    sizes = (
        [left.shape[dim] for dim in batch + rows] + [right.shape[dim] for dim in columns] + [1] * len(both)
    )
    product = first.bmm(second).reshape(sizes)
    return product.permute([order.index(dim) for dim in range(left.dim())])


def tensordot(a, b, dims=2, out=None):
    """Multiply two tensors and sum over dims of both.

    Args:
        a, b (Tensor): of one dtype.
        dims: a number n, for the last n dims of `a` and the first n of `b`; or two lists, the dims of each.

    Example:
        >>> lampas.tensordot(lampas.ones(2, 3), lampas.ones(3, 4), dims=1).shape
        torch.Size([2, 4])
    """
    if not isinstance(dims, (tuple, list, int, Tensor)):
        raise RuntimeError(
            "tensordot expects dims to be int or tuple[list[int], list[int]] or list[list[int]] "
            f"containing two lists, but got dims={dims}"
        )
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(a.dim(), b.dim()):
            raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        dims = (list(range(-dims, 0)), list(range(dims)))
    of_a, of_b = ([each] if isinstance(each, int) else list(each) for each in dims)
    if len(of_a) != len(of_b):
        raise RuntimeError("both dimension lists should have same length")
    if a.dtype != b.dtype:
        raise RuntimeError("both inputs should have same dtype")
    for left, right in zip(of_a, of_b, strict=True):
        if a.shape[left] != b.shape[right] and 1 in (a.shape[left], b.shape[right]):
            a = a.sum(left, True) if b.shape[right] == 1 else a
            b = b.sum(right, True) if a.shape[left] == 1 else b
        if a.shape[left] != b.shape[right]:
            raise RuntimeError(
                f"contracted dimensions need to match, but first has size {a.shape[left]} in dim {left} "
                f"and second has size {b.shape[right]} in dim {right}"
            )
    of_a, of_b = [dim % a.dim() for dim in of_a], [dim % b.dim() for dim in of_b]
    rows = [dim for dim in range(a.dim()) if dim not in of_a]
    columns = [dim for dim in range(b.dim()) if dim not in of_b]
    shape = [a.shape[dim] for dim in rows] + [b.shape[dim] for dim in columns]
    depth = _core.Size([a.shape[dim] for dim in of_a]).numel()
    left = a.permute(rows + of_a).reshape(_core.Size([a.shape[dim] for dim in rows]).numel(), depth)
    right = b.permute(of_b + columns).reshape(depth, _core.Size([b.shape[dim] for dim in columns]).numel())
    result = left.mm(right).reshape(shape)
    return result if out is None else _core._into(result, out=out)
