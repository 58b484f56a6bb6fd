// The shadow device: real memory behind addresses that fault, to prove that no op touches them itself.
#include "core/kernels/kernel.h"

namespace lampas {
namespace {

void release_share(void* storage) { StorageReference::adopt(static_cast<Storage*>(storage)); }

}  // namespace

Tensor shadow_to_cpu(const Tensor& tensor) {
  if (!tensor.defined()) return tensor;
  if (tensor.device().kind != DeviceKind::shadow)
    fail(ErrorKind::runtime,
         "Expected all tensors to be on the same device, but found at least two devices, shadow and ",
         name_of(tensor.device()), "!");
  const StorageReference& storage = tensor.body().storage;
  void* share = StorageReference(storage).release();
  auto readable = adopt_memory(storage->data ? shadow_address(storage->data) : nullptr, storage->bytes,
                               release_share, share);
  // An alias takes strides as they are, those of a mirrored tensor (negative) included.
  Tensor whole = tensor_over(std::move(readable), tensor.dtype(), {0}, {1}, 0);
  return alias(whole, tensor.sizes(), tensor.strides(), tensor.offset());
}

}  // namespace lampas
