// The editor of /questions: colours, mistakes at their place, completion, and the answer without leaving the page.
// Everything here is a comfort; without it the page is a form that does the same.
"use strict";

const form = document.getElementById("question");
const area = document.getElementById("text");
const layer = form.querySelector(".layer");
const code = layer.firstElementChild;
const standing = document.getElementById("standing");
const list = document.getElementById("problems");
const answer = document.getElementById("answer");
const patient = document.getElementById("patient");
const who = document.getElementById("who");
const say = form.dataset;
const keywords = new Set(say.keywords.split(" "));
const language = () => form.elements.language.value;
const fill = (sentence, values) => sentence.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
let problems = [];

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function later(wait, action) {
  let timer;
  return (...values) => { clearTimeout(timer); timer = setTimeout(() => action(...values), wait); };
}

// Posts what is in the form; only the newest request of a kind counts.
const running = {};
async function post(path, more) {
  running[path]?.abort();
  const mine = running[path] = new AbortController();
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(more)) body.set(name, value);
  const reply = await fetch(path, { method: "POST", body, signal: mine.signal });
  return mine === running[path] ? reply : null;
}

// --- colours

const TOKEN = /(\/\/.*|\/\*[^]*?(?:\*\/|$))|('(?:\\[^]|[^'\\])*'?)|("(?:\\.|[^"\\\n])*"?|`[^`\n]*`?)|(@[\dT][\d:.TZ+-]*|\b\d+(?:\.\d+)?L?\b)|([A-Za-z_]\w*)/g;

// Pieces of the text with a class, in order and without gaps.
function pieces(text) {
  const found = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [all, comment, string, quoted, number, word] = match;
    let kind = comment ? "comment" : string || number ? "literal" : quoted ? "name" : "";
    if (word && keywords.has(word) && (language() === "cql" || /^(and|or|xor|implies|is|as|div|mod|in|contains|true|false)$/.test(word)) && text[match.index - 1] !== ".") kind = "word";
    if (!kind) continue;
    if (match.index > at) found.push([at, match.index, ""]);
    found.push([match.index, at = match.index + all.length, kind]);
  }
  if (at < text.length) found.push([at, text.length, ""]);
  return found;
}

function draw() {
  const text = area.value;
  const marks = problems.filter((each) => !each.place).map((each) => ({ ...each, end: Math.max(each.end, each.start + 1) }));
  const cuts = marks.flatMap((each) => [each.start, each.end]);
  const lines = [];
  let line;
  const begin = () => lines.push(line = make("span", { className: "line" }));
  const put = (from, to, kind) => {
    const mark = marks.find((each) => each.start < to && each.end > from);
    const names = [kind, mark ? (mark.warning ? "noted" : "wrong") : ""].filter(Boolean).join(" ");
    line.append(names ? make("span", { className: names }, text.slice(from, to)) : text.slice(from, to));
  };
  begin();
  for (const [from, to, kind] of pieces(text)) {
    const stops = [...cuts.filter((cut) => cut > from && cut < to), to].sort((a, b) => a - b);
    let at = from;
    for (const stop of stops) {
      while (at < stop) {
        const end = text.indexOf("\n", at);
        if (end === -1 || end >= stop) { put(at, stop, kind); at = stop; continue; }
        if (end > at) put(at, end, kind);
        begin();
        at = end + 1;
      }
    }
  }
  for (const each of lines) if (!each.firstChild) each.append("\u200b");
  for (const each of [...marks].reverse()) {
    const row = lines[text.slice(0, each.start).split("\n").length - 1];
    if (row) { row.dataset.lens = each.sentence; row.classList.add(each.warning ? "has-note" : "has-mistake"); }
  }
  code.replaceChildren(...lines);
}

// Where a character is on the screen.
function placeOf(offset) {
  const before = area.value.slice(0, offset).split("\n");
  const row = code.children[before.length - 1];
  let left = before[before.length - 1].length;
  const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (left <= node.length) {
      const range = document.createRange();
      range.setStart(node, left);
      range.collapse(true);
      const found = range.getClientRects()[0];
      if (found) return found;
      break;
    }
    left -= node.length;
  }
  return row.getBoundingClientRect();
}

