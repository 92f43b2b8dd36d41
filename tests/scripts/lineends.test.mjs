import assert from "node:assert/strict";
import test from "node:test";

import { boxed, unbox } from "../../assets/scripts/record/lineends.js";

test("a text of plain line ends is what was typed", () => {
  assert.equal(unbox("a\nb", "a\nc\nd"), "a\nc\nd");
  assert.equal(unbox("", "a\nb"), "a\nb");
});

test("line ends of Windows stay, and new lines get them too", () => {
  assert.equal(unbox("a\r\nb\r\nc", "a\nX\nY\nc"), "a\r\nX\r\nY\r\nc");
});

test("mixed line ends stay where nothing was typed", () => {
  assert.equal(unbox("a\r\nb\nc\rd", "a\nb\nc!\rd".replace("\r", "\n")), "a\r\nb\nc!\rd");
});

test("what was not touched comes back whole", () => {
  for (const text of ["", "\r", "\r\n", "\n\r", "\r\r\n\n", "a\rb\r\nc\n", "\r\na\r\n"])
    assert.equal(unbox(text, boxed(text)), text);
});

test("everything taken out leaves nothing", () => {
  assert.equal(unbox("a\r\nb", ""), "");
});

test("a line that is doubled keeps the ends around it", () => {
  assert.equal(unbox("a\r\na\r\na", "a\na\na\na"), "a\r\na\r\na\r\na");
});
