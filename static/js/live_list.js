// htmx fetches the whole page of another filter, order or page number, and puts its list in the place
// of this one. This file keeps what a reader would lose by it: what is folded and unfolded, the place
// in the column of filters, the focus, the words in the box; says what came; and tells the rest of the
// page, which stays, the address of the list.
import { announce } from "./pack.js";

const list = () => document.getElementById("list");
const filters = () => [...list().querySelectorAll("aside details")];

// The feeds of the head, the way back of the choice of a language, the page that is reported, and the
// address on paper are those of the list in sight.
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

export function follow(enhance) {
  const box = document.getElementById("list-q");
  const page = document.body;
  let folds = new Map(), scrolled = 0, ticked = null;

  const arrived = ({ type }) => {
    enhance(list());
    tellAddress();
    for (const details of filters()) {
      if (folds.has(details.id)) details.open = folds.get(details.id);
    }
    const aside = list().querySelector("aside");
    if (aside) aside.scrollTop = scrolled;
    if (ticked && document.activeElement === page) {
      const [name, value] = ticked;
      aside?.querySelector(`[name="${name}"][value="${CSS.escape(value)}"]`)?.focus({ preventScroll: true });
    }
    const isTyping = document.activeElement === box && type !== "htmx:historyRestore";
    if (box && !isTyping) box.value = new URLSearchParams(location.search).get("q") ?? "";
    const heading = list().querySelector("[data-result-heading]");
    if (!heading) return;
    announce(heading.textContent.replace(/\s+/g, " ").trim());
    // What was followed is gone: a chip, a page number.
    if (document.activeElement === page) heading.focus({ preventScroll: true });
  };
  const remember = () => {
    folds = new Map(filters().map(({ id, open }) => [id, open]));
    scrolled = list().querySelector("aside")?.scrollTop ?? 0;
    const box = document.activeElement?.closest("aside input[type=checkbox]");
    ticked = box && [box.name, box.value];
  };

  page.addEventListener("htmx:beforeRequest", (event) => {
    // In sight already: to leave a date field both changes and submits it.
    const { finalRequestPath } = event.detail.pathInfo;
    if (finalRequestPath === location.pathname + location.search) event.preventDefault();
    else list().setAttribute("aria-busy", "true");
  });
  page.addEventListener("htmx:beforeSwap", remember);
  page.addEventListener("htmx:historyCacheMissLoad", remember);
  page.addEventListener("htmx:afterSettle", arrived);
  page.addEventListener("htmx:historyRestore", arrived);
  // Refused, gone or offline: the browser shows what the server says, as without this file.
  for (const failure of ["htmx:responseError", "htmx:sendError"]) {
    page.addEventListener(failure, ({ detail }) => location.assign(detail.pathInfo.finalRequestPath));
  }
  page.addEventListener("htmx:historyCacheMissLoadError", () => location.reload());
}
