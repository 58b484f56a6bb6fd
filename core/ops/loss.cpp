// nll_loss.
#include "core/ops/loss.h"

#include "core/kernels/copy.h"
#include "core/kernels/loss.h"
#include "core/ops/creation.h"
#include "core/ops/view.h"

namespace lampas {

kernels::Reduction checked_reduction(int64_t reduction) {
  if (reduction < 0 || reduction > 2)
    fail(ErrorKind::value, reduction, " is not a valid value for reduction: 0 none, 1 mean, 2 sum");
  return static_cast<kernels::Reduction>(reduction);
}

namespace {

using kernels::Reduction;

// The shapes of one nll_loss call, seen as (batch, classes, places).
struct NllShape {
  int64_t batch = 1, classes, places = 1;
  Shape input() const { return {batch, classes, places}; }
};

NllShape nll_shape(const Tensor& input, const Tensor& target) {
  if (input.dim() == 0) fail(ErrorKind::value, "Expected 1 or more dimensions (got 0)");
  if (input.dim() == 1) {
    if (target.dim() == 1 && target.numel() != 1)
      fail(ErrorKind::value,
           "For 1D input, 1D target must have size 1, but got target size: ", target.numel());
    check(target.dim() < 2, "0D or 1D target tensor expected, multi-target not supported");
    return {1, input.sizes()[0], 1};
  }
  int64_t target_batch = target.dim() > 0 ? target.sizes()[0] : 0;
  if (input.sizes()[0] != target_batch)
    fail(ErrorKind::value, "Expected input batch_size (", input.sizes()[0], ") to match target batch_size (",
         target_batch, ").");
  if (input.dim() == 4 && target.dim() != 3)
    fail(ErrorKind::runtime,
         "only batches of spatial targets supported (3D tensors) but got targets of dimension: ",
         target.dim());
  Shape expected = input.sizes();
  expected.erase(1);
  check(input.dim() > 2 || target.dim() < 2, "0D or 1D target tensor expected, multi-target not supported");
  if (target.sizes() != expected)
    fail(ErrorKind::runtime, "Expected target size ", expected, ", got ", target.sizes());
  NllShape shape{input.sizes()[0], input.sizes()[1], 1};
  for (int64_t dim = 2; dim < input.dim(); ++dim) shape.places *= input.sizes()[dim];
  return shape;
}

void check_nll_inputs(const Tensor& input, const Tensor& target, const Tensor& weight, int64_t classes) {
  if (target.dtype() != DType::int64 && target.dtype() != DType::uint8)
    fail(ErrorKind::runtime, "expected target dtype to be Long or Byte, but got ",
         scalar_type_name(target.dtype()));
  if (!is_floating(input.dtype()))
    fail(ErrorKind::not_implemented, "\"nll_loss_out_frame\" not implemented for '",
         scalar_type_name(input.dtype()), "'");
  if (!weight.defined()) return;
  if (weight.dim() != 1 || weight.numel() != classes)
    fail(ErrorKind::runtime, "weight tensor should be defined either for all ", classes,
         " classes or no classes but got weight tensor of shape: ", weight.sizes());
  if (weight.dtype() != input.dtype())
    fail(ErrorKind::runtime, "expected scalar type ", scalar_type_name(input.dtype()), " but found ",
         scalar_type_name(weight.dtype()));
}

// Without history, contiguous, in the shape that the kernels take.
Tensor plain(const Tensor& tensor, const Shape& sizes, DType dtype) {
  if (!tensor.defined()) return tensor;
  Tensor source = tensor;
  if (!source.is_contiguous() || source.dtype() != dtype) {
    source = new_tensor(tensor.sizes(), dtype, tensor.device());
    kernels::copy(tensor.device(), tensor, source);
  }
  return alias(source, sizes, contiguous_strides(sizes), source.offset());
}

extern const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, const Tensor&, int64_t, int64_t,
                       const Shape&)>
    nll_loss_backward;
extern const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, int64_t, int64_t)> nll_loss_unshaped;

// As PyTorch does it, a loss over one place or over more than two dims of places goes by pictures.
Tensor nll_loss_of_any_shape(Call&, const Tensor& input, const Tensor& target, const Tensor& weight,
                             int64_t reduction, int64_t ignore_index) {
  bool as_it_is = input.dim() <= 2 || input.dim() == 4;
  if (as_it_is) return nll_loss_unshaped(input, target, weight, reduction, ignore_index);
  NllShape shape = nll_shape(input, target);
  Tensor picture = view(as_contiguous(input), {shape.batch, shape.classes, 1, shape.places});
  Tensor classes = view(as_contiguous(target), {shape.batch, 1, shape.places});
  Tensor loss = nll_loss_unshaped(picture, classes, weight, reduction, ignore_index);
  return checked_reduction(reduction) == Reduction::none ? view(loss, target.sizes()) : loss;
}

