// A combobox for the search box (ARIA Authoring Practices: editable combobox with list autocomplete).
import { counted, worded } from "./words.js";

const WAIT = 150; // milliseconds after the last key press

// The label with the matching start of a word in <mark>.
const marked = (label, typed) => {
  const begun = typed.split(/\s+/).map((word) => word.replace(/[^\p{L}\p{N}]/gu, "")).filter(Boolean);
  if (!begun.length) return [label];
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(${begun.join("|")})`, "giu");
  return label.split(pattern).map((piece, place) => {
    if (place % 2 === 0) return piece;
    const mark = document.createElement("mark");
    mark.textContent = piece;
    return mark;
  });
};

// `place`: the element around the box, with the URL for requests in data-suggest.
export function attachSuggestions(place) {
  const input = place.querySelector("input[type=search]");
  const list = document.createElement("div");
  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", worded("Suggestions"));
  const said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  place.append(list, said);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": list.id, autocomplete: "off",
  })) input.setAttribute(name, value);

  let timer, asked = 0, options = [], current = -1;

  const close = () => {
    list.hidden = true;
    options = [];
    current = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  // Ignore all further responses, including those already requested.
  const dismiss = () => {
    clearTimeout(timer);
    asked++;
    close();
  };
  const mark = (chosen) => {
    current = chosen;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === chosen)));
    if (chosen < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", options[chosen].id);
    options[chosen].scrollIntoView({ block: "nearest" });
  };
  let number_of_options = 0;
  const made = (item, typed) => {
    const option = document.createElement("div");
    option.id = `${list.id}-${number_of_options++}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.url = item.url;
    const name = document.createElement("span");
    name.append(...marked(item.label, typed));
    option.append(name);
    if (item.session_count) {
      const count = document.createElement("span");
      count.className = "count";
      count.textContent = item.session_count;
      count.setAttribute("aria-label", `, ${counted("{number} session", "{number} sessions", item.session_count)}`);
      option.append(count);
    }
    option.addEventListener("mousedown", (event) => {
      event.preventDefault();
      location.assign(item.url);
    });
    return option;
  };
  const show = (groups, typed) => {
    list.replaceChildren();
    for (const { label, items } of groups) {
      const group = document.createElement("div");
      const heading = document.createElement("p");
      heading.id = `${list.id}-group-${list.children.length}`;
      heading.textContent = label;
      group.setAttribute("role", "group");
      group.setAttribute("aria-labelledby", heading.id);
      group.append(heading);
      for (const item of items) group.append(made(item, typed));
      list.append(group);
    }
    options = [...list.querySelectorAll("[role=option]")];
    current = -1;
    list.hidden = options.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    said.textContent = options.length
      ? counted("{number} suggestion", "{number} suggestions", options.length) : worded("No suggestions");
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    const typed = input.value.trim();
    if (typed.length < 2) return close();
    timer = setTimeout(async () => {
      const number = ++asked;
      try {
        const response = await fetch(`${place.dataset.suggest}?q=${encodeURIComponent(typed)}`);
        if (response.ok && number === asked) show((await response.json()).groups, typed);
      } catch { close(); } // offline: the form itself still works
    }, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && current < 0) return dismiss(); // searches for the typed text
    if (list.hidden) return; // Escape then clears the box, as in browsers
    if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const places = options.length + 1; // one of them is the box itself
      mark(((current + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      location.assign(options[current].dataset.url);
    }
  });
  input.addEventListener("blur", dismiss);
}
