"""What a chat template writes, found by walking its nodes with holes for what stands in a record.

    "<|user|>" + message["content"]   →   Text(("<|user|>", Hole("prompt")))

A whitelist: a construct that has no method here is refused with its line, and so is all that depends on the
text of a record (whether it is empty, what it is without blank space), as a template cannot say it. Nothing
is run: no function of the template's choice is called, and every walk has an end.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from jinja2 import nodes

from studio.errors import TemplateError
from studio.library.jinja import describe_node, refuse

HINT = "Choose the style messages: the tokenizer's own chat template then writes every turn."
_MOST_STEPS = 20_000
_MOST_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class Hole:
    """What stands in a record, or a token of the tokenizer, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text with holes in it."""

    pieces: tuple[str | Hole, ...]


class _Namespace(dict[str, Any]):
    """Jinja's `namespace(…)`, whose values can be set from within a loop."""


class _Loop(dict[str, Any]):
    """Jinja's `loop`, as far as it is known here."""


UNDEFINED: Any = object()
"""What a name stands for that nobody has set."""

_ORDER = {"lt": operator.lt, "lteq": operator.le, "gt": operator.gt, "gteq": operator.ge}
_NUMBERS: Mapping[type[nodes.Node], Callable[[int, int], int]] = {
    nodes.Add: operator.add,
    nodes.Sub: operator.sub,
    nodes.Mod: operator.mod,
}
_TESTS: Mapping[str, Callable[[Any], bool]] = {
    "defined": lambda value: value is not UNDEFINED,
    "undefined": lambda value: value is UNDEFINED,
    "none": lambda value: value is None,
    "string": lambda value: isinstance(value, str | Text),
    "mapping": lambda value: isinstance(value, dict),
    "iterable": lambda value: isinstance(value, str | Text | list | dict) or value is UNDEFINED,
    "true": lambda value: value is True,
    "false": lambda value: value is False,
}


def render_text(template: nodes.Template, context: Mapping[str, Any], name: str) -> tuple[str | Hole, ...]:
    """What the template writes with these values. Raises TemplateError where only a record could tell."""
    walk = _Walk(context, name)
    try:
        walk.run(template.body)
    except RecursionError as error:
        raise TemplateError(f"{name} is nested too deep.", HINT) from error
    return tuple(walk.written)


