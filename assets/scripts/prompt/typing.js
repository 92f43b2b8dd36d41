/* What is typed or pasted into the texts of the template editor, said once things are quiet, by the event `edit`. */

import { debounce } from "../dom.js";

export function typing({ element, trigger }) {
  const say = debounce(() => trigger("edit", {}), 200);
  element.closest("#template-editor").addEventListener("input", (event) => {
    if (event.target.matches("textarea")) say();
  });
}
