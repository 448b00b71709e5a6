/* The search of a static copy of the archive (export_static). It is a classic script because from
   disk browsers load neither modules nor data by fetch. Shards are scripts that call archiveData.
   */
"use strict";

(function () {
  const PAGE = 20;
  const TITLE_WEIGHT = 3;
  const waiting = new Map(); // name of a shard: functions that wait for it
  const loaded = new Map();
  const box = document.querySelector("[data-archive]");
  const input = document.getElementById("archive-query");
  const status = document.querySelector("[data-archive-status]");
  const list = document.querySelector("[data-archive-results]");
  const aside = document.querySelector("[data-archive-facets]");
  const more = document.querySelector("[data-archive-more]");
  const LABELS = { year: "Year", series: "Series", topic: "Topic", region: "Region", speaker: "Speaker", organisation: "Organisation", has: "Has" };
  const chosen = {}; // parameter: Set of value numbers
  let run = 0, found = [], shown = 0, meta, facets;

  window.archiveData = function (name, value) {
    loaded.set(name, value);
  };

  function shard(name, missing) {
    if (loaded.has(name)) return Promise.resolve(loaded.get(name));
    if (!waiting.has(name)) {
      waiting.set(name, new Promise(function (resolve) {
        const script = document.createElement("script");
        script.src = "data/" + name + ".js";
        script.onload = function () { resolve(loaded.get(name)); };
        script.onerror = function () { loaded.set(name, missing); resolve(missing); };
        document.head.append(script);
      }));
    }
    return waiting.get(name);
  }

  // --- words, folded and split as in search_app/tokenizer.py -----------------------------------

  const APOSTROPHES = /[’‘‛`´ʹʻʼʽʾʿˈ′‵＇՚׳ꞌ΄᾽᾿῾]/g;
  const PLAIN = {
    "ß": "ss", "ς": "σ", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th",
    "ŋ": "n", "ə": "a", "‐": "-", "‑": "-", "‒": "-", "–": "-", "−": "-", "\u00ad": "", "\u200d": "",
  };
  const WITH_PLAIN = new RegExp("[" + Object.keys(PLAIN).join("") + "]", "g");
  const MARKS = /[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670]/g;
  const POSSESSIVE = /([\p{L}\p{N}.])'s(?![\p{L}\p{N}])/gu;
  const DOTTED = /(^|[^\p{L}\p{N}])(\p{L}(?:\.\p{L})+)\.?(?![\p{L}\p{N}])/gu;
  const UNSPACED = /[\u3005\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+/g;

  function words(text) {
    const folded = text.replace(APOSTROPHES, "'").normalize("NFKD").toLowerCase()
      .replace(WITH_PLAIN, (letter) => PLAIN[letter]).replace(MARKS, "").normalize("NFC")
      .replace(POSSESSIVE, "$1").replaceAll("'", "").replaceAll("&", " and ")
      .replace(DOTTED, (_, before, letters) => before + letters.replaceAll(".", ""));
    const result = [];
    for (const word of folded.match(/[\p{L}\p{N}\p{M}]+/gu) || []) {
      let end = 0;
      for (const part of word.matchAll(UNSPACED)) {
        if (part.index > end) result.push(word.slice(end, part.index));
        const signs = Array.from(part[0]);
        for (let n = 0; n < Math.max(1, signs.length - 1); n++) result.push(signs.slice(n, n + 2).join(""));
        end = part.index + part[0].length;
      }
      if (end < word.length) result.push(word.slice(end));
    }
    return result.map(function (word) { return word.slice(0, 60); });
  }

  function shardOf(word) {
    if (/^[a-z0-9]{2}/.test(word)) return "t-" + word.slice(0, 2);
    if (/^[a-z0-9]/.test(word)) return "t-" + word[0] + "_";
    return "t-u" + (word.codePointAt(0) % 256).toString(16).padStart(2, "0");
  }

  function shardWith(word) {
    return meta.words.includes(shardOf(word)) ? shard(shardOf(word), [{}, {}]) : [{}, {}];
  }

  // Words of the archive that begin with the typed text, or with its stem.
  function beginnings(word, forms, postings) {
    const match = /^(.{3,}?)(ies|ing|ed|es|s|y)$/.exec(word);
    const start = match && word.length > 4 && /^[a-z]+$/.test(word) ? match[1] : word;
    const stems = Object.keys(forms).filter((form) => form.startsWith(start)).map((form) => forms[form]);
    return new Set(stems.concat(Object.keys(postings).filter((stem) => stem.startsWith(start))));
  }

  async function sessionsWith(word) {
    const [forms, postings] = await shardWith(word);
    const isKnown = Object.hasOwn(forms, word) || Object.hasOwn(postings, word);
    const stems = isKnown ? [Object.hasOwn(forms, word) ? forms[word] : word]
      : word.length > 1 || word.search(UNSPACED) === 0 ? beginnings(word, forms, postings) : [];
    const found = new Map(); // number of a session: [score, score in its title]
    for (const stem of stems) {
      const scores = (await shardWith(stem))[1][stem] || [];
      for (let n = 0; n < scores.length; n += 3) {
        const known = found.get(scores[n]);
        if (!known || known[0] < scores[n + 1]) found.set(scores[n], [scores[n + 1], scores[n + 2]]);
      }
    }
    return found;
  }

  // The weights of the words, and an additional one if all of them are in the title.
  function scoreOf(number, maps) {
    const each = maps.map((map) => map.get(number));
    const score = each.reduce((sum, one) => sum + one[0], 0);
    return each.every((one) => one[1]) ? score + TITLE_WEIGHT * each.reduce((sum, one) => sum + one[1], 0) : score;
  }

  // --- results ----------------------------------------------------------------------------------

  async function search() {
    const mine = ++run;
    const wanted = [], unwanted = [];
    for (const part of input.value.split(/\s+/)) {
      (part.startsWith("-") && part.length > 1 ? unwanted : wanted).push(...words(part));
    }
    const maps = await Promise.all(wanted.map(sessionsWith));
    const without = await Promise.all(unwanted.map(sessionsWith));
    if (mine !== run) return;
    let numbers = maps.length ? Array.from(maps[0].keys()) : Array.from({ length: meta.count }, (_, n) => n);
    numbers = numbers.filter(function (n) {
      return maps.every((map) => map.has(n)) && !without.some((map) => map.has(n));
    });
    if (maps.length) {
      const score = new Map(numbers.map((n) => [n, scoreOf(n, maps)]));
      numbers.sort((a, b) => score.get(b) - score.get(a) || a - b);
    }
    showFacets(numbers);
    found = numbers.filter((n) => fits(n, ""));
    shown = 0;
    list.replaceChildren();
    box.dataset.total = found.length;
    status.textContent = found.length === 1 ? "1 session" : found.length.toLocaleString("en-GB") + " sessions";
    await showMore(mine);
  }

  function fits(number, besides) {
    return Object.entries(chosen).every(function ([parameter, values]) {
      if (parameter === besides || !values.size) return true;
      const own = facets[parameter][number];
      if (parameter === "has") return Array.from(values).every((value) => own.includes(value));
      return own.some((value) => values.has(value));
    });
  }

  async function showMore(mine) {
    const next = found.slice(shown, shown + PAGE);
    const chunks = await Promise.all(next.map((n) => shard("docs-" + Math.floor(n / meta.chunk), [])));
    if (mine !== run) return;
    next.forEach(function (number, place) {
      const [folder, title, day, speakers, lead, attributes] = chunks[place][number % meta.chunk];
      const article = document.createElement("article");
      article.dataset.session = folder.replace("sessions/", "");
      const heading = document.createElement("h2"), link = document.createElement("a");
      link.href = folder + "/index.html";
      link.textContent = title;
      heading.append(link);
      const line = document.createElement("p"), text = document.createElement("p");
      line.className = "meta";
      line.textContent = [day, speakers].filter(Boolean).join(" · ");
      text.textContent = lead;
      Object.assign(link, attributes);
      Object.assign(text, attributes);
      article.append(heading, line, text);
      list.append(article);
    });
    shown += next.length;
    more.hidden = shown >= found.length;
  }

  function showFacets(numbers) {
    const active = document.activeElement && document.activeElement.id;
    aside.replaceChildren();
    for (const [parameter, values] of Object.entries(meta.facets)) {
      const counts = new Array(values.length).fill(0);
      const besides = parameter === "has" ? "" : parameter;
      for (const number of numbers) {
        if (fits(number, besides)) for (const value of facets[parameter][number]) counts[value]++;
      }
      const picked = chosen[parameter] || (chosen[parameter] = new Set());
      let order = values.map((_, n) => n).filter((n) => counts[n] || picked.has(n));
      if (parameter === "year") order.sort((a, b) => values[b][0] - values[a][0]);
      else order.sort((a, b) => counts[b] - counts[a] || values[a][1].localeCompare(values[b][1]));
      order = order.filter((n, place) => place < 15 || picked.has(n));
      if (!order.length) continue;
      const group = document.createElement("fieldset"), legend = document.createElement("legend");
      legend.textContent = LABELS[parameter];
      group.append(legend);
      for (const n of order) {
        const label = document.createElement("label"), tick = document.createElement("input");
        tick.type = "checkbox";
        tick.id = "facet-" + parameter + "-" + n;
        tick.checked = picked.has(n);
        tick.addEventListener("change", function () {
          if (tick.checked) picked.add(n); else picked.delete(n);
          search();
        });
        label.dataset.facet = parameter;
        label.dataset.value = values[n][0];
        label.dataset.count = counts[n];
        label.append(tick, " " + values[n][1] + " (" + counts[n].toLocaleString("en-GB") + ")");
        const row = document.createElement("div");
        row.append(label);
        group.append(row);
      }
      aside.append(group);
    }
    if (active && active.startsWith("facet-")) {
      const again = document.getElementById(active);
      if (again) again.focus();
    }
  }

  async function start() {
    [meta, facets] = await Promise.all([shard("meta", null), shard("facets", null)]);
    box.hidden = false;
    if (!meta || !facets) {
      status.textContent = "The search cannot be loaded: files of the folder data are missing.";
      return;
    }
    let timer;
    input.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(search, 150);
    });
    more.addEventListener("click", function () { showMore(run); });
    search();
  }

  start();
})();
