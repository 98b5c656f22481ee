// Connect the parts of the page. What they show is in `state`, which the fragment of the address keeps.
"use strict";

const find = (id) => document.getElementById(id);
const state = { job: null, sort: null, descending: false, every: data.every, filter: "", x: null, y: null, xLog: null, yLog: null };
let jobs = data.jobs; // those that the filter passes, in their order
let most = MOST_ROWS;
let opener = null; // the element that had the focus before the details

// --- the fragment: #job=3&sort=-train.lr&filter=status=done&x=train.lr&y=evaluate.loss

function readFragment() {
  const given = new URLSearchParams(location.hash.slice(1));
  const sort = given.get("sort") || "";
  state.descending = sort.startsWith("-") && !columns.some((one) => one.name === sort);
  const column = columnOf(state.descending ? sort.slice(1) : sort);
  state.sort = column ? column.name : data.sort;
  state.filter = given.get("filter") || "";
  state.every = given.has("all") ? given.get("all") === "1" : data.every;
  const job = given.get("job");
  state.job = job === null ? null : data.jobs.find((one) => one.name === job || String(one.number) === job) || null;
  const results = plotted.filter((one) => one.kind === "result"), keys = plotted.filter((one) => one.kind === "key" && one.differs);
  const named = (name) => plotted.find((one) => one.name === name);
  const time = plotted.find((one) => one.kind === "time");
  state.x = named(given.get("x")) || mostVaried(keys.filter((one) => one.numeric)) || keys[0] || time;
  state.y = named(given.get("y")) || results.find((one) => one.numeric && varies(one)) || results[0] || time;
  const log = new Set((given.get("log") || "").split(","));
  state.xLog = given.has("log") ? log.has("x") : looksLogarithmic(state.x);
  state.yLog = given.has("log") ? log.has("y") : looksLogarithmic(state.y);
}

function mostVaried(found) {
  return found.reduce((best, one) => (best && kinds(best) >= kinds(one) ? best : one), undefined);
}

function writeFragment() {
  const found = new URLSearchParams();
  if (state.job) found.set("job", state.job.number === null ? state.job.name : state.job.number);
  if (state.sort) found.set("sort", (state.descending ? "-" : "") + state.sort);
  if (state.filter) found.set("filter", state.filter);
  if (state.every) found.set("all", "1");
  found.set("x", state.x.name);
  found.set("y", state.y.name);
  found.set("log", [state.xLog && "x", state.yLog && "y"].filter(Boolean).join(","));
  history.replaceState(null, "", "#" + found);
}

// --- what is shown

function showTable() {
  const filter = readFilter(state.filter);
  jobs = sorted(data.jobs.filter(filter.matches), state.sort, state.descending);
  table.render(state, jobs, most, sortBy, open);
  const is = jobs.length === data.jobs.length ? `${jobs.length} runs` : `${jobs.length} of ${data.jobs.length} runs`;
  find("count").textContent = [is, filter.problem].filter(Boolean).join(". ");
  find("count").classList.toggle("problem", Boolean(filter.problem));
  const more = jobs.length - Math.min(most, jobs.length);
  find("more").hidden = more === 0;
  find("more").textContent = `Show ${more} more`;
  for (const button of find("statuses").children) {
    button.setAttribute("aria-pressed", String(isFilteredBy(button.value)));
  }
}

function showPlots() {
  drawScatter(state, jobs, open, filterBy);
  drawParallel(state, jobs, open, filterBy);
}

const PAUSE = 150; // milliseconds
let pending = 0;
function showAll() {
  showTable();
  writeFragment();
  clearTimeout(pending); // plots follow once somebody has typed
  pending = setTimeout(showPlots, PAUSE);
}

function sortBy(name) {
  state.descending = state.sort === name && !state.descending;
  state.sort = name;
  showTable();
  writeFragment();
  const title = [...table.head.children].find((one) => one.textContent === name);
  if (title) title.firstChild.focus();
}

function setFilter(text) {
  state.filter = find("filter").value = text;
  most = MOST_ROWS;
  showAll();
}

function filterBy(found) {
  setFilter(found.reduce((text, [column, chosen]) => withFilter(text, column, chosen), state.filter));
}

