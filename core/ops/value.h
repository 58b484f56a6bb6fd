// Value: one argument or result of an op when its type is not known at compile time.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "core/tensor/tensor.h"

namespace lampas {

using TensorList = std::vector<Tensor>;

// An object the core only hands through: a generator, or whatever a Python op takes.
struct Opaque {
  ReferenceCount references;
  virtual ~Opaque() = default;
};
inline void destroy(Opaque* object) noexcept { delete object; }

using Value = std::variant<std::monostate, Tensor, TensorList, Scalar, int64_t, double, bool, Shape, DType,
                           Device, std::string, Reference<Opaque>>;
using Values = SmallVector<Value, 6>;

inline bool is_none(const Value& value) { return std::holds_alternative<std::monostate>(value); }

template <class T>
struct Boxing {
  static Value box(T value) { return Value(std::move(value)); }
  static const T& unbox(const Value& value) { return std::get<T>(value); }
};
// An undefined tensor travels as none.
template <>
struct Boxing<Tensor> {
  static Value box(Tensor value) { return value.defined() ? Value(std::move(value)) : Value(); }
  static const Tensor& unbox(const Value& value) {
    static const Tensor undefined;
    return is_none(value) ? undefined : std::get<Tensor>(value);
  }
};
template <class T>
struct Boxing<std::optional<T>> {
  static Value box(std::optional<T> value) { return value ? Value(std::move(*value)) : Value(); }
  static std::optional<T> unbox(const Value& value) {
    if (is_none(value)) return std::nullopt;
    return std::get<T>(value);
  }
};
template <>
struct Boxing<Reference<Opaque>> {
  static Value box(Reference<Opaque> value) { return value ? Value(std::move(value)) : Value(); }
  static const Reference<Opaque>& unbox(const Value& value) {
    static const Reference<Opaque> none;
    return is_none(value) ? none : std::get<Reference<Opaque>>(value);
  }
};
// Several results travel as a list.
template <class... Tensors>
struct Boxing<std::tuple<Tensors...>> {
  static Value box(std::tuple<Tensors...> value) {
    TensorList list;
    list.reserve(sizeof...(Tensors));
    std::apply([&](auto&... parts) { (list.push_back(std::move(parts)), ...); }, value);
    return Value(std::move(list));
  }
  static std::tuple<Tensors...> unbox(const Value& value) {
    const TensorList& list = std::get<TensorList>(value);
    return [&]<size_t... index>(std::index_sequence<index...>) {
      return std::tuple<Tensors...>(list[index]...);
    }
    (std::index_sequence_for<Tensors...>{});
  }
};

template <class T>
Value box(T&& value) {
  return Boxing<std::remove_cvref_t<T>>::box(std::forward<T>(value));
}
template <class T>
decltype(auto) unbox(const Value& value) {
  return Boxing<std::remove_cvref_t<T>>::unbox(value);
}
// The same, out of a value that goes.
template <class T>
T unbox(Value&& value) {
  if constexpr (std::is_same_v<T, Tensor>)
    return is_none(value) ? Tensor() : std::move(std::get<Tensor>(value));
  else
    return Boxing<T>::unbox(value);
}

// Calls body(Tensor&) for every tensor in a value, those in lists included.
template <class Body>
void for_each_tensor(Value& value, Body&& body) {
  if (auto* tensor = std::get_if<Tensor>(&value))
    body(*tensor);
  else if (auto* list = std::get_if<TensorList>(&value))
    for (Tensor& tensor : *list)
      if (tensor.defined()) body(tensor);
}

}  // namespace lampas
