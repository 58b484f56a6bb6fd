"""The graph that backward would walk, as a line of text and as a drawing."""

from xml.sax.saxutils import escape

# What the documents call a node; other names lose "Backward" and their number.
_NAMES = {
    "Convolution": "conv2d",
    "ConvolutionOverrideable": "conv2d",
    "MaxPool2DWithIndices": "maxpool2d",
    "Addmm": "linear",
    "MseLoss": "MSELoss",
    "NllLoss": "NLLLoss",
    "NllLoss2D": "NLLLoss",
    "LogSoftmax": "log_softmax",
    "ReshapeAlias": "view",
    "UnsafeView": "view",
}
_HIDDEN = {"T", "torch::autograd::AccumulateGrad"}  # weights and their transposes
_STEP, _LANE = 118, 56  # pixels from box to box, along and across


def _name_of(node):
    """Return a node's name as the documents write it: ConvolutionBackward0 is conv2d."""
    stem = node.name().rstrip("0123456789").removesuffix("Backward")
    if stem in _NAMES:
        return _NAMES[stem]
    return stem if stem in _HIDDEN else stem[:1].lower() + stem[1:]


class Graph:
    """The ops between inputs and a result. `str` gives one line; `save` and notebooks give a drawing.

    Args:
        result (Tensor): what was computed, with a history.
    """

    def __init__(self, result):
        root = result.grad_fn
        if root is None:
            raise ValueError("the tensor has no history: nothing that requires a gradient went into it")
        self.names, self.sources = {root: _name_of(root)}, {}
        waiting = [root]
        while waiting:
            node = waiting.pop()
            followers = [following for following, _ in node.next_functions if following is not None]
            self.sources[node] = [each for each in followers if _name_of(each) not in _HIDDEN]
            for following in self.sources[node]:
                if following not in self.names:
                    self.names[following] = _name_of(following)
                    waiting.append(following)
        self.order = self._in_order(root)

    def _in_order(self, root):
        """Return the nodes, each after those it depends on: a walk in depth without recursion."""
        order, seen, stack = [], {root}, [(root, iter(self.sources[root]))]
        while stack:
            node, rest = stack[-1]
            following = next((each for each in rest if each not in seen), None)
            if following is None:
                stack.pop()
                order.append(node)
            else:
                seen.add(following)
                stack.append((following, iter(self.sources[following])))
        return order

    def __str__(self):
        return " -> ".join(["input", *(self.names[node] for node in self.order), "loss"])

    __repr__ = __str__

    def _levels(self):
        """Return how many steps each node lies from the inputs."""
        level = {}
        for node in self.order:
            level[node] = 1 + max((level[source] for source in self.sources[node]), default=0)
        return level

    def svg(self):
        """Return the drawing as SVG: ops from left to right, with arrows."""
        levels = self._levels()
        rows: dict[int, list] = {}
        for node in self.order:
            rows.setdefault(levels[node], []).append(node)
        boxes = [(0, 0, "input")]
        place = {}
        for level, nodes in rows.items():
            for lane, node in enumerate(nodes):
                place[node] = (level, lane)
                boxes.append((level, lane, self.names[node]))
        last = max(rows)
        boxes.append((last + 1, 0, "loss"))
        arrows = [(place[source], place[node]) for node in self.order for source in self.sources[node]]
        arrows += [((0, 0), place[node]) for node in self.order if levels[node] == 1]
        arrows.append((place[self.order[-1]], (last + 1, 0)))
        width, height = (last + 2) * _STEP + 20, max(len(nodes) for nodes in rows.values()) * _LANE + 40
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">',
            '<defs><marker id="tip" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">'
            '<path d="M0,0 L9,4 L0,8 z" fill="#555"/></marker></defs>',
        ]
        for (level, lane), (next_level, next_lane) in arrows:
            lines.append(
                f'<line x1="{level * _STEP + 110}" y1="{lane * _LANE + 40}" x2="{next_level * _STEP + 20}" '
                f'y2="{next_lane * _LANE + 40}" stroke="#555" marker-end="url(#tip)"/>'
            )
        for level, lane, name in boxes:
            left, top = level * _STEP + 20, lane * _LANE + 24
            color = "#eee" if name in ("input", "loss") else "#dceaf7"
            lines.append(
                f'<rect x="{left}" y="{top}" width="90" height="32" rx="6" fill="{color}" stroke="#777"/>'
                f'<text x="{left + 45}" y="{top + 21}" text-anchor="middle">{escape(name)}</text>'
            )
        return "\n".join([*lines, "</svg>", ""])

    _repr_svg_ = svg  # how a notebook shows it

    def save(self, path):
        """Write the drawing as an SVG file."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.svg())


def graph(loss):
    """Return the graph behind a loss: `print` it for one line of text, `.save("graph.svg")` it for a drawing.

    Args:
        loss (Tensor): what was computed; it must have a `grad_fn`.

    Raises:
        ValueError: where it has none.
        TypeError: for what is no tensor, such as a network: its graph is that of what it computes.

    Example:
        >>> net = lampas.nn.Sequential(lampas.nn.Linear(4, 3), lampas.nn.ReLU())
        >>> print(graph(lampas.nn.functional.mse_loss(net(lampas.ones(2, 4)), lampas.zeros(2, 3))))
        input -> linear -> relu -> MSELoss -> loss
    """
    if not hasattr(loss, "grad_fn"):
        raise TypeError(f"the graph is that of a tensor that was computed, not of a {type(loss).__name__}")
    return Graph(loss)
