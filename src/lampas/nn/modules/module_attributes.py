"""The attribute part of Module: registering parameters, buffers and submodules, and finding them."""

import lampas
from lampas import Tensor, _core
from lampas.nn.modules import module_hooks
from lampas.nn.modules.module_hooks import replaced_by_registration_hooks
from lampas.nn.parameter import Buffer, Parameter


def _is_module(value):
    return isinstance(value, ModuleAttributes)


def _takes_persistent(register_buffer):
    """Whether a class's register_buffer has the argument `persistent`, which a subclass may have left out."""
    if register_buffer is ModuleAttributes.register_buffer:
        return True
    import inspect  # slow to load, and hardly ever needed

    return "persistent" in inspect.signature(register_buffer).parameters


def _check_name(kind, name):
    if not isinstance(name, str):
        raise TypeError(f"{kind} name should be a string. Got {lampas.typename(name)}")
    if "." in name:
        raise KeyError(f'{kind} name can\'t contain "."')
    if name == "":
        raise KeyError(f'{kind} name can\'t be empty string ""')


class ModuleAttributes(_core.ModuleBase):
    """What Module inherits: `_parameters`, `_buffers`, `_modules` behind ordinary attribute access.

    ModuleBase looks a name up in these three where ordinary lookup finds nothing, as a `__getattr__` would.
    """

    def register_buffer(self, name, tensor, persistent=True):
        """Add a tensor that is state but not trained.

        Args:
            name (str): the attribute to reach it by.
            tensor (Tensor or None): None registers the name alone.
            persistent (bool): whether it is part of `state_dict`.

        Example:
            >>> module = nn.Module()
            >>> module.register_buffer("running_mean", lampas.zeros(3))
            >>> module.running_mean.shape
            torch.Size([3])
        """
        if "_buffers" not in self.__dict__:
            raise AttributeError("cannot assign buffer before Module.__init__() call")
        _check_name("buffer", name)
        if name not in self._buffers and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{lampas.typename(tensor)}' object to buffer '{name}' "
                "(torch Tensor or None required)"
            )
        tensor = replaced_by_registration_hooks(module_hooks._buffer_registration_hooks, self, name, tensor)
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def register_parameter(self, name, param):
        """Add a parameter, which `parameters()` will list.

        Args:
            name (str): the attribute to reach it by.
            param (Parameter or None): None registers the name alone.
        """
        if "_parameters" not in self.__dict__:
            raise AttributeError("cannot assign parameter before Module.__init__() call")
        _check_name("parameter", name)
        if name not in self._parameters and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")
        if param is None:
            self._parameters[name] = None
            return
        if not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{lampas.typename(param)}' object to parameter '{name}' "
                "(torch.nn.Parameter or None required)"
            )
        if param.grad_fn:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created "
                f"explicitly. To express '{name}' as a function of another Tensor, compute the value in the "
                "forward() method."
            )
        self._parameters[name] = replaced_by_registration_hooks(
            module_hooks._parameter_registration_hooks, self, name, param
        )

    def add_module(self, name, module):
        """Add a submodule.

        Args:
            name (str): the attribute to reach it by.
            module (Module or None): None registers the name alone.
        """
        if module is not None and not _is_module(module):
            raise TypeError(f"{lampas.typename(module)} is not a Module subclass")
        if not isinstance(name, str):
            raise TypeError(f"module name should be a string. Got {lampas.typename(name)}")
        if name not in self._modules and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")
        if "." in name:
            raise KeyError(f'module name can\'t contain ".", got: {name}')
        if name == "":
            raise KeyError('module name can\'t be empty string ""')
        self._set_module(name, module)

    def register_module(self, name, module):
        """Add a submodule; the same as `add_module`."""
        self.add_module(name, module)

    def _set_module(self, name, module):
        hooks = module_hooks._module_registration_hooks
        self._modules[name] = replaced_by_registration_hooks(hooks, self, name, module)

    def __setattr__(self, name, value):
        attributes = self.__dict__
        parameters = attributes.get("_parameters")
        # `isinstance(value, Tensor)` first: it is quick, and Parameter's own test is not.
        if isinstance(value, Tensor) and isinstance(value, Parameter):
            if parameters is None:
                raise AttributeError("cannot assign parameters before Module.__init__() call")
            self._forget(name, attributes, self._buffers, self._modules)
            self.register_parameter(name, value)
        elif parameters is not None and name in parameters:
            if value is not None:
                raise TypeError(
                    f"cannot assign '{lampas.typename(value)}' as parameter '{name}' "
                    "(torch.nn.Parameter or None expected)"
                )
            self.register_parameter(name, value)
        elif _is_module(value):
            if parameters is None:
                raise AttributeError("cannot assign module before Module.__init__() call")
            self._forget(name, attributes, parameters, self._buffers)
            self._set_module(name, value)
        elif parameters is not None and name in attributes["_modules"]:
            if value is not None:
                raise TypeError(
                    f"cannot assign '{lampas.typename(value)}' as child module '{name}' "
                    "(torch.nn.Module or None expected)"
                )
            self._set_module(name, value)
        elif parameters is not None and name in attributes["_buffers"]:
            self._assign_buffer(name, value)
        elif isinstance(value, Tensor) and isinstance(value, Buffer):
            self._assign_buffer(name, value)
        else:
            object.__setattr__(self, name, value)

    def _forget(self, name, *tables):
        """Remove a name that is about to be registered as something else."""
        for table in tables:
            table.pop(name, None)
        self._non_persistent_buffers_set.discard(name)

    def _assign_buffer(self, name, value):
        if value is not None and not isinstance(value, Tensor):
            raise TypeError(
                f"cannot assign '{lampas.typename(value)}' as buffer '{name}' "
                "(torch.nn.Buffer, torch.Tensor or None expected)"
            )
        if isinstance(value, Buffer):
            persistent = value.persistent
        else:
            persistent = name not in self._non_persistent_buffers_set
        if _takes_persistent(type(self).register_buffer):
            self.register_buffer(name, value, persistent)
        elif persistent:
            self.register_buffer(name, value)
        else:
            raise RuntimeError(
                "Registering a non-persistent buffer on a Module subclass that implements register_buffer() "
                "without the persistent argument is not allowed."
            )

    def __delattr__(self, name):
        if name in self._parameters:
            del self._parameters[name]
        elif name in self._buffers:
            del self._buffers[name]
            self._non_persistent_buffers_set.discard(name)
        elif name in self._modules:
            del self._modules[name]
        else:
            object.__delattr__(self, name)

    def __dir__(self):
        names = [*dir(type(self)), *self.__dict__, *self._parameters, *self._modules, *self._buffers]
        return sorted(name for name in names if not name[0].isdigit())

    def get_submodule(self, target):
        """Return the submodule at a dotted path such as "features.0"; "" is the module itself.

        Raises:
            AttributeError: where the path leads nowhere, or to something that is no module.
        """
        module = self
        for name in target.split(".") if target else []:
            if not hasattr(module, name):
                raise AttributeError(module._get_name() + " has no attribute `" + name + "`")
            module = getattr(module, name)
            if not _is_module(module):
                raise AttributeError("`" + name + "` is not an nn.Module")
        return module

    def set_submodule(self, target, module, strict=False):
        """Put a submodule at a dotted path.

        Args:
            target (str): the path; its parent must exist.
            module (Module): what to put there.
            strict (bool): refuse to add a name that was not there before.
        """
        if target == "":
            raise ValueError("Cannot set the submodule without a target name!")
        if not _is_module(module):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        parent_path, _, name = target.rpartition(".")
        parent = self.get_submodule(parent_path)
        if hasattr(parent, name):
            if not _is_module(getattr(parent, name)):
                raise AttributeError("`" + name + "` is not an nn.Module")
        elif strict:
            raise AttributeError(parent._get_name() + " has no attribute `" + name + "`")
        setattr(parent, name, module)

    def _member(self, target):
        """Return the module that holds the attribute at a dotted path, the attribute's name and its value."""
        module_path, _, name = target.rpartition(".")
        module = self.get_submodule(module_path)
        if not hasattr(module, name):
            raise AttributeError(module._get_name() + " has no attribute `" + name + "`")
        return module, name, getattr(module, name)

    def get_parameter(self, target):
        """Return the parameter at a dotted path such as "fc1.weight"; AttributeError where there is none."""
        _, name, parameter = self._member(target)
        if not isinstance(parameter, Parameter):
            raise AttributeError("`" + name + "` is not an nn.Parameter")
        return parameter

    def get_buffer(self, target):
        """Return the buffer at a dotted path; AttributeError where there is none."""
        module, name, buffer = self._member(target)
        if name not in module._buffers:
            raise AttributeError("`" + name + "` is not a buffer")
        return buffer
