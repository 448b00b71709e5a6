// The player: keyboard, waveform, volume, chapters, synchronised transcript, citing a position.
import { copyElement } from "./copy.js";
import { counted, worded } from "./words.js";

// Without JavaScript the page has the browser's own controls, and links to lines of the transcript.

const RETRIES = 3;
const KEPT_SPEED = "player-speed";
const KEPT_VOLUME = "player-volume";

const clock = (seconds) => {
  const whole = Math.floor(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
};

const spoken = (seconds) => {
  const whole = Math.floor(seconds);
  const parts = [[Math.floor(whole / 3600), "hour"], [Math.floor(whole / 60) % 60, "minute"], [whole % 60, "second"]];
  return parts.filter(([n], i) => n || i === 2).map(([n, unit]) => counted(`{number} ${unit}`, `{number} ${unit}s`, n)).join(" ");
};

const momentOf = (hash) => {
  const found = /^#t=(\d{1,6})(?:\.\d+)?$/.exec(hash);
  return found ? Number(found[1]) : null;
};

function attach(hearing) {
  const find = (hook) => hearing.querySelector(`[data-${hook}]`);
  const audio = find("audio");
  const [controls, seek, play, now, played] = ["controls", "seek", "play", "now", "played"].map(find);
  const [message, speed, cited, mute, volume] = ["message", "speed", "cited", "mute", "volume"].map(find);
  const playWords = { play: play.textContent, pause: play.dataset.pause };
  const wave = hearing.querySelector(".waveform");
  const lines = [...hearing.querySelectorAll("[data-lines] [data-start]")].map((element) => ({
    element, start: Number(element.dataset.start), end: Number(element.dataset.end),
  }));
  const chapters = [...hearing.querySelectorAll("[data-at]")].map((link) => ({ link, at: Number(link.dataset.at) }));
  const follow = find("follow");
  let current = null;
  let wanted = null; // a position requested before the duration was known
  let failures = 0;

  const length = () => (Number.isFinite(audio.duration) ? audio.duration : Number(hearing.dataset.duration));
  const say = (words) => { message.textContent = words; };

  const goTo = (seconds) => {
    const target = Math.min(Math.max(seconds, 0), Math.max(length() - 0.05, 0));
    if (audio.readyState === 0) {
      wanted = target;
      audio.load();
    } else audio.currentTime = target;
    show(target);
    if (current) keepInView(current.element);
  };
  const start = () => audio.play().catch((error) => {
    // Browsers play sound only after the reader has used the page; there is a button.
    if (error.name !== "NotAllowedError" && error.name !== "AbortError") say(worded("The audio cannot be played here."));
  });
  const toggle = () => (audio.paused ? start() : audio.pause());

  function show(seconds) {
    now.textContent = clock(seconds);
    seek.value = String(Math.floor(seconds));
    seek.setAttribute("aria-valuetext", worded("{now} of {whole}", { now: spoken(seconds), whole: spoken(length()) }));
    if (played) played.setAttribute("width", String((seconds / length()) * wave.viewBox.baseVal.width));
    const chapter = chapters.findLast((each) => each.at <= seconds + 0.2);
    for (const each of chapters) {
      if (each === chapter) each.link.setAttribute("aria-current", "true");
      else each.link.removeAttribute("aria-current");
    }
    const line = lines.findLast((each) => each.start <= seconds + 0.05);
    const spokenLine = line && seconds < line.end + 2 ? line : null;
    if (spokenLine === current) return;
    current?.element.classList.remove("spoken");
    current?.element.removeAttribute("aria-current");
    current = spokenLine;
    if (!current) return;
    current.element.classList.add("spoken");
    current.element.setAttribute("aria-current", "true");
    if (follow?.checked && !audio.paused) keepInView(current.element);
  }

  function keepInView(element) {
    const list = element.parentElement;
    const isBox = list.scrollHeight > list.clientHeight + 4;
    if (!isBox) return; // the page does not scroll while somebody is reading
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    list.scrollTo({ top: element.offsetTop - list.clientHeight / 3, behavior: calm ? "auto" : "smooth" });
  }

  function changeSpeed(rate) {
    audio.playbackRate = rate;
    speed.value = String(rate);
    try { localStorage.setItem(KEPT_SPEED, String(rate)); } catch { /* not kept, then */ }
  }
  function changeVolume(percent) {
    audio.volume = Math.min(Math.max(percent, 0), 100) / 100;
    audio.muted = false;
  }
  function step(by) {
    const rates = [...speed.options].map((option) => Number(option.value));
    const place = rates.indexOf(audio.playbackRate) + by;
    if (rates[place]) changeSpeed(rates[place]);
    say(worded("Speed {rate}", { rate: audio.playbackRate }));
  }
  function chapterBy(by) {
    const place = chapters.findLastIndex((each) => each.at <= audio.currentTime + 0.2);
    const target = by < 0 && audio.currentTime - (chapters[place]?.at ?? 0) > 3 ? chapters[place] : chapters[place + by];
    if (target) goTo(target.at);
  }

  const keys = {
    " ": toggle, k: toggle,
    ArrowLeft: () => goTo(audio.currentTime - 5), ArrowRight: () => goTo(audio.currentTime + 5),
    j: () => goTo(audio.currentTime - 15), l: () => goTo(audio.currentTime + 30),
    ArrowUp: () => changeVolume(audio.volume * 100 + 5), ArrowDown: () => changeVolume(audio.volume * 100 - 5),
    m: () => { audio.muted = !audio.muted; },
    ",": () => step(-1), ".": () => step(1), p: () => chapterBy(-1), n: () => chapterBy(1),
  };
  hearing.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const on = event.target;
    const act = keys[event.key];
    if (!act || on.matches("select, textarea, input:not([type=range])")) return;
    if (event.key === " " && on.matches("button, a, summary")) return; // activates the focused element
    // Up and down scroll the transcript, or move a focused range input.
    if (/^Arrow(Up|Down)$/.test(event.key) && (!on.closest(".player") || on.matches("[type=range]"))) return;
    event.preventDefault();
    act();
  });

  async function failed() {
    if (failures >= RETRIES) return say(worded("The audio broke off. Reload the page to go on."));
    failures += 1;
    const at = audio.currentTime || wanted || 0;
    const wasPlaying = !audio.paused;
    try {
      const answer = await fetch(audio.src, { method: "HEAD", redirect: "manual" });
      if (answer.status === 403) return say(worded("This sitting is over. Reload the page to begin another."));
      if (answer.status === 410) return say(worded("This link has ended. Reload the page to see why."));
      if (answer.status === 404) return say(worded("This recording is no longer here."));
    } catch {
      say(worded("No connection. Trying again …"));
      await new Promise((resolve) => { setTimeout(resolve, 2000 * failures); });
    }
    wanted = at; // a signed URL may have expired: the page's own URL gives a new one
    audio.load();
    if (wasPlaying) start();
  }

  audio.addEventListener("loadedmetadata", () => {
    if (wanted !== null) audio.currentTime = wanted;
    wanted = null;
    audio.playbackRate = Number(speed.value);
  });
  audio.addEventListener("error", failed);
  audio.addEventListener("timeupdate", () => { failures = 0; show(audio.currentTime); });
  audio.addEventListener("seeked", () => show(audio.currentTime));
  audio.addEventListener("waiting", () => say(worded("Loading …")));
  audio.addEventListener("playing", () => say(""));
  audio.addEventListener("canplay", () => say(""));
  for (const event of ["play", "pause", "ended"]) {
    audio.addEventListener(event, () => { play.textContent = audio.paused ? playWords.play : playWords.pause; });
  }
  play.addEventListener("click", toggle);
  seek.addEventListener("input", () => goTo(Number(seek.value)));
  speed.addEventListener("change", () => changeSpeed(Number(speed.value)));
  volume.addEventListener("input", () => changeVolume(Number(volume.value)));
  mute.addEventListener("click", () => { audio.muted = !audio.muted; });
  audio.addEventListener("volumechange", () => {
    volume.value = String(Math.round(audio.volume * 100));
    mute.setAttribute("aria-pressed", String(audio.muted));
    try { localStorage.setItem(KEPT_VOLUME, volume.value); } catch { /* not kept, then */ }
  });
  for (const button of hearing.querySelectorAll("[data-skip]")) {
    button.addEventListener("click", () => goTo(audio.currentTime + Number(button.dataset.skip)));
  }

  // A click on a line or chapter plays it at once; its URL can still be copied.
  hearing.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#t=']");
    const line = event.target.closest("[data-start]");
    if (event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection())) return;
    if (link && link !== find("moment-link")) {
      event.preventDefault();
      history.replaceState(null, "", link.getAttribute("href"));
      goTo(line ? Number(line.dataset.start) : meant(momentOf(link.getAttribute("href"))));
      start();
    } else if (line) {
      goTo(Number(line.dataset.start));
      start();
    }
  });
  // URLs contain whole seconds. They refer to the line that begins within that second.
  const meant = (seconds) => lines.find(({ start }) => Math.floor(start) === seconds)?.start ?? seconds;
  const fromAddress = () => {
    const moment = momentOf(location.hash);
    if (moment !== null) goTo(meant(moment));
  };
  addEventListener("hashchange", fromAddress);

  // --- citing -----------------------------------------------------------------------------------
  const style = find("style");
  const reference = find("reference");
  let citedMoment = 0;
  async function cite() {
    const answer = await fetch(`${hearing.dataset.cite}?t=${citedMoment}&style=${style.value}`);
    reference.textContent = answer.ok ? (await answer.text()).trim() : worded("The reference could not be made.");
  }
  find("cite-moment").addEventListener("click", () => {
    citedMoment = Math.floor(audio.currentTime);
    find("moment-link").href = `#t=${citedMoment}`;
    find("moment-link").textContent = worded("Link to {time}", { time: clock(citedMoment) });
    cited.hidden = false;
    cite();
  });
  style.addEventListener("change", cite);
  find("copy-reference").addEventListener("click", async () => {
    if (await copyElement(reference)) return say(worded("Copied."));
    getSelection().selectAllChildren(reference); // no permission: selected, to be copied by hand
    say(worded("Press Ctrl+C to copy."));
  });

  let kept = null;
  try { kept = localStorage.getItem(KEPT_SPEED); } catch { /* none */ }
  if ([...speed.options].some((option) => option.value === kept)) speed.value = kept;
  audio.playbackRate = Number(speed.value);
  let loudness = null;
  try { loudness = localStorage.getItem(KEPT_VOLUME); } catch { /* none */ }
  if (/^\d{1,3}$/.test(loudness ?? "")) changeVolume(Number(loudness));
  audio.removeAttribute("controls");
  controls.hidden = false;
  const label = find("follow-label");
  if (label && lines.length) label.hidden = false;
  hearing.classList.add("is-live");
  show(0);
  fromAddress();
  const hit = hearing.querySelector("[data-lines] mark");
  if (hit && momentOf(location.hash) === null) {
    keepInView(hit.closest("li"));
    hearing.querySelector(".transcript").scrollIntoView();
  }
}

for (const hearing of document.querySelectorAll("[data-player]")) attach(hearing);