// --- mistakes

const check = later(350, async () => {
  try {
    const reply = await post("/questions/check", {});
    if (!reply?.ok) return;
    const found = await reply.json();
    problems = found.problems;
    tell();
    draw();
    if (found.library || !area.value.trim() || language() !== "cql") offer(found.parameters);
  } catch (error) {
    if (error.name !== "AbortError") standing.textContent = say.failed;
  }
});

function tell() {
  const wrong = problems.filter((each) => !each.warning).length;
  const said = area.value.trim() === "" ? say.empty : wrong ? fill(say.some, { count: wrong }) : say.none;
  const notes = problems.length > wrong ? ` ${fill(say.warnings, { count: problems.length - wrong })}` : "";
  if (standing.textContent !== said + notes) standing.textContent = said + notes;
  area.setAttribute("aria-invalid", String(wrong > 0));
  list.replaceChildren(...problems.map((each) => {
    const item = make("li", { className: each.warning ? "warning-note" : "" });
    const where = each.place || fill(say.place, each);
    item.append(each.place ? make("span", { className: "where" }, where) : make("button", { type: "button", className: "where", onclick: () => select(each) }, where));
    item.append(" ", make("span", { className: "what", lang: "en" }, each.sentence));
    if (each.suggestion) item.append(" ", make("button", { type: "button", className: "use", onclick: () => mend(each) }, fill(say.use, { name: each.suggestion })));
    return item;
  }));
}

function select({ start, end }) {
  area.focus();
  area.setSelectionRange(start, end);
  const place = placeOf(start), frame = area.parentElement.getBoundingClientRect();
  if (place.top < Math.max(frame.top, 0) || place.bottom > Math.min(frame.bottom, innerHeight)) code.children[area.value.slice(0, start).split("\n").length - 1].scrollIntoView({ block: "center" });
}

function mend(problem) {
  insert(problem.start, problem.end, problem.suggestion);
  standing.textContent = fill(say.replaced, { name: problem.suggestion });
}

function next(backwards) {
  const places = problems.filter((each) => !each.place);
  const at = area.selectionStart;
  const found = backwards ? places.findLast((each) => each.start < at) ?? places.at(-1) : places.find((each) => each.start > at) ?? places[0];
  if (found) { select(found); standing.textContent = `${fill(say.place, found)}: ${found.sentence}`; }
}

// Writes so that Ctrl+Z takes it back.
let writing = false;
function insert(start, end, text) {
  area.focus();
  area.setSelectionRange(start, end);
  writing = true;
  if (!document.execCommand(text ? "insertText" : "delete", false, text)) {
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input"));
  }
  writing = false;
}

// --- lists to choose from: one for the text, one for patients

class Choices {
  constructor(field, box, show, take) {
    Object.assign(this, { field, box, show, take, items: [], at: -1 });
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", box.id);
    field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    box.addEventListener("mousedown", (event) => event.preventDefault());
    box.addEventListener("click", (event) => {
      const index = [...box.children].indexOf(event.target.closest("[role=option]"));
      if (index >= 0) this.choose(index);
    });
  }
  get open() { return !this.box.hidden; }
  fill(items, chosen) {
    this.items = items;
    this.box.replaceChildren(...items.map((each, index) => {
      const option = this.show(each);
      option.id = `${this.box.id}-${index}`;
      option.setAttribute("role", "option");
      return option;
    }));
    this.box.hidden = items.length === 0;
    if (this.field.getAttribute("role") === "combobox") this.field.setAttribute("aria-expanded", String(this.open));
    this.move(items.length ? chosen : -1);
  }
  move(index) {
    this.at = index;
    [...this.box.children].forEach((each, place) => each.setAttribute("aria-selected", String(place === index)));
    const option = this.box.children[index];
    option?.scrollIntoView({ block: "nearest" });
    option ? this.field.setAttribute("aria-activedescendant", option.id) : this.field.removeAttribute("aria-activedescendant");
  }
  choose(index) { const item = this.items[index]; this.close(); this.take(item); }
  close() { if (this.open) this.fill([], -1); }
  // Whether a key was for the list.
  key(event) {
    if (!this.open) return false;
    const count = this.items.length;
    if (event.key === "ArrowDown") this.move((this.at + 1) % count);
    else if (event.key === "ArrowUp") this.move((this.at - 1 + count) % count);
    else if ((event.key === "Enter" || event.key === "Tab") && this.at >= 0 && !event.shiftKey && !event.ctrlKey) this.choose(this.at);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }
}

