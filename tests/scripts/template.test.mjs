import assert from "node:assert/strict";
import test from "node:test";
import {
  convert,
  isSame,
  keyOf,
  kindOf,
  settle,
  textsOf,
  withText,
} from "../../assets/scripts/prompt/template.js";
import { keepTyped, readTyped } from "../../assets/scripts/prompt/typed.js";
import { isInUse } from "../../assets/scripts/prompt/proposals.js";
import { nameSign } from "../../assets/scripts/prompt/text.js";

const PAIR = { type: "prompt-completion", prompt: "Q {q}", completion: " {a}" };
const TURNS = {
  type: "messages",
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: "{q}" },
    { role: "assistant", content: "{a}" },
  ],
};

test("the kind of a template follows from its keys", () => {
  assert.deepEqual([{ text: "" }, PAIR, TURNS, { type: "messages", from: "c" }].map(kindOf), [
    "text",
    "prompt-completion",
    "messages",
    "conversation",
  ]);
});

test("its texts are named, and one of them is changed", () => {
  assert.deepEqual(
    textsOf(PAIR).map(({ key, text }) => [key, text]),
    [
      ["prompt", "Q {q}"],
      ["completion", " {a}"],
    ],
  );
  assert.deepEqual(
    textsOf(TURNS).map(({ key, part }) => [key, part]),
    [
      ["messages.0", "system"],
      ["messages.1", "user"],
      ["messages.2", "assistant"],
    ],
  );
  assert.equal(withText(TURNS, "messages.1", "new").messages[1].content, "new");
  assert.equal(TURNS.messages[1].content, "{q}");
  assert.deepEqual(withText(PAIR, "prompt", "new"), { ...PAIR, prompt: "new" });
});

test("a template of another kind has the same text", () => {
  assert.deepEqual(convert(PAIR, "text"), { type: "text", text: "Q {q} {a}" });
  assert.deepEqual(convert({ type: "text", text: "{q}" }, "prompt-completion"), {
    type: "prompt-completion",
    prompt: "{q}",
    completion: "",
  });
  assert.deepEqual(convert(PAIR, "messages").messages, [
    { role: "user", content: "Q {q}" },
    { role: "assistant", content: " {a}" },
  ]);
  assert.deepEqual(convert(TURNS, "prompt-completion"), {
    type: "prompt-completion",
    prompt: "Be brief.\n\n{q}",
    completion: "{a}",
  });
  assert.equal(convert(PAIR, "conversation", "talk").from, "talk");
  assert.equal(convert(PAIR, "prompt-completion"), PAIR);
});

test("what is empty in a conversation is left out", () => {
  const template = { type: "messages", from: "c", role: "from", content: "value", roles: {}, system: "" };
  assert.deepEqual(settle(template), { type: "messages", from: "c", role: "from", content: "value" });
  assert.deepEqual(settle({ ...template, roles: { a: "user" } }).roles, { a: "user" });
  assert.equal(settle(PAIR), PAIR);
});

test("two mappings are the same in whatever order", () => {
  assert.ok(isSame({ a: 1, b: { c: [1, 2], d: null } }, { b: { d: null, c: [1, 2] }, a: 1 }));
  assert.ok(!isSame({ a: [1, 2] }, { a: [2, 1] }));
});

test("a problem is in the message of its role that is wrong at its place", () => {
  const messages = [
    { role: "user", content: "{q}" },
    { role: "user", content: "{" },
  ];
  const wrong = (text) => text === "{";
  assert.equal(keyOf({ type: "messages", messages }, { part: "user", position: 0 }, wrong), "messages.1");
  assert.equal(
    keyOf(PAIR, { part: "completion", position: 3 }, () => false),
    "completion",
  );
  assert.equal(
    keyOf(PAIR, { part: "from", position: null }, () => true),
    null,
  );
  assert.equal(
    keyOf(PAIR, { part: "else", position: 1 }, () => true),
    null,
  );
});

test("what is typed is kept per dataset until it is saved", () => {
  const kept = new Map();
  const storage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, text) => kept.set(key, text),
    removeItem: (key) => kept.delete(key),
  };
  keepTyped("a", { template: { type: "text", text: "{" }, columns: {} }, storage);
  assert.equal(readTyped("a", storage).template.text, "{");
  assert.equal(readTyped("b", storage), null);
  keepTyped("a", null, storage);
  assert.equal(readTyped("a", storage), null);
  kept.set("studio.template.a", "not JSON");
  assert.equal(readTyped("a", storage), null);
  const full = { getItem: () => null, setItem: () => assert.fail, removeItem() {} };
  assert.doesNotThrow(() => keepTyped("a", { template: {} }, full));
});

test("a proposal is in use when the same is chosen", () => {
  const known = { chosen: "alpaca", columns: {}, template: PAIR };
  assert.ok(isInUse({ style: "alpaca", columns: { input: "input" } }, known));
  assert.ok(!isInUse({ style: "alpaca", columns: { input: "context" } }, known));
  assert.ok(!isInUse({ style: "text", columns: {} }, known));
  assert.ok(isInUse({ style: null, template: { ...PAIR }, columns: {} }, { ...known, chosen: "own" }));
  assert.ok(!isInUse({ style: null, template: { text: "" }, columns: {} }, { ...known, chosen: "own" }));
});

test("signs that cannot be seen have a name", () => {
  assert.deepEqual(["\u202e", "\u2066", "\u200b", "\0", "\r"].map(nameSign), [
    "RLO",
    "LRI",
    "U+200B",
    "U+0000",
    "CR",
  ]);
});
