"""The code of "Bài 6 - Pytorch - Buổi 1 - Làm quen với pytorch", with Lampas's own names.

Made by `make examples`; docs/seeds.md names the edits. Needs Matplotlib where it draws.
"""

import sample_data

sample_data.fill_in()  # without a network, made pictures stand in for the data sets

# %% cell 1
import lampas

# %% cell 2
# Khởi tạo một ma trận rỗng

x = lampas.empty(5, 3)
print(x)

# %% cell 3
# Khởi tạo một ma trận ngẫu nhiên

x = lampas.rand(5, 3)
print(x)

# %% cell 4
# Khởi tạo ma trận 0 với data type là long

x = lampas.zeros(5, 3, dtype = lampas.long)
print(x)

# %% cell 5
# Khởi tạo ma trận từ list

x = lampas.tensor([[5, 3.5]])
print(x)

# %% cell 6
# Khởi tạo ma trận có các thuộc tính tương tự như của một ma trận sẵn có. Chẳng hạn như shape. Trừ khi thuộc tính mới được đưa vào override thuộc tính cũ.

x = x.new_ones(5, 3, dtype = lampas.double)
print(x)

x = lampas.randn_like(x, dtype = lampas.float) #override dtype
# Ma trận mới được khởi tạo ngẫu nhiên có shape tương tự như ma trận cũ, dtype được override.
print(x)

# %% cell 7
# get size
print(x.size())

# %% cell 8
x = lampas.randn(3, 3)
print(x)
y = lampas.ones(3, 3)
print(y)
print(x+y)

# %% cell 9
print(lampas.add(x, y))

# %% cell 10
z = lampas.empty(3,3)
lampas.add(x, y, out = z)
print(z)

# %% cell 11
print(y)
y.add_(x)
print(y)

# %% cell 12
# Truy cập cột thứ 2 của x
print(x[:, 1])

# %% cell 13
x = lampas.randn(4, 4)
y = x.view(16)
z = x.view(-1, 8) # Giá trị -1 cho biết kích thước của chiều này được tính theo các chiều còn lại

print(x.size(), y.size(), z.size())

# %% cell 14
x = lampas.tensor([1.5])
i = x.item()
print(i)

# %% cell 15
a = lampas.ones(5)
print(a)
print(type(a))

b = a.numpy()
print(type(b))

# %% cell 16
# Thêm 1 phần tử 1 vào a
a.add_(1)
print(a)
print(b)

# %% cell 17
import numpy as np

a = np.ones(5)
b = lampas.from_numpy(a)

print(a)
print(b)
print(type(a))
print(type(b))

# %% cell 18
# kiểm tra xem có tồn tại CUDA trên máy không. Lưu ý nếu đang sử dụng google colab, bạn phải bật GPU tại Runtime>change runtime type để enable CUDA.
if lampas.cuda.is_available():
  device = lampas.device("cuda") # Khởi tạo một cuda device object
  y = lampas.ones_like(x, device = device) # Trực tiếp khởi tạo một tensor trên GPU
  x = x.to(device) # Truyền giá trị tensor vào thiết bị. Có thể truyền vào tên thiết bị: .to("cuda")
  z = x + y
  print(z)
  print(z.to("cpu", lampas.double)) # Trong hàm .to() ta có thể thay định dạng dữ liệu.

# %% cell 19
import lampas

x = lampas.ones(2, 2, requires_grad = True)
print(x)

y = x+2
print(y)

# %% cell 20
print(y.grad_fn)

# %% cell 21
z = y * y * 3
out = z.mean()
print(z)
print(out)

# %% cell 22
a = lampas.ones(3, 3)
print(a)
print(a.requires_grad)
a.requires_grad_(True)
print(a.requires_grad)
b = (a*a).sum()
print(b)
print(b.grad_fn)

# %% cell 23
out.backward()

# %% cell 24
print(x.grad)

# %% cell 25
import lampas

x = lampas.randn(3, requires_grad = True)
yhat = lampas.randn(3, requires_grad = True)*2
y = x*2
l = ((y-yhat)**2).mean()
print(l)

# %% cell 26
# Khởi tạo một vector gradient tự do v
v = lampas.tensor([0.1, 1.0, 0.001], dtype = lampas.float)
# Tính ma trận Jacobian (đạo hàm của y theo v)
l.backward(v)
# Tính tích vector-jacobian chính là đạo hàm của
print(x.grad)

