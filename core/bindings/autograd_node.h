// The Python objects of recorded ops: what `tensor.grad_fn` gives.
#pragma once

#include "core/autograd/node.h"
#include "core/bindings/python.h"

namespace lampas::python {

struct NodeObject {
  PyObject_HEAD Node* node;  // null once a node written in Python is gone
  bool owns_node;            // such a node owns its object instead
  PyObject* weak_references;
};

extern PyTypeObject* node_type;  // lampas.autograd.graph.Node

// A new reference to the object of a node, one for each node while either lives; None for null.
PyObject* wrap_node(const Reference<Node>& node);
// Of a NodeObject; throws where the node is gone.
Node& node_of(PyObject* object);

// The dict `Node.metadata`, made when first asked for; borrowed.
PyObject* metadata_of(Node& node);

// What the collector of cycles asks: visits the Python objects that only this tensor keeps alive through its
// hooks and its history; cuts it from both.
int traverse_graph(const Tensor& tensor, visitproc visit, void* argument);
void clear_graph(const Tensor& tensor);

void register_autograd_node(PyObject* module);

}  // namespace lampas::python
