/* Server-sent events that answer a POST; the browser's own EventSource can only GET. */

import { Problem, address } from "../api.js";

/** Posts `body` and calls `hear` with the JSON of each event as it comes; `signal` leaves the stream. */
export async function readStream(path, body, signal, hear) {
  const headers = { "content-type": "application/json" };
  let response;
  try {
    response = await fetch(address(path), { method: "POST", headers, body: JSON.stringify(body), signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Problem("The studio does not answer.", "Is the server still running? Start it again and reload.");
  }
  if (!response.ok) {
    const said = await response.json().catch(() => ({}));
    throw new Problem(said.error ?? `The server answered ${response.status}.`, said.hint ?? "Reload the page.");
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const [blocks, rest] = cutBlocks(held + value);
    held = rest;
    for (const block of blocks) {
      const data = dataOf(block);
      if (data) hear(JSON.parse(data));
    }
  }
}

/** The whole messages of what has come, and the rest. */
export function cutBlocks(text) {
  const blocks = text.split("\n\n");
  return [blocks.slice(0, -1), blocks.at(-1)];
}

/** The data of a message; empty for a comment. */
export const dataOf = (block) =>
  block
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => line.slice(6))
    .join("\n");
