// Copy buttons: `data-copy` contains the text, or `data-copy-from` the id of an element to copy
// with its formatting.

export async function copyElement(element) {
  const [text, html] = [element.textContent.trim(), element.innerHTML.trim()];
  try {
    const as = (type, value) => new Blob([value], { type });
    const item = { "text/plain": as("text/plain", text), "text/html": as("text/html", html) };
    await navigator.clipboard.write([new ClipboardItem(item)]);
    return true;
  } catch {
    return copyText(text);
  }
}

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // no permission
  }
}

for (const button of document.querySelectorAll("[data-copy], [data-copy-from]")) {
  const words = button.innerHTML;
  const source = button.dataset.copyFrom && document.getElementById(button.dataset.copyFrom);
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    const done = source ? await copyElement(source) : await copyText(button.dataset.copy);
    button.textContent = done ? button.dataset.copied : button.dataset.selected;
    setTimeout(() => { button.innerHTML = words; }, 2500);
    if (done) return;
    // Selected, to be copied by hand.
    if (source) getSelection().selectAllChildren(source);
    else fieldWith(button).select();
  });
}

function fieldWith(button) {
  const known = button.nextElementSibling?.matches("[data-copied-text]") ? button.nextElementSibling : null;
  const field = known ?? Object.assign(document.createElement("input"), { readOnly: true, value: button.dataset.copy });
  field.dataset.copiedText = "";
  field.setAttribute("aria-label", button.dataset.selected);
  if (!known) button.after(field);
  return field;
}
