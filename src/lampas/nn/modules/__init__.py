"""The layers and containers of `lampas.nn`."""

from lampas.nn.modules.activation import *
from lampas.nn.modules.adaptive import *
from lampas.nn.modules.attention import *
from lampas.nn.modules.batchnorm import *
from lampas.nn.modules.container import *
from lampas.nn.modules.conv import *
from lampas.nn.modules.distance import *
from lampas.nn.modules.dropout import *
from lampas.nn.modules.flatten import *
from lampas.nn.modules.lazy import *
from lampas.nn.modules.linear import *
from lampas.nn.modules.loss import *
from lampas.nn.modules.margin_loss import *
from lampas.nn.modules.module import Module
from lampas.nn.modules.normalization import *
from lampas.nn.modules.padding import *
from lampas.nn.modules.parameter_containers import *
from lampas.nn.modules.pooling import *
from lampas.nn.modules.rnn import *
from lampas.nn.modules.rnn_cells import *
from lampas.nn.modules.shuffling import *
from lampas.nn.modules.sparse import *
from lampas.nn.modules.transformer import *
from lampas.nn.modules.upsampling import *
