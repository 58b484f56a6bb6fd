// PyTorch's wording for a call that fits no overload. It compares the arguments with the printed signatures.
#include "core/bindings/argument_errors.h"

#include <algorithm>
#include <unordered_map>

namespace lampas::python {
namespace {

// PyTorch lists keyword arguments in the order of this container.
using Keywords = std::unordered_map<std::string, PyObject*>;

// "list of [int, str]" for sequences, the type's name for the rest.
std::string detailed_type_name(PyObject* object) {
  bool is_tuple = PyTuple_Check(object);
  if (!is_tuple && !PyList_Check(object)) return type_name(object);
  Py_ssize_t count = PySequence_Fast_GET_SIZE(object);
  std::string text;
  for (Py_ssize_t i = 0; i < count; ++i)
    text += (i ? ", " : "") + type_name(PySequence_Fast_GET_ITEM(object, i));
  if (is_tuple) return "tuple of (" + text + (count == 1 ? ",)" : ")");
  return "list of [" + text + "]";
}

// One comma-separated piece of a printed signature. The name of one with a default is not found there.
struct Piece {
  std::string type, name;
};

std::vector<Piece> pieces_of(const std::string& printed) {
  std::vector<Piece> pieces;
  std::string inside = printed.substr(1, printed.size() - 2);
  size_t begin = 0;
  while (begin <= inside.size()) {
    size_t comma = std::min(inside.find(", ", begin), inside.size());
    std::string piece = inside.substr(begin, comma - begin);
    size_t space = piece.rfind(' ');
    if (space == std::string::npos)
      pieces.push_back({piece, ""});
    else
      pieces.push_back({piece.substr(0, space), piece.substr(space + 1)});
    begin = comma + 2;
  }
  return pieces;
}

std::string marked(const std::string& text, bool fits) { return fits ? text : "!" + text + "!"; }

// The arguments with what does not fit between exclamation marks.
std::string marked_types(const std::vector<Piece>& pieces, const Arguments& arguments,
                         const Keywords& keywords) {
  std::string text = "(";
  for (Py_ssize_t i = 0; i < arguments.positional; ++i) {
    PyObject* object = arguments.values[i];
    bool fits = pieces[static_cast<size_t>(i)].type == type_name(object);
    text += marked(fits ? type_name(object) : detailed_type_name(object), fits) + ", ";
  }
  for (const auto& [name, object] : keywords) {
    bool fits = false;
    for (const Piece& piece : pieces) fits |= piece.name == name && piece.type == type_name(object);
    text += marked(name + "=" + (fits ? type_name(object) : detailed_type_name(object)), fits) + ", ";
  }
  if (arguments.positional > 0) text.resize(text.size() - 2);
  return text + ")";
}

std::string given_types(const Arguments& arguments, const Keywords& keywords) {
  std::string text;
  for (Py_ssize_t i = 0; i < arguments.positional; ++i) text += type_name(arguments.values[i]) + ", ";
  for (const auto& [name, object] : keywords) text += name + "=" + type_name(object) + ", ";
  if (arguments.positional > 0) text.resize(text.size() - 2);
  return text;
}

// The keywords that none of the last pieces names, in a list; PyTorch looks at as many as there are keywords.
std::string unknown_keywords(const std::vector<Piece>& pieces, const Keywords& keywords) {
  size_t first = pieces.size() - std::min(pieces.size(), keywords.size());
  std::string unknown;
  for (const auto& [name, object] : keywords) {
    bool found = false;
    for (size_t i = first; i < pieces.size(); ++i) found |= pieces[i].name == name;
    if (!found) unknown += (unknown.empty() ? "" : ", ") + name;
  }
  return unknown;
}

// PyTorch explains only what has as many arguments as the signature has pieces.
bool counts_match(const std::vector<Piece>& pieces, const Arguments& arguments) {
  return pieces.size() == static_cast<size_t>(arguments.count());
}

// Why one of several overloads does not fit.
std::string reason(const std::string& printed, const Arguments& arguments, const Keywords& keywords) {
  std::vector<Piece> pieces = pieces_of(printed);
  if (!counts_match(pieces, arguments)) return "";
  std::string unknown = unknown_keywords(pieces, keywords);
  if (!unknown.empty())
    return "      didn't match because some of the keywords were incorrect: " + unknown + "\n";
  return "      didn't match because some of the arguments have invalid types: " +
         marked_types(pieces, arguments, keywords) + "\n";
}

// The end of the message where there is only one overload.
std::string told_for(const std::string& printed, const Arguments& arguments, const Keywords& keywords) {
  std::vector<Piece> pieces = pieces_of(printed);
  std::string unknown = unknown_keywords(pieces, keywords);
  if (!unknown.empty()) return "unrecognized keyword arguments: " + unknown;
  std::string given = counts_match(pieces, arguments) ? marked_types(pieces, arguments, keywords)
                                                      : "(" + given_types(arguments, keywords) + ")";
  return given + ", but expected " + printed;
}

}  // namespace

std::string no_overload_fits(const Parser& parser, const Arguments& arguments) {
  Keywords keywords;
  for (Py_ssize_t i = 0; i < arguments.named(); ++i)
    keywords.emplace(text_of(arguments.name(i)), arguments.named_value(i));
  std::vector<const std::string*> listed;
  for (const Overload& overload : parser.overloads())
    if (!overload.hidden()) listed.push_back(&overload.text());
  std::string message = parser.function() + "() received an invalid combination of arguments - got ";
  if (listed.size() == 1) return message + told_for(*listed[0], arguments, keywords);
  message += "(" + given_types(arguments, keywords) + "), but expected ";
  message += "one of:\n";
  for (const std::string* printed : listed)
    message += " * " + *printed + "\n" + reason(*printed, arguments, keywords);
  return message;
}

}  // namespace lampas::python
