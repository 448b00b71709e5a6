// A click on the picture sets its focus point; without JavaScript there are two number fields. A
// newly chosen picture is drawn on a canvas, because the CSP allows no blob URLs.
function field(name) {
  return document.querySelector(`#id_${name}`);
}

function clamped(value) {
  return Math.min(100, Math.max(0, Math.round(value)));
}

class FocusPoint {
  constructor(box) {
    this.box = box;
    this.x = field("focus_x");
    this.y = field("focus_y");
    this.stage = box.querySelector("[data-focus-stage]");
    this.mark = Object.assign(document.createElement("span"), { className: "focus-mark" });
    this.sample = Object.assign(document.createElement("canvas"), {
      className: "focus-sample",
      width: 112,
      height: 112,
    });
    this.sample.setAttribute("role", "img");
    this.sample.setAttribute("aria-label", "How it will be cut");
    this.stage.append(this.mark);
    box.append(this.sample);
    this.stage.addEventListener("click", (event) => this.choose(event));
    for (const input of [this.x, this.y]) input.addEventListener("input", () => this.show());
    box.querySelector("input[type=file]").addEventListener("change", (event) => this.load(event));
    const stored = this.stage.querySelector("img");
    if (stored) {
      this.picture = stored;
      if (stored.complete) this.show();
      else stored.addEventListener("load", () => this.show());
    } else {
      this.stage.hidden = true;
      this.sample.hidden = true;
    }
  }

  size() {
    return [this.picture.naturalWidth ?? this.picture.width, this.picture.naturalHeight ?? this.picture.height];
  }

  async load(event) {
    const [file] = event.target.files;
    if (!file) return;
    let bitmap;
    try {
      bitmap = await createImageBitmap(file);
    } catch {
      return; // not a picture: the server reports the error
    }
    const canvas = document.createElement("canvas");
    const scale = Math.min(1, 480 / bitmap.width, 480 / bitmap.height);
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    this.stage.querySelector("img, canvas")?.remove();
    this.stage.prepend(canvas);
    this.picture = canvas;
    this.x.value = this.y.value = "";
    this.stage.hidden = this.sample.hidden = false;
    this.show();
  }

  choose(event) {
    const frame = this.stage.querySelector("img, canvas").getBoundingClientRect();
    this.x.value = clamped(((event.clientX - frame.left) / frame.width) * 100);
    this.y.value = clamped(((event.clientY - frame.top) / frame.height) * 100);
    this.show();
  }

  show() {
    const isChosen = this.x.value !== "" && this.y.value !== "";
    const x = isChosen ? clamped(Number(this.x.value)) : 50;
    const y = isChosen ? clamped(Number(this.y.value)) : 50;
    this.mark.style.left = `${x}%`;
    this.mark.style.top = `${y}%`;
    this.mark.hidden = !isChosen;
    const [width, height] = this.size();
    const side = Math.min(width, height);
    const from = (length, at) => Math.min(Math.max((length * at) / 100 - side / 2, 0), length - side);
    const context = this.sample.getContext("2d");
    context.clearRect(0, 0, 112, 112);
    context.drawImage(this.picture, from(width, x), from(height, y), side, side, 0, 0, 112, 112);
    this.sample.hidden = !isChosen && !("alwaysSquare" in this.box.dataset);
  }
}

for (const box of document.querySelectorAll("[data-focus-picture]")) new FocusPoint(box);
