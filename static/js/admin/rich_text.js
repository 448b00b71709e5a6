// Turns textareas with data-rich-text (the address of the editor's module) into editors.
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

// The schema of the archive's rich text knows no empty document; neither does the stored text.
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
    injectCSS: false, // the policy allows no inline style; css/admin/rich_text.css has the rules
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
