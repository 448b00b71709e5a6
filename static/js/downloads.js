// Shows the progress of a long download. A short one has a Content-Length, so the browser shows it;
// a long one is generated while it is sent, and the server can only estimate its length.
import { worded } from "./words.js";

const megabytes = (bytes) =>
  worded("{number} MB", { number: (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0) });

const save = (blob, name) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};

const follow = async (link, panel) => {
  const words = panel.querySelector("[role=status]"); // read aloud, so it changes rarely
  const running = panel.querySelector("[data-running]");
  const bar = panel.querySelector("progress");
  const stop = new AbortController();
  panel.querySelector("button").onclick = () => stop.abort();
  panel.hidden = false;
  words.textContent = worded("{name}: the file is being prepared …", { name: link.textContent });
  bar.removeAttribute("value");
  try {
    const response = await fetch(link.href, { signal: stop.signal });
    if (!response.ok) throw new Error(response.status);
    const names = ["X-Estimated-Length", "Content-Length"];
    const whole = Number(names.map((name) => response.headers.get(name)).find(Boolean));
    const pieces = [];
    let size = 0, told = -1;
    for (const reader = response.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      size += value.length;
      // The estimate may be too low: the bar stops just before its end.
      const percent = whole ? Math.min(99, Math.floor((100 * size) / whole)) : 0;
      if (percent === told) continue;
      told = bar.value = percent;
      running.textContent = whole
        ? worded("{size} of about {whole}, {percent} %", {
          size: megabytes(size), whole: megabytes(Math.max(whole, size)), percent,
        })
        : megabytes(size);
    }
    const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition"))?.[1] ?? "";
    save(new Blob(pieces, { type: response.headers.get("Content-Type") }), name);
    bar.value = 100;
    running.textContent = "";
    words.textContent = worded("{name}: {file} is complete, {size}.", {
      name: link.textContent, file: name, size: megabytes(size),
    });
  } catch (error) {
    panel.hidden = error.name !== "AbortError";
    if (!panel.hidden) words.textContent = worded("{name}: stopped.", { name: link.textContent });
    else location.assign(link.href); // the browser's own download
  }
};

export function enhanceDownloads(root) {
  root.querySelectorAll("[data-downloads]").forEach(enhance);
}

function enhance(list) {
  const panel = list.querySelector("[data-download-progress]");
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a[download]");
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (link && isPlain) {
      event.preventDefault();
      follow(link, panel);
    }
  });
}
