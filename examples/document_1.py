"""The code of "3 - Neural Networks", with Lampas's own names.

Made by `make examples`; docs/seeds.md names the edits. Needs Matplotlib where it draws.
"""

import sample_data

sample_data.fill_in()  # without a network, made pictures stand in for the data sets

# %% cell 1
import lampas
import lampas.nn as nn
import lampas.nn.functional as F

# %% cell 2
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__() # 1 input channel, 6 ouput channel, nhân tích chập vuông 5x5
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        # Một phép toán biến đổi: y = Wx + b
        self.fc1 = nn.Linear(16*5*5, 120) # 5*5 là chiều ảnh 5 pixel weight, 5 pixel height
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, input):
        # Lớp C1: 1 image input channel, 6 output channel
        # Conv 5x5 sử dụng hàm kích hoạt ReLU
        # Tensor output có size(N, 6, 28, 28), N là batch size
        c1 = F.relu(self.conv1(input))

        # Lớp S2: Lấy mẫu có grid là 2x2, đây hoàn toàn là hàm chức năng
        # Lớp này không có bất kỳ tham số nào, output tensor size(N, 6, 14, 14)
        s2 = F.max_pool2d(c1, (2, 2))

        # Lớp C3: 6 input channel, 16 output channels
        # 5x5 conv, dùng hàm kích hoạt ReLU
        # Tensor output (N, 16, 10, 10)
        c3 = F.relu(self.conv2(s2))

        # Lớp S4: Tương tự S2, tensor output (N, 16, 5, 5)
        s4 = F.max_pool2d(c3, 2)

        # flatten: hàm thuần chức năng, chuyển matrix -> vector
        # output tensor: (N, 400)
        s4 = lampas.flatten(s4, 1)

        # Lớp F5:tensor input (N, 400), tensor output (N, 120), sdung hàm ReLU
        f5 = F.relu(self.fc1(s4))

        # Lớp F6: tensor input (N, 120), tensor output (N, 84), sdung hàm ReLu
        f6 = F.relu(self.fc2(f5))

        # Lớp gaussian output: (N, 84) Tensor input, and tensor output(N, 10)
        output = self.fc3(f6)
        return output

# %% cell 3
net = Net()
print(net)

# %% cell 4
params = list(net.parameters())
print(len(params))
print(params[0].size()) #conv1 weight

# %% cell 5
input = lampas.randn(1, 1, 32, 32)
out = net(input)
print(out)

# %% cell 6
net.zero_grad() # đặt lại gradient bằng 0
out.backward(lampas.randn(1, 10))

# %% cell 7
# input = torch.rand(3, 224, 224)  # 1 ảnh RGB
# batch_input = input.unsqueeze(0)  # Thêm chiều batch -> [1, 3, 224, 224]
# output = model(batch_input)       # Chạy được!

# %% cell 8
output = net(input)
target = lampas.randn(10)
target = target.view(1, -1) # giống reshape

criterion = nn.MSELoss()

loss = criterion(output, target)
print(loss)

# %% cell 9
print(loss.grad_fn)  # MSELoss
print(loss.grad_fn.next_functions[0][0])  # Linear
print(loss.grad_fn.next_functions[0][0].next_functions[0][0])  # ReLU

# %% cell 10
# Ta xét một vd gradient của conv1 trước/ sau khi backward
net.zero_grad() # Xóa các gradient

print('conv1.bias.grad before backward')
print(net.conv1.bias.grad)

loss.backward() # Hàm sẽ tính các gradient của tham số dựa trên loss_func

print('conv1.bias.grad after backward')
print(net.conv1.bias.grad)

# %% cell 11
learning_rate = 0.01
for f in net.parameters():
    f.data.sub_(f.grad.data * learning_rate)

# %% cell 12
import lampas.optim as optim

optimizer = optim.SGD(net.parameters(), lr=0.01)

optimizer.zero_grad()
output = net(input)
loss = criterion(output, target)
loss.backward()
optimizer.step()
