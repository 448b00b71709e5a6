// Cleans HTML from Word or a web page before the editor's schema drops the rest.

const HEADINGS = { H1: "h3", H2: "h3", H5: "h4", H6: "h4" };
const WORD_LIST = /mso-list:\s*l(\d+)\s+level(\d)/i;
const NUMBER = /^\(?(\d+|[a-z]|[ivx]+)[.)]/i;

// The page's CSP also applies to parsed HTML: each style attribute would be reported.
function withoutInlineCode(html) {
  return html
    .replace(/\u00ad|&shy;/gi, "")
    .replace(/<!--[\s\S]*?-->|<(style|script|xml)\b[\s\S]*?<\/\1\s*>/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) =>
      tag.replace(/\sstyle\s*=/gi, " data-style=").replace(/\son[a-z]+\s*=/gi, " data-on="),
    );
}

// Word writes list items as paragraphs with `mso-list` in their style and the bullet as text.
function isWordItem(element) {
  return element.tagName === "P" && WORD_LIST.test(element.dataset.style ?? "");
}

// One list for each kind and level, as in site_app/text/pasted_markup.py: levels are nested.
function listsFromWord(root) {
  let lists = []; // open lists: { level, name, element }
  let outermost = null;
  for (const item of root.querySelectorAll("p")) {
    if (!isWordItem(item)) continue;
    const [, number, level] = WORD_LIST.exec(item.dataset.style);
    const kind = NUMBER.test(bullet(item)) ? "ol" : "ul";
    const name = kind + number;
    if (!outermost || item.previousElementSibling !== outermost) lists = [];
    while (lists.length && lists.at(-1).level > level) lists.pop();
    if (lists.length && lists.at(-1).level === level && lists.at(-1).name !== name) lists.pop();
    if (!lists.length || lists.at(-1).level < level) {
      const element = root.ownerDocument.createElement(kind);
      if (lists.length) {
        lists.at(-1).element.lastElementChild.append(element);
      } else {
        item.before(element);
        outermost = element;
      }
      lists.push({ level, name, element });
    }
    bulletSpan(item)?.remove();
    const entry = root.ownerDocument.createElement("li");
    entry.append(...item.childNodes);
    lists.at(-1).element.append(entry);
    item.remove();
  }
}

// A table row becomes a paragraph, its cells one after the other.
function rowsFromTables(root) {
  for (const table of root.querySelectorAll("table")) {
    for (const row of table.querySelectorAll("tr")) {
      const cells = [...row.cells].map((cell) => {
        for (const block of cell.querySelectorAll("p, div, h1, h2, h3, h4, h5, h6, br, li")) {
          block.replaceWith(...block.childNodes, " ");
        }
        return [...cell.childNodes];
      });
      const line = root.ownerDocument.createElement("p");
      line.append(...cells.flatMap((nodes, place) => (place ? [" | ", ...nodes] : nodes)));
      table.before(line);
    }
    table.remove();
  }
}

// Links to footnotes and back would lead nowhere: only their marks stay, as text.
function textFromInnerLinks(root) {
  for (const link of root.querySelectorAll('a[href^="#"], a:not([href])')) {
    link.replaceWith(...link.childNodes);
  }
}

function bulletSpan(item) {
  return [...item.querySelectorAll("span")].find((span) =>
    /mso-list:\s*ignore/i.test(span.dataset.style ?? ""),
  );
}

function bullet(item) {
  return bulletSpan(item)?.textContent.trim() ?? "";
}

function renameHeadings(root) {
  for (const [from, to] of Object.entries(HEADINGS)) {
    for (const heading of root.querySelectorAll(from)) {
      const renamed = root.ownerDocument.createElement(to);
      renamed.append(...heading.childNodes);
      heading.replaceWith(renamed);
    }
  }
}

function removeEmpty(root) {
  for (const block of root.querySelectorAll("p, h3, h4, li")) {
    if (!block.textContent.trim() && !block.querySelector("br + br")) block.remove();
  }
}

export function cleanPasted(html) {
  if (html.includes("data-pm-slice")) return html; // copied from this editor
  const page = new DOMParser().parseFromString(withoutInlineCode(html), "text/html");
  const root = page.body;
  for (const junk of root.querySelectorAll("style, script, meta, link, title")) junk.remove();
  for (const gone of root.querySelectorAll("del")) gone.remove(); // deletions from tracked changes
  listsFromWord(root);
  rowsFromTables(root);
  textFromInnerLinks(root);
  renameHeadings(root);
  removeEmpty(root);
  for (const element of root.querySelectorAll("*")) {
    for (const name of element.getAttributeNames()) {
      if (name !== "href" && name !== "start") element.removeAttribute(name);
    }
  }
  return root.innerHTML;
}
