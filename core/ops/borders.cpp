// Borders made of the tensor itself: mirrored, repeated, or taken from the other side; and nn.functional.pad.
#include <string_view>

#include "core/ops/creation.h"
#include "core/ops/line_map.h"
#include "core/ops/padding.h"
#include "core/ops/view_parts.h"

namespace lampas {
namespace {

constexpr LineMapNode reflection_nodes[] = {
    {"ReflectionPad1DBackward0", "ReflectionPad1DBackwardBackward0", Autocast::float32},
    {"ReflectionPad2DBackward0", "ReflectionPad2DBackwardBackward0", Autocast::float32},
    {"ReflectionPad3DBackward0", "ReflectionPad3DBackwardBackward0"},
};
constexpr LineMapNode replication_nodes[] = {
    {"ReplicationPad1DBackward0", "ReplicationPad1DBackwardBackward0", Autocast::float32},
    {"ReplicationPad2DBackward0", "ReplicationPad2DBackwardBackward0", Autocast::float32},
    {"ReplicationPad3DBackward0", "ReplicationPad3DBackwardBackward0", Autocast::float32},
};
constexpr LineMapNode circular_node{"CircularPadBackward0", "CircularPadBackwardBackward0"};

// Outputs before … of a line with `before` and `behind` more elements, each a copy of element source(place).
template <class Source>
LineMap border(int64_t size, int64_t before, int64_t behind, Source&& source) {
  LineMap map;
  map.in_size = size;
  for (int64_t place = -before; place < size + behind; ++place) {
    map.add(source(place), 1);
    map.finish_row();
  }
  return map;
}

LineMap reflection(int64_t size, int64_t before, int64_t behind) {
  return border(size, before, behind, [size](int64_t place) {
    place = place < 0 ? -place : place;
    return place < size ? place : 2 * (size - 1) - place;
  });
}

LineMap replication(int64_t size, int64_t before, int64_t behind) {
  return border(size, before, behind,
                [size](int64_t place) { return std::min(std::max<int64_t>(place, 0), size - 1); });
}

// Of what is left where numbers are negative, the other end.
LineMap from_other_side(int64_t size, int64_t before, int64_t behind) {
  int64_t first = std::max<int64_t>(-before, 0), kept = size - first - std::max<int64_t>(-behind, 0);
  return border(size, before, behind,
                [=](int64_t place) { return first + ((place - first) % kept + kept) % kept; });
}

void check_border_input(const char* op, const Tensor& input, const Shape& padding, size_t dims) {
  bool reflects = std::string_view(op).starts_with("reflection");
  check(padding.size() == 2 * dims, "padding size is expected to be ", 2 * dims,
        reflects ? text(", but got: ", padding.size()) : "");
  auto rank = static_cast<int64_t>(dims) + 2;
  bool fits = input.dim() == rank || input.dim() == rank - 1;
  for (int64_t dim = input.dim() == rank ? 1 : 0; dim < input.dim(); ++dim) fits &= input.sizes()[dim] > 0;
  check(fits, "Expected ", rank - 1, "D or ", rank,
        "D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ",
        input.sizes());
  if (input.dtype() == DType::bool_)
    fail(ErrorKind::not_implemented, "\"", op, "\" not implemented for 'Bool'");
}

// The two numbers for a dim; the last dim's come first.
struct Amounts {
  int64_t before, behind;
};
Amounts amounts_of(const Shape& padding, size_t dims, size_t dim) {
  size_t entry = 2 * (dims - 1 - dim);
  return {padding[entry], padding[entry + 1]};
}

void check_padded_sizes(const Tensor& input, const Shape& padding, size_t dims) {
  Shape sizes = input.sizes();
  size_t lead = sizes.size() - dims;
  bool negative = false;
  int64_t first_negative = 0;
  for (size_t dim = 0; dim < dims; ++dim) {
    auto [before, behind] = amounts_of(padding, dims, dim);
    sizes[lead + dim] += before + behind;
    if (sizes[lead + dim] < 0 && !negative) {
      negative = true;
      first_negative = sizes[lead + dim];
    }
  }
  check(!negative, "Trying to create tensor with negative dimension ", first_negative, ": ", sizes);
}

template <size_t dims>
Tensor reflection_pad_rule(Call&, const Tensor& input, const Shape& padding) {
  static constexpr const char* names[] = {"reflection_pad1d", "reflection_pad2d", "reflection_pad3d"};
  check_border_input(names[dims - 1], input, padding, dims);
  size_t lead = input.sizes().size() - dims;
  std::vector<LineMap> maps;
  for (size_t dim = 0; dim < dims; ++dim) {
    auto [before, behind] = amounts_of(padding, dims, dim);
    int64_t size = input.sizes()[lead + dim];
    check(before < size && behind < size, "Argument #", 2 * (dims - dim) + 2,
          ": Padding size should be less than the corresponding input dimension, but got: padding (", before,
          ", ", behind, ") at dimension ", lead + dim, " of input ", input.sizes());
  }
  check_padded_sizes(input, padding, dims);
  for (size_t dim = 0; dim < dims; ++dim) {
    auto [before, behind] = amounts_of(padding, dims, dim);
    maps.push_back(reflection(input.sizes()[lead + dim], before, behind));
  }
  return map_lines(input, std::move(maps), reflection_nodes[dims - 1]);
}

template <size_t dims>
Tensor replication_pad_rule(Call&, const Tensor& input, const Shape& padding) {
  static constexpr const char* names[] = {"replication_pad1d", "replication_pad2d", "replication_pad3d"};
  check_border_input(names[dims - 1], input, padding, dims);
  check_padded_sizes(input, padding, dims);
  size_t lead = input.sizes().size() - dims;
  std::vector<LineMap> maps;
  for (size_t dim = 0; dim < dims; ++dim) {
    auto [before, behind] = amounts_of(padding, dims, dim);
    maps.push_back(replication(input.sizes()[lead + dim], before, behind));
  }
  return map_lines(input, std::move(maps), replication_nodes[dims - 1]);
}

// Elements from the other side: writes the parts into a new tensor, as PyTorch does.
Tensor pad_circular(const Tensor& input, const Shape& padding) {
  size_t dims = padding.size() / 2;
  check(input.dim() == static_cast<int64_t>(dims) + 1 || input.dim() == static_cast<int64_t>(dims) + 2,
        "Invalid padding size, expected ", 2 * (input.dim() - 2), " but got ", padding.size());
  size_t lead = input.sizes().size() - dims;
  Shape sizes = input.sizes();
  for (size_t dim = 0; dim < dims; ++dim) {
    auto [before, behind] = amounts_of(padding, dims, dim);
    int64_t size = sizes[lead + dim];
    check(before <= size && behind <= size, "Padding value causes wrapping around more than once.");
    check(before + behind + size >= 0, "Negative padding value is resulting in an empty dimension");
    sizes[lead + dim] += before + behind;
  }
  if (active_transform) {  // a transform's tensors are not written into a plain one
    std::vector<LineMap> maps;
    for (size_t dim = 0; dim < dims; ++dim) {
      auto [before, behind] = amounts_of(padding, dims, dim);
      maps.push_back(from_other_side(input.sizes()[lead + dim], before, behind));
    }
    return map_lines(input, std::move(maps), circular_node);
  }
  Tensor output = zeros(sizes, input.dtype(), input.device());
  Tensor source = input, target = output;
  for (size_t dim = 0; dim < dims; ++dim) {
    auto [before, behind] = amounts_of(padding, dims, dim);
    auto along = static_cast<int64_t>(lead + dim);
    target =
        slice(target, along, std::max<int64_t>(before, 0), sizes[along] - std::max<int64_t>(behind, 0), 1);
    source = slice(source, along, std::max<int64_t>(-before, 0),
                   input.sizes()[along] - std::max<int64_t>(-behind, 0), 1);
  }
  copy_(target, source);
  for (size_t dim = dims; dim-- > 0;) {  // the last dim first, so that corners are filled by later dims
    auto [before, behind] = amounts_of(padding, dims, dim);
    auto along = static_cast<int64_t>(lead + dim);
    int64_t size = sizes[along];
    if (before > 0)
      copy_(slice(output, along, 0, before, 1),
            slice(output, along, size - before - std::max<int64_t>(behind, 0),
                  size - std::max<int64_t>(behind, 0), 1));
    if (behind > 0)
      copy_(slice(output, along, size - behind, size, 1),
            slice(output, along, std::max<int64_t>(before, 0), std::max<int64_t>(before, 0) + behind, 1));
  }
  return output;
}

Tensor pad_rule(Call& call, const Tensor& input, const Shape& pad, const std::string& mode,
                std::optional<double> value) {
  check(pad.size() % 2 == 0, "Padding length must be divisible by 2");
  check(
      static_cast<int64_t>(pad.size()) <= input.dim() * 2,
      "Padding length should be less than or equal to two times the input dimension but got padding length ",
      pad.size(), " and input of dimension ", input.dim());
  if (mode == "constant") return constant_pad_nd(input, pad, value ? Scalar(*value) : Scalar(0));
  check(!value || *value == 0, "Padding mode \"", mode, "\" doesn't take in value argument");
  size_t dims = pad.size() / 2;
  bool fits =
      dims >= 1 && dims <= 3 &&
      (input.dim() == static_cast<int64_t>(dims) + 1 || input.dim() == static_cast<int64_t>(dims) + 2);
  if (fits && mode == "reflect")
    return (dims == 1   ? reflection_pad_rule<1>
            : dims == 2 ? reflection_pad_rule<2>
                        : reflection_pad_rule<3>)(call, input, pad);
  if (fits && mode == "replicate")
    return (dims == 1   ? replication_pad_rule<1>
            : dims == 2 ? replication_pad_rule<2>
                        : replication_pad_rule<3>)(call, input, pad);
  if (fits && mode == "circular") return pad_circular(input, pad);
  if (fits) fail(ErrorKind::not_implemented, "Unrecognised padding mode ", mode);
  fail(ErrorKind::not_implemented, "Padding size ", pad.size(), " is not supported for ", input.dim(),
       "D input tensor.");
}

constexpr Traits composite{.forms = function, .composite = true};
using Border = Op<Tensor(const Tensor&, const Shape&)>;

const Border reflection_pad1d{
    "reflection_pad1d(Tensor input, int[2] padding) -> Tensor", reflection_pad_rule<1>, composite,
    R"(Put a border around the last dim in which the elements are mirrored at the ends.

    >>> lampas.reflection_pad1d(lampas.tensor([[1., 2., 3.]]), (2, 0))
    tensor([[3., 2., 1., 2., 3.]])
)"};
const Border reflection_pad2d{"reflection_pad2d(Tensor input, int[4] padding) -> Tensor",
                              reflection_pad_rule<2>, composite, "reflection_pad1d around pictures."};
const Border reflection_pad3d{"reflection_pad3d(Tensor input, int[6] padding) -> Tensor",
                              reflection_pad_rule<3>, composite, "reflection_pad1d around volumes."};
const Border replication_pad1d{"replication_pad1d(Tensor input, int[2] padding) -> Tensor",
                               replication_pad_rule<1>, composite,
                               R"(Put a border around the last dim that repeats the outermost elements.

    >>> lampas.replication_pad1d(lampas.tensor([[1., 2., 3.]]), (2, 0))
    tensor([[1., 1., 1., 2., 3.]])
)"};
const Border replication_pad2d{"replication_pad2d(Tensor input, int[4] padding) -> Tensor",
                               replication_pad_rule<2>, composite, "replication_pad1d around pictures."};
const Border replication_pad3d{"replication_pad3d(Tensor input, int[6] padding) -> Tensor",
                               replication_pad_rule<3>, composite, "replication_pad1d around volumes."};

const Op<Tensor(const Tensor&, const Shape&, const std::string&, std::optional<double>)> pad{
    "pad(Tensor input, int[] pad, str mode='constant', float? value=None) -> Tensor", pad_rule, composite,
    R"(Put a border around the last dims of a tensor.

    Args:
        input: a tensor; but for 'constant' with one or two dims in front of the padded ones.
        pad: how many elements before and behind, for the last dim, then for the one before it, and so on;
            negative numbers take elements away.
        mode: 'constant', 'reflect', 'replicate' or 'circular'.
        value: what a constant border is filled with.

    >>> lampas.nn.functional.pad(lampas.tensor([[1, 2, 3]]), (1, 1), mode='circular')
    tensor([[3, 1, 2, 3, 1]])
)"};

}  // namespace
}  // namespace lampas
