/* What the Export stage works on: a table, what its draft says of the export and what else could be chosen, and the
   first lines of each part as the file will hold them. The views draw from here and are told of every change. */

import { getJson, send } from "../api.js";

const PAUSE = 700; // ms between two looks at parts that are still being cut

/** `known` is what the draft has and what there is to choose from, `preview` what would be written; `refused` is why a
 * change was not kept, `wrong` what else went wrong. */
export const work = { table: "", known: null, preview: null, refused: null, wrong: null };

const followers = new Map();
let [opening, looking, saving, clock] = [0, 0, Promise.resolve(), 0];

/** Calls `listener()` at every "known", "preview", "refused" and "wrong". */
export function onWork(event, listener) {
  followers.set(event, [...(followers.get(event) ?? []), listener]);
}

const tell = (event) => followers.get(event)?.forEach((listener) => listener());

const path = (part = "") => `tables/${work.table}/export${part}`;

/** Comes to a table, or comes back to it: another stage may have changed what can be exported. */
export async function openTable(table) {
  if (table !== work.table)
    Object.assign(work, { table, known: null, preview: null, refused: null, wrong: null });
  const call = ++opening;
  try {
    await saving;
    const known = await getJson(path());
    if (call === opening) take(known);
  } catch (problem) {
    if (call === opening) fail(problem);
  }
}

/** Keeps a change of {format, names, file, card, configs} in the draft; one that is refused leaves it as it was. */
export function change(changes) {
  const { table } = work;
  saving = saving.then(async () => {
    try {
      const known = await send("PUT", `tables/${table}/export`, changes);
      if (table === work.table) take(known);
    } catch (problem) {
      if (table === work.table) refuse(problem);
    }
  });
  return saving;
}

/** Resolves once every change so far is kept or refused. */
export const settled = () => saving;

/** Asks what would be written now. */
export async function look() {
  clearTimeout(clock);
  const [call, { table }] = [++looking, work];
  try {
    const preview = await getJson(path("/preview"));
    if (call !== looking || table !== work.table) return;
    work.preview = preview;
    if (!preview.done) clock = setTimeout(look, PAUSE);
    tell("preview");
  } catch (problem) {
    if (call === looking && table === work.table) fail(problem);
  }
}

function take(known) {
  Object.assign(work, { known, refused: null, wrong: null });
  for (const event of ["known", "refused", "wrong"]) tell(event);
  look();
}

function refuse(problem) {
  work.refused = problem;
  tell("refused");
}

function fail(problem) {
  work.wrong = problem;
  tell("wrong");
}
