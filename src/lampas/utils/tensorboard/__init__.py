"""torch.utils.tensorboard: training curves, pictures and histograms in the files that TensorBoard shows.

The files are written through the package tensorboard, which whoever looks at them has.
"""

try:
    import tensorboard
except ImportError as error:
    raise ImportError(
        "SummaryWriter writes through the package tensorboard: pip install tensorboard"
    ) from error

from lampas.utils.tensorboard.file_writer import FileWriter
from lampas.utils.tensorboard.summary_writer import SummaryWriter

__all__ = ["FileWriter", "SummaryWriter"]
