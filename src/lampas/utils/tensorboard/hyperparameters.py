"""Summaries of a training's hyper-parameters and the metrics they led to, for TensorBoard's HParams view."""

from google.protobuf.struct_pb2 import ListValue, Value
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.plugins.hparams import metadata
from tensorboard.plugins.hparams.api_pb2 import (
    DataType,
    Experiment,
    HParamInfo,
    MetricInfo,
    MetricName,
    Status,
)
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionEndInfo, SessionStartInfo

import lampas

# The type of a hyper-parameter, and the field of a protocol buffer that holds its value. Truth values are
# integers, as in PyTorch.
_FIELDS = {
    int: (DataType.DATA_TYPE_FLOAT64, "number_value"),
    float: (DataType.DATA_TYPE_FLOAT64, "number_value"),
    str: (DataType.DATA_TYPE_STRING, "string_value"),
}


def _summary(tag, **content):
    data = HParamsPluginData(version=metadata.PLUGIN_DATA_VERSION, **content)
    plugin = SummaryMetadata.PluginData(plugin_name=metadata.PLUGIN_NAME, content=data.SerializeToString())
    return Summary(value=[Summary.Value(tag=tag, metadata=SummaryMetadata(plugin_data=plugin))])


def _check_domains(domains, values):
    if not isinstance(domains, dict):
        raise TypeError("parameter: hparam_domain_discrete should be a dictionary, nothing logged.")
    for name, domain in domains.items():
        known = name in values and isinstance(domain, list)
        if not known or not all(isinstance(value, type(values[name])) for value in domain):
            raise TypeError(
                f"parameter: hparam_domain_discrete[{name}] should be a list of same type as"
                f" hparam_dict[{name}]."
            )


def hyperparameters(values, metrics, domains=None):
    """Return three summaries: of the experiment, of the session's start and of its end.

    Args:
        values: hyper-parameters by name: truth values, numbers, texts or tensors of one number.
        metrics: the metrics by name.
        domains: for some names, the list of values that it may have.

    Raises:
        TypeError: where an argument is no dictionary, or a domain does not fit its value.
        ValueError: for a value of another type.
    """
    domains = domains or {}
    _check_domains(domains, values)
    start = SessionStartInfo()
    described = []
    for name, value in values.items():
        if value is None:
            continue
        if isinstance(value, lampas.Tensor):
            value = value.item()
        kind = next((kind for kind in _FIELDS if isinstance(value, kind)), None)
        if kind is None:
            raise ValueError("value should be one of int, float, str, bool, or torch.Tensor")
        data_type, field = _FIELDS[kind]
        setattr(start.hparams[name], field, value)
        domain = None
        if name in domains:
            domain = ListValue(values=[Value(**{field: allowed}) for allowed in domains[name]])
        described.append(HParamInfo(name=name, type=data_type, domain_discrete=domain))
    experiment = Experiment(
        hparam_infos=described, metric_infos=[MetricInfo(name=MetricName(tag=name)) for name in metrics]
    )
    return (
        _summary(metadata.EXPERIMENT_TAG, experiment=experiment),
        _summary(metadata.SESSION_START_INFO_TAG, session_start_info=start),
        _summary(
            metadata.SESSION_END_INFO_TAG, session_end_info=SessionEndInfo(status=Status.STATUS_SUCCESS)
        ),
    )
