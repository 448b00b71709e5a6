// Turns textareas with data-rich-text (the URL of the editor's module) into editors.
import { cleanPasted } from "./pasted.js";

const EXTENSIONS = {
  Document: true,
  Paragraph: true,
  Text: true,
  HardBreak: true,
  Bold: true,
  Italic: true,
  Subscript: true,
  Superscript: true,
  Heading: { levels: [3, 4] },
  BulletList: true,
  OrderedList: { enableListAttributes: false },
  ListItem: true,
  Blockquote: true,
  Link: { enableTarget: false, protocols: ["http", "https", "mailto"], autolink: true },
  Dropcursor: true,
  Gapcursor: true,
  History: true,
  Menu: {
    groups: [
      { group: "blockType -lists", type: "dropdown", minItems: 2 },
      { group: "lists" },
      { group: "nodes -blockType -lists" },
      { group: "marks" },
      { group: "link" },
      { group: "history" },
    ],
  },
};

function extensionsFrom(library) {
  return Object.entries(EXTENSIONS).map(([name, options]) =>
    options === true ? library[name] : library[name].configure(options),
  );
}

// The editor's schema has no empty document, and the stored text has none either.
function markup(editor) {
  return editor.isEmpty ? "" : editor.getHTML();
}

async function edit(textarea) {
  const library = await import(textarea.dataset.richText);
  const frame = document.createElement("div");
  frame.className = "prose-editor";
  textarea.before(frame);
  frame.append(textarea);
  new library.Editor({
    element: frame,
    extensions: extensionsFrom(library),
    content: textarea.value,
    injectCSS: false, // the CSP allows no inline style; the rules are in css/admin/rich_text.css
    editorProps: {
      attributes: { "aria-label": textarea.labels[0]?.textContent.replace(":", "") ?? "Text" },
      transformPastedHTML: cleanPasted,
    },
    onUpdate({ editor }) {
      textarea.value = markup(editor);
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
}

for (const textarea of document.querySelectorAll("textarea[data-rich-text]")) {
  edit(textarea);
}
