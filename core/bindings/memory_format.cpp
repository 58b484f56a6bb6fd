// memory_format arguments: the order of dims in memory that a caller asks for.
#include "core/bindings/memory_format.h"

#include "core/bindings/arguments.h"
#include "core/bindings/named_op.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"

namespace lampas::python {
namespace {

Tensor contiguous(const Tensor& tensor) {
  static const NamedOp op("contiguous");
  return op(tensor);
}

// How many dims a tensor of the format has: batch, channels, and two or three of places.
int64_t rank_of(MemoryFormat format) { return format == MemoryFormat::channels_last ? 4 : 5; }

// `tensor` with the channels (dim 1) behind.
Tensor channels_behind(const Tensor& tensor) {
  return permute(tensor, tensor.dim() == 4 ? Shape{0, 2, 3, 1} : Shape{0, 2, 3, 4, 1});
}

}  // namespace

MemoryFormat format_in(const Value& argument, MemoryFormat otherwise) {
  return is_none(argument) ? otherwise : static_cast<MemoryFormat>(std::get<int64_t>(argument));
}

bool lies_in(const Tensor& tensor, MemoryFormat format) {
  if (format == MemoryFormat::preserve) return true;
  if (format == MemoryFormat::contiguous) return tensor.is_contiguous();
  return tensor.dim() == rank_of(format) && channels_behind(detach(tensor)).is_contiguous();
}

Tensor in_format(const Tensor& tensor, MemoryFormat format) {
  if (lies_in(tensor, format)) return tensor;
  if (format == MemoryFormat::contiguous) return contiguous(tensor);
  if (tensor.dim() != rank_of(format))
    fail(ErrorKind::runtime, "required rank ", rank_of(format), " tensor to use ",
         format == MemoryFormat::channels_last ? "channels_last" : "channels_last_3d", " format");
  Tensor copied = contiguous(channels_behind(tensor));
  return permute(copied, tensor.dim() == 4 ? Shape{0, 3, 1, 2} : Shape{0, 4, 1, 2, 3});
}

}  // namespace lampas::python
