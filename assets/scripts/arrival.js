/* A table has just been loaded: the page goes to it. */

import { goToTable } from "./place.js";

export function arrival({ props, watch }) {
  watch("value", () => props.value?.table && goToTable(props.value.table, "load"));
}
