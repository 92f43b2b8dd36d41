/* Light and dark: the system's choice until the person makes one, which this browser then remembers. */

const KEY = "studio-theme";

export function applyTheme() {
  const chosen = localStorage.getItem(KEY);
  if (chosen) document.body.classList.toggle("dark", chosen === "dark");
}

export function switchTheme() {
  const dark = document.body.classList.toggle("dark");
  localStorage.setItem(KEY, dark ? "dark" : "light");
}