# %% cell 27
print(x.requires_grad)
print((x*x).requires_grad)
with lampas.no_grad():
  print((x*x).requires_grad)

# %% cell 28
import lampas
import lampas.nn as nn
import lampas.nn.functional as F

class Net(nn.Module):
  def __init__(self):
    super(Net, self).__init__()
    # 1 input image channel, 6 output channels, 3x3 square convolution
    # kernel
    # conv2d (input chanels, output chanels, kernel size)
    self.conv1 = nn.Conv2d(1, 6, 3)
    self.conv2 = nn.Conv2d(6, 16, 3)
    # an affine operation: y = Wx + b
    self.fc1 = nn.Linear(16 * 6 * 6, 120)  # 6*6 from image dimension
    self.fc2 = nn.Linear(120, 84)
    self.fc3 = nn.Linear(84, 10)

  def forward(self, x):
    # Max pooling over a (2, 2) window
    x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
    # If the size is a square you can only specify a single number
    x = F.max_pool2d(F.relu(self.conv2(x)), 2)
    x = x.view(-1, self.num_flat_features(x))
    x = F.relu(self.fc1(x))
    x = F.relu(self.fc2(x))
    x = self.fc3(x)
    return x

  def num_flat_features(self, x):
    size = x.size()[1:]  # all dimensions except the batch dimension
    num_features = 1
    for s in size:
        num_features *= s
    return num_features


net = Net()
print(net)

# %% cell 29
params = list(net.parameters())
print(len(params))
print(params[0].size())  # conv1's .weight

# %% cell 30
input = lampas.randn(1, 1, 32, 32)
out = net(input)
print(out)

# %% cell 31
net.zero_grad()
out.backward(lampas.randn(1, 10))

# %% cell 32
output = net(input)
target = lampas.randn(10) # a dummy target, for example
target = target.view(1, -1) # make it same shape as output
criterion = nn.MSELoss()

loss = criterion(output, target)
print(loss)

# %% cell 33
print(loss.grad_fn) # MSELoss
print(loss.grad_fn.next_functions[0][0]) # Linear
print(loss.grad_fn.next_functions[0][0].next_functions[0][0]) # Relu

# %% cell 34
net.zero_grad() # chuyển về 0 toàn bộ các gradient trong bộ nhớ đệm của toàn bộ các parameters.
print('conv1.bias.grad before backward')
print(net.conv1.bias.grad)

loss.backward()

print('conv1.bias.grad after backward')
print(net.conv1.bias.grad)

# %% cell 35
learning_rate = 0.01
for f in net.parameters():
  f.data.sub_(f.grad.data * learning_rate)

# %% cell 36
import lampas.optim as optim

# Create your optimizer
optimizer = optim.SGD(net.parameters(), lr = 0.001)

# in your training loop
optimizer.zero_grad() # zero gradients buffers
output = net(input)
loss = criterion(output, target)
loss.backward()
optimizer.step() #Does update

# %% cell 37
import lampas
import lampas.vision
import lampas.vision.transforms as transforms

# Xây dựng một chuẩn hóa đầu vào cho ảnh

transform = transforms.Compose(
  [transforms.ToTensor(),
  transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))]
)

# Khởi tạo dữ trainset qui định dữ liệu training
trainset = lampas.vision.datasets.CIFAR10(root = './CIFAR10', train = True,
                                       download = True, transform = transform)

# Khởi tạo trainloader qui định cách truyền dữ liệu vào model theo batch.
trainloader = lampas.utils.data.DataLoader(trainset, batch_size = 4,
                                         shuffle = True, num_workers = 2)

# Tương tự nhưng đối với test
testset = lampas.vision.datasets.CIFAR10(root = './CIFAR10', train = False,
                                      download = True, transform = transform)

testloader = lampas.utils.data.DataLoader(testset, batch_size = 4,
                                              shuffle = False, num_workers = 2)

# Nhãn cho các class
classes = ('plane', 'car', 'bird', 'cat',
           'deer', 'dog', 'frog', 'horse', 'ship', 'truck')

# %% cell 38
print(type(trainset[0][0]))
print(trainset[0][0].size())

