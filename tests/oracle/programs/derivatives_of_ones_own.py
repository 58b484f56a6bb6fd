"""Functions whose derivatives are written by hand: rounding, reversed gradients, sorting, autocast."""

import torch
from torch import nn
from torch.autograd import Function, gradcheck, gradgradcheck
from torch.autograd.function import InplaceFunction, once_differentiable

torch.manual_seed(0)


class Quantized(InplaceFunction):
    @staticmethod
    def forward(ctx, x, bits=2, inplace=False):
        ctx.inplace = inplace
        if inplace:
            ctx.mark_dirty(x)
        output = x if inplace else x.clone()
        levels = 2**bits - 1
        return output.clamp_(0, 1).mul_(levels).round_().div_(levels)

    @staticmethod
    def backward(ctx, grad):
        return grad, None, None


class Reversed(Function):
    @staticmethod
    def forward(ctx, x, alpha):
        ctx.alpha = alpha
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        return grad.neg() * ctx.alpha, None


class Linear(Function):
    @staticmethod
    def forward(input, weight, bias):
        output = input.mm(weight.t())
        return output if bias is None else output + bias.unsqueeze(0).expand_as(output)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, grad):
        input, weight, bias = ctx.saved_tensors
        for_input = grad.mm(weight) if ctx.needs_input_grad[0] else None
        for_weight = grad.t().mm(input) if ctx.needs_input_grad[1] else None
        return for_input, for_weight, grad.sum(0) if ctx.needs_input_grad[2] else None


class Sorted(Function):
    @staticmethod
    def forward(ctx, x):
        values, order = x.sort()
        ctx.mark_non_differentiable(order)
        ctx.save_for_backward(order)
        return values, order

    @staticmethod
    @once_differentiable
    def backward(ctx, grad, _):
        (order,) = ctx.saved_tensors
        return torch.zeros_like(grad).scatter(0, order, grad)


class Autocast(Function):
    @staticmethod
    @torch.amp.custom_fwd(device_type="cpu", cast_inputs=torch.float32)
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        return x @ weight

    @staticmethod
    @torch.amp.custom_bwd(device_type="cpu")
    def backward(ctx, grad):
        x, weight = ctx.saved_tensors
        return grad @ weight.t(), x.t() @ grad


x = torch.rand(4, requires_grad=True)
copy = x.clone()
quantized = Quantized.apply(copy, 3, True)
(quantized * torch.arange(4.0) + Quantized.apply(x)).sum().backward()
print(quantized, x.grad, quantized is copy, quantized.grad_fn.name())
layer = nn.Linear(3, 3)
hidden = layer(torch.ones(2, 3))
Reversed.apply(hidden, 0.5).sum().backward()
print(layer.bias.grad, Reversed.apply(hidden, 2.0))

shapes = (4, 3), (2, 3), (2,)
inputs = [torch.randn(shape, dtype=torch.double, requires_grad=True) for shape in shapes]
print(gradcheck(Linear.apply, inputs, eps=1e-6, atol=1e-4, check_undefined_grad=False))
print(
    gradgradcheck(Linear.apply, inputs, fast_mode=True), torch.rand(1)
)  # the draws that follow are the same
try:
    gradcheck(Quantized.apply, (torch.rand(3, dtype=torch.double, requires_grad=True),))
except RuntimeError as error:
    print(type(error).__name__, str(error).splitlines()[0])

unsorted = torch.randn(5, requires_grad=True)
values, order = Sorted.apply(unsorted)
(gradient,) = torch.autograd.grad((values**2 * torch.arange(5.0)).sum(), unsorted, create_graph=True)
print(gradient.detach(), order, order.requires_grad, values)
try:
    gradient.sum().backward()
except RuntimeError as error:
    print(error)

weight = torch.randn(3, 2, requires_grad=True)
with torch.autocast("cpu"):
    product = Autocast.apply(layer(torch.ones(2, 3)), weight)
product.sum().backward()
print(product.dtype, layer(torch.ones(2, 3)).dtype, weight.grad)
output, derivative = torch.func.linearize(torch.sin, torch.zeros(2))
print(output, derivative(torch.ones(2)), derivative(torch.arange(2.0)))
