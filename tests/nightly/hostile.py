"""Hostile templates: what other template languages would run, and what is hard to parse.

    make_hostile(7)   →   "{{ ''.__class__ }}{#a}{a.__init__}…"

The same number gives the same one. Made of fragments of Jinja, str.format, percent, shell and script
languages, of names that reach into objects, of braces, quotes and odd characters in bulk, of sections up to
and over the limit; some with a few characters changed, some at the limit of their length. About half parse.
"""

import json
import random

NAMES = ("a", "b", "text", "empty", "none", "number", "list")
_DUNDERS = ("__class__", "__init__", "__globals__", "__dict__", "__mro__", "__subclasses__", "__reduce__")
_JINJA = (
    "{{ 7*7 }}",
    "{{7*7}}",
    "{{ object.__class__.__mro__[1].__subclasses__() }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ self._TemplateReference__context }}",
    "{{ a|attr('__class__') }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "{%- import 'os' as os -%}",
    "{% raw %}{a}{% endraw %}",
    "{# a #}",
    "{{ lipsum.__globals__['os'] }}",
    "{%include '/etc/passwd'%}",
)
_FORMATS = (
    "{0}",
    "{}",
    "{a!r}",
    "{a!s:>9}",
    "{a:>10000000000}",
    "{a:{b}}",
    "{a[0]}",
    "{a.b}",
    "{0.__class__}",
    "{object.__init__.__globals__}",
    "{object[x]}",
    "{object!r}",
    "{:{}{}}",
    "%(object)s",
    "%n%1000000000d",
)
_SCRIPTS = (
    "${object}",
    "$(id)",
    "`id`",
    "#{7*7}",
    "<%= 7*7 %>",
    "@{x}",
    "<script>alert(1)</script>",
    "';DROP TABLE a;--",
    "!!python/object/apply:os.system ['id']",
    "<|endoftext|>",
)
_ODD = (
    "｛a｝",
    "‮{a}‬",
    "{а}",
    "{a١}",
    "{١a}",
    "{é}",
    "{e\u0301}",
    "{a\u200b}",
    "{a\n}",
    "{\ta}",
    "{A}",
    "\x00",
    "\ud800",
    "👩‍👩‍👧",
    "\u2028",
    '{"\\ud800"}',
    '{"\\u0061"}',
    '{"a\\"}"}',
    '{"\\x61"}',
    '{""}',
    '{"{a}"}',
    "{'a'}",
)
_CHARACTERS = "{}#^/\"\\'a_.-[]()!:%$ \n٣é"


def make_hostile(number: int) -> str:
    """The hostile template of that number."""
    draw = random.Random(number)
    mild = draw.random() < 0.6
    kinds = [_tag, _quoted, _named] if mild else [_fragment, _tag, _dunder, _bulk, _bomb, _sections, _crossed]
    source = "".join(draw.choice(kinds)(draw) for _ in range(draw.randint(1, 6)))
    if draw.random() < 0.15:
        source = _mutate(draw, source)
    if draw.random() < 0.002:
        source = (source * (66_000 // max(len(source), 1) + 1))[: draw.choice([65_535, 65_536, 65_537])]
    return source


def _fragment(draw: random.Random) -> str:
    return draw.choice(draw.choice([_JINJA, _FORMATS, _SCRIPTS, _ODD]))


def _quoted(draw: random.Random) -> str:
    """A fragment that the grammar takes for text, its braces doubled."""
    return _fragment(draw).replace("\ud800", "").replace("{", "{{").replace("}", "}}")


def _named(draw: random.Random) -> str:
    """A placeholder whose name is a fragment, as a JSON string, or reaches into an object."""
    name = draw.choice(_DUNDERS) if draw.random() < 0.5 else json.dumps(_quoted(draw), ensure_ascii=False)
    return draw.choice(["{%s}", "{#%s}x{/%s}", "{^%s}{a}{/%s}"]).replace("%s", name)


def _tag(draw: random.Random) -> str:
    name = draw.choice(NAMES)
    written = draw.choice([name, f'"{name}"', f'"\\u{ord(name[0]):04x}{name[1:]}"'])
    mark = draw.choice("#^")
    inside = _quoted(draw) if draw.random() < 0.3 else draw.choice(["", "x", "{a}", "{{", "}}\n"])
    return draw.choice([f"{{{written}}}", f"{{{mark}{written}}}{inside}{{/{name}}}"])


def _dunder(draw: random.Random) -> str:
    path = draw.choice([".", "[", "|", ""]).join(draw.sample(_DUNDERS, draw.randint(1, 3)))
    return draw.choice(["{%s}", "{{%s}}", "{a.%s}", "{#%s}x{/%s}", '{"%s"}']).replace("%s", path)


def _bulk(draw: random.Random) -> str:
    return draw.choice("{}\"#^/\\'a") * draw.randint(1, draw.choice([4, 40, 400]))


def _bomb(draw: random.Random) -> str:
    size = draw.choice([10, 100, 1_000, 5_000])
    return draw.choice(
        [
            "{" + "a" * size,
            "{" + "a-" * size + "!}",
            '{"' + "a" * size,
            '{"' + "\\" * size + '"}',
            '{"' + '\\"' * size + "}",
            '{"a' * size,
            '{"' * size,
            "{#" * size,
            "{a" * size,
            "{" + "é_" * size + "}",
            '{"' + "\\u0061" * size + '"}',
            "{{}}" * size + "{",
        ]
    )


def _sections(draw: random.Random) -> str:
    depth = draw.choice([1, 2, 5, 49, 50, 51, 200])
    names = [draw.choice(NAMES) for _ in range(depth)]
    opened = "".join(f"{{{draw.choice('#^')}{name}}}" for name in names)
    return f"{opened}{_fragment(draw)}" + "".join(f"{{/{name}}}" for name in reversed(names))


def _crossed(draw: random.Random) -> str:
    first, second = draw.choice(NAMES), draw.choice(NAMES)
    return f"{{#{first}}}{{#{second}}}x{{/{first}}}{{/{second}}}"


def _mutate(draw: random.Random, source: str) -> str:
    letters = list(source)
    for _ in range(draw.randint(1, 4)):
        at = draw.randint(0, len(letters))
        letters[at : at + draw.randint(0, 2)] = draw.choice(["", draw.choice(_CHARACTERS)])
    return "".join(letters)
