/* What a survey of quality says, sorted and in words. Knows nothing of the page. */

import { count, counted, percent } from "../words.js";

/** The findings of a survey: those with records, those that nothing was found for, and what is looked for only when
 * asked: [{code, title, explanation, seconds, on}], where `wanted` holds the codes that a person asked for. */
export function sortFindings({ findings = [], offered = [] }, wanted = []) {
  const asked = findings.filter(({ optional }) => optional);
  const on = ({ code }) => wanted.includes(code);
  const options = [...asked, ...offered].map((one) => ({ ...one, on: on(one) }));
  return {
    found: findings.filter((one) => one.count > 0),
    clear: findings.filter((one) => one.count === 0),
    options: options.sort((a, b) => OPTIONS.indexOf(a.code) - OPTIONS.indexOf(b.code)),
  };
}

const OPTIONS = ["near-duplicates", "mixed-languages", "languages", "secrets", "emails"]; // one order, on or off

/** The sentence below the title, from where a survey stands; `again` says that an older one is shown meanwhile. */
export function saySum({ state, findings = [], total }, again) {
  const records = counted(total, "record");
  if (state === "running") return total ? `Looking${again ? " again" : ""} at ${records} …` : "Looking …";
  if (state !== "done") return "";
  const found = findings.filter((one) => one.count > 0).length;
  return found ? `${counted(found, "finding")} in ${records}` : `Nothing found in ${records}`;
}

/** How far the survey is: "412 of 1,400 records", or "" once it is done. */
export const sayProgress = ({ state, done, total }) =>
  state === "done" ? "" : `${count(done)} of ${counted(total, "record")}`;

/** "12 records · 0.9 %". */
export const sayCount = (found, total) => `${counted(found, "record")} · ${percent(found, total)}`;

/** How alike two records are; "" where that was not measured. */
export const sayAlike = (similarity) => (similarity == null ? "" : `${Math.floor(similarity * 100)} % alike`);

/** How long it takes to look for something, about; "" where that is no time at all. */
export function sayCost(seconds) {
  if (seconds == null || seconds < 1) return "";
  if (seconds < 90) return `about ${Math.round(seconds)} s`;
  return `about ${Math.round(seconds / 60)} min`;
}

/** Which finding is open at a place: its code, or "" where the panel is open without one. */
export const openedOf = (quality) => (/^[a-z-]{1,40}$/.test(quality) ? quality : "");
