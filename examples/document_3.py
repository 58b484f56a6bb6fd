"""The code of "[Pytorch Tutorial] #1 - Nhập môn PyTorch với những khái niệm cơ bản", with Lampas's own names.

Made by `make examples`; docs/seeds.md names the edits. Needs Matplotlib where it draws.
"""

import sample_data

sample_data.fill_in()  # without a network, made pictures stand in for the data sets

# %% cell 1
import numpy as np

# %% cell 2
n, input_dim, hidden_dim, output_dim = 64, 784, 100, 10
# Create random input and output data
x = np.random.randn(n, input_dim)
y = np.random.randn(n, output_dim)

# %% cell 3
# Randomly initialize weights
w1 = np.random.randn(input_dim, hidden_dim)
w2 = np.random.randn(hidden_dim, output_dim)

# %% cell 4
learning_rate = 1e-6

# %% cell 5
# Loop for 100 epochs
for i in range(500):
    # Forward pass: compute predicted y
    h = x.dot(w1)
    h_relu = np.maximum(h, 0)
    y_pred = h_relu.dot(w2)
    # Compute and print loss
    loss = np.square(y_pred - y).sum()
    print(i, loss)
    # Backprop to compute gradients of w1 and w2 with respect to loss
    grad_y_pred = 2.0 * (y_pred - y)
    grad_w2 = h_relu.T.dot(grad_y_pred)
    grad_h_relu = grad_y_pred.dot(w2.T)
    grad_h = grad_h_relu.copy()
    grad_h[h < 0] = 0
    grad_w1 = x.T.dot(grad_h)
    # Update weights
    w1 -= learning_rate * grad_w1
    w2 -= learning_rate * grad_w2

# %% cell 6
import lampas

# %% cell 7
n, input_dim, hidden_dim, output_dim = 64, 784, 100, 10
# Create random input and output data
x = lampas.randn(n, input_dim)
y = lampas.randn(n, output_dim)

# %% cell 8
# Randomly initialize weights
w1 = lampas.randn(input_dim, hidden_dim)
w2 = lampas.randn(hidden_dim, output_dim)

# %% cell 9
learning_rate = 1e-6
for t in range(500):
    # Forward pass: compute predicted y
    h = x.mm(w1)
    h_relu = h.clamp(min=0)
    y_pred = h_relu.mm(w2)
    # Compute and print loss
    loss = (y_pred - y).pow(2).sum()
    if t % 100 == 99:
        print(t, loss)
    # Backprop to compute gradients of w1 and w2 with respect to loss
    grad_y_pred = 2.0 * (y_pred - y)
    grad_w2 = h_relu.t().mm(grad_y_pred)
    grad_h_relu = grad_y_pred.mm(w2.t())
    grad_h = grad_h_relu.clone()
    grad_h[h < 0] = 0
    grad_w1 = x.t().mm(grad_h)
    # Update weights using gradient descent
    w1 -= learning_rate * grad_w1
    w2 -= learning_rate * grad_w2

# %% cell 10
# Randomly initialize weights
w1 = lampas.randn(input_dim, hidden_dim, requires_grad=True)
w2 = lampas.randn(hidden_dim, output_dim, requires_grad=True)

# %% cell 11
for t in range(500):
    # Forward
    y_pred = x.mm(w1).clamp(min=0).mm(w2)
    # Compute loss
    loss = (y_pred - y).pow(2).sum()
    if t % 100 == 99:
        print(t, loss.item())
    # backward
    loss.backward()
    # Update gradident
    with lampas.no_grad():
        w1 -= learning_rate * w1.grad
        w2 -= learning_rate * w2.grad
        # Manually zero the gradients after updating weights
        w1.grad.zero_()
        w2.grad.zero_()

# %% cell 12
N, D_in, H, D_out = 64, 1000, 100, 10
x = lampas.randn(N, D_in)
y = lampas.randn(N, D_out)
model = lampas.nn.Sequential(
    lampas.nn.Linear(D_in, H),
    lampas.nn.ReLU(),
    lampas.nn.Linear(H, D_out),
)

# %% cell 13
loss_fn = lampas.nn.MSELoss(reduction='sum')
learning_rate = 1e-4
for t in range(500):
    y_pred = model(x)
    loss = loss_fn(y_pred, y)
    if t % 100 == 99:
        print(t, loss.item())
    # Zero the gradients before running the backward pass.
    model.zero_grad()
    loss.backward()
    with lampas.no_grad():
        for param in model.parameters():
            param -= learning_rate * param.grad

# %% cell 14
optimizer = lampas.optim.Adam(model.parameters(), lr=learning_rate)
for t in range(500):
    y_pred = model(x)
    # Compute and print loss.
    loss = loss_fn(y_pred, y)
    if t % 100 == 99:
        print(t, loss.item())
    optimizer.zero_grad()
    # Backward pass: compute gradient of the loss with respect to model
    # parameters
    loss.backward()
    # Calling the step function on an Optimizer makes an update to its
    # parameters
    optimizer.step()

# %% cell 15
class TwoLayerNet(lampas.nn.Module):
    def __init__(self, D_in, H, D_out):
        """
        In the constructor we instantiate two nn.Linear modules and assign them as
        member variables.
        """
        super(TwoLayerNet, self).__init__()
        self.linear1 = lampas.nn.Linear(D_in, H)
        self.linear2 = lampas.nn.Linear(H, D_out)

    def forward(self, x):
        """
        In the forward function we accept a Tensor of input data and we must return
        a Tensor of output data. We can use Modules defined in the constructor as
        well as arbitrary operators on Tensors.
        """
        h_relu = self.linear1(x).clamp(min=0)
        y_pred = self.linear2(h_relu)
        return y_pred

# %% cell 16
model = TwoLayerNet(D_in, H, D_out)
