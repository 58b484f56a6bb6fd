// A random number generator as an argument of ops, where Python may hold it too.
#pragma once

#include <memory>

#include "core/ops/value.h"
#include "core/random/generator.h"

namespace lampas {

struct SharedGenerator final : Opaque {
  explicit SharedGenerator(Generator& generator) : generator(generator) {}
  explicit SharedGenerator(std::unique_ptr<Generator> own) : own(std::move(own)), generator(*this->own) {}

  std::unique_ptr<Generator> own;  // null for the default one
  Generator& generator;
};

// The one that a `Generator?` argument names; the default one where it names none.
inline Generator& generator_of(const Reference<Opaque>& argument) {
  return argument ? static_cast<SharedGenerator&>(*argument).generator : default_generator();
}

}  // namespace lampas
