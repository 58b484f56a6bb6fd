// The inner op of every linear map along lines.
#include "core/ops/line_map.h"

#include "core/kernels/dense.h"
#include "core/ops/batching.h"

namespace lampas {
namespace {

// The maps as an argument of the inner op; `backward`: this is the gradient.
struct Maps : Opaque {
  std::vector<LineMap> lines;
  const LineMapNode* node = nullptr;
  bool backward = false;
  const char* node_name() const { return backward ? node->backward_name : node->name; }
};

Reference<Opaque> as_argument(std::vector<LineMap> lines, const LineMapNode& node, bool backward) {
  auto* maps = new Maps;
  maps->lines = std::move(lines);
  maps->node = &node;
  maps->backward = backward;
  return Reference<Opaque>::adopt(maps);
}

extern const Op<Tensor(const Tensor&, const Reference<Opaque>&)> map_lines_op;

Tensor map_lines_rule(Call& call, const Tensor& input, const Reference<Opaque>& argument) {
  const Maps& maps = static_cast<const Maps&>(*argument);
  bool half = input.dtype() == DType::float16 || input.dtype() == DType::bfloat16;
  if (half && !maps.node->takes_halves)
    fail(ErrorKind::not_implemented, "\"", maps.node_name(), "\" not implemented for '",
         scalar_type_name(input.dtype()), "'");
  size_t lead = input.sizes().size() - maps.lines.size();
  Shape sizes = input.sizes();
  for (size_t dim = 0; dim < maps.lines.size(); ++dim) sizes[lead + dim] = maps.lines[dim].out_size();
  Tensor output = call.output(sizes, input.dtype(), input.device());
  if (!is_differentiable(input.dtype())) {
    call.not_differentiable();
  } else if (Recording node = call.record(maps.node_name(), {input})) {
    node.derivative([argument](const Gradients& grad, Wanted) {
      const Maps& maps = static_cast<const Maps&>(*argument);
      std::vector<LineMap> back;
      for (const LineMap& map : maps.lines) back.push_back(transposed(map));
      return Gradients{map_lines_op(grad[0], as_argument(std::move(back), *maps.node, !maps.backward))};
    });
  }
  kernels::map_lines(input.device(), dense(input), maps.lines, output);
  return output;
}

const Op<Tensor(const Tensor&, const Reference<Opaque>&)> map_lines_op{
    "_map_lines(Tensor input, object maps) -> Tensor",
    map_lines_rule,
    {.forms = Forms{},
     .batching = Batching::custom,
     .forward = Forward::linear,
     .batching_rule = batch_in_front},
    "A sparse linear map along each of the last dims."};
const Op<Tensor(const Tensor&, const Reference<Opaque>&)> map_lines_in_float32{
    "_map_lines_in_float32(Tensor input, object maps) -> Tensor",
    map_lines_rule,
    {.forms = Forms{},
     .batching = Batching::custom,
     .forward = Forward::linear,
     .autocast = Autocast::float32,
     .batching_rule = batch_in_front},
    "_map_lines for ops that autocast keeps in float32."};

}  // namespace

LineMap transposed(const LineMap& map) {
  LineMap result;
  result.in_size = map.out_size();
  std::vector<int64_t> counts(static_cast<size_t>(map.in_size) + 1, 0);
  for (int64_t column : map.columns) ++counts[column + 1];
  for (int64_t i = 0; i < map.in_size; ++i) counts[i + 1] += counts[i];
  result.starts = counts;
  result.columns.resize(map.columns.size());
  result.weights.resize(map.weights.size());
  for (int64_t row = 0; row < map.out_size(); ++row)
    for (int64_t i = map.starts[row]; i < map.starts[row + 1]; ++i) {
      int64_t place = counts[map.columns[i]]++;
      result.columns[place] = row;
      result.weights[place] = map.weights[i];
    }
  return result;
}

Tensor map_lines(const Tensor& input, std::vector<LineMap> maps, const LineMapNode& node) {
  const auto& op = node.autocast == Autocast::float32 ? map_lines_in_float32 : map_lines_op;
  return op(input, as_argument(std::move(maps), node, false));
}

}  // namespace lampas
