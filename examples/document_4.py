"""The code of "[Note] Understanding and Implementing Deep Learning Models with PyTorch", with Lampas's own names.

Made by `make examples`; docs/seeds.md names the edits. Needs Matplotlib where it draws.
"""

import sample_data

sample_data.fill_in()  # without a network, made pictures stand in for the data sets

# %% cell 1
import lampas
import lampas.nn as nn

# Định nghĩa một mô hình đơn giản với 1 lớp fully connected
class SimpleModel(nn.Module):
    def __init__(self):
        super(SimpleModel, self).__init__()
        self.fc = nn.Linear(10, 5)  # Một lớp fully connected với input size là 10 và output size là 5

    def forward(self, x):
        x = self.fc(x)
        return x

# Tạo một instance của mô hình
model = SimpleModel()

# Tạo input và thực hiện forward pass
input_data = lampas.randn(3, 10)  # Tạo tensor 3x10 ngẫu nhiên
output = model(input_data)

print(output)

# %% cell 2
import lampas.nn as nn

# Định nghĩa một convolutional layer
conv_layer = nn.Conv2d(in_channels=3, out_channels=16, kernel_size=3, stride=1, padding=1)

# %% cell 3
import lampas.nn as nn

# Sử dụng ReLU activation
activation = nn.ReLU()

# %% cell 4
import lampas.nn as nn

# Định nghĩa một max pooling layer
pooling_layer = nn.MaxPool2d(kernel_size=2, stride=2)

# %% cell 5
import lampas.nn as nn

# Định nghĩa một fully connected layer
fc_layer = nn.Linear(in_features=256, out_features=10)  # Ví dụ: có 256 đầu vào và 10 đầu ra (số lớp đầu ra)

# %% cell 6
import lampas.nn as nn

# Định nghĩa một mô hình CNN
class SimpleCNN(nn.Module):
    def __init__(self):
        super(SimpleCNN, self).__init__()
        self.conv1 = nn.Conv2d(in_channels=3, out_channels=16, kernel_size=3, stride=1, padding=1)
        self.activation = nn.ReLU()
        self.pooling = nn.MaxPool2d(kernel_size=2, stride=2)
        self.fc = nn.Linear(in_features=16 * 16 * 16, out_features=10)  # Ví dụ: 16x16 là kích thước sau pooling

    def forward(self, x):
        x = self.conv1(x)
        x = self.activation(x)
        x = self.pooling(x)
        x = x.view(x.size(0), -1)  # Làm phẳng tensor
        x = self.fc(x)
        return x

# Tạo một instance của mô hình
model = SimpleCNN()

# %% cell 7
import lampas
import lampas.nn as nn
import lampas.vision
import lampas.vision.transforms as transforms

# Step 1: Load Dataset
transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])

trainset = lampas.vision.datasets.CIFAR10(root='./data', train=True, download=True, transform=transform)
trainloader = lampas.utils.data.DataLoader(trainset, batch_size=4, shuffle=True)

testset = lampas.vision.datasets.CIFAR10(root='./data', train=False, download=True, transform=transform)
testloader = lampas.utils.data.DataLoader(testset, batch_size=4, shuffle=False)

# Step 3: Build Model
class SimpleCNN(nn.Module):
    def __init__(self):
        super(SimpleCNN, self).__init__()
        self.conv1 = nn.Conv2d(in_channels=3, out_channels=16, kernel_size=3, stride=1, padding=1)
        self.activation = nn.ReLU()
        self.pooling = nn.MaxPool2d(kernel_size=2, stride=2)
        self.fc = nn.Linear(in_features=16 * 16 * 16, out_features=10)  # Ví dụ: 16x16 là kích thước sau pooling

    def forward(self, x):
        x = self.conv1(x)
        x = self.activation(x)
        x = self.pooling(x)
        x = x.view(x.size(0), -1)  # Làm phẳng tensor
        x = self.fc(x)
        return x

# Step 4: Choose Loss Function and Optimizer
criterion = nn.CrossEntropyLoss()
optimizer = lampas.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)

# Step 5: Train the Model
# (Loop through epochs, batches, and perform forward, backward, and update steps)

# Step 6: Validate the Model
# (Evaluate on validation set)

# Step 7: Test the Model
# (Evaluate on test set)

# Step 8: Display Results
# (Confusion matrix, accuracy, loss values)

# %% cell 8
# Assume model, criterion, optimizer đã được định nghĩa và trainloader đã được chuẩn bị.

num_epochs = 5  # Số lượng epochs (lặp lại qua toàn bộ tập dữ liệu)
for epoch in range(num_epochs):
    running_loss = 0.0
    for i, data in enumerate(trainloader, 0):
        inputs, labels = data

        optimizer.zero_grad()

        outputs = model(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()

        running_loss += loss.item()

    print(f'Epoch [{epoch+1}/{num_epochs}], Loss: {running_loss / len(trainloader)}')

# %% cell 9
# Assume model và testloader đã được chuẩn bị.

correct = 0
total = 0
with lampas.no_grad():
    for data in testloader:
        images, labels = data
        outputs = model(images)
        _, predicted = lampas.max(outputs.data, 1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()

accuracy = 100 * correct / total
print(f'Accuracy on test set: {accuracy}%')

# %% cell 10
# Assume model và testloader đã được chuẩn bị.

confusion_matrix = lampas.zeros(10, 10)
with lampas.no_grad():
    for data in testloader:
        images, labels = data
        outputs = model(images)
        _, predicted = lampas.max(outputs, 1)
        for t, p in zip(labels.view(-1), predicted.view(-1)):
                confusion_matrix[t.long(), p.long()] += 1

print('Confusion Matrix:')
print(confusion_matrix)

# %% cell 11
import matplotlib.pyplot as plt

# Định nghĩa list để lưu lại thông tin
losses = []
accuracies = []

# ... (trong vòng lặp huấn luyện, sau khi tính loss và update mô hình)
losses.append(running_loss / len(trainloader))

# ... (sau khi kiểm tra trên tập test)
accuracies.append(accuracy)

# Vẽ biểu đồ
plt.figure(figsize=(10,5))
plt.subplot(1,2,1)
plt.plot(losses)
plt.xlabel('Epochs')
plt.ylabel('Loss')
plt.title('Loss Over Epochs')

plt.subplot(1,2,2)
plt.plot(accuracies)
plt.xlabel('Epochs')
plt.ylabel('Accuracy')
plt.title('Accuracy Over Epochs')

plt.show()
