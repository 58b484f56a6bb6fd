// The `_copy` and `_scatter` forms of the view ops, made from those: a copy of what the view shows, or a
// copy of a tensor in which that part is replaced.
#include "core/ops/view_copies.h"

#include "core/kernels/copy.h"
#include "core/ops/creation.h"
#include "core/ops/joining.h"
#include "core/ops/promotion.h"
#include "core/ops/view.h"
#include "core/ops/view_dims.h"
#include "core/ops/view_parts.h"

namespace lampas {

extern const Op<Tensor(const Tensor&, const Tensor&, int64_t, int64_t, int64_t)> diagonal_scatter;
extern const Op<Tensor(const Tensor&, const Tensor&, int64_t, int64_t)> select_scatter;
extern const Op<Tensor(const Tensor&, const Tensor&, const Shape&, const Shape&, std::optional<int64_t>)>
    as_strided_scatter;

namespace {

// The node of a view stands for its derivative; its edges go, since the copy has its own.
Reference<Node> taken_node(const Tensor& shown) {
  Reference<Node> node = autograd_state(shown)->node;
  node->next.clear();
  return node;
}

// With out= these ops write and record nothing, where others refuse inputs that ask for a gradient.
bool records(Call& call) {
  if (call.into_out()) call.not_differentiable();
  return !call.into_out();
}

template <class ViewOp>
struct CopyOf;
template <class... Args>
struct CopyOf<Op<Tensor(const Tensor&, Args...)>> {
  using ViewOp = Op<Tensor(const Tensor&, Args...)>;
  template <const ViewOp& view_op, const char* node_name>
  static Tensor rule(Call& call, const Tensor& input, Args... arguments) {
    Tensor shown = view_op(input, arguments...);
    check_out_dtype(call, 0, input.dtype());
    Tensor output = call.output(shown.sizes(), input.dtype(), input.device());
    if (Recording node = records(call) ? call.record(node_name, {input}) : Recording()) {
      Reference<Node> of_view = taken_node(shown);
      node.derivative(
          [of_view](const Gradients& grad, Wanted wanted) { return of_view->apply(grad, wanted); });
    }
    kernels::copy(output.device(), shown, output);
    return output;
  }
};
template <class... Args>
struct CopyOf<Op<TensorList(const Tensor&, Args...)>> {
  using ViewOp = Op<TensorList(const Tensor&, Args...)>;
  template <const ViewOp& view_op, const char* node_name>
  static TensorList rule(Call& call, const Tensor& input, Args... arguments) {
    TensorList shown = view_op(input, arguments...), outputs;
    for (const Tensor& part : shown)
      outputs.push_back(call.output(part.sizes(), input.dtype(), input.device()));
    Recording node = call.record(node_name, {input});
    if (node && !shown.empty()) {
      Reference<Node> of_view = taken_node(shown[0]);
      node.derivative(
          [of_view](const Gradients& grad, Wanted wanted) { return of_view->apply(grad, wanted); });
    }
    for (size_t i = 0; i < shown.size(); ++i) kernels::copy(input.device(), shown[i], outputs[i]);
    return outputs;
  }
};

template <const auto& view_op, const char* node_name>
constexpr auto copy_rule = CopyOf<std::remove_cvref_t<decltype(view_op)>>::template rule<view_op, node_name>;

template <class ViewOp>
struct ScatterInto;
template <class... Args>
struct ScatterInto<Op<Tensor(const Tensor&, Args...)>> {
  using ViewOp = Op<Tensor(const Tensor&, Args...)>;
  using ScatterOp = Op<Tensor(const Tensor&, const Tensor&, Args...)>;
  template <const ViewOp& view_op, const ScatterOp& scatter_op, const char* node_name>
  static Tensor rule(Call& call, const Tensor& input, const Tensor& src, Args... arguments) {
    Tensor output = call.output(input.sizes(), input.dtype(), input.device());
    if (Recording node = records(call) ? call.record(node_name, {input, src}) : Recording()) {
      Shape sizes = src.sizes();
      node.derivative([sizes, arguments...](const Gradients& grad, Wanted wanted) {
        Tensor of_input, of_src;
        if (wanted[0])
          of_input = scatter_op(grad[0], zeros(sizes, grad[0].dtype(), grad[0].device()), arguments...);
        if (wanted[1]) of_src = view_op(grad[0], arguments...);
        return Gradients{of_input, of_src};
      });
    }
    GradModeGuard unrecorded(false);
    Tensor part = view_op(alias(output), arguments...);
    check(part.sizes() == src.sizes(),
          "expected src to have a size equal to the slice of self. src size = ", src.sizes(),
          ", slice size = ", part.sizes());
    kernels::copy(output.device(), input, output);
    kernels::copy(output.device(), src, part);
    return output;
  }
};

template <const auto& view_op, const auto& scatter_op, const char* node_name>
constexpr auto scatter_rule =
    ScatterInto<std::remove_cvref_t<decltype(view_op)>>::template rule<view_op, scatter_op, node_name>;

Tensor narrow_copy_rule(Call& call, const Tensor& input, int64_t dim, int64_t start, int64_t length) {
  check(input.dim() > 0, "narrow() cannot be applied to a 0-dim tensor.");
  check(
      dim < input.dim(),
      "Expected dim < static_cast<int64_t>(self_sizes.size()) to be true, but got false.  (Could this error "
      "message be improved?  If so, please report an enhancement request to PyTorch.)");
  check(length >= 0, "start (", start, ") + length (", length, ") exceeds dimension size (", input.size(dim),
        ").");
  static constexpr char name[] = "NarrowCopyBackward0";
  return copy_rule<narrow, name>(call, input, dim, start, length);
}

// vmap's rules of the copies are those of the views (core/transforms/view_batching.cpp).
constexpr Traits copies{.forms = function | out, .forward = Forward::linear};
constexpr Traits several_copies{.forms = function, .forward = Forward::linear};
constexpr Traits scatters{
    .forms = function | method, .batching = Batching::leading, .forward = Forward::linear};

// Node names, which templates take by address.
constexpr char alias_node[] = "AliasBackward0_copy", as_strided_node[] = "AsStridedBackward0_copy",
               diagonal_node[] = "DiagonalBackward0_copy", expand_node[] = "ExpandBackward0_copy",
               permute_node[] = "PermuteBackward0_copy", select_node[] = "SelectBackward0_copy",
               slice_node[] = "SliceBackward0_copy", split_node[] = "SplitBackward0_copy",
               split_sizes_node[] = "SplitWithSizesBackward0_copy", squeeze_node[] = "SqueezeBackward0_copy",
               squeeze_dim_node[] = "SqueezeBackward1_copy", squeeze_dims_node[] = "SqueezeBackward2_copy",
               t_node[] = "TBackward0_copy", transpose_node[] = "TransposeBackward0_copy",
               unbind_node[] = "UnbindBackward0_copy", unfold_node[] = "UnfoldBackward0_copy",
               unsqueeze_node[] = "UnsqueezeBackward0_copy", view_node[] = "ViewBackward0_copy",
               diagonal_scatter_node[] = "DiagonalScatterBackward0",
               select_scatter_node[] = "SelectScatterBackward0",
               slice_scatter_node[] = "SliceScatterBackward0",
               as_strided_scatter_node[] = "AsStridedScatterBackward0";

const Op<Tensor(const Tensor&)> alias_copy{"alias_copy(Tensor input) -> Tensor",
                                           copy_rule<alias_op, alias_node>, copies,
                                           R"(Copy a tensor.

    >>> lampas.alias_copy(lampas.tensor([1, 2]))
    tensor([1, 2])
)"};

const Op<Tensor(const Tensor&, const Shape&, const Shape&, std::optional<int64_t>)> as_strided_copy{
    "as_strided_copy(Tensor input, int[] size, int[] stride, int? storage_offset=None) -> Tensor",
    copy_rule<as_strided_op, as_strided_node>, copies,
    R"(Copy what `as_strided` shows.

    >>> lampas.as_strided_copy(lampas.tensor([1, 2, 3]), (2, 2), (1, 1))
    tensor([[1, 2],
            [2, 3]])
)"};

const Op<Tensor(const Tensor&, const Shape&)> expand_copy{"expand_copy(Tensor input, int[] size) -> Tensor",
                                                          copy_rule<expand, expand_node>, copies,
                                                          R"(Copy what `expand` shows.

    >>> lampas.expand_copy(lampas.tensor([[1], [2]]), (2, 2))
    tensor([[1, 1],
            [2, 2]])
)"};

const Op<Tensor(const Tensor&, const Shape&)> permute_copy{"permute_copy(Tensor input, int[] dims) -> Tensor",
                                                           copy_rule<permute, permute_node>, copies,
                                                           R"(Copy what `permute` shows.

    >>> lampas.permute_copy(lampas.tensor([[1, 2]]), (1, 0))
    tensor([[1],
            [2]])
)"};

const Op<Tensor(const Tensor&, int64_t, int64_t)> select_copy{
    "select_copy(Tensor input, int dim, int index) -> Tensor", copy_rule<select, select_node>, copies,
    R"(Copy what `select` shows.

    >>> lampas.select_copy(lampas.tensor([[1, 2], [3, 4]]), 0, 1)
    tensor([3, 4])
)"};

const Op<Tensor(const Tensor&, int64_t, std::optional<int64_t>, std::optional<int64_t>, int64_t)> slice_copy{
    "slice_copy(Tensor input, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor",
    copy_rule<slice, slice_node>, copies,
    R"(Copy a range of a dim.

    >>> lampas.slice_copy(lampas.tensor([1, 2, 3]), 0, 1)
    tensor([2, 3])
)"};

const Op<TensorList(const Tensor&, int64_t, int64_t)> split_copy{
    "split_copy(Tensor input, int split_size, int dim=0) -> Tensor[]", copy_rule<split, split_node>,
    several_copies,
    R"(Copy what `split` shows.

    >>> lampas.split_copy(lampas.tensor([1, 2, 3]), 2)
    (tensor([1, 2]), tensor([3]))
)"};

const Op<TensorList(const Tensor&, const Shape&, int64_t)> split_with_sizes_copy{
    "split_with_sizes_copy(Tensor input, int[] split_sizes, int dim=0) -> Tensor[]",
    copy_rule<split_with_sizes, split_sizes_node>, several_copies,
    R"(Copy what `split_with_sizes` shows.

    >>> lampas.split_with_sizes_copy(lampas.tensor([1, 2, 3]), [1, 2])
    (tensor([1]), tensor([2, 3]))
)"};

const Op<Tensor(const Tensor&)> squeeze_copy{"squeeze_copy(Tensor input) -> Tensor",
                                             copy_rule<squeeze, squeeze_node>, copies,
                                             R"(Copy a tensor without its dims of size 1.

    >>> lampas.squeeze_copy(lampas.tensor([[1, 2]]))
    tensor([1, 2])
)"};

const Op<Tensor(const Tensor&, int64_t)> squeeze_copy_dim{
    "squeeze_copy.dim(Tensor input, int dim) -> Tensor", copy_rule<squeeze_dim, squeeze_dim_node>, copies,
    R"(Copy a tensor without the dim `dim` where that has size 1.

    >>> lampas.squeeze_copy(lampas.tensor([[1, 2]]), 0)
    tensor([1, 2])
)"};

const Op<Tensor(const Tensor&, const Shape&)> squeeze_copy_dims{
    "squeeze_copy.dims(Tensor input, int[] dim) -> Tensor", copy_rule<squeeze_dims, squeeze_dims_node>,
    copies,
    R"(Copy a tensor without those of the dims `dim` that have size 1.

    >>> lampas.squeeze_copy(lampas.tensor([[1, 2]]), (0, 1))
    tensor([1, 2])
)"};

const Op<Tensor(const Tensor&)> t_copy{"t_copy(Tensor input) -> Tensor", copy_rule<t, t_node>, copies,
                                       R"(Copy a matrix transposed.

    >>> lampas.t_copy(lampas.tensor([[1, 2]]))
    tensor([[1],
            [2]])
)"};

const Op<Tensor(const Tensor&, int64_t, int64_t)> transpose_copy{
    "transpose_copy(Tensor input, int dim0, int dim1) -> Tensor", copy_rule<transpose, transpose_node>,
    copies,
    R"(Copy a tensor with two of its dims swapped.

    >>> lampas.transpose_copy(lampas.tensor([[1, 2]]), 0, 1)
    tensor([[1],
            [2]])
)"};

const Op<TensorList(const Tensor&, int64_t)> unbind_copy{"unbind_copy(Tensor input, int dim=0) -> Tensor[]",
                                                         copy_rule<unbind, unbind_node>, several_copies,
                                                         R"(Copy what `unbind` shows.

    >>> lampas.unbind_copy(lampas.tensor([[1, 2], [3, 4]]))
    (tensor([1, 2]), tensor([3, 4]))
)"};

const Op<Tensor(const Tensor&, int64_t, int64_t, int64_t)> unfold_copy{
    "unfold_copy(Tensor input, int dimension, int size, int step) -> Tensor", copy_rule<unfold, unfold_node>,
    copies,
    R"(Copy what `Tensor.unfold` shows.

    >>> lampas.unfold_copy(lampas.tensor([1, 2, 3]), 0, 2, 1)
    tensor([[1, 2],
            [2, 3]])
)"};

const Op<Tensor(const Tensor&, int64_t)> unsqueeze_copy{
    "unsqueeze_copy(Tensor input, int dim) -> Tensor", copy_rule<unsqueeze, unsqueeze_node>, copies,
    R"(Copy a tensor with one more dim, of size 1, at `dim`.

    >>> lampas.unsqueeze_copy(lampas.tensor([1, 2]), 0)
    tensor([[1, 2]])
)"};

const Op<Tensor(const Tensor&, const Shape&)> view_copy{"view_copy(Tensor input, int[] size) -> Tensor",
                                                        copy_rule<view, view_node>, copies,
                                                        R"(Copy what `view` shows.

    >>> lampas.view_copy(lampas.tensor([1, 2]), (2, 1))
    tensor([[1],
            [2]])
)"};

const Op<Tensor(const Tensor&, int64_t, int64_t, int64_t)> narrow_copy{
    "narrow_copy(Tensor input, int dim, int start, int length) -> Tensor",
    narrow_copy_rule,
    {.forms = function | method | out, .batching = Batching::leading, .forward = Forward::linear},
    R"(Copy what `narrow` shows.

    >>> lampas.narrow_copy(lampas.tensor([1, 2, 3]), 0, 1, 2)
    tensor([2, 3])
)"};

}  // namespace

const Op<Tensor(const Tensor&, int64_t, int64_t, int64_t)> diagonal_copy{
    "diagonal_copy(Tensor input, int offset=0, int dim1=0, int dim2=1) -> Tensor",
    copy_rule<diagonal, diagonal_node>, copies,
    R"(Copy what `diagonal` shows.

    >>> lampas.diagonal_copy(lampas.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
)"};

const Op<Tensor(const Tensor&, const Tensor&, int64_t, int64_t, int64_t)> diagonal_scatter{
    "diagonal_scatter(Tensor input, Tensor src, int offset=0, int dim1=0, int dim2=1) -> Tensor",
    scatter_rule<diagonal, diagonal_scatter, diagonal_scatter_node>, scatters,
    R"(Copy a tensor with `src` in place of what `diagonal` shows.

    >>> lampas.diagonal_scatter(lampas.zeros(2, 2), lampas.ones(2))
    tensor([[1., 0.],
            [0., 1.]])
)"};

const Op<Tensor(const Tensor&, const Tensor&, int64_t, int64_t)> select_scatter{
    "select_scatter(Tensor input, Tensor src, int dim, int index) -> Tensor",
    scatter_rule<select, select_scatter, select_scatter_node>, scatters,
    R"(Copy a tensor with `src` in place of what `select` shows.

    >>> lampas.select_scatter(lampas.zeros(2, 2), lampas.ones(2), 0, 1)
    tensor([[0., 0.],
            [1., 1.]])
)"};

const Op<Tensor(const Tensor&, const Tensor&, int64_t, std::optional<int64_t>, std::optional<int64_t>,
                int64_t)>
    slice_scatter{
        "slice_scatter(Tensor input, Tensor src, int dim=0, int? start=None, int? end=None, int step=1) "
        "-> Tensor",
        scatter_rule<slice, slice_scatter, slice_scatter_node>,
        {.forms = function | method | out, .batching = Batching::leading, .forward = Forward::linear},
        R"(Copy a tensor with `src` in place of a range of a dim.

    >>> lampas.slice_scatter(lampas.zeros(3), lampas.ones(2), 0, 1)
    tensor([0., 1., 1.])
)"};

const Op<Tensor(const Tensor&, const Tensor&, const Shape&, const Shape&, std::optional<int64_t>)>
    as_strided_scatter{
        "as_strided_scatter(Tensor input, Tensor src, int[] size, int[] stride, int? storage_offset=None) "
        "-> Tensor",
        scatter_rule<as_strided_op, as_strided_scatter, as_strided_scatter_node>,
        {.forms = function | method, .forward = Forward::linear},
        R"(Copy a tensor with `src` in place of what `as_strided` shows.

    >>> lampas.as_strided_scatter(lampas.zeros(3), lampas.ones(2), (2,), (2,))
    tensor([1., 0., 1.])
)"};

}  // namespace lampas
