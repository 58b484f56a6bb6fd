"""Functions of neural networks; the layers in `lampas.nn` call these."""

from lampas.nn.functional.activation import *
from lampas.nn.functional.attention import *
from lampas.nn.functional.bilinear import *
from lampas.nn.functional.connection import *
from lampas.nn.functional.ctc import *
from lampas.nn.functional.distance import *
from lampas.nn.functional.dropout import *
from lampas.nn.functional.encoding import *
from lampas.nn.functional.fractional_pooling import *
from lampas.nn.functional.loss import *
from lampas.nn.functional.margin_loss import *
from lampas.nn.functional.normalization import *
from lampas.nn.functional.pooling import *
from lampas.nn.functional.resizing import *
from lampas.nn.functional.sampling import *
from lampas.nn.functional.shuffling import *
from lampas.nn.functional.sparse import *
from lampas.nn.functional.unpooling import *