const STATUS = columnOf("status");
const statusesIn = (text) => {
  const found = [...text.matchAll(TOKEN)].find((one) => one[1] === "status" && one[2] === "=");
  return found ? found[3].split("|") : [];
};
const isFilteredBy = (status) => statusesIn(state.filter).includes(status);

function toggleStatus(status) {
  const before = statusesIn(state.filter);
  setFilter(withFilter(state.filter, STATUS, before.includes(status) ? before.filter((one) => one !== status) : [...before, status]));
}

// --- the details of a run

function open(job, event) {
  const isNew = state.job !== job;
  if (event || !opener) opener = document.activeElement;
  state.job = job;
  showDetails(job);
  table.select(job);
  writeFragment();
  if (isNew) highlight(state, jobs);
}

function close() {
  const job = state.job;
  state.job = null;
  hideDetails();
  table.select(null);
  writeFragment();
  highlight(state, jobs);
  if (table.rows.has(job)) table.focus(job);
  else if (opener) opener.focus();
  opener = null;
}

function hideDetails() {
  find("details").hidden = true;
  find("main").inert = false;
  document.body.classList.remove("opened");
}

function section(title, children, attributes = {}) {
  return element("section", null, attributes, [element("h3", title), ...children]);
}

function list(pairs) {
  const found = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return element("dl", null, {}, found.flatMap(([name, value]) => [element("dt", name), element("dd", shown(value))]));
}

function rowsOf(titles, rows, className) {
  const head = element("thead", null, {}, [element("tr", null, {}, titles.map((one) => element("th", one, { scope: "col" })))]);
  const body = element("tbody", null, {}, rows.map((row) => element("tr", null, {}, row.map((text, index) =>
    element(index ? "td" : "th", shown(text), index ? {} : { scope: "row" })))));
  return element("div", null, { class: "wide" }, [element("table", null, { class: className }, [head, body])]);
}

function longText(text, title, label, name) {
  const box = element("pre", text, { tabindex: "0", role: "region", "aria-label": label, class: name });
  return section(title, [box]);
}

function showDetails(job) {
  const details = find("details"), parts = [];
  const title = data.isSweep && job.number !== null ? `Job ${job.number}` : job.name;
  const button = (text, label, act) => {
    const made = element("button", text, { type: "button", "aria-label": label });
    made.addEventListener("click", act);
    return made;
  };
  parts.push(element("div", null, { class: "bar" }, [
    element("h2", title), element("span", job.status, { class: "status " + job.status }),
    button("↑", "Previous run", () => open(table.step(job, -1))), button("↓", "Next run", () => open(table.step(job, 1))),
    button("✕", "Close", close),
  ]));
  parts.push(element("p", job.folder, { class: "note" }));
  if (job.error && (job.error.type || job.error.message)) {
    const kind = job.error.type ? job.error.type + ": " : "";
    parts.push(section("Error", [element("pre", kind + (job.error.message || ""), { class: "error", tabindex: "0" }),
      element("p", job.error.where, { class: "note" })]));
  }
  const results = data.results.map((name, index) => [name, job.results[index]]).filter(([, value]) => value !== null);
  if (results.length) parts.push(section("Results", [rowsOf(["result", "value"], results, "pairs")]));
  if (job.figures.length) {
    parts.push(section("Figures", job.figures.map(([name, source]) => element("figure", null, {}, [
      element("img", null, { src: source, alt: name, loading: "lazy" }), element("figcaption", name)]))));
  }
  const values = data.keys.map((key, index) => [key, index]).filter(([, index]) => job.values[index] !== null)
    .map(([key, index]) => { const [text, origin] = data.texts[job.values[index]]; return [key, text, origin]; });
  const hasOrigins = values.some(([, , origin]) => origin);
  parts.push(section("Values", values.length ? [hasOrigins ? rowsOf(["key", "value", "from"], values, "values origins")
    : rowsOf(["key", "value"], values.map((row) => row.slice(0, 2)), "values")]
    : [element("p", "The saved run cannot be read.", { class: "note" })]));
  if (job.turns.length) {
    const turns = job.turns.map(([stage, status, seconds, returned]) => [stage, status, seconds === null ? "" : `${shown(seconds)} s`, returned]);
    parts.push(section("Turns", [rowsOf(["stage", "status", "time", "returned"], turns, "turns")]));
  }
  const before = job.logBefore ? `, without the first ${job.logBefore.toLocaleString("en")} bytes` : "";
  if (job.log) parts.push(longText(job.log, `End of the log${before}`, "End of the log", "log"));
  const commit = job.commit ? job.commit + (job.dirty ? ", with changes" : "") : "none";
  parts.push(section("Run", [list([["line", job.line], ["commit", commit], ["started", job.started],
    ["time", clock(job.seconds)], ["exit code", job.exit], ["host", job.host], ["Python", job.python], ["engine", job.engine]])]));
  if (job.diff !== null) parts.push(longText(data.diffs[job.diff], "Changes since the commit", "Changes since the commit", "diff"));
  for (const note of job.notes) parts.push(element("p", note, { class: "note" }));
  details.replaceChildren(...parts);
  details.hidden = false;
  document.body.classList.add("opened");
  details.scrollTop = 0;
  const log = details.querySelector("pre.log");
  if (log) log.scrollTop = log.scrollHeight;
  // On a narrow screen, the details cover the rest.
  const covers = matchMedia("(max-width: 800px)").matches;
  find("main").inert = covers;
  if (covers) details.focus();
}

