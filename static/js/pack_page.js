// The page of an evidence pack: reorder without reloading, save, copy. Without JavaScript its form
// does this.
import { announce, format, home, items, MOST, parse, store, stored } from "./pack.js";
import { worded } from "./words.js";

const WAIT = 300; // milliseconds after the last key press

function button(words, about, act, className = "button quiet") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = worded(words);
  if (about) made.setAttribute("aria-label", worded("{words}: {about}", { words: worded(words), about }));
  made.addEventListener("click", act);
  return made;
}

export function attach(page, canStore) {
  const open = (pack) => location.replace(pack.entries.length ? `${home}?${format(pack)}` : home);
  const own = stored();
  const here = format(parse(location.search));
  const isMarked = Boolean(history.state?.isMine); // this page showed the reader's own pack before
  if (own.entries.length && (!location.search || (isMarked && here !== format(own)))) return open(own);
  let isMine = own.entries.length > 0 && here === format(own);
  if (isMine) history.replaceState({ isMine }, "");

  const form = document.querySelector(".pack-form");
  const list = document.querySelector(".pack-items");
  const references = document.querySelector(".references");
  const address = document.getElementById("pack-address");
  const site = address?.value.slice(0, address.value.indexOf(`${home}?`));

  const current = () => ({
    title: form.elements.title.value.trim(),
    style: form.elements.style.value,
    whole: form.elements.whole.checked ? "1" : "",
    entries: [...list.children].map((row) => ({
      item: row.dataset.item, note: row.querySelector("textarea").value.trim(),
    })),
  });

  const changed = () => {
    const pack = current();
    const query = format(pack);
    if (isMine) store(pack);
    if (!pack.entries.length) return location.replace(home);
    history.replaceState({ isMine }, "", `${home}?${query}`);
    for (const link of document.querySelectorAll("[data-pack-link]")) link.search = query;
    const compared = format({ entries: pack.entries.map(({ item }) => ({ item, note: "" })) });
    document.querySelector("[data-pack-compare]").search = compared;
    address.value = `${site}${home}?${query}`;
    document.querySelector("[data-pack-address]").textContent = address.value;
    document.querySelector("[data-pack-long]").hidden =
      `${home}?${query}`.length <= Number(page.dataset.longest);
    document.querySelector("[data-pack-heading]").textContent = pack.title || page.dataset.title;
    pack.entries.forEach(({ item, note }, place) => {
      list.children[place].querySelector(".pack-note").textContent = note;
      references.append(references.querySelector(`[data-item="${CSS.escape(item)}"]`));
    });
    number();
  };

  const number = () => [...list.children].forEach((row, place, { length }) => {
    row.querySelector("[name=position]").value = place + 1;
    const [up, down] = row.querySelectorAll(".pack-move");
    up.disabled = place === 0;
    down.disabled = place === length - 1;
  });

  const move = (row, step, pressed) => {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(row); else other.after(row);
    changed();
    // Moving an item loses the focus; at the end of the list the other button gets it.
    (pressed.disabled ? row.querySelector(".pack-move:not(:disabled)") : pressed)?.focus();
    const place = [...list.children].indexOf(row) + 1;
    announce(worded("Moved to position {place} of {all}", { place, all: list.children.length }));
  };

  const remove = (row) => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    references.querySelector(`[data-item="${CSS.escape(row.dataset.item)}"]`).remove();
    row.remove();
    changed();
    next?.querySelector(".pack-name a").focus();
    announce(worded("Removed from the pack, {items}", { items: items(list.children.length) }));
  };

  const arrange = () => {
    for (const row of list.children) {
      const name = row.querySelector(".pack-name").textContent.trim();
      const controls = row.querySelector(".pack-controls");
      const up = button("Up", name, () => move(row, -1, up), "button quiet pack-move");
      const down = button("Down", name, () => move(row, 1, down), "button quiet pack-move");
      controls.append(up, down, button("Remove", name, () => remove(row)));
    }
    let timer;
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(changed, WAIT); });
    const now = () => { clearTimeout(timer); changed(); };
    form.addEventListener("change", now);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      now();
      location.assign(location.href); // references in another style come from the server
    });
    // Controls needed only without JavaScript; hidden fields are still submitted.
    for (const part of form.querySelectorAll("[data-plain]")) part.hidden = true;
    const copy = button("Copy address", "", async () => {
      now();
      try {
        await navigator.clipboard.writeText(address.value);
        announce(worded("Address copied"));
        copy.textContent = worded("Copied");
        setTimeout(() => { copy.textContent = worded("Copy address"); }, 2000);
      } catch { // no clipboard without HTTPS
        address.select();
        announce(worded("The address is selected; copy it with your keyboard"));
      }
    });
    address.closest(".field").append(copy);
    number(); // viewing changes nothing: items missing today remain in the stored pack
  };

  // --- whose pack it is -------------------------------------------------------------------------

  const offer = () => {
    const panel = document.createElement("div");
    panel.className = "notice no-print pack-offer";
    const words = document.createElement("p");
    const keep = (pack, said) => {
      if (!store(pack)) return announce(worded("This browser does not allow the site to keep a pack"));
      isMine = true;
      panel.replaceChildren(words);
      words.textContent = said;
      announce(said);
      if (format(pack) === format(current())) changed(); else open(pack);
    };
    const actions = document.createElement("p");
    actions.className = "pack-controls";
    const count = own.entries.length;
    words.textContent = count
      ? worded("This is not the pack kept in this browser, which has {items}.", { items: items(count) })
      : worded("This pack is not kept in your browser yet.");
    actions.append(button("Keep as my pack", "", () => {
      if (!count || confirm(worded("Your own pack ({items}) will be replaced. Continue?", { items: items(count) }))) {
        keep(current(), worded("Kept as your pack."));
      }
    }));
    if (count) {
      actions.append(button("Add to my pack", "", () => {
        const both = new Map([...own.entries, ...current().entries].map((each) => [each.item, each]));
        for (const entry of own.entries) if (entry.note) both.set(entry.item, entry);
        if (both.size > MOST) return announce(worded("A pack can contain at most {number} items", { number: MOST }));
        keep({ ...own, entries: [...both.values()] }, worded("Added to your pack."));
      }));
      const link = document.createElement("a");
      link.href = `${home}?${format(own)}`;
      link.textContent = worded("Open my pack");
      actions.append(link);
    }
    panel.append(words, actions);
    form.before(panel);
  };

  const clear = () => {
    if (!confirm(worded("This removes everything from your pack, including your notes. Continue?"))) return;
    store(parse(""));
    location.replace(home);
  };

  if (form) arrange();
  if (isMine) {
    (document.querySelector(".pack-buttons") ?? page).append(button("Empty my pack", "", clear));
  } else if (form && canStore) offer();

  // Another tab or an earlier page may have changed the stored pack.
  const follow = () => {
    if (isMine && (!form || format(stored()) !== format(current()))) open(stored());
  };
  addEventListener("storage", follow);
  addEventListener("pageshow", (event) => { if (event.persisted) follow(); });
}
