import assert from "node:assert/strict";
import test from "node:test";
import {
  askedName,
  proposeNames,
  scan,
  spellName,
  toUnits,
  writeName,
} from "../../assets/scripts/prompt/grammar.js";

const kinds = (source) => scan(source).map(({ start, end, kind }) => [source.slice(start, end), kind]);

test("a source is cut into what the editor colours, without gaps", () => {
  assert.deepEqual(kinds('Q {{x}} {question}{#input}!{/input}{^"a b"}.{/"a b"}'), [
    ["Q ", "text"],
    ["{{", "brace"],
    ["x", "text"],
    ["}}", "brace"],
    [" ", "text"],
    ["{question}", "placeholder"],
    ["{#input}", "section"],
    ["!", "text"],
    ["{/input}", "section"],
    ['{^"a b"}', "section"],
    [".", "text"],
    ['{/"a b"}', "section"],
  ]);
  assert.deepEqual(
    scan('{"a.b"}{"\\u007b"}{""}').map(({ name }) => name),
    ["a.b", "{", ""],
  );
});

test("what is wrong is marked where it stands", () => {
  const wrong = (source) =>
    kinds(source)
      .filter(([, kind]) => kind === "error")
      .map(([text]) => text);
  assert.deepEqual(wrong("a { b"), ["{"]);
  assert.deepEqual(wrong("{1a}"), ["{", "}"]);
  assert.deepEqual(wrong("{#a}{b}"), ["{#a}"]);
  assert.deepEqual(wrong("x{/a}"), ["{/a}"]);
  assert.deepEqual(wrong("{#a}{#b}{/a}{/b}"), ["{#a}", "{/a}"]);
  assert.deepEqual(wrong('{"\\x"}'), ["{", "}"]);
});

test("the caret asks for a name only inside a placeholder that is being written", () => {
  const ask = (source, caret = source.length) => {
    const asked = askedName(source, caret);
    return asked && [asked.mark, asked.typed, asked.from, asked.to];
  };
  assert.deepEqual(ask("Q: {"), ["", "", 4, 4]);
  assert.deepEqual(ask("Q: {que"), ["", "que", 4, 7]);
  assert.deepEqual(ask("{#inp"), ["#", "inp", 2, 5]);
  assert.deepEqual(ask("{^"), ["^", "", 2, 2]);
  assert.deepEqual(ask("{/"), ["/", "", 2, 2]);
  assert.deepEqual(ask('{"a.'), ["", '"a.', 1, 4]);
  assert.deepEqual(ask("{{{q"), ["", "q", 3, 4]);
  assert.deepEqual(ask("{question}", 4), ["", "que", 1, 9]);
  for (const source of ["", "{{", "{{q", "{question}", "{a b", "que", "} q"])
    assert.equal(ask(source), null, source);
});

test("names that begin with what is typed come before those that hold it", () => {
  const names = ["my question", "question", "answer", "Quest"];
  const propose = (typed, mark = "") => proposeNames("", { mark, typed, from: 1, to: 1 }, names);
  assert.deepEqual(propose("que"), ["question", "Quest", "my question"]);
  assert.deepEqual(propose('"my'), ["my question"]);
  assert.deepEqual(propose(""), names);
  assert.deepEqual(propose("zz"), []);
});

test("only the innermost open section is proposed for closing", () => {
  const source = "{#a}{#b}x{/b}{^c}{/";
  const asked = askedName(source, source.length);
  assert.deepEqual(proposeNames(source, asked, ["a", "b", "c"]), ["c"]);
  assert.deepEqual(proposeNames("x{/", askedName("x{/", 3), ["a"]), []);
});

test("a chosen name is spelled as the grammar wants it, and a section is closed too", () => {
  const write = (source, name) => writeName(source, askedName(source, source.length), name);
  assert.deepEqual(write("{", "question"), { text: "question}", caret: 9 });
  assert.deepEqual(write("{", "a.b"), { text: '"a.b"}', caret: 6 });
  assert.deepEqual(write("{#", "input"), { text: "input}{/input}", caret: 6 });
  const within = (source, caret, name) => writeName(source, askedName(source, caret), name).text;
  assert.equal(within("{#}{/input}", 2, "input"), "input");
  assert.equal(within("{#{/input}", 2, "input"), "input}");
  assert.equal(within("{#input}{^{/input}", 10, "input"), "input}{/input}");
  assert.equal(within("{}", 1, "a"), "a");
  assert.deepEqual(["a", "a-b", "é_1", "1a", "a b", "", 'x"'].map(spellName), [
    "a",
    "a-b",
    "é_1",
    '"1a"',
    '"a b"',
    '""',
    '"x\\""',
  ]);
});

test("a place in characters is found in a text of surrogate pairs", () => {
  assert.equal(toUnits("a😀b", 2), 3);
  assert.equal(toUnits("abc", 0), 0);
  assert.equal(toUnits("abc", 99), 3);
});

test("a hostile source of 64 kB is scanned at once", () => {
  for (const piece of ["{", '{"', "{#a}", "}{", '{"\\'])
    assert.equal(
      scan(piece.repeat(65_536 / piece.length)).at(-1).end,
      piece.length * Math.floor(65_536 / piece.length),
    );
});