// --- completion

let range = null;
const completions = new Choices(area, document.getElementById("completions"),
  (each) => make("li", {}, make("code", {}, each.text), make("span", { className: "note" }, each.detail || each.kind)),
  (each) => insert(range.start, range.end, each.text));

async function complete() {
  if (language() !== "cql" || area.selectionStart !== area.selectionEnd) return;
  const at = area.selectionStart;
  try {
    const reply = await post("/questions/complete", { at });
    if (!reply?.ok || area.selectionStart !== at || document.activeElement !== area) return;
    range = { ...await reply.json(), at };
    completions.fill(range.items, 0);
    if (!completions.open) return;
    standing.textContent = fill(say.choices, { count: range.items.length });
    const place = placeOf(range.start), box = completions.box;
    box.style.left = `${Math.max(8, Math.min(place.left, innerWidth - box.offsetWidth - 8))}px`;
    const below = place.bottom + 4;
    box.style.top = `${below + box.offsetHeight > innerHeight ? Math.max(8, place.top - box.offsetHeight - 4) : below}px`;
  } catch (error) {
    if (error.name !== "AbortError") completions.close();
  }
}

// What has been typed since chooses at once; the server's list comes a moment later.
function narrow(at) {
  const typed = area.value.slice(range.start, at).replace('"', "").toLowerCase();
  const named = range.items.map((each) => [each, each.text.replace('"', "").toLowerCase()]);
  const begin = named.filter(([, name]) => name.startsWith(typed)), within = named.filter(([, name]) => !name.startsWith(typed) && name.includes(typed));
  range.end = Math.max(at, range.end + (at - range.at));
  range.at = at;
  completions.fill(at < range.start ? [] : [...begin, ...within].map(([each]) => each), 0);
}
const completeSoon = later(120, complete);
// After a dot, at the beginning of a retrieve, at its code, and in a name whose quote has just been opened.
const OPENS = /(?:[\w")\]]\.|\[|\[[^\]]*:|^[^"]*(?:"[^"]*"[^"]*)*")$/;

// --- keys

let leaving = false;
let length = 0;
area.addEventListener("keydown", (event) => {
  const command = event.ctrlKey || event.metaKey;
  const wasLeaving = leaving;
  leaving = event.key === "Shift" && leaving;
  if (event.isComposing) return;
  if (command && event.key === "Enter") { completions.close(); ask(); }
  else if (completions.key(event)) return;
  else if (event.key === "Escape") { leaving = true; return; }
  else if (event.ctrlKey && event.key === " ") complete();
  else if (command && event.key === ".") {
    const at = area.selectionStart;
    const found = problems.find((each) => each.suggestion && each.start <= at && at <= each.end) ?? problems.find((each) => each.suggestion);
    if (found) mend(found);
  }
  else if (event.key === "F8") next(event.shiftKey);
  else if (event.key === "Tab" && !event.shiftKey && !wasLeaving && !command) insert(area.selectionStart, area.selectionEnd, "  ");
  else if (event.key === "Enter" && !command && !event.shiftKey) {
    const indent = area.value.slice(0, area.selectionStart).match(/(?:^|\n)([ \t]*)[^\n]*$/)[1];
    insert(area.selectionStart, area.selectionEnd, `\n${indent}`);
  }
  else return;
  event.preventDefault();
});

area.addEventListener("input", (event) => {
  // Marks move with what is typed before them, until the server has looked again.
  const shift = area.value.length - length, at = area.selectionStart;
  if (shift) problems = problems.map((each) => (each.start >= at - Math.max(shift, 0) ? { ...each, start: Math.max(each.start + shift, 0), end: Math.max(each.end + shift, 0) } : each));
  length = area.value.length;
  draw();
  check();
  sessionStorage.setItem("question", JSON.stringify({ text: area.value, language: language() }));
  const line = area.value.slice(0, at).split("\n").at(-1);
  if (writing) completions.close();
  else if (completions.open && (event.data === null || /^\w$/.test(event.data))) { narrow(at); completeSoon(); }
  else if (OPENS.test(line) && event.data) { completions.close(); completeSoon(); }
  else completions.close();
});
for (const each of form.elements.language) each.addEventListener("change", () => { draw(); check(); });

