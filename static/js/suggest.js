// A combobox for the search box (ARIA Authoring Practices: editable combobox with list autocomplete).
const WAIT = 150; // milliseconds after the last key

export function attachSuggestions(form) {
  const input = form.querySelector("input[type=search]");
  const list = document.createElement("ul");
  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  form.append(list);
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
  const mark = (place) => {
    current = place;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === place)));
    if (place < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", options[place].id);
    options[place].scrollIntoView({ block: "nearest" });
  };
  const show = (groups) => {
    list.replaceChildren();
    for (const group of groups) {
      const heading = document.createElement("li");
      heading.setAttribute("role", "presentation");
      heading.textContent = group.label;
      list.append(heading);
      for (const item of group.items) {
        const option = document.createElement("li");
        option.id = `${list.id}-${list.children.length}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.url = item.url;
        option.textContent = item.label;
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          location.assign(item.url);
        });
        list.append(option);
      }
    }
    options = [...list.querySelectorAll("[role=option]")];
    current = -1;
    list.hidden = options.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    const typed = input.value.trim();
    if (typed.length < 2) return close();
    timer = setTimeout(async () => {
      const number = ++asked;
      try {
        const response = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(typed)}`);
        if (response.ok && number === asked) show((await response.json()).groups);
      } catch { close(); } // offline: the form itself still works
    }, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const places = options.length + 1; // one of them is the box itself
      mark(((current + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && current >= 0) {
      event.preventDefault();
      location.assign(options[current].dataset.url);
    }
  });
  input.addEventListener("blur", close);
}
