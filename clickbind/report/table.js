// Show the runs as a table, and filter and sort them. Text of a run gets into the page by textContent only, so that it is
// never markup.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const STATUSES = ["done", "failed", "killed", "running", "waiting"];
const MOST_ROWS = 1000; // more of them are rendered on request

data.jobs.forEach((job, index) => { job.index = index; });

// Write a number as people read it, with six digits.
function shown(value) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "number" || Number.isInteger(value)) return String(value);
  const rounded = parseFloat(value.toPrecision(6));
  return Math.abs(rounded) < 1e-4 ? rounded.toExponential() : String(rounded);
}

function clock(seconds) {
  if (typeof seconds !== "number") return "";
  const whole = Math.floor(seconds);
  const minutes = String(Math.floor(whole / 60) % 60), rest = String(whole % 60).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  return hours ? `${hours}:${minutes.padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

// Make an element with text and attributes, and with other elements in it.
function element(name, text, attributes = {}, children = []) {
  const made = document.createElement(name);
  if (text !== null && text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Return a value if it is a number: nan and infinities are recorded as texts.
function number(value) {
  return typeof value === "number" ? value : null;
}

// List the columns: each has a name, a function that returns its value for a job, and a kind.
const columns = (function () {
  const name = data.isSweep ? "job" : "run";
  const found = [
    { name, kind: "fixed", of: (job) => (job.number === null ? job.name : job.number) },
    { name: "status", kind: "fixed", of: (job) => job.status },
    { name: "time", kind: "time", of: (job) => job.seconds, text: (job) => clock(job.seconds) },
  ];
  data.keys.forEach((key, index) => found.push({
    name: key, kind: "key", differs: data.differ[index],
    of: (job) => (job.values[index] === null ? undefined : data.texts[job.values[index]][2]),
  }));
  data.results.forEach((result, index) => found.push({
    name: result, kind: "result", of: (job) => (job.results[index] === null ? undefined : job.results[index]),
  }));
  found.push({ name: "started", kind: "hidden", of: (job) => job.started });
  found.push({ name: "folder", kind: "hidden", of: (job) => job.name });
  found.push({ name: "error", kind: "error", of: (job) => job.failure || undefined });
  for (const column of found) {
    column.text = column.text || ((job) => shown(column.of(job)));
    const values = data.jobs.map(column.of).filter((value) => value !== undefined && value !== null);
    column.numeric = values.length > 0 && values.every((value) => typeof value === "number");
  }
  return found;
})();

// Find a column by its name, or by the end of its name if no other column has that end.
function columnOf(name) {
  const wanted = name.toLowerCase();
  const exact = columns.find((column) => column.name === name)
    || columns.find((column) => column.name.toLowerCase() === wanted);
  if (exact) return exact;
  const ends = columns.filter((column) => column.name.toLowerCase().endsWith("." + wanted));
  return ends.length === 1 ? ends[0] : undefined;
}

// --- filter

const TOKEN = /("(?:[^"\\]|\\.)*"|[^\s"=<>!~]+)(<=|>=|!=|=|<|>|~)((?:"(?:[^"\\]|\\.)*"|[^\s"])*)|"((?:[^"\\]|\\.)*)"|(\S+)/g;

function unquoted(text) {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text;
}

function quoted(text) {
  return /^[^\s"|\\=<>!~]+$/.test(text) ? text : '"' + text.replace(/["\\]/g, "\\$&") + '"';
}

// Read a filter. Return a function that says whether a job passes, and what is wrong with the filter.
function readFilter(text) {
  const tests = [], problems = [];
  for (const [, name, operator, value, phrase, word] of text.matchAll(TOKEN)) {
    if (operator === undefined) {
      const sought = (phrase !== undefined ? phrase.replace(/\\(.)/g, "$1") : word).toLowerCase();
      tests.push((job) => columns.some((column) => column.text(job).toLowerCase().includes(sought)));
      continue;
    }
    const column = columnOf(unquoted(name));
    if (!column) problems.push(`There is no column ${unquoted(name)}.`);
    else if (value !== "") tests.push(comparison(column, operator, value)); // else it is being typed
  }
  return { matches: (job) => tests.every((test) => test(job)), problem: problems.join(" ") };
}

function comparison(column, operator, text) {
  const choices = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|[^|"]+/g)].map(
    (found) => (found[1] === undefined ? found[0] : found[1].replace(/\\(.)/g, "$1")));
  const same = (job, choice) => {
    const value = column.of(job);
    return value === undefined || value === null ? choice === "" : typeof value === "number"
      ? value === Number(choice) || shown(value) === choice : String(value) === choice;
  };
  const limit = Number(unquoted(text));
  const value = (job) => number(column.of(job));
  switch (operator) {
    case "=": return (job) => choices.some((choice) => same(job, choice));
    case "!=": return (job) => !choices.some((choice) => same(job, choice));
    case "~": return (job) => choices.some((choice) => column.text(job).toLowerCase().includes(choice.toLowerCase()));
    case "<": return (job) => value(job) !== null && value(job) < limit;
    case "<=": return (job) => value(job) !== null && value(job) <= limit;
    case ">": return (job) => value(job) !== null && value(job) > limit;
    default: return (job) => value(job) !== null && value(job) >= limit;
  }
}

// Return a filter that only these values of a column pass; it replaces earlier parts for the same column.
function withFilter(text, column, values) {
  const kept = [...text.matchAll(TOKEN)].filter((found) => !found[1] || columnOf(unquoted(found[1])) !== column);
  const parts = kept.map((found) => found[0]), name = quoted(column.name);
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length && numbers.length === values.length && column.name !== "status") {
    const low = Math.min(...numbers), high = Math.max(...numbers);
    if (low === high) parts.push(`${name}=${low}`);
    else parts.push(`${name}>=${low}`, `${name}<=${high}`);
  } else if (values.length) {
    parts.push(`${name}=${[...new Set(values.map((value) => quoted(String(value))))].join("|")}`);
  }
  return parts.join(" ");
}

// --- sorting

// Sort jobs by a column: numbers before texts. Jobs without a value come last in both directions.
function sorted(jobs, name, descending) {
  const column = columns.find((one) => one.name === name);
  if (!column) return descending ? [...jobs].reverse() : jobs;
  const value = column.name === "status" ? (job) => STATUSES.indexOf(job.status) : column.of;
  const rank = (one) => (one === undefined || one === null ? 2 : typeof one === "number" ? 0 : 1);
  const sign = descending ? -1 : 1;
  return [...jobs].sort((left, right) => {
    const one = value(left), two = value(right);
    if (rank(one) === 2 || rank(two) === 2) return rank(one) - rank(two);
    if (rank(one) !== rank(two)) return sign * (rank(one) - rank(two));
    if (rank(one) === 0) return sign * (one - two);
    return sign * String(one).localeCompare(String(two), "en", { numeric: true });
  });
}

// --- the table

const table = {
  head: document.querySelector("#table thead tr"),
  body: document.querySelector("#table tbody"),
  rows: new Map(), // of jobs

  columns(every) {
    return columns.filter((one) => one.kind !== "hidden" && (one.kind !== "key" || one.differs || every)
      && (one.kind !== "error" || data.jobs.some((job) => job.failure)));
  },

  // Make the titles and the rows; `state` says which columns, and in which order.
  render(state, jobs, most, onSort, onOpen) {
    const shownColumns = this.columns(state.every);
    this.head.replaceChildren(...shownColumns.map((column) => {
      const isSorted = column.name === state.sort;
      const title = element("th", null, { scope: "col", class: column.numeric ? "number" : column.kind });
      title.setAttribute("aria-sort", isSorted ? (state.descending ? "descending" : "ascending") : "none");
      const button = element("button", column.name, { type: "button" });
      button.addEventListener("click", () => onSort(column.name));
      title.append(button);
      return title;
    }));
    this.rows.clear();
    this.body.replaceChildren(...jobs.slice(0, most).map((job) => {
      const row = element("tr", null, { "data-job": job.index });
      shownColumns.forEach((column, index) => row.append(this.cell(job, column, index === 0, onOpen)));
      if (job === state.job) row.setAttribute("aria-selected", "true");
      row.addEventListener("click", (event) => {
        if (!String(getSelection())) onOpen(job, event);
      });
      this.rows.set(job, row);
      return row;
    }));
  },

  cell(job, column, isFirst, onOpen) {
    const text = column.text(job);
    if (isFirst) {
      const button = element("button", text, { type: "button", "aria-label": `${column.name} ${text}` });
      button.addEventListener("click", (event) => { event.stopPropagation(); onOpen(job, event); });
      return element("th", null, { scope: "row", class: column.numeric ? "number" : "" }, [button]);
    }
    const kind = column.numeric ? "number" : column.kind;
    const cell = element("td", text, { class: column.name === "status" ? "status " + job.status : kind });
    if (text.length > 40) cell.title = text.slice(0, 1000);
    return cell;
  },

  select(job) {
    for (const row of this.body.querySelectorAll("[aria-selected]")) row.removeAttribute("aria-selected");
    const row = this.rows.get(job), box = this.body.closest(".tall");
    if (!row) return;
    row.setAttribute("aria-selected", "true");
    const above = box.getBoundingClientRect().top + this.head.offsetHeight, place = row.getBoundingClientRect();
    if (place.top < above) box.scrollTop -= above - place.top;
    else if (place.bottom > box.getBoundingClientRect().bottom) box.scrollTop += place.top - above - box.clientHeight / 3;
  },

  // Go to the next or the previous row, and return its job.
  step(job, by) {
    const all = [...this.rows.keys()], at = all.indexOf(job);
    return all[Math.min(Math.max(at + by, 0), all.length - 1)];
  },

  focus(job) {
    const row = this.rows.get(job);
    if (row) row.querySelector("button").focus();
  },
};
