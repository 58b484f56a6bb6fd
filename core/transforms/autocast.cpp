// Which arguments autocast converts, and to what. The lists are PyTorch's ("AutocastTransform Op Reference").
#include "core/transforms/autocast.h"

#include <algorithm>

#include "core/ops/creation.h"
#include "core/ops/history.h"
#include "core/transforms/level.h"

namespace lampas::transforms {
namespace {

using Policy = Autocast;

// On CPU PyTorch keeps few ops in float32; an op's trait is the longer list it has for accelerators.
Policy policy_for(const OpBase& op, DeviceKind device) {
  if (device != DeviceKind::cpu || op.traits.autocast != Policy::float32) return op.traits.autocast;
  static constexpr std::string_view kept_in_float32[] = {"_max_pool3d",
                                                         "_adaptive_max_pool3d",
                                                         "_max_unpool",
                                                         "_map_lines_in_float32",
                                                         "fractional_max_pool2d",
                                                         "fractional_max_pool3d",
                                                         "avg_pool3d",
                                                         "binary_cross_entropy",
                                                         "grid_sampler",
                                                         "polar",
                                                         "prod",
                                                         "quantile",
                                                         "nanquantile",
                                                         "stft",
                                                         "cdist",
                                                         "trace",
                                                         "mse_loss",
                                                         "cosine_embedding_loss",
                                                         "_nll_loss",
                                                         "nll_loss2d",
                                                         "hinge_embedding_loss",
                                                         "poisson_nll_loss",
                                                         "smooth_l1_loss",
                                                         "cross_entropy_loss",
                                                         "l1_loss",
                                                         "huber_loss",
                                                         "margin_ranking_loss",
                                                         "soft_margin_loss",
                                                         "triplet_margin_loss",
                                                         "multi_margin_loss",
                                                         "ctc_loss",
                                                         "kl_div",
                                                         "multilabel_margin_loss",
                                                         "binary_cross_entropy_with_logits"};
  bool kept = std::find(std::begin(kept_in_float32), std::end(kept_in_float32), op.name()) !=
              std::end(kept_in_float32);
  return kept ? Policy::float32 : Policy::unchanged;
}

// Lower autocasts of the same device do not see the call: the innermost one decides.
class LowerPaused {
 public:
  explicit LowerPaused(const AutocastTransform& upper) {
    for (Transform* transform = upper.below; transform; transform = transform->below) {
      auto* lower = dynamic_cast<AutocastTransform*>(transform);
      if (!lower || lower->device != upper.device || lower->paused) continue;
      lower->paused = true;
      paused_.push_back(lower);
    }
  }
  ~LowerPaused() {
    for (AutocastTransform* lower : paused_) lower->paused = false;
  }

 private:
  std::vector<AutocastTransform*> paused_;
};

}  // namespace

bool AutocastTransform::is_eligible(const Tensor& tensor) const {
  return tensor.device().kind == device && is_floating(tensor.dtype()) && tensor.dtype() != DType::float64 &&
         !tensor.body().wrapped_number;
}

Tensor AutocastTransform::converted(const Tensor& tensor, DType to) {
  if (!is_eligible(tensor) || tensor.dtype() == to) return tensor;
  bool is_weight = cache_enabled_ && !tensor.is_wrapped() && to == dtype && tensor.requires_grad() &&
                   grad_mode.enabled && !grad_fn(tensor) && !view_base(tensor).defined();
  if (!is_weight) return cast(tensor, to);
  auto found = cache_.find(tensor.body_pointer());
  if (found != cache_.end() && found->second.version == tensor.version()) return found->second.result;
  Tensor result = cast(tensor, to);
  cache_.insert_or_assign(tensor.body_pointer(), Cast{tensor, result, tensor.version()});
  return result;
}

Value AutocastTransform::process(const OpBase& op, Values& arguments, Mode mode, TensorList& targets) {
  LowerPaused lower(*this);
  Policy policy = enabled && mode == Mode::functional ? policy_for(op, device) : Policy::unchanged;
  if (policy == Policy::unchanged)
    return op.traits.composite ? op.run(arguments, mode, targets) : op.call(arguments, mode, targets);
  DType to = policy == Policy::lower ? dtype : DType::float32;
  if (policy == Policy::promote) {
    to = dtype;
    for (Value& argument : arguments)
      for_each_tensor(argument, [&](Tensor& tensor) {
        if (is_eligible(tensor)) to = promote(to, tensor.dtype());
      });
  }
  Values converted_arguments = arguments;
  for (Value& argument : converted_arguments)
    for_each_tensor(argument, [&](Tensor& tensor) { tensor = converted(tensor, to); });
  if (!op.traits.composite) return op.call(converted_arguments, mode, targets);
  Paused own(*this);  // the ops it is made of take the dtype they are given
  return op.run(converted_arguments, mode, targets);
}

bool AutocastTransform::converts_composites(const Values& arguments) const {
  bool found = false;
  for (const Value& argument : arguments) {
    if (auto* tensor = std::get_if<Tensor>(&argument))
      found |= tensor->defined() && tensor->device().kind == device;
  }
  return found;
}

const AutocastTransform* current_autocast(DeviceKind device) {
  for (Transform* transform = active_transform; transform; transform = transform->below)
    if (auto* autocast = dynamic_cast<AutocastTransform*>(transform); autocast && autocast->device == device)
      return autocast;
  return nullptr;
}

}  // namespace lampas::transforms
