// Updates the choices of "Given by" when the rows of speakers change, saved or not.
// jQuery, because select2 sends only jQuery events.
const $ = django.jQuery;

function speakers() {
  const rows = document.querySelectorAll(
    "#appearances-group select[name^='appearances-'][name$='-speaker']",
  );
  const found = new Map();
  for (const select of rows) {
    const row = select.closest(".inline-related");
    const isGone = row?.querySelector("input[name$='-DELETE']")?.checked;
    const option = select.selectedOptions[0];
    if (!select.name.includes("__prefix__") && !isGone && option?.value) {
      found.set(option.value, option.textContent);
    }
  }
  return found;
}

function offer() {
  const found = speakers();
  for (const select of document.querySelectorAll("select[data-speakers-of-session]")) {
    const chosen = new Set([...select.selectedOptions].map((option) => option.value));
    select.replaceChildren(
      ...[...found].map(([value, name]) => new Option(name, value, false, chosen.has(value))),
    );
  }
}

$(document).on("change", "#appearances-group select, #appearances-group input", offer);
$(document).on("formset:added formset:removed", offer);
$(offer);
