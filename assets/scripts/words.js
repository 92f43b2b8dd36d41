/* Numbers, sizes and times as a person reads them. */

const whole = new Intl.NumberFormat("en-US");

export const count = (n) => whole.format(n);

/** "1 record", "1,400 records". */
export const counted = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

export function bytes(n) {
  if (n < 1000) return `${n} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let size = n;
  let unit = -1;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

/** A part of a whole; never 0 % or 100 % unless it is. */
export function percent(part, all) {
  if (!part || !all) return "0 %";
  const share = (100 * part) / all;
  if (share < 0.1) return "< 0.1 %";
  if (share > 99.9 && part < all) return "> 99.9 %";
  return `${share < 10 ? Number(share.toFixed(1)) : Math.round(share)} %`;
}

export function duration(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** A score with as many digits as mean something; a dash where it was not measured. */
export const score = (value, digits = 3) => (value == null ? "–" : Number(value).toFixed(digits));

/** A column's name; the empty one in quotes, so that it can be seen. */
export const nameOf = (column) => column.name || '""';

/** How many records, and whether that is all: "reading … 7 records", "first 1,000 records of a stream". */
export function recordsOf({ records, complete, partial, reading }) {
  const words = counted(records, "record");
  if (reading) return `reading … ${words}`;
  if (partial) return `${words}, partial`;
  return complete ? words : `first ${words} of a stream`;
}
