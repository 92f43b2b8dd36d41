import assert from "node:assert/strict";
import test from "node:test";

import { edit, loadChanges, sayChanges, undo, watchChanges } from "../../assets/scripts/record/changes.js";

globalThis.document = { baseURI: "http://studio/", querySelector: () => null };

const ANSWER = { excluded: 1, edited: 2, left: 7, undo: "exclude 1 record", redo: null };

function answerWith(...answers) {
  const asked = [];
  globalThis.fetch = async (url, options = {}) => {
    asked.push([options.method ?? "GET", new URL(url).pathname, options.body]);
    const { status = 200, body } = answers.shift();
    return { ok: status < 400, status, json: async () => body };
  };
  return asked;
}

test("the counter says what there is", () => {
  assert.equal(sayChanges({ excluded: 12, edited: 3 }), "12 excluded, 3 edited");
  assert.equal(sayChanges({ excluded: 0, edited: 1000 }), "1,000 edited");
  assert.equal(sayChanges({ excluded: 0, edited: 0 }), "");
});

test("who watches is told what is known, and whether something was changed", async () => {
  const told = [];
  const leave = watchChanges((now) => told.push(now));
  answerWith({ body: { ...ANSWER, total: 3, rows: [] } }, { body: { ...ANSWER, undo: null, changed: 1 } });
  await loadChanges("t");
  await undo("t");
  leave();
  assert.deepEqual(
    told.map(({ table, excluded, changed, said }) => [table, excluded, changed, said]),
    [
      ["t", 0, false, ""], // nothing of the table before
      ["t", 1, false, ""],
      ["t", 1, true, "Undone: exclude 1 record"],
    ],
  );
});

test("changes are asked for one after the other", async () => {
  const asked = answerWith({ body: ANSWER }, { body: ANSWER });
  const first = edit("t", 0, "a", "1");
  const second = edit("t", 0, "a", null);
  assert.equal(asked.length, 0);
  await Promise.all([first, second]);
  assert.deepEqual(
    asked.map(([, , body]) => JSON.parse(body).edit.value),
    ["1", null],
  );
});

test("a refused edit is for the one who asked, and the next one goes through", async () => {
  answerWith({ status: 400, body: { error: "It is no number.", hint: "Write 1." } }, { body: ANSWER });
  await assert.rejects(edit("t", 0, "n", "x"), { message: "It is no number.", hint: "Write 1." });
  assert.equal((await edit("t", 0, "n", "1")).left, 7);
});

test("a refused undo resolves to nothing", async () => {
  answerWith({ status: 400, body: { error: "There is nothing to undo." } });
  assert.equal(await undo("t"), null);
});
