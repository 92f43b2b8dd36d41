/* The readings of the workspace: sources that are being read into tables, and those that ended badly. One poll for
   the whole page, only while something is read; who wants to know asks to be told. */

import { getJson, send } from "../api.js";

const PAUSE = 500; // ms between two looks
const PATIENCE = 3000; // the same while the server does not answer, or nobody looks at the page

let known = [];
let [asked, clock, lost] = [0, 0, false];
const followers = new Set();

/** Calls `listener({readings, ended, lost})` after every look: `ended` are those that went on at the look before. */
export function onReadings(listener) {
  followers.add(listener);
}

/** The reading into a table that goes on or ended badly, as far as is known now. */
export const readingOf = (table) => known.find(({ id }) => id === table);

/** Asks the server where its readings stand, and goes on asking as long as one goes on. */
export async function lookAtReadings() {
  clearTimeout(clock);
  const call = ++asked;
  const [list, ended] = await describeNow().catch(() => [null, []]);
  if (call !== asked) return;
  lost = list === null;
  known = list ?? known;
  if (known.some(isReading)) clock = setTimeout(lookAtReadings, lost || document.hidden ? PATIENCE : PAUSE);
  tell(ended);
}

async function describeNow() {
  const before = known;
  const list = (await getJson("ingests")).filter(({ state }) => state !== "done"); // about to be forgotten
  return [list, await Promise.all(before.filter((one) => hasEnded(one, list)).map(describeEnd))];
}

/** Takes in what the server answered of a reading: one that goes on is watched, one that is over is told of. */
export function noteReading(body) {
  if (!isReading(body)) {
    tell([body]);
    return;
  }
  known = [body, ...known.filter(({ id }) => id !== body.id)];
  tell([]);
  lookAtReadings();
}

export const isReading = ({ state }) => state === "reading";

export const stopReading = (id) => change("POST", `ingests/${id}/stop`);
export const resumeReading = (id) => change("POST", `ingests/${id}/resume`);
export const dismissReading = (id) => change("DELETE", `ingests/${id}`);

async function change(method, path) {
  await send(method, path);
  await lookAtReadings();
}

const hasEnded = (one, list) => isReading(one) && !list.some((now) => now.id === one.id && isReading(now));

const describeEnd = (one) =>
  getJson(`ingests/${one.id}`).catch(() => ({ ...one, state: "gone", table: false }));

function tell(ended) {
  for (const listener of followers) listener({ readings: known, ended, lost });
}