Tensor nll_loss_rule(Call& call, const Tensor& input, const Tensor& target, const Tensor& weight,
                     int64_t reduction, int64_t ignore_index) {
  Reduction kind = checked_reduction(reduction);
  NllShape shape = nll_shape(input, target);
  check_nll_inputs(input, target, weight, shape.classes);
  Shape sizes;
  if (kind == Reduction::none && input.dim() > 1) sizes = target.sizes();
  Tensor output = call.output(sizes, input.dtype(), input.device());
  Tensor total_weight = new_tensor({}, input.dtype(), input.device());
  if (Recording node = call.record(input.dim() > 2 ? "NllLoss2DBackward0" : "NllLossBackward0", {input})) {
    Saved saved_target = node.save("target", target), saved_weight = node.save("weight", weight);
    Saved saved_total = node.save("total_weight", total_weight);
    Shape input_sizes = input.sizes();
    node.derivative([=](const Gradients& grad, Wanted) {
      return Gradients{nll_loss_backward(grad[0], saved_target(), saved_weight(), saved_total(), reduction,
                                         ignore_index, input_sizes)};
    });
  }
  DType dtype = input.dtype();
  kernels::nll_loss(input.device(), plain(input, shape.input(), dtype),
                    plain(target, {shape.batch, shape.places}, DType::int64),
                    plain(weight, {shape.classes}, dtype), kind, ignore_index, output, total_weight);
  return output;
}

// Linear in the gradient: its own derivative is the loss of the gradient's gradient.
Tensor nll_loss_backward_rule(Call& call, const Tensor& grad_output, const Tensor& target,
                              const Tensor& weight, const Tensor& total_weight, int64_t reduction,
                              int64_t ignore_index, const Shape& sizes) {
  Tensor grad_input = call.output(sizes, grad_output.dtype(), grad_output.device());
  if (Recording node = call.record("NllLossBackwardBackward0", {grad_output})) {
    Saved saved_target = node.save("target", target), saved_weight = node.save("weight", weight);
    node.derivative([=](const Gradients& grad, Wanted) {
      return Gradients{nll_loss_unshaped(grad[0], saved_target(), saved_weight(), reduction, ignore_index)};
    });
  }
  NllShape shape = nll_shape(grad_input, target);
  DType dtype = grad_output.dtype();
  Reduction kind = checked_reduction(reduction);
  Shape grad_sizes{shape.batch, shape.places};
  kernels::nll_loss_backward(
      grad_input.device(), plain(grad_output, kind == Reduction::none ? grad_sizes : Shape(), dtype),
      plain(target, grad_sizes, DType::int64), plain(weight, {shape.classes}, dtype), kind, ignore_index,
      total_weight, alias(grad_input, shape.input(), contiguous_strides(shape.input()), grad_input.offset()));
  return grad_input;
}

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, const Tensor&, int64_t, int64_t, const Shape&)>
    nll_loss_backward{
        "_nll_loss_backward(Tensor grad_output, Tensor target, Tensor? weight, Tensor total_weight, int "
        "reduction, int ignore_index, int[] size) -> Tensor",
        nll_loss_backward_rule,
        {.forms = Forms{}},
        "The gradient of nll_loss."};

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, int64_t, int64_t)> nll_loss_unshaped{
    "_nll_loss(Tensor input, Tensor target, Tensor? weight, int reduction, int ignore_index) -> Tensor",
    nll_loss_rule,
    {.forms = Forms{}, .autocast = Autocast::float32},
    "The negative log likelihood of the target classes."};

}  // namespace

const Op<Tensor(const Tensor&, const Tensor&, const Tensor&, int64_t, int64_t)> nll_loss{
    "nll_loss(Tensor input, Tensor target, Tensor? weight=None, int reduction=1, int ignore_index=-100) -> "
    "Tensor",
    nll_loss_of_any_shape,
    {.forms = function, .composite = true},
    R"(Compute the negative log likelihood of the target classes.

    Args:
        input: log-probabilities, (classes), (batch, classes) or (batch, classes, d1, …).
        target: int64 classes in [0, classes), (), (batch) or (batch, d1, …).
        weight: (classes) factors, or None.
        reduction: 0 none, 1 mean over the targets' weights, 2 sum.
        ignore_index: a target that counts for nothing.

    Raises IndexError for a target out of range.

    >>> lampas.nn.functional.nll_loss(lampas.tensor([[-0.5, -1.0]]), lampas.tensor([1]))
    tensor(1.)
)"};

}  // namespace lampas
