import assert from "node:assert/strict";
import test from "node:test";

import * as tokenizer from "../../assets/scripts/prompt/tokenizer.js";

function makeStorage() {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text) };
}

test("a tokenizer is kept for its table, and the tiny one holds where none was chosen", () => {
  const storage = makeStorage();
  tokenizer.chooseTokenizer("a", "org/name@v1", storage);
  assert.equal(tokenizer.tokenizerOf("a", storage), "org/name@v1");
  assert.equal(tokenizer.tokenizerOf("b", storage), "tiny");
  assert.equal(tokenizer.chosenTokenizer("b", storage), null);
});

test("a browser without storage goes on with the tiny one", () => {
  const storage = {
    getItem: () => {
      throw new Error("denied");
    },
    setItem: () => {
      throw new Error("full");
    },
  };
  tokenizer.chooseTokenizer("a", "/models/x", storage);
  assert.equal(tokenizer.tokenizerOf("a", storage), "tiny");
});

test("who watches is told of every change, and of whether the line still moves", () => {
  const heard = [];
  tokenizer.watchTokenizer((change) => heard.push(change));
  tokenizer.chooseTokenizer("t", "tiny", makeStorage());
  tokenizer.setMaxLength("t", 100, { moving: true });
  tokenizer.setMaxLength("t", 128);
  assert.deepEqual(heard, [
    { table: "t", what: "tokenizer" },
    { table: "t", what: "length", value: 100, moving: true },
    { table: "t", what: "length", value: 128, moving: false },
  ]);
  assert.equal(tokenizer.maxLengthOf("t"), 128);
  assert.equal(tokenizer.maxLengthOf("other"), null);
});

test("a folder is a path, and an id of the Hub has an owner and a name", () => {
  assert.deepEqual(tokenizer.readChoice("folder", " ~/my model "), { choice: "~/my model" });
  assert.match(tokenizer.readChoice("folder", "models/x").problem, /whole path/);
  assert.deepEqual(tokenizer.readChoice("hub", "org/name@refs/pr/1"), { choice: "org/name@refs/pr/1" });
  for (const text of ["", "gpt2", "org/name/more", "a b/c", "../x/y", "org/<script>"])
    assert.match(tokenizer.readChoice("hub", text).problem, /org\/name/, text);
});

test("a max length is a whole number that a run takes", () => {
  assert.deepEqual(tokenizer.readLength(" 128 "), { value: 128 });
  for (const text of ["", "15", "2049", "12.5", "-20", "1e3", "many"])
    assert.equal(tokenizer.readLength(text).problem, "A whole number from 16 to 2,048.", text);
});

test("a choice is named by its last part, and its preparation said in words", () => {
  assert.deepEqual(["tiny", "/models/gpt/", "~", "C:\\models\\x", "org/name"].map(tokenizer.nameChoice), [
    "tiny",
    "gpt",
    "~",
    "x",
    "org/name",
  ]);
  assert.match(tokenizer.sayPreparing("tiny"), /train part/);
  assert.match(tokenizer.sayPreparing("/models/x"), /folder/);
  assert.match(tokenizer.sayPreparing("org/name"), /Hub/);
});
