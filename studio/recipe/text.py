"""The text of a recipe: YAML that refuses a key given twice, and keeps every character of a text.

What names single records is written one a line, in a form of YAML that is also read and written without its
parser, so that a recipe may name thousands of them:

    overlay:
      exclude:
      - {line: 17, hash: "fcde2b2edba56bf4"}

Written in any other way they mean the same. The text does not depend on which parser is installed.
"""

import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

Place = tuple[int | str, ...]
"""The keys and numbers that lead to a value: ("overlay", "exclude", 0, "hash")."""

_ONE_A_LINE = ("edit", "exclude")
_BREAK = re.compile("[\n\x85\u2028\u2029]")  # what YAML takes for the end of a line
# What YAML takes as it stands in double quotes; the escapes of the rest mean the same in JSON.
_PLAIN = (
    "\\x20\\x21\\x23-\\x5b\\x5d-\\x7e\\xa0-\\u2027\\u202a-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd"
    "\\U00010000-\\U0010ffff"
)
_ESCAPED = re.compile(f"[^{_PLAIN}]")
_STRING = f'"(?:[{_PLAIN}]|\\\\["\\\\nrt]|\\\\u[0-9a-f]{{4}})*+"'
_FIELD = f"(line|hash|column|value|file): (0|[1-9][0-9]*|null|{_STRING})"
_ITEM = f"  - \\{{{_FIELD}(?:, {_FIELD})*+\\}}\n"
_LIST = re.compile(f"^  ({'|'.join(_ONE_A_LINE)}):\n((?:{_ITEM})++)(?!  -|   )", re.MULTILINE)
_FIELDS = re.compile(_FIELD)


class _UniqueKeys(yaml.SafeLoader):
    """YAML's safe subset that refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                continue
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


class _QuotedText(yaml.SafeDumper):
    """Text of several lines in double quotes, the one style in which YAML keeps every character."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _BREAK.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_QuotedText.add_representer(str, _represent_text)


def load_yaml(text: str) -> Any:
    """The values of a YAML text. Raises yaml.YAMLError."""
    mark = secrets.token_hex(16)
    rest, lists = _take_lists_out(text, mark)
    values = yaml.load(rest, Loader=_UniqueKeys)  # noqa: S506 -- a SafeLoader
    if rest == text:
        return values
    overlay = values.get("overlay") if isinstance(values, dict) else None
    if not isinstance(overlay, dict) or rest.count(mark) != list(overlay.values()).count(mark):
        return yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 -- what was taken out was no overlay
    return {**values, "overlay": {name: lists[name] if own == mark else own for name, own in overlay.items()}}


def find_lines(text: str, places: Sequence[Place]) -> list[int]:
    """For every place the line, from 1, on which it, or else the nearest thing around it, stands in a text.

    The text is one that `load_yaml` takes.
    """
    mark = secrets.token_hex(16)
    root = yaml.compose(_take_lists_out(text, mark)[0], Loader=yaml.SafeLoader)
    return [_find_line(root, place, mark) for place in places]


def _find_line(node: yaml.Node | None, place: Place, mark: str) -> int:
    line = 1
    for key in place:
        if isinstance(node, yaml.ScalarNode) and node.value == mark and isinstance(key, int):
            return line + 1 + key  # of what is written one a line
        found = _step_into(node, key)
        if found is None:
            break
        line, node = found
    return line


def _step_into(node: yaml.Node | None, key: int | str) -> tuple[int, yaml.Node] | None:
    """The line of a key or an item, and what stands under it."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == str(key):
                return name.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key].start_mark.line + 1, node.value[key]
    return None


def _take_lists_out(text: str, mark: str) -> tuple[str, dict[str, list[dict[str, Any]]]]:
    """The text with `mark` in the place of the lists that are written one a line, and these lists."""
    lists: dict[str, list[dict[str, Any]]] = {}

    def take_out(found: re.Match[str]) -> str:
        items = [_FIELDS.findall(line) for line in found[2].splitlines()]
        lists[found[1]] = [{name: json.loads(value) for name, value in fields} for fields in items]
        if any(len(fields) > len(item) for fields, item in zip(items, lists[found[1]], strict=True)):
            return found[0]  # a key twice: for the parser to refuse
        return f"  {found[1]}: {mark}\n" + "\n" * len(items)  # as many lines as before, for the places

    return _LIST.sub(take_out, text), lists


def dump_yaml(mapping: Mapping[str, Any]) -> str:
    """The mapping as YAML, a key after the other; the same text for the same values on every machine."""
    parts = mapping.items()
    return "".join(_dump_overlay(value) if key == "overlay" else _dump(key, value) for key, value in parts)


def _dump(key: str, value: Any) -> str:
    return yaml.dump({key: value}, Dumper=_QuotedText, sort_keys=False, allow_unicode=True, width=10_000)


def _dump_overlay(overlay: Mapping[str, Any]) -> str:
    others = {name: items for name, items in overlay.items() if name not in _ONE_A_LINE}
    head = _dump("overlay", others) if others else "overlay:\n"
    named = {name: overlay[name] for name in _ONE_A_LINE if name in overlay}
    return head + "".join(f"  {name}:\n{''.join(_spell_items(items))}" for name, items in named.items())


def _spell_items(items: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for item in items:
        yield f"  - {{{', '.join(f'{name}: {_spell(value)}' for name, value in item.items())}}}\n"


def _spell(value: str | int | None) -> str:
    if value is None:
        return "null"
    return str(value) if isinstance(value, int) else f'"{_ESCAPED.sub(_escape, value)}"'


def _escape(found: re.Match[str]) -> str:
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return short.get(found[0]) or f"\\u{ord(found[0]):04x}"
