// Moves the focus to the list of errors, and from there to the field. Without JavaScript its links
// do.
const summary = document.querySelector("[data-error-summary]");

// A field may be hidden behind its replacement: a select with search, a rich-text editor.
function visiblePart(field) {
  if (field.matches("select.select2-hidden-accessible")) {
    return field.parentElement.querySelector(".select2-selection");
  }
  if (field.matches("[data-rich-text]")) {
    return field.parentElement.querySelector("[contenteditable=true]") ?? field;
  }
  return field;
}

summary?.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  const part = visiblePart(field);
  if (part.tabIndex < 0 && !part.isContentEditable) part.tabIndex = -1;
  part.focus();
  part.scrollIntoView({ block: "center" });
});

summary?.focus();
