// The reader's evidence pack: a query string for /pack/, stored only in this browser.
import { counted, worded } from "./words.js";

const KEY = "evidence-pack";
export const MOST = 100; // items; the same limit as on the server (sessions_app/selection/evidence_pack.py)
export const home = document.querySelector("[data-pack]")?.dataset.pack ?? "/pack/";

// --- the pack as a query string -------------------------------------------------------------------

export function parse(query) {
  const given = new URLSearchParams(query);
  const notes = given.getAll("note");
  const entries = new Map();
  given.getAll("item").forEach((item, place) => {
    if (!entries.has(item)) entries.set(item, { item, note: (notes[place] ?? "").trim() });
  });
  return {
    title: given.get("title") ?? "", style: given.get("style") ?? "", whole: given.get("whole") ?? "",
    entries: [...entries.values()],
  };
}

export function format({ title, style, whole, entries }) {
  const query = new URLSearchParams();
  if (title) query.append("title", title);
  if (style && style !== "apa") query.append("style", style);
  if (whole) query.append("whole", whole);
  let noted = entries.length; // notes refer to items by number, so gaps remain
  while (noted && !entries[noted - 1].note) noted--;
  entries.forEach(({ item, note }, place) => {
    query.append("item", item);
    if (place < noted) query.append("note", note);
  });
  return query.toString().replaceAll("%3A", ":");
}

export const stored = () => {
  try { return parse(localStorage.getItem(KEY) ?? ""); } catch { return parse(""); }
};
export function store(pack) {
  try {
    if (pack.entries.length) localStorage.setItem(KEY, format(pack));
    else localStorage.removeItem(KEY);
  } catch { return false; } // full or forbidden
  show();
  return true;
}
const canStore = (() => {
  try {
    localStorage.setItem(`${KEY}-test`, "");
    localStorage.removeItem(`${KEY}-test`);
    return true;
  } catch { return false; }
})();

// --- on every page ----------------------------------------------------------------------------

const status = document.createElement("p");
status.setAttribute("role", "status");
status.className = "visually-hidden";
document.body.append(status);

export function announce(words) {
  status.textContent = "";
  setTimeout(() => { status.textContent = words; }, 50); // the same text twice is announced twice
}

export const items = (count) => counted("{number} item", "{number} items", count);

const buttons = [];
const counter = document.querySelector("[data-pack-count]");

function show() {
  const { entries } = stored();
  const chosen = new Set(entries.map(({ item }) => item));
  for (const { button, item, name } of buttons) {
    const isIn = chosen.has(item);
    button.textContent = worded(isIn ? "In pack" : "Add to pack");
    button.setAttribute("aria-pressed", String(isIn));
    button.setAttribute("aria-label", `${button.textContent}: ${name}`);
  }
  if (counter) {
    counter.hidden = chosen.size === 0;
    counter.textContent = ` (${chosen.size})`;
  }
}

function toggle(item) {
  const pack = stored();
  const others = pack.entries.filter((entry) => entry.item !== item);
  const isIn = others.length < pack.entries.length;
  if (!isIn && others.length >= MOST) return announce(worded("A pack can contain at most {number} items", { number: MOST }));
  pack.entries = isIn ? others : [...others, { item, note: "" }];
  if (!store(pack)) return announce(worded("This browser does not allow the site to keep a pack"));
  const said = isIn ? "Removed from pack, {items}" : "Added to pack, {items}";
  announce(worded(said, { items: items(pack.entries.length) }));
}

// Without JavaScript these buttons open a pack with the one item.
export function enhancePackButtons(root) {
  if (!canStore) return;
  for (const button of root.querySelectorAll("button[form=pack]")) {
    const item = button.value;
    const place = button.closest("article[data-session], article[data-recommendation], li, main");
    const name = place.querySelector(".card-title, .card__title, .advice__text, h1")?.textContent.trim() ?? item;
    buttons.push({ button, item, name });
    button.type = "button";
    // The second click of a double-click would remove what the first has added.
    button.addEventListener("click", ({ detail }) => detail > 1 || toggle(item));
  }
  show();
}

if (canStore) {
  addEventListener("storage", (event) => { if (event.key === KEY || event.key === null) show(); });
  addEventListener("pageshow", (event) => { if (event.persisted) show(); });
}
const page = document.querySelector("[data-pack-page]");
if (page) import("./pack_page.js").then(({ attach }) => attach(page, canStore));
