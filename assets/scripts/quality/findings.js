/* What a survey of quality says, sorted and in words. Knows nothing of the page. */

import { count, counted } from "../words.js";

/** The findings of a survey: those with records, those that nothing was found for, and what is looked for only when
 * asked: [{code, name, title, explanation, seconds, on}]. `wanted` holds the names of what a person asked for; a survey
 * may have looked for more. */
export function sortFindings({ findings = [], offered = [] }, wanted = []) {
  const shown = findings.filter((one) => !one.optional || wanted.includes(nameOf(one)));
  const options = [...findings.filter(({ optional }) => optional), ...offered].map((one) => {
    const name = nameOf(one);
    return { ...one, name, on: wanted.includes(name) };
  });
  return {
    found: shown.filter((one) => one.count > 0),
    clear: shown.filter((one) => one.count === 0),
    options: options.sort((a, b) => NAMES.indexOf(a.name) - NAMES.indexOf(b.name)),
  };
}

const NAMES = ["near-duplicates", "languages", "secrets", "emails"]; // in one order, whether on or off

/** By which name an optional finding is asked for. */
const nameOf = ({ code, also }) => also ?? (code === "mixed-languages" ? "languages" : code);

/** The sentence below the title, from where a survey stands and what of it is shown; `again` says that an older one is
 * shown meanwhile. */
export function saySum({ state, records }, found, again) {
  if (state === "running") return again ? "Looking again at all records …" : "Looking at all records …";
  if (state !== "done") return "";
  const all = counted(records, "record");
  return found ? `${counted(found, "finding")} in ${all}` : `Nothing found in ${all}`;
}

/** How far the survey is: "412 of 1,400 records"; "" before it is known how many there are, and once it is done. */
export const sayProgress = ({ state, done, total }) =>
  state === "done" || !total ? "" : `${count(done)} of ${counted(total, "record")}`;

/** How alike two records are; "" where they are the same, or where that was not measured. */
export const sayAlike = (similarity) =>
  similarity == null || similarity === 1 ? "" : `${Math.floor(similarity * 100)} % alike`;

/** How long it takes to look for something, about; "" where that is no time at all. */
export function sayCost(seconds) {
  if (seconds == null || seconds < 1) return "";
  if (seconds < 90) return `about ${Math.round(seconds)} s`;
  return `about ${Math.round(seconds / 60)} min`;
}

/** Which finding is open at a place: its code, or "" where the panel is open without one. */
export const openedOf = (quality) => (/^[a-z-]{1,40}$/.test(quality) ? quality : "");
