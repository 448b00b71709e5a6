// Uploads audio in pieces (tus 1.0.0) and resumes after an interruption. Without JavaScript the
// form sends the whole file at once.

const PIECE = 4 * 1024 * 1024; // bytes
const TUS = { "Tus-Resumable": "1.0.0" };
const LONGEST_WAIT = 30_000; // milliseconds between two attempts

const wait = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const encoded = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

async function checksum(piece) {
  if (!crypto.subtle) return {}; // available only over https and on localhost; the server hashes the whole file anyway
  const digest = await crypto.subtle.digest("SHA-256", await piece.arrayBuffer());
  return { "Upload-Checksum": `sha256 ${btoa(String.fromCodePoint(...new Uint8Array(digest)))}` };
}

class Upload {
  constructor(input, address) {
    this.input = input;
    this.address = address;
    this.token = input.form.elements.csrfmiddlewaretoken.value;
    this.box = document.createElement("div");
    this.box.className = "audio-upload";
    this.bar = document.createElement("progress");
    this.said = document.createElement("p");
    this.said.setAttribute("role", "status");
    this.stop = document.createElement("button");
    this.stop.type = "button";
    this.stop.textContent = "Stop";
    this.stop.addEventListener("click", () => { this.isStopped = true; });
    this.box.append(this.bar, this.stop, this.said);
    this.bar.setAttribute("aria-label", "Upload");
    input.closest(".form-row").append(this.box);
    input.form.addEventListener("input", (event) => { if (event.target !== input) this.isEdited = true; });
    this.box.hidden = true;
    input.addEventListener("change", () => input.files[0] && this.send(input.files[0]));
  }

  say(words, isError = false) {
    this.said.textContent = words;
    this.said.classList.toggle("errornote", isError);
  }

  ask(address, method, headers = {}, body = undefined) {
    return fetch(address, { method, body, headers: { ...TUS, "X-CSRFToken": this.token, ...headers } });
  }

  async send(file) {
    this.input.value = ""; // or submitting the form would send the file again
    this.input.disabled = true;
    this.box.hidden = this.stop.hidden = this.isStopped = false;
    const leaving = (event) => event.preventDefault();
    addEventListener("beforeunload", leaving);
    try {
      const done = await this.deliver(file);
      removeEventListener("beforeunload", leaving);
      if (done) {
        if (this.isEdited) {
          this.say("The audio is attached. Save the page to keep your other changes.");
        } else location.reload();
      }
    } catch (error) {
      this.say(error.message, true);
    } finally {
      removeEventListener("beforeunload", leaving);
      this.input.disabled = false;
      this.stop.hidden = true;
    }
  }

  async deliver(file) {
    this.say(`${file.name} (${size(file.size)}): beginning …`);
    const begun = await this.ask(this.address, "POST", {
      "Upload-Length": String(file.size), "Upload-Metadata": `filename ${encoded(file.name)}`,
    });
    if (begun.status !== 201) throw new Error(begun.status === 413 ? await begun.text() : `The upload could not begin (${begun.status}).`);
    const address = begun.headers.get("Location");
    let offset = Number(begun.headers.get("Upload-Offset"));
    this.bar.max = file.size;
    let failures = 0;
    while (offset < file.size) {
      this.bar.value = offset;
      if (this.isStopped) {
        this.say(`Stopped at ${size(offset)}. Choose the same file again to go on.`);
        return false;
      }
      this.say(`${file.name}: ${size(offset)} of ${size(file.size)}`);
      const piece = file.slice(offset, offset + PIECE);
      let answer = null;
      try {
        answer = await this.ask(address, "PATCH", {
          "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset), ...await checksum(piece),
        }, piece);
      } catch { /* no connection */ }
      if (answer?.status === 204) {
        offset = Number(answer.headers.get("Upload-Offset"));
        failures = 0;
      } else if (answer?.status === 409) offset = Number(answer.headers.get("Upload-Offset"));
      else if (answer && answer.status !== 460 && answer.status < 500) throw new Error(`The upload was refused (${answer.status}): ${(await answer.text()).slice(0, 300)}`);
      else {
        failures += 1;
        this.say(`The connection broke at ${size(offset)}; trying again …`);
        await wait(Math.min(500 * 2 ** failures, LONGEST_WAIT));
        offset = await this.received(address, offset);
      }
    }
    this.bar.removeAttribute("value");
    return this.checked(address, file);
  }

  async received(address, fallback) {
    try {
      const answer = await this.ask(address, "HEAD");
      return answer.ok ? Number(answer.headers.get("Upload-Offset")) : fallback;
    } catch {
      return fallback;
    }
  }

  async checked(address, file) {
    for (;;) {
      this.say(`${file.name}: complete; the archive checks it …`);
      await wait(1000);
      let found = null;
      try {
        found = await (await this.ask(address, "GET")).json();
      } catch { continue; }
      if (found.state === "done") return true;
      if (found.state === "refused") throw new Error(found.message);
    }
  }
}

const place = document.querySelector("[data-upload-to]");
const input = document.querySelector("[data-audio-upload]");
if (place && input) new Upload(input, place.dataset.uploadTo);
