// Reading signatures.
#include "core/ops/signature.h"

#include <charconv>

namespace lampas {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Splits at commas that are not inside brackets.
std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  int depth = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    char letter = i < text.size() ? text[i] : ',';
    if (letter == '[' || letter == '(') ++depth;
    if (letter == ']' || letter == ')') --depth;
    if (letter == ',' && depth == 0) {
      std::string_view part = trim(text.substr(begin, i - begin));
      if (!part.empty()) parts.push_back(part);
      begin = i + 1;
    }
  }
  return parts;
}

int64_t parse_integer(std::string_view text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    fail(ErrorKind::value, "signature: '", text, "' is not an integer");
  return value;
}

double parse_real(std::string_view text) {
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    fail(ErrorKind::value, "signature: '", text, "' is not a number");
  return value;
}

ParameterType parse_type(std::string_view text, int& length) {
  if (text == "Tensor") return ParameterType::tensor;
  if (text == "Tensor[]" || text == "Tensor?[]") return ParameterType::tensor_list;
  if (text == "Scalar") return ParameterType::scalar;
  if (text == "int") return ParameterType::integer;
  if (text == "float") return ParameterType::real;
  if (text == "bool") return ParameterType::boolean;
  if (text == "ScalarType") return ParameterType::dtype;
  if (text == "Device") return ParameterType::device;
  if (text == "str") return ParameterType::text;
  if (text == "Generator") return ParameterType::generator;
  if (text == "Layout") return ParameterType::layout;
  if (text == "MemoryFormat") return ParameterType::memory_format;
  if (text == "object") return ParameterType::object;
  if (text.substr(0, 4) == "int[" && text.back() == ']') {
    if (text.size() > 5) length = static_cast<int>(parse_integer(text.substr(4, text.size() - 5)));
    return ParameterType::shape;
  }
  fail(ErrorKind::value, "signature: unknown type '", text, "'");
}

Value parse_default(const ParameterDeclaration& parameter, std::string_view text) {
  if (text == "None") return Value();
  switch (parameter.type) {
    case ParameterType::integer:
      return Value(parse_integer(text));
    case ParameterType::real:
      return Value(parse_real(text));
    case ParameterType::boolean:
      return Value(text == "True");
    case ParameterType::text:
      return Value(std::string(text.substr(1, text.size() - 2)));
    case ParameterType::scalar:
      if (text == "True" || text == "False") return Value(Scalar(text == "True"));
      if (text.find_first_of(".ei") == std::string_view::npos) return Value(Scalar(parse_integer(text)));
      return Value(Scalar(parse_real(text)));
    case ParameterType::shape: {
      Shape shape;
      if (text.front() != '[') {
        shape.resize(static_cast<size_t>(parameter.length), parse_integer(text));
        return Value(shape);
      }
      for (std::string_view part : split_list(text.substr(1, text.size() - 2)))
        shape.push_back(parse_integer(part));
      return Value(shape);
    }
    default:
      fail(ErrorKind::value, "signature: '", parameter.name, "' can only default to None");
  }
}

ParameterDeclaration parse_parameter(std::string_view text) {
  ParameterDeclaration parameter;
  size_t equals = text.find('=');
  std::string_view declaration = trim(text.substr(0, equals));
  size_t space = declaration.rfind(' ');
  if (space == std::string_view::npos)
    fail(ErrorKind::value, "signature: '", text, "' lacks a type or a name");
  parameter.name = declaration.substr(space + 1);
  std::string_view type = trim(declaration.substr(0, space));
  if (type.back() == '?') {
    parameter.optional = true;
    type.remove_suffix(1);
  }
  parameter.type = parse_type(type, parameter.length);
  parameter.optional_elements = type == "Tensor?[]";
  if (equals != std::string_view::npos) {
    parameter.has_default = true;
    parameter.default_value = parse_default(parameter, trim(text.substr(equals + 1)));
  }
  return parameter;
}

}  // namespace

int Signature::find(std::string_view wanted) const {
  for (size_t i = 0; i < parameters.size(); ++i)
    if (parameters[i].name == wanted) return static_cast<int>(i);
  return -1;
}

Signature parse_signature(std::string_view text) {
  Signature signature;
  signature.text = text;
  size_t open = text.find('('), arrow = text.find("->");
  size_t close = arrow == std::string_view::npos ? std::string_view::npos : text.rfind(')', arrow);
  if (open == std::string_view::npos || close == std::string_view::npos)
    fail(ErrorKind::value, "signature: '", text, "' is not of the form name(parameters) -> result");
  std::string_view full_name = trim(text.substr(0, open));
  size_t dot = full_name.find('.');
  signature.name = full_name.substr(0, dot);
  if (dot != std::string_view::npos) signature.overload = full_name.substr(dot + 1);

  bool keyword_only = false;
  for (std::string_view part : split_list(text.substr(open + 1, close - open - 1))) {
    if (part == "*") {
      keyword_only = true;
      continue;
    }
    signature.parameters.push_back(parse_parameter(part));
    signature.parameters.back().keyword_only = keyword_only;
  }

  std::string_view result = trim(text.substr(arrow + 2));
  signature.result = result;
  if (result.front() == '(')
    for (std::string_view part : split_list(result.substr(1, result.size() - 2)))
      if (size_t space = part.rfind(' '); space != std::string_view::npos)
        signature.result_names.emplace_back(part.substr(space + 1));
  return signature;
}

}  // namespace lampas
