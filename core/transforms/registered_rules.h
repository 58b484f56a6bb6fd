// Rules for ops that were registered from outside, by the op's name; they come before the op's own trait.
#pragma once
#include <mutex>
#include <string>
#include <unordered_map>

#include "core/ops/op.h"

namespace lampas::transforms {

template <class Rule>
class RegisteredRules {
 public:
  void add(std::string op_name, Rule rule) {
    std::lock_guard lock(mutex_);
    rules_[std::move(op_name)] = std::move(rule);
  }

  // Empty where none was registered.
  Rule find(const OpBase& op) {
    std::lock_guard lock(mutex_);
    auto found = rules_.find(op.full_name());
    return found == rules_.end() ? nullptr : found->second;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, Rule> rules_;
};

}  // namespace lampas::transforms
