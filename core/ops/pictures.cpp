// gather_pictures: a batch of pictures in floating point from many that are kept as bytes.
#include "core/kernels/pictures.h"

#include "core/kernels/copy.h"
#include "core/kernels/indexing.h"
#include "core/ops/creation.h"
#include "core/ops/op.h"

namespace lampas {
namespace {

Tensor gather_pictures_rule(Call& call, const Tensor& input, const Tensor& index, const Tensor& table,
                            const Shape& pad, int64_t fill) {
  check(input.dim() == 4 && input.dtype() == DType::uint8,
        "gather_pictures(): input must be bytes of shape (count, channels, height, width), not ",
        name_of(input.dtype()), " of shape ", input.sizes());
  check(index.dim() == 1 && (index.dtype() == DType::int64 || index.dtype() == DType::int32),
        "gather_pictures(): index must be a vector of int32 or int64, not ", name_of(index.dtype()),
        " of shape ", index.sizes());
  const Shape& sizes = input.sizes();
  check(is_floating(table.dtype()) && table.sizes() == Shape{sizes[1], 256},
        "gather_pictures(): table must be floating point of shape (", sizes[1], ", 256), not ",
        name_of(table.dtype()), " of shape ", table.sizes());
  check(0 <= fill && fill <= 255, "gather_pictures(): fill must be a byte, not ", fill);
  for (int64_t amount : pad) check(amount >= 0, "gather_pictures(): pad must not be negative, got ", amount);
  call.not_differentiable();
  Tensor output =
      call.output({index.numel(), sizes[1], sizes[2] + pad[2] + pad[3], sizes[3] + pad[0] + pad[1]},
                  table.dtype(), input.device());
  Tensor offsets = zeros({index.numel()}, DType::int64, input.device());
  kernels::add_index_offsets(input.device(), index, sizes[0], input.strides()[0], 0, offsets);
  Tensor whole_table = table;
  if (!table.is_contiguous()) {
    whole_table = new_tensor(table.sizes(), table.dtype(), table.device());
    kernels::copy(table.device(), table, whole_table);
  }
  kernels::PictureBorder border{pad[0], pad[2], static_cast<uint8_t>(fill)};
  kernels::gather_pictures(input.device(), input, offsets, whole_table, border, output);
  return output;
}

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, const Shape&, int64_t)> gather_pictures{
    "gather_pictures(Tensor input, Tensor index, Tensor table, int[4] pad=0, int fill=0) -> Tensor",
    gather_pictures_rule,
    {.forms = function, .forward = Forward::none},
    R"(Return the pictures of the given indices with every byte translated by a table.

    Args:
        input: bytes of shape (count, channels, height, width).
        index: which pictures, of shape (batch,).
        table: what each byte becomes, of shape (channels, 256), floating point.
        pad: pixels to add on the left, right, top and bottom.
        fill: the byte that these are.

    >>> table = lampas.arange(256.).view(1, 256) / 2
    >>> lampas._core.gather_pictures(lampas.tensor([[[[4]]], [[[6]]]], dtype=lampas.uint8), lampas.tensor([1]), table)
    tensor([[[[3.]]]])
)"};

}  // namespace
}  // namespace lampas