# %% cell 39
import matplotlib.pyplot as plt
import numpy as np

# functions to show an image


def imshow(img):
    img = img / 2 + 0.5     # unnormalize
    npimg = img.numpy()
    plt.imshow(np.transpose(npimg, (1, 2, 0)))
    plt.show()


# get some random training images
dataiter = iter(trainloader)
images, labels = dataiter.next()

# show images
imshow(lampas.vision.utils.make_grid(images))
# print labels
print(' '.join('%5s' % classes[labels[j]] for j in range(4)))

# %% cell 40
print(type(trainloader))
print(images.shape)

# %% cell 41
import lampas.nn as nn
import lampas.nn.functional as F


class Net(nn.Module):
  def __init__(self):
    super(Net, self).__init__()
    # Conv2d: input nodes, output nodes, kernel size
    self.conv1 = nn.Conv2d(3, 6, 5)
    self.pool = nn.MaxPool2d(2, 2)
    self.conv2 = nn.Conv2d(6, 16, 5)
    self.fc1 = nn.Linear(16 * 5 * 5, 120)
    self.fc2 = nn.Linear(120, 84)
    self.fc3 = nn.Linear(84, 10)

  def forward(self, x):
    x = self.pool(F.relu(self.conv1(x)))
    x = self.pool(F.relu(self.conv2(x)))
    x = x.view(-1, 16 * 5 * 5)
    x = F.relu(self.fc1(x))
    x = F.relu(self.fc2(x))
    x = self.fc3(x)
    return x


net = Net()

# %% cell 42
import lampas.optim as optim

criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr = 0.001, momentum = 0.1)

# %% cell 43
for epoch in range(2): # loop over the dataset multiple times
  running_loss = 0.0
  for i, data in enumerate(trainloader, 0):
    # get the inputs, data is a list of [inputs, labels]
    inputs, labels = data

    # zero the parameter gradients
    optimizer.zero_grad()

    # forward + backward + optimize
    outputs = net(inputs)
    loss = criterion(outputs, labels)
    loss.backward()
    optimizer.step()

    # print statistics
    running_loss += loss.item()
    if i % 2000 == 1999: # print every 2000 mini-batches
      print('[%d, %5d] loss: %.3f' %
           (epoch + 1, i + 1, running_loss/2000))
      running_loss = 0.0

print('Finished Training')

# %% cell 44
# Hiển thị một vài dữ liệu
# Sử dụng hàm iter để biến testloader thành 1 iterator, từ đó có thể lấy các giá trị tiếp theo.
dataiter = iter(testloader)
images, labels = dataiter.next()

# print image
imshow(lampas.vision.utils.make_grid(images))
print('GroundTruth: {}'.format(' '.join('%5s' % classes[labels[j]] for j in range(4))))

# %% cell 45
outputs = net(images)
print(type(outputs))
print(outputs.shape)

# %% cell 46
_,  predicted = lampas.max(outputs, 1)
print('Predicted: ', ' '.join('%5s' % classes[predicted[j]]
                              for j in range(4)))

# %% cell 47
print(type(labels))
print(type(images))

print(labels.shape)
print(images.shape)

# %% cell 48
correct = 0
total = 0
with lampas.no_grad():
    for data in testloader:
        images, labels = data
        outputs = net(images)
        _, predicted = lampas.max(outputs.data, 1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()

print('Accuracy of the network on the 10000 test images: %d %%' % (
    100 * correct / total))

# %% cell 49
class_correct = list(0. for i in range(10))
class_total = list(0. for i in range(10))
with lampas.no_grad():
    for data in testloader:
        images, labels = data
        outputs = net(images)
        _, predicted = lampas.max(outputs, 1)
        c = (predicted == labels).squeeze()
        for i in range(4):
            label = labels[i]
            class_correct[label] += c[i].item()
            class_total[label] += 1


for i in range(10):
    print('Accuracy of %5s : %2d %%' % (
        classes[i], 100 * class_correct[i] / class_total[i]))

# %% cell 50
device = lampas.device("cuda:0" if lampas.cuda.is_available() else "cpu")
print(device)

# %% cell 51
net.to(device)

# %% cell 52
print(data[0].shape)
print(data[1].shape)

# %% cell 53
inputs, labels = data[0].to(device), data[1].to(device)