class _Walk:
    """One walk: the scopes of names, the innermost last, and what was written so far.

    A node is walked by the method that has its name; it gives what an expression stands for.
    """

    def __init__(self, context: Mapping[str, Any], name: str) -> None:
        self.scopes: list[dict[str, Any]] = [dict(context)]
        self.written: list[str | Hole] = []
        self.name = name
        self.steps = 0

    def run(self, body: Sequence[nodes.Node]) -> None:
        for node in body:
            self.value(node)

    def value(self, node: nodes.Node) -> Any:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise self.refuse(node, "it takes too many steps")
        walk = getattr(self, f"_walk_{type(node).__name__.lower()}", None)
        if walk is None:
            raise self.refuse(node)
        return walk(node)

    def truth(self, node: nodes.Node) -> bool:
        value = self.value(node)
        if isinstance(value, Text):
            if not any(piece for piece in value.pieces if isinstance(piece, str)):
                raise self.refuse(node, "a condition asks whether a text of the record is empty")
            return True
        return value is not UNDEFINED and bool(value)

    def refuse(self, node: nodes.Node, what: str = "") -> TemplateError:
        return refuse(self.name, node.lineno, what or f"{describe_node(node)} cannot be read in", HINT)

    @contextmanager
    def _scope(self, **values: Any) -> Iterator[None]:
        self.scopes.append(values)
        yield
        self.scopes.pop()

    def _walk_output(self, node: nodes.Output) -> None:
        self.written += self._spell(node.nodes).pieces

    def _walk_if(self, node: nodes.If) -> None:
        chosen = next((branch.body for branch in (node, *node.elif_) if self.truth(branch.test)), node.else_)
        self.run(chosen)

    def _walk_for(self, node: nodes.For) -> None:
        items = self.value(node.iter)
        items = [] if items is UNDEFINED else items
        if not isinstance(items, list) or not isinstance(node.target, nodes.Name) or node.recursive:
            raise self.refuse(node, "a loop over anything but messages cannot be read in")
        kept = []
        for item in items:
            with self._scope(**{node.target.name: item}):
                kept += [item] if node.test is None or self.truth(node.test) else []
        for at, item in enumerate(kept):
            loop = _Loop(index0=at, index=at + 1, first=not at, last=at == len(kept) - 1, length=len(kept))
            with self._scope(**{node.target.name: item, "loop": loop}):
                self.run(node.body)
        self.run([] if kept else node.else_)

    def _walk_assign(self, node: nodes.Assign) -> None:
        value, target = self.value(node.node), node.target
        if isinstance(target, nodes.Name):
            self.scopes[-1][target.name] = value
        elif isinstance(target, nodes.NSRef) and isinstance(space := self._find(target.name), _Namespace):
            space[target.attr] = value
        else:
            raise self.refuse(node)

    def _walk_scope(self, node: nodes.Scope) -> None:
        with self._scope():
            self.run(node.body)

    def _walk_macro(self, node: nodes.Macro) -> None:
        """It is refused where it is called."""

    def _walk_templatedata(self, node: nodes.TemplateData) -> str:
        return node.data

    def _walk_const(self, node: nodes.Const) -> Any:
        return node.value

    def _walk_list(self, node: nodes.List) -> list[Any]:
        return [self.value(item) for item in node.items]

    _walk_tuple = _walk_list

    def _walk_name(self, node: nodes.Name) -> Any:
        return self._find(node.name)

    def _find(self, name: str) -> Any:
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), UNDEFINED)

    def _walk_getattr(self, node: nodes.Getattr) -> Any:
        return self._look_up(node, self.value(node.node), node.attr)

    def _walk_getitem(self, node: nodes.Getitem) -> Any:
        held = self.value(node.node)
        if not isinstance(node.arg, nodes.Slice):
            return self._look_up(node, held, self.value(node.arg))
        ends = node.arg.start, node.arg.stop
        first, last = (None if end is None else self.value(end) for end in ends)
        if (
            isinstance(held, list)
            and node.arg.step is None
            and all(type(n) is int for n in (first or 0, last or 0))
        ):
            return held[first:last]
        raise self.refuse(node)

    def _look_up(self, node: nodes.Node, held: Any, key: Any) -> Any:
        if isinstance(held, dict) and isinstance(key, str) and not hasattr(dict, key):
            if key in held or not isinstance(held, _Loop):
                return held.get(key, UNDEFINED)
        elif isinstance(held, list) and type(key) is int:
            return held[key] if -len(held) <= key < len(held) else UNDEFINED
        raise self.refuse(node)

    def _walk_add(self, node: nodes.BinExpr) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if all(isinstance(value, str | Text) for value in (left, right)) and isinstance(node, nodes.Add):
            return self._join(node, (left, right))
        if type(left) is int and type(right) is int and (right or not isinstance(node, nodes.Mod)):
            return _NUMBERS[type(node)](left, right)
        raise self.refuse(node)

    _walk_sub = _walk_mod = _walk_add

    def _walk_neg(self, node: nodes.Neg) -> int:
        value = self.value(node.node)
        if type(value) is not int:
            raise self.refuse(node)
        return -value

    def _walk_concat(self, node: nodes.Concat) -> Any:
        return self._join(node, self._spell(node.nodes).pieces)

    def _join(self, node: nodes.Node, parts: Sequence[Any]) -> str | Text:
        pieces = [piece for part in parts for piece in (part.pieces if isinstance(part, Text) else (part,))]
        if sum(len(piece) for piece in pieces if isinstance(piece, str)) > _MOST_CHARACTERS:
            raise self.refuse(node, "the text grows too long")
        holes = any(isinstance(piece, Hole) for piece in pieces)
        return Text(tuple(pieces)) if holes else "".join(map(str, pieces))

    def _spell(self, parts: Sequence[nodes.Node]) -> Text:
        """Values as they are written out, one after the other."""
        pieces: list[str | Hole] = []
        for part in parts:
            value = self.value(part)
            if isinstance(value, Text):
                pieces += value.pieces
            elif isinstance(value, str | int | None):
                pieces.append(str(value))
            elif value is not UNDEFINED:
                raise self.refuse(part, f"{describe_node(part)} is written out, and is no text")
        return Text(tuple(pieces))

    def _walk_and(self, node: nodes.And) -> Any:
        return self.value(node.right if self.truth(node.left) else node.left)

    def _walk_or(self, node: nodes.Or) -> Any:
        return self.value(node.left if self.truth(node.left) else node.right)

    def _walk_not(self, node: nodes.Not) -> bool:
        return not self.truth(node.node)

    def _walk_condexpr(self, node: nodes.CondExpr) -> Any:
        chosen = node.expr1 if self.truth(node.test) else node.expr2
        return UNDEFINED if chosen is None else self.value(chosen)

    def _walk_compare(self, node: nodes.Compare) -> bool:
        left = self.value(node.expr)
        for operand in node.ops:
            right = self.value(operand.expr)
            if not self._holds(node, operand.op, left, right):
                return False
            left = right
        return True

    def _holds(self, node: nodes.Node, op: str, left: Any, right: Any) -> bool:
        if any(isinstance(value, Text) for value in (left, right)):
            other = right if isinstance(left, Text) else left
            if isinstance(other, str | Text | list | dict) or op not in ("eq", "ne"):
                raise self.refuse(node, "a condition asks what stands in a text of the record")
        if op in ("eq", "ne") and not isinstance(left, list | dict):
            return bool(left == right) == (op == "eq")
        inside = (
            all(type(item) is str for item in right) if isinstance(right, list | dict) else type(right) is str
        )
        if op in ("in", "notin") and inside and isinstance(left, str):
            return (left in right) == (op == "in")
        if op in _ORDER and type(left) is int and type(right) is int:
            return bool(_ORDER[op](left, right))
        raise self.refuse(node)

    def _walk_test(self, node: nodes.Test) -> bool:
        if node.name not in _TESTS or node.args:
            raise self.refuse(node)
        return _TESTS[node.name](self.value(node.node))

    def _walk_filter(self, node: nodes.Filter) -> Any:
        value = self.value(node.node) if node.node else UNDEFINED
        if node.name == "length" and isinstance(value, list):
            return len(value)
        if node.name == "trim" and isinstance(value, str) and not node.args and not node.kwargs:
            return value.strip()
        why = ": cells stay as they are" if isinstance(value, Text) else ""
        raise self.refuse(node, f"{describe_node(node)} cannot be read in{why}")

    def _walk_call(self, node: nodes.Call) -> Any:
        called = getattr(node.node, "name", "")
        if called == "namespace" and not node.args and not node.dyn_kwargs:
            return _Namespace({pair.key: self.value(pair.value) for pair in node.kwargs})
        if called == "raise_exception" and len(node.args) == 1:
            words = self._spell(node.args).pieces
            raise self.refuse(node, f"the template refuses it: {''.join(map(str, words)):.200}")
        raise self.refuse(node)