// --- patients

patient.setAttribute("role", "combobox");
patient.setAttribute("aria-expanded", "false");
const people = new Choices(patient, document.getElementById("people"),
  (each) => make("li", {}, make("strong", {}, each.name), make("span", { className: "note" }, [each.gender, each.born, each.number].filter(Boolean).join(" · "))),
  (each) => { patient.value = each.words; who.value = each.id; });
const look = later(200, async () => {
  const text = patient.value.trim();
  if (text.length < 2) return people.close();
  try {
    const reply = await fetch(`/questions/patients?q=${encodeURIComponent(text)}`);
    if (reply.ok && patient.value.trim() === text && !who.value) people.fill(await reply.json(), -1);
  } catch { people.close(); }
});
patient.addEventListener("input", () => { who.value = ""; look(); });
patient.addEventListener("keydown", (event) => people.key(event));

// --- parameters

function offer(parameters) {
  const box = document.getElementById("wishes");
  const key = JSON.stringify(parameters);
  if (box.dataset.key === key) return;
  box.dataset.key = key;
  const given = Object.fromEntries([...box.querySelectorAll("input")].map((each) => [each.name, each.value]));
  box.replaceChildren(...parameters.map((each, index) => make("p", { className: "wish" },
    make("label", { htmlFor: `w${index + 1}` }, `${each.name} `, make("span", { className: "note" }, each.type)),
    make("input", { id: `w${index + 1}`, name: `p.${each.name}`, type: "search", value: given[`p.${each.name}`] ?? "", autocomplete: "off", spellcheck: false, placeholder: each.default }))));
}

// --- asking

async function ask() {
  answer.setAttribute("aria-busy", "true");
  standing.textContent = say.asking;
  try {
    const reply = await post("/questions", { do: "ask", part: "answer" });
    if (!reply) return;
    if (!reply.headers.get("content-type")?.startsWith("text/html") || reply.status >= 500) throw new Error("no answer");
    answer.innerHTML = await reply.text();
    tell();
    if (answer.getBoundingClientRect().top > innerHeight - 80) answer.scrollIntoView({ block: "start" });
  } catch (error) {
    if (error.name !== "AbortError") standing.textContent = say.failed;
  } finally {
    answer.removeAttribute("aria-busy");
  }
}

form.addEventListener("submit", (event) => {
  if (event.submitter && event.submitter.value !== "ask") return;
  event.preventDefault();
  ask();
});
answer.addEventListener("change", (event) => {
  if (event.target.name !== "who") return;
  patient.value = event.target.dataset.words;
  who.value = event.target.value;
  ask();
});
answer.addEventListener("click", (event) => {
  const go = event.target.closest(".go");
  if (!go) return;
  event.preventDefault();
  select({ start: Number(go.dataset.start), end: Number(go.dataset.end) });
});

// --- examples, and what was written before

function begin(text, kind) {
  form.elements.language.value = kind;
  form.elements.library.value = form.elements.version.value = "";
  insert(0, area.value.length, text);
  area.setSelectionRange(0, 0);
  area.parentElement.scrollTop = 0;
}
for (const link of document.querySelectorAll("[data-text]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    link.closest("details").open = false;
    begin(link.dataset.text, link.dataset.language);
  });
}
if (!area.value && !/[?&](example|library)=/.test(location.search)) {
  try {
    const kept = JSON.parse(sessionStorage.getItem("question"));
    if (kept?.text) { area.value = kept.text; form.elements.language.value = kept.language; }
  } catch { sessionStorage.removeItem("question"); }
}
length = area.value.length;

document.body.classList.add("scripted");
area.parentElement.classList.add("live");
layer.hidden = false;
document.getElementById("keys").hidden = false;
draw();
check();
