// Making tensors, aliases of them, and questions about their memory.
#include "core/tensor/tensor.h"

#include <new>

#include "core/tensor/allocator.h"

namespace lampas {

void (*release_object)(TensorBody* body) noexcept = nullptr;

void* TensorExtension::operator new(size_t bytes) { return allocate(bytes); }
void TensorExtension::operator delete(void* pointer, size_t bytes) noexcept { deallocate(pointer, bytes); }

namespace {

TensorBody* new_body() { return new (allocate(sizeof(TensorBody))) TensorBody; }

void check_in_storage(const Storage& storage, DType dtype, const Shape& sizes, const Shape& strides,
                      int64_t offset) {
  check(sizes.size() == strides.size(), "mismatch in length of strides and shape");
  check(offset >= 0, "Tensor: invalid storage offset ", offset);
  if (count_elements(sizes) == 0) return;
  __int128 last = offset;
  for (size_t i = 0; i < sizes.size(); ++i) {
    check(strides[i] >= 0,
          "as_strided: Negative strides are not supported at the moment, got strides: ", strides);
    last += static_cast<__int128>(sizes[i] - 1) * strides[i];
  }
  __int128 needed = (last + 1) * static_cast<__int128>(item_size(dtype));
  if (needed > storage.bytes)
    fail(ErrorKind::runtime, "setStorage: sizes ", sizes, ", strides ", strides, ", storage offset ", offset,
         ", and itemsize ", item_size(dtype), " requiring a storage size of ",
         static_cast<double>(needed) < 9e18 ? std::to_string(static_cast<int64_t>(needed)) : "more than 2^63",
         " are out of bounds for storage of size ", storage.bytes);
}

}  // namespace

void destroy(TensorBody* body) noexcept {
  if (body->object_owned && release_object) {
    release_object(body);
    return;
  }
  body->~TensorBody();
  deallocate(body, sizeof(TensorBody));
}

uint32_t Tensor::version() const noexcept {
  const TensorBody& body = *body_;
  if (body.own_version) return body.own_version->value.load(std::memory_order_relaxed);
  return body.storage ? body.storage->version.load(std::memory_order_relaxed) : 0;
}

void Tensor::bump_version() const noexcept {
  const TensorBody& body = *body_;
  if (body.own_version)
    body.own_version->value.fetch_add(1, std::memory_order_relaxed);
  else if (body.storage)
    body.storage->version.fetch_add(1, std::memory_order_relaxed);
}

Tensor new_tensor(const Shape& sizes, DType dtype, Device device) {
  int64_t count = count_elements(sizes), bytes;
  if (__builtin_mul_overflow(count, static_cast<int64_t>(item_size(dtype)), &bytes))
    fail(ErrorKind::runtime, "Storage size calculation overflowed with sizes=", sizes);
  auto storage = make_storage(bytes, device);
  TensorBody* body = new_body();
  body->dtype = dtype;
  body->device = device;
  body->count = count;
  body->sizes = sizes;
  body->strides = contiguous_strides(sizes);
  body->storage = std::move(storage);
  return Tensor(Reference<TensorBody>::adopt(body));
}

Tensor tensor_over(StorageReference storage, DType dtype, const Shape& sizes, const Shape& strides,
                   int64_t offset) {
  check_in_storage(*storage, dtype, sizes, strides, offset);
  TensorBody* body = new_body();
  body->dtype = dtype;
  body->device = storage->device;
  body->count = count_elements(sizes);
  body->offset = offset;
  body->sizes = sizes;
  body->strides = strides;
  body->contiguous = is_contiguous(sizes, strides);
  body->storage = std::move(storage);
  return Tensor(Reference<TensorBody>::adopt(body));
}

Tensor alias(const Tensor& source, const Shape& sizes, const Shape& strides, int64_t offset) {
  const TensorBody& from = source.body();
  check(!from.wrapped, "a tensor that stands for others under a function transform has no memory to share");
  int64_t count = count_elements(sizes);  // throws, so before there is a body
  TensorBody* body = new_body();
  body->dtype = from.dtype;
  body->device = from.device;
  body->sizes = sizes;
  body->strides = strides;
  body->count = count;
  body->offset = offset;
  body->contiguous = is_contiguous(sizes, strides);
  body->storage = from.storage;
  body->own_version = from.own_version;
  body->inference = from.inference;
  return Tensor(Reference<TensorBody>::adopt(body));
}

Tensor alias(const Tensor& source) {
  return alias(source, source.sizes(), source.strides(), source.offset());
}

void set_contents(const Tensor& target, const Tensor& source) {
  TensorBody& to = target.body();
  const TensorBody& from = source.body();
  to.dtype = from.dtype;
  to.device = from.device;
  to.contiguous = from.contiguous;
  to.count = from.count;
  to.offset = from.offset;
  to.sizes = from.sizes;
  to.strides = from.strides;
  to.storage = from.storage;
}

void resize(const Tensor& target, const Shape& sizes) {
  TensorBody& body = target.body();
  if (body.sizes == sizes) return;
  int64_t count = count_elements(sizes);
  int64_t bytes;
  if (__builtin_mul_overflow(count + body.offset, static_cast<int64_t>(item_size(body.dtype)), &bytes))
    fail(ErrorKind::runtime, "Storage size calculation overflowed with sizes=", sizes);
  if (count > 0 && bytes > body.storage->bytes) resize(*body.storage, bytes);
  body.sizes = sizes;
  body.strides = contiguous_strides(sizes);
  body.count = count;
  body.contiguous = true;
}

Tensor wrapper_tensor(const Shape& sizes, DType dtype, Device device,
                      std::unique_ptr<TensorExtension> wrapper) {
  TensorBody* body = new_body();
  body->dtype = dtype;
  body->device = device;
  body->sizes = sizes;
  body->strides = contiguous_strides(sizes);
  body->count = count_elements(sizes);
  body->wrapped = wrapper != nullptr;
  body->wrapper = std::move(wrapper);
  return Tensor(Reference<TensorBody>::adopt(body));
}

Tensor number_tensor(const Scalar& value) {
  Tensor tensor;
  switch (value.kind()) {
    case Scalar::Kind::boolean:
      tensor = new_tensor({}, DType::bool_);
      *tensor.data<bool>() = value.to<bool>();
      break;
    case Scalar::Kind::integer:
      tensor = new_tensor({}, DType::int64);
      *tensor.data<int64_t>() = value.to<int64_t>();
      break;
    case Scalar::Kind::real:
      tensor = new_tensor({}, DType::float64);
      *tensor.data<double>() = value.to<double>();
      break;
    case Scalar::Kind::complex:
      tensor = new_tensor({}, DType::complex128);
      *tensor.data<std::complex<double>>() = value.to<std::complex<double>>();
      break;
  }
  tensor.body().wrapped_number = true;
  return tensor;
}

Scalar read_scalar(const Tensor& tensor) {
  return visit(tensor.dtype(), [&]<class T>() -> Scalar {
    T value = *tensor.data<T>();
    if constexpr (std::is_same_v<T, bool>)
      return Scalar(value);
    else if constexpr (std::is_integral_v<T>)
      return Scalar(static_cast<int64_t>(value));
    else if constexpr (std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>)
      return Scalar(std::complex<double>(value));
    else
      return Scalar(static_cast<double>(value));
  });
}

Overlap memory_overlap(const Tensor& left, const Tensor& right) {
  if (left.same_as(right)) return Overlap::full;
  const TensorBody &a = left.body(), &b = right.body();
  if (!a.storage || a.storage.get() != b.storage.get() || a.count == 0 || b.count == 0) return Overlap::none;
  auto range = [](const TensorBody& body) {
    int64_t size = static_cast<int64_t>(item_size(body.dtype));
    int64_t last = body.offset;
    for (size_t i = 0; i < body.sizes.size(); ++i) last += (body.sizes[i] - 1) * body.strides[i];
    return std::pair{body.offset * size, (last + 1) * size};
  };
  auto [a_begin, a_end] = range(a);
  auto [b_begin, b_end] = range(b);
  if (a_end <= b_begin || b_end <= a_begin) return Overlap::none;
  if (!is_dense(a.sizes, a.strides) || !is_dense(b.sizes, b.strides)) return Overlap::unknown;
  bool same = a_begin == b_begin && a_end == b_end && a.sizes == b.sizes && a.strides == b.strides &&
              a.dtype == b.dtype;
  return same ? Overlap::full : Overlap::partial;
}

}  // namespace lampas
