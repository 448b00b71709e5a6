// The form next to the source: shows the origin of a field, updates the matches, saves the input.
// Without JavaScript, links and buttons do this.

const form = document.querySelector("[data-review]");
const source = document.querySelector("[data-source]");
const frame = document.querySelector("[data-frame]");
const KEEP_AFTER = 1500; // milliseconds without typing

// --- origin of a field ------------------------------------------------------------------------

function marks(origin) {
  return source.querySelectorAll(`mark[data-origin~="${CSS.escape(origin)}"]`);
}

function show(origin) {
  for (const mark of source.querySelectorAll(".is-current")) mark.classList.remove("is-current");
  const found = marks(origin);
  for (const mark of found) mark.classList.add("is-current");
  if (found.length && source.offsetParent) {
    const top = found[0].offsetTop - source.offsetTop - source.clientHeight / 3;
    source.scrollTo({ top, behavior: "smooth" });
  }
  if (frame?.offsetParent) frame.src = `${frame.src.split("#")[0]}#o-${origin}`;
}

form.addEventListener("focusin", (event) => {
  const field = event.target.closest("[data-field]");
  if (field?.dataset.field) show(field.dataset.field);
});
form.addEventListener("click", (event) => {
  const link = event.target.closest("a.origin-link");
  if (link) {
    event.preventDefault();
    show(link.hash.slice(3));
    return;
  }
  const mark = event.target.closest("mark[data-origin]");
  const [origin] = mark?.dataset.origin.split(" ") ?? [];
  const field = origin && form.querySelector(`[data-field="${CSS.escape(origin)}"]`);
  field?.querySelector("input:not([type=hidden]), textarea, select")?.focus();
});

// --- matches ----------------------------------------------------------------------------------

async function askAgain() {
  const values = new FormData(form);
  values.set("_look", "1");
  const response = await fetch(location.href, { method: "POST", body: values });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const name of ["questions", "rowName", "madeBy"]) {
    const attribute = `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    for (const there of page.querySelectorAll(`[${attribute}]`)) {
      form.querySelector(`[${attribute}="${there.dataset[name]}"]`)?.replaceWith(there);
    }
  }
}

const ASKED = /^speakers-\d+-(?:given|family|affiliation|DELETE)$|^page-series$/;
form.addEventListener("change", (event) => {
  if (ASKED.test(event.target.name)) askAgain();
});

form.querySelector(".has-errors :is(input:not([type=hidden]), textarea, select)")?.focus();

// --- input ------------------------------------------------------------------------------------

let waiting = 0;
function keep() {
  clearTimeout(waiting);
  waiting = 0;
  fetch(form.dataset.keep, { method: "POST", body: new FormData(form), keepalive: true }).catch(
    () => {}, // the next change tries again
  );
}
function keepSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(keep, KEEP_AFTER);
}
form.addEventListener("input", keepSoon);
form.addEventListener("change", keepSoon);
form.addEventListener("submit", () => clearTimeout(waiting));
window.addEventListener("pagehide", () => {
  if (waiting) keep();
});
