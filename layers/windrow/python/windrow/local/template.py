"""Reading template.yaml: CloudFormation's short tags, and nothing YAML guesses."""

from pathlib import Path
from typing import Any

import yaml

try:  # in C: a tenth of the time, and not in every build of PyYAML
    from yaml import CSafeLoader as _SafeLoader
except ImportError:
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

# Tags whose long form is not "Fn::" and the tag.
_LONG_FORMS = {"Ref": "Ref", "Condition": "Condition"}


class _Loader(_SafeLoader):
    """YAML as CloudFormation reads it: a date such as 2012-10-17 stays text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _long_form(loader: _Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    match node:
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case _:
            value = loader.construct_scalar(node)  # type: ignore[arg-type]
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {_LONG_FORMS.get(tag, f"Fn::{tag}"): value}


_Loader.add_multi_constructor("!", _long_form)


def parse(text: str) -> dict[str, Any]:
    """The template as plain data, with `!Ref x` as `{"Ref": "x"}` and so on."""
    return dict(yaml.load(text, Loader=_Loader))  # noqa: S506 - a SafeLoader


def read(path: Path) -> dict[str, Any]:
    return parse(path.read_text(encoding="utf-8"))
