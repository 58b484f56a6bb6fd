"""L-BFGS, which calls its closure several times a step."""

import lampas
from lampas.optim.group_optimizer import check_options
from lampas.optim.line_search import Point, strong_wolfe
from lampas.optim.optimizer import Optimizer

_LEAST_CURVATURE = 1e-10  # a change of gradient along the step below this is not remembered


class LBFGS(Optimizer):
    """Step along the gradient times an estimate of the inverse Hessian, made from the last steps.

    All parameters are one vector: there is one group, and the state hangs on the first parameter.

    Args:
        params (iterable): real parameters.
        lr (float): the step's length, or the line search's first trial.
        max_iter (int): iterations a call of `step` makes at most.
        max_eval (int): calls of the closure it makes at most; 1.25 * max_iter when None.
        tolerance_grad (float): it ends where no element of the gradient is larger.
        tolerance_change (float): it ends where neither the loss nor any parameter changes more.
        history_size (int): steps that are remembered.
        line_search_fn (str): "strong_wolfe" or None.

    Raises:
        ValueError: for a negative lr or several groups.

    Example:
        >>> weight = nn.Parameter(lampas.tensor([3.0]))
        >>> optimizer = optim.LBFGS([weight], line_search_fn="strong_wolfe")
        >>> def closure():
        ...     optimizer.zero_grad()
        ...     loss = (weight - 1).square().sum()
        ...     loss.backward()
        ...     return loss
        >>> optimizer.step(closure)
        tensor(4., grad_fn=<SumBackward0>)
        >>> weight
        Parameter containing:
        tensor([1.], requires_grad=True)

    Source: Nocedal, Wright, "Numerical Optimization", algorithm 7.5.
    """

    def __init__(
        self,
        params,
        lr=1,
        max_iter=20,
        max_eval=None,
        tolerance_grad=1e-7,
        tolerance_change=1e-9,
        history_size=100,
        line_search_fn=None,
    ):
        check_options(lr=lr)
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    @property
    def _params(self):
        return self.param_groups[0]["params"]

    def _flat_grad(self):
        return lampas.cat(
            [
                lampas.zeros_like(param).flatten() if param.grad is None else param.grad.flatten()
                for param in self._params
            ]
        )

    def _move(self, distance, direction):
        begin = 0
        for param in self._params:
            end = begin + param.numel()
            param.add_(direction[begin:end].view(param.shape), alpha=float(distance))
            begin = end

    @lampas.no_grad()
    def step(self, closure):
        """Take up to `max_iter` steps; return the loss before the first.

        Args:
            closure (callable): clears the gradients, computes the loss and its gradients, and returns it.
        """
        closure = lampas.enable_grad()(closure)
        group = self.param_groups[0]
        lr, tolerance_change = float(group["lr"]), group["tolerance_change"]
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise RuntimeError("only 'strong_wolfe' is supported")
        state = self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)

        def is_optimal(grad):
            return grad.abs().max() <= group["tolerance_grad"]

        first_loss = closure()
        loss = float(first_loss)
        evaluations = 1
        state["func_evals"] += 1
        grad = self._flat_grad()
        if is_optimal(grad):
            return first_loss
        for iteration in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            direction = state["d"] = self._next_direction(state, grad, group["history_size"])
            state["prev_flat_grad"] = grad
            state["prev_loss"] = previous_loss = loss
            distance = lr
            if state["n_iter"] == 1:
                distance = min(1.0, 1.0 / grad.abs().sum()) * lr
            state["t"] = distance
            slope = grad.dot(direction)
            if slope > -tolerance_change:
                break
            calls = 0
            if group["line_search_fn"] is not None:
                found, calls = self._search(
                    closure, direction, Point(0, loss, grad, slope), distance, group["max_eval"] - evaluations
                )
                distance, loss, grad = found.distance, found.loss, found.grad
                state["t"] = distance
                self._move(distance, direction)
            else:
                self._move(distance, direction)
                if iteration != group["max_iter"]:  # after the last, nothing asks for the loss
                    loss, grad, calls = float(closure()), self._flat_grad(), 1
            evaluations += calls
            state["func_evals"] += calls
            if (
                evaluations >= group["max_eval"]
                or is_optimal(grad)
                or direction.mul(distance).abs().max() <= tolerance_change
                or abs(loss - previous_loss) < tolerance_change
            ):
                break
        return first_loss

    def _next_direction(self, state, grad, history_size):
        """Remember the last step, and return minus the estimated inverse Hessian times the gradient."""
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            return grad.neg()
        # old_dirs: changes of the gradient; old_stps: steps; ro: 1 / their products.
        changes, steps, inverses = state["old_dirs"], state["old_stps"], state["ro"]
        change = grad.sub(state["prev_flat_grad"])
        step = state["d"].mul(state["t"])
        product = change.dot(step)
        if product > _LEAST_CURVATURE:
            if len(changes) == history_size:
                for memory in (changes, steps, inverses):
                    memory.pop(0)
            changes.append(change)
            steps.append(step)
            inverses.append(1.0 / product)
            state["H_diag"] = product / change.dot(change)
        factors = state.setdefault("al", [None] * history_size)
        direction = grad.neg()
        for i in reversed(range(len(changes))):
            factors[i] = steps[i].dot(direction) * inverses[i]
            direction.add_(changes[i], alpha=-factors[i].item())
        direction = direction.mul(state["H_diag"])
        for i in range(len(changes)):
            correction = changes[i].dot(direction) * inverses[i]
            direction.add_(steps[i], alpha=(factors[i] - correction).item())
        return direction

    def _search(self, closure, direction, start, distance, evaluations_left):
        origin = [param.clone() for param in self._params]

        def evaluate(distance):
            self._move(distance, direction)
            loss = float(closure())
            grad = self._flat_grad()
            for param, value in zip(self._params, origin, strict=True):
                param.copy_(value)
            return Point(distance, loss, grad, grad.dot(direction))

        return strong_wolfe(
            evaluate,
            start,
            distance,
            direction.abs().max(),
            1e-9,
            evaluations_left,
        )
