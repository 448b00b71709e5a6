// htmx fetches the whole page for another filter, order or page number and replaces the list. This
// file preserves what the reader would lose: open and closed elements, the focus, the scroll
// position, the text in the search box. It announces the result, and passes the URL of the list to
// the rest of the page.
import { announce } from "./pack.js";

const list = () => document.getElementById("list");
const filters = () => [...list().querySelectorAll("aside details")];

// The feeds in the head, the return URL of the language switch, the URL of the problem report, and
// the printed URL belong to the current list.
function tellAddress() {
  const address = location.pathname + location.search;
  for (const feed of document.head.querySelectorAll("link[rel=alternate][href*=feed]")) {
    const { pathname } = new URL(feed.href);
    const shown = [...list().querySelectorAll("a")].find((link) => link.pathname === pathname);
    if (shown) feed.href = shown.getAttribute("href");
  }
  for (const way of document.querySelectorAll(".language-switch [name=next]")) way.value = address;
  for (const part of document.querySelectorAll("[data-address]")) part.textContent = address;
  for (const link of document.querySelectorAll("[data-report]")) {
    link.search = new URLSearchParams({ about: address });
  }
}

// Identifies a control in the next list; "" for a chip or a page number, which disappears.
function selectorOf({ id, name, value, dataset, localName }, fold) {
  if (id) return `#${CSS.escape(id)}`;
  if (name) return `[name="${name}"][value="${CSS.escape(value)}"]`;
  if (dataset.value) return `${localName}[data-value="${CSS.escape(dataset.value)}"]`;
  return fold ? `#${fold.id} ${localName}` : "";
}

export function follow(enhance) {
  const box = document.getElementById("list-q");
  const page = document.body;
  let folds = new Map(), changed = null, used = null;

  // The next list has another length: the used control stays at the same place on the screen.
  const keepPlace = (heading) => {
    const control = used?.selector && list().querySelector(used.selector);
    if (document.activeElement === page) (control || heading)?.focus({ preventScroll: true });
    if (control) {
      scrollBy({ top: control.getBoundingClientRect().top - used.top, behavior: "instant" });
    } else if (used && heading) {
      const { top, bottom } = heading.getBoundingClientRect();
      if (top < 0 || bottom > innerHeight) heading.scrollIntoView({ behavior: "instant" });
    }
    used = null;
  };
  const arrived = ({ type }) => {
    enhance(list());
    tellAddress();
    for (const details of filters()) {
      if (folds.has(details.id)) details.open = folds.get(details.id);
    }
    const isTyping = document.activeElement === box && type !== "htmx:historyRestore";
    if (box && !isTyping) box.value = new URLSearchParams(location.search).get("q") ?? "";
    const heading = list().querySelector("[data-result-heading]");
    keepPlace(heading);
    if (!heading) return;
    announce(heading.textContent.replace(/\s+/g, " ").trim());
  };
  const remember = ({ type }) => {
    folds = new Map(filters().map(({ id, open }) => [id, open]));
    const isInList = (element) => list().contains(element);
    // A browser that does not focus a clicked element still reports the change.
    const control = [document.activeElement, changed].find(isInList);
    changed = null;
    used = control && type === "htmx:beforeSwap" ? {
      selector: selectorOf(control, control.closest("details[id]")),
      top: control.getBoundingClientRect().top,
    } : null;
  };
  page.addEventListener("change", ({ target }) => { changed = target; });

  page.addEventListener("htmx:beforeRequest", (event) => {
    // Already shown: leaving a date field sends both a change and a submit event.
    const { finalRequestPath } = event.detail.pathInfo;
    if (finalRequestPath === location.pathname + location.search) event.preventDefault();
    else list().setAttribute("aria-busy", "true");
  });
  page.addEventListener("htmx:beforeSwap", remember);
  page.addEventListener("htmx:historyCacheMissLoad", remember);
  page.addEventListener("htmx:afterSettle", arrived);
  page.addEventListener("htmx:historyRestore", arrived);
  // Rejected, removed or offline: load the page, as without this file.
  for (const failure of ["htmx:responseError", "htmx:sendError"]) {
    page.addEventListener(failure, ({ detail }) => location.assign(detail.pathInfo.finalRequestPath));
  }
  page.addEventListener("htmx:historyCacheMissLoadError", () => location.reload());
}
