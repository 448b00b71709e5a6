// Cleans what Word or a web page puts on the clipboard, before the editor's schema drops the rest.

const HEADINGS = { H1: "h3", H2: "h3", H5: "h4", H6: "h4" };
const NUMBER = /^\(?(\d+|[a-z]|[ivx]+)[.)]/i;

// The page's policy holds for text that is only parsed, too: each style would be reported.
function withoutInlineCode(html) {
  return html
    .replace(/<!--[\s\S]*?-->|<(style|script|xml)\b[\s\S]*?<\/\1\s*>/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) =>
      tag.replace(/\sstyle\s*=/gi, " data-style=").replace(/\son[a-z]+\s*=/gi, " data-on="),
    );
}

// Word writes list items as paragraphs with `mso-list` in their style and the bullet as text.
function isWordItem(element) {
  return element.tagName === "P" && /mso-list:\s*l\d/i.test(element.dataset.style ?? "");
}

function listsFromWord(root) {
  for (const first of root.querySelectorAll("p")) {
    if (!root.contains(first) || !isWordItem(first)) continue; // it may be in a list already
    const marker = bullet(first);
    const list = root.ownerDocument.createElement(NUMBER.test(marker) ? "ol" : "ul");
    first.before(list);
    for (let item = first; item && isWordItem(item); ) {
      const next = item.nextElementSibling;
      bulletSpan(item)?.remove();
      const entry = root.ownerDocument.createElement("li");
      entry.append(...item.childNodes);
      list.append(entry);
      item.remove();
      item = next;
    }
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
  if (html.includes("data-pm-slice")) return html; // copied from this very editor
  const page = new DOMParser().parseFromString(withoutInlineCode(html), "text/html");
  const root = page.body;
  for (const junk of root.querySelectorAll("style, script, meta, link, title")) junk.remove();
  listsFromWord(root);
  renameHeadings(root);
  removeEmpty(root);
  for (const element of root.querySelectorAll("*")) {
    for (const name of element.getAttributeNames()) {
      if (name !== "href" && name !== "start") element.removeAttribute(name);
    }
  }
  return root.innerHTML;
}
