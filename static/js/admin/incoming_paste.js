// The form for pages to import: stores the links of pasted HTML, accepts dropped files.

const form = document.querySelector("[data-paste]");
const text = form.elements.text;
const markup = form.elements.markup;
const note = document.querySelector("[data-links-kept]");
const MOST = 4_000_000; // characters; the server takes 5 MB of text

function forget() {
  markup.value = "";
  note.textContent = "";
}

text.addEventListener("paste", (event) => {
  const html = event.clipboardData?.getData("text/html") ?? "";
  const isWhole = text.selectionStart === 0 && text.selectionEnd === text.value.length;
  // The browser inserts the text later, and its input event would delete the links.
  setTimeout(() => {
    forget();
    const links = html.match(/<a\s[^>]*href=["']?https?:/gi)?.length ?? 0;
    if (isWhole && links && html.length < MOST) {
      markup.value = html;
      note.textContent = `${links} ${links === 1 ? "link" : "links"} kept with their addresses.`;
    }
  });
});
text.addEventListener("input", (event) => {
  if (event.inputType !== "insertFromPaste") forget();
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

form.addEventListener("submit", (event) => {
  if (text.value.length > MOST) {
    event.preventDefault();
    text.setCustomValidity("This is larger than 4 MB: no page of a session. Choose a file instead.");
    text.reportValidity();
    text.setCustomValidity("");
  }
});

const drop = document.querySelector("[data-drop]");
const files = form.elements.files;
for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("is-over", name === "dragover");
  });
}
drop.addEventListener("drop", (event) => {
  files.files = event.dataTransfer.files;
});