// --- the beginning

function fillSelect(select, chosen) {
  for (const [label, kind] of [["results", "result"], ["keys", "key"], ["", "time"]]) {
    const own = plotted.filter((one) => one.kind === kind);
    const options = own.map((one) => {
      const option = element("option", one.name, { value: one.name });
      option.selected = one === chosen;
      return option;
    });
    if (label && own.length) select.append(element("optgroup", null, { label }, options));
    else select.append(...options);
  }
}

function choose(axis) {
  state[axis] = plotted.find((one) => one.name === find(axis).value);
  state[axis + "Log"] = find(axis + "-log").checked = looksLogarithmic(state[axis]);
  showAll();
}

function start() {
  find("title").textContent = data.title;
  const made = data.made.slice(0, 16).replace("T", " ");
  find("summary").textContent = `${data.summary}. Made ${made}.`;
  find("left-out").hidden = data.leftOut.length === 0;
  find("left-out").append(...data.leftOut.map((text) => element("li", text)));
  for (const status of STATUSES) {
    const count = data.jobs.filter((job) => job.status === status).length;
    if (!count) continue;
    const button = element("button", `${status} ${count}`, { type: "button", value: status, class: "status " + status });
    button.addEventListener("click", () => toggleStatus(status));
    find("statuses").append(button);
  }
  readFragment();
  fillSelect(find("x"), state.x);
  fillSelect(find("y"), state.y);
  showState();
  for (const axis of ["x", "y"]) {
    find(axis).addEventListener("change", () => choose(axis));
    find(axis + "-log").addEventListener("change", (event) => { state[axis + "Log"] = event.target.checked; showAll(); });
  }
  find("every").addEventListener("change", (event) => { state.every = event.target.checked; showAll(); });
  find("filter").addEventListener("input", (event) => setFilter(event.target.value));
  find("clear").addEventListener("click", () => { setFilter(""); find("filter").focus(); });
  find("more").addEventListener("click", () => { most = Infinity; showAll(); });
  document.addEventListener("keydown", onKey);
  addEventListener("hashchange", () => { readFragment(); showState(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showPlots);
  new ResizeObserver(() => {
    for (const plot of document.querySelectorAll(".plot.js-plotly-plot")) Plotly.Plots.resize(plot);
  }).observe(find("main"));
}

function showState() {
  find("filter").value = state.filter;
  find("every").checked = state.every;
  for (const axis of ["x", "y"]) {
    find(axis).value = state[axis].name;
    find(axis + "-log").checked = state[axis + "Log"];
  }
  showTable();
  showPlots();
  if (state.job) open(state.job);
  else hideDetails();
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const isTyping = event.target.matches("input, select, textarea");
  if (event.key === "Escape" && state.job && !(isTyping && event.target.value && event.target.type === "search")) close();
  else if (event.key === "/" && !isTyping) { event.preventDefault(); find("filter").focus(); }
  else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && table.body.contains(event.target)) {
    event.preventDefault();
    const job = data.jobs[event.target.closest("tr").dataset.job];
    const next = table.step(job, event.key === "ArrowDown" ? 1 : -1);
    table.focus(next);
    if (state.job) open(next);
  }
}

start();
