"""The hub's names. Lampas loads no models from it: that would run code from a network."""

__all__ = ["download_url_to_file", "get_dir", "help", "list", "load", "load_state_dict_from_url", "set_dir"]


def _unsupported(name, instead):
    raise NotImplementedError(f"lampas.hub.{name} is not supported. {instead}")


_CODE = "Code from a repository would be run; install what you need and import it."
_FILE = "Download the file yourself and read it by lampas.load."


def load(repo_or_dir, model, *args, **kwargs):
    """Raise NotImplementedError: code from a repository would be run."""
    _unsupported("load", _CODE)


def list(github, *args, **kwargs):
    """Raise NotImplementedError: code from a repository would be run."""
    _unsupported("list", _CODE)


def help(github, model, *args, **kwargs):
    """Raise NotImplementedError: code from a repository would be run."""
    _unsupported("help", _CODE)


def download_url_to_file(url, dst, *args, **kwargs):
    """Raise NotImplementedError: downloads are left to the user."""
    _unsupported("download_url_to_file", _FILE)


def load_state_dict_from_url(url, *args, **kwargs):
    """Raise NotImplementedError: downloads are left to the user."""
    _unsupported("load_state_dict_from_url", _FILE)


def get_dir():
    """Raise NotImplementedError: there is no folder of downloads."""
    _unsupported("get_dir", _FILE)


def set_dir(d):
    """Raise NotImplementedError: there is no folder of downloads."""
    _unsupported("set_dir", _FILE)
