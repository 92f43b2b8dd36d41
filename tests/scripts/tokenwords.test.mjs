import assert from "node:assert/strict";
import test from "node:test";

import {
  classesOf,
  describeToken,
  describeTokenizer,
  figuresOf,
  listNotes,
  sayEnd,
} from "../../assets/scripts/prompt/tokenwords.js";

const ABOUT = { words: "made from the train part", vocabulary: 1024, context: 512, end_token: "<|end|>" };
const TOKEN = { id: 7, text: " so", special: false, trained: false, cut: false };
const ANSWER = {
  about: ABOUT,
  tokens: [TOKEN, { ...TOKEN, trained: true }],
  length: 2,
  trained: 1,
  fate: "fit",
  end_trained: true,
  merged: false,
  first_trained: 1,
  max_length: 128,
  more: 0,
};

test("a token is known by what training does with it", () => {
  assert.equal(classesOf(TOKEN, 0), "token even masked");
  assert.equal(
    classesOf({ ...TOKEN, trained: true, special: true, cut: true }, 1),
    "token odd trained special cut",
  );
  assert.equal(classesOf({ ...TOKEN, text: "", part: true }, 2), "token even masked part");
});

test("what is said of a token names its place, its id, its exact text and its part in the loss", () => {
  assert.deepEqual(describeToken(TOKEN, 11), {
    place: "Token 12 · id 7",
    text: '" so"',
    words: "Context only, masked from loss",
  });
  const end = { id: 0, text: "<|end|>", special: true, trained: true, cut: true };
  assert.equal(
    describeToken(end, 0).words,
    "Special token · Trained on · Beyond the max length: training does not see it",
  );
  const part = describeToken({ ...TOKEN, text: "", name: "Ģ", part: true }, 1);
  assert.deepEqual([part.text, part.words.split(" · ")[0]], ["Ģ", "A later byte of the character before it"]);
});

test("unseen characters of a token are spelled out, and a long one is cut", () => {
  assert.equal(describeToken({ ...TOKEN, text: "\n\u202e\u200b" }, 0).text, '"\\n\\u{202e}\\u{200b}"');
  const long = describeToken({ ...TOKEN, text: "\u{1F600}".repeat(500_000) }, 0).text;
  assert.equal(long, `"${"\u{1F600}".repeat(80)}" … 1,000,000 characters`);
});

test("four figures say how long an example is and what becomes of it", () => {
  assert.deepEqual(
    figuresOf(ANSWER).map(({ name, value, bad }) => [name, value, Boolean(bad)]),
    [
      ["Tokens", "2", false],
      ["Trained", "1 (50 %)", false],
      ["Max length", "128", false],
      ["This record", "fits", false],
    ],
  );
  const lost = figuresOf({ ...ANSWER, length: 140, trained: 0, fate: "lost" });
  assert.deepEqual([lost[1].bad, lost[3].value, lost[3].words, lost[3].bad], [true, "lost", "12 over", true]);
});

test("the line on the end token says whether the model learns where to stop", () => {
  assert.deepEqual(sayEnd(ANSWER), {
    text: "The end token <|end|> is trained: the model learns where to stop.",
    bad: false,
  });
  assert.match(sayEnd({ ...ANSWER, end_trained: false }).text, /is not trained/);
  assert.match(sayEnd({ ...ANSWER, fate: "cut" }).text, /beyond the max length/);
  assert.match(sayEnd({ ...ANSWER, about: { ...ABOUT, end_token: null } }).text, /no end token/);
  assert.equal(sayEnd({ ...ANSWER, trained: 0 }), null);
});

test("nothing is noted of an example that is as it should be", () => {
  assert.deepEqual(listNotes(ANSWER), []);
});

test("notes say what is lost, what is merged, and what is not shown", () => {
  const [TRAINED, CUT] = [ANSWER.tokens[1], { ...ANSWER.tokens[1], cut: true }];
  assert.deepEqual(listNotes({ ...ANSWER, trained: 0 }), [
    "Nothing of this record is trained: the loss sees none of its tokens.",
  ]);
  assert.match(
    listNotes({ ...ANSWER, trained: 0, about: { ...ABOUT, marks_answers: false } })[0],
    /does not mark/,
  );
  assert.deepEqual(listNotes({ ...ANSWER, fate: "cut", tokens: [TOKEN, TRAINED, CUT] }), [
    "1 trained token lies beyond the max length.",
  ]);
  assert.match(
    listNotes({ ...ANSWER, fate: "lost", trained: 3 })[0],
    /^All 3 trained tokens .* leaves it out/,
  );
  assert.equal(
    listNotes({ ...ANSWER, merged: true })[0],
    'The prompt ends inside a token. Token 2, " so", holds its end and the start of the completion; the loss sees both.',
  );
  assert.match(listNotes({ ...ANSWER, length: 9000, more: 8998 })[0], /^The first 2 of 9,000 tokens/);
  assert.match(listNotes({ ...ANSWER, double_start: true })[0], /start token stands twice/);
  assert.match(listNotes({ ...ANSWER, max_length: 1000 })[0], /context of 512 tokens/);
});

test("a tokenizer is described in a line", () => {
  assert.equal(
    describeTokenizer(ABOUT),
    "made from the train part · 1,024 tokens known · context 512 · ends with <|end|>",
  );
  assert.equal(
    describeTokenizer({ words: "a local folder", vocabulary: 9, context: null, end_token: null }),
    "a local folder · 9 tokens known · no end token",
  );
});
