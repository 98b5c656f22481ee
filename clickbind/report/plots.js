// Draw a scatter plot of two columns, and parallel coordinates of those that differ. plotly draws both as SVG: its WebGL
// plots make code at run time, which the policy of the page forbids. A box that is dragged in a plot becomes a filter.
"use strict";

const MOST_AXES = 14;
const SHADES = 16; // lines of parallel coordinates that are drawn together

// plotly reads some markup in texts: show it as it is.
function escaped(text) {
  const short = text.length > 60 ? text.slice(0, 59) + "…" : text;
  return short.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(name).trim();
  return { text: get("--text"), faint: get("--faint"), line: get("--line"), back: get("--back"), accent: get("--accent"),
    low: get("--low"), middle: get("--middle"), high: get("--high") };
}

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const mixed = (one, two, share) => "#" + rgb(one).map((part, at) =>
  Math.round(part + (rgb(two)[at] - part) * share).toString(16).padStart(2, "0")).join("");
const shade = (palette, share) => share < 0.5 ? mixed(palette.low, palette.middle, share * 2)
  : mixed(palette.middle, palette.high, share * 2 - 1);

// List the columns that a plot may have.
const plotted = columns.filter((column) => ["key", "result", "time"].includes(column.kind));

function values(column, jobs) {
  return jobs.map(column.of).map((value) => (value === undefined || value === null ? null : value));
}

// Return whether a logarithmic scale shows numbers better.
function looksLogarithmic(column) {
  if (!column.numeric) return false;
  const found = values(column, data.jobs).filter((value) => value !== null).sort((one, two) => one - two);
  const [low, high, middle] = [found[0], found[found.length - 1], found[Math.floor(found.length / 2)]];
  if (low <= 0 || high / low < 8) return false;
  const far = (place) => Math.abs(Math.log(middle / place)); // is it nearer to the middle of a logarithmic scale?
  return far(Math.sqrt(low * high)) < far((low + high) / 2);
}

const kinds = (column) => new Set(data.jobs.filter((job) => column.of(job) !== undefined).map(column.text)).size;
const varies = (column) => kinds(column) > 1;

const OPTIONS = { displaylogo: false, responsive: true, displayModeBar: false, doubleClick: false };

function layoutOf(palette, more) {
  return {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false, hovermode: "closest",
    font: { family: "system-ui, sans-serif", size: 12, color: palette.text },
    hoverlabel: { bgcolor: palette.back, bordercolor: palette.line, font: { color: palette.text }, align: "left" },
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "select", selections: [],
    newselection: { line: { color: palette.accent } }, ...more,
  };
}

function hoverText(job, used) {
  const name = data.isSweep ? `job ${job.number === null ? job.name : job.number}` : job.name;
  return [`${escaped(name)} ${job.status}`, ...used.map((one) => `${escaped(one.name)}: ${escaped(one.text(job))}`)].join("<br>");
}

// Draw, and call back with the job that is clicked, or with the values in a box that is dragged.
function draw(id, traces, layout, onOpen, onBox) {
  const place = document.getElementById(id);
  Plotly.react(place, traces, layout, OPTIONS);
  if (place.dataset.listens) { place.onOpen = onOpen; place.onBox = onBox; return; }
  Object.assign(place, { onOpen, onBox });
  place.dataset.listens = "yes";
  place.on("plotly_click", (event) => {
    const point = event.points.find((one) => one.customdata !== undefined);
    if (point) place.onOpen(data.jobs[point.customdata]);
  });
  place.on("plotly_selected", (event) => {
    if (event && event.range) place.onBox(event.range);
  });
}

// --- scatter

function axisOf(column, isLog, palette) {
  const axis = { title: { text: escaped(column.name) }, gridcolor: palette.line, zeroline: false, automargin: true,
    linecolor: palette.line, tickfont: { color: palette.faint }, exponentformat: "power",
    type: isLog ? "log" : column.numeric ? "linear" : "category",
    nticks: isLog ? 5 : 0 }; // on a tall plot of few decades, plotly would label each digit, one over the other
  if (!column.numeric) {
    // plotly would read numbers in texts; the texts are ticks, so that none is markup.
    const texts = categories(column);
    Object.assign(axis, { type: "linear", tickvals: texts.map((_, at) => at), ticktext: texts.map(escaped) });
  }
  return axis;
}

function categories(column) {
  const found = [...new Set(data.jobs.filter((job) => column.of(job) !== undefined).map(column.text))];
  return found.sort((one, two) => one.localeCompare(two, "en", { numeric: true }));
}

function places(column, jobs) {
  if (column.numeric) return values(column, jobs);
  const texts = categories(column);
  return jobs.map((job) => (column.of(job) === undefined ? null : texts.indexOf(column.text(job))));
}

function drawScatter(state, jobs, onOpen, onFilter) {
  const palette = colours(), [x, y] = [state.x, state.y];
  const trace = (chosen, marker) => ({
    type: "scatter", mode: "markers", x: places(x, chosen), y: places(y, chosen), marker, hoverinfo: "text",
    hovertext: chosen.map((job) => hoverText(job, [x, y])), customdata: chosen.map((job) => job.index),
    selected: { marker: { opacity: 0.9 } }, unselected: { marker: { opacity: 0.3 } },
  });
  const size = jobs.length > 300 ? 6 : 9;
  const traces = [trace(jobs, { size, color: palette.accent, opacity: jobs.length > 300 ? 0.6 : 0.85 })];
  const layout = layoutOf(palette, {
    margin: { l: 20, r: 12, t: 10, b: 20 },
    xaxis: axisOf(x, state.xLog && x.numeric, palette), yaxis: axisOf(y, state.yLog && y.numeric, palette),
    annotations: frameOf(state, jobs, palette),
  });
  draw("scatter", traces, layout, onOpen, (range) => {
    const inside = [[x, range.x], [y, range.y]].map(([column, [one, two]]) => {
      const found = places(column, jobs), at = new Map(jobs.map((job, index) => [job, found[index]]));
      return (job) => at.get(job) !== null && at.get(job) >= Math.min(one, two) && at.get(job) <= Math.max(one, two);
    });
    const chosen = jobs.filter((job) => inside.every((test) => test(job)));
    if (chosen.length) onFilter([x, y].map((column) => [column, chosen.map(column.of).filter((value) => value !== undefined)]));
  });
}

// A frame around the chosen job. It is an annotation, which is drawn anew much faster than a trace.
function frameOf(state, jobs, palette) {
  if (!state.job || !jobs.includes(state.job)) return [];
  const [x, y] = [[state.x, state.xLog], [state.y, state.yLog]].map(([column, isLog]) => {
    const [at] = places(column, [state.job]);
    return at !== null && isLog && column.numeric ? Math.log10(at) : at;
  });
  if (![x, y].every(Number.isFinite)) return [];
  return [{ x, y, text: "", showarrow: false, width: 12, height: 12, bordercolor: palette.high, borderwidth: 3, borderpad: 2 }];
}

// --- parallel coordinates

// Return a function for the place of a job on an axis, from 0 to 1, and the texts beside the axis.
function scaleOf(column) {
  if (!column.numeric) {
    const texts = categories(column), last = Math.max(texts.length - 1, 1);
    const at = (job) => (column.of(job) === undefined ? null : texts.length === 1 ? 0.5 : texts.indexOf(column.text(job)) / last);
    const step = Math.ceil(texts.length / 10);
    return { at, ticks: texts.map((text, index) => [texts.length === 1 ? 0.5 : index / last, text]).filter((_, index) => index % step === 0) };
  }
  const isLog = looksLogarithmic(column), scale = isLog ? Math.log : (value) => value;
  const found = [...new Set(values(column, data.jobs).filter((value) => value !== null))].sort((one, two) => one - two);
  const low = scale(found[0]), high = scale(found[found.length - 1]);
  const place = (value) => (high === low ? 0.5 : (scale(value) - low) / (high - low));
  const at = (job) => (number(column.of(job)) === null ? null : place(column.of(job)));
  if (found.length <= 6) return { at, ticks: apart(found.map((value) => [place(value), short(value)])) };
  const between = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = low + share * (high - low);
    return [share, short(isLog ? Math.exp(value) : value)];
  });
  return { at, ticks: between };
}

const short = (value) => shown(parseFloat(value.toPrecision(3)));

// Leave out ticks that would be on top of each other.
function apart(ticks) {
  return ticks.filter(([at], index) => index === 0 || index === ticks.length - 1 || at - ticks[index - 1][0] > 0.06);
}

// List the axes: the keys and results that differ, as far as there is space, and y as the last one.
function axesOf(state) {
  const every = columns.filter((one) => (one.kind === "key" || one.kind === "result") && one !== state.y && varies(one));
  const axes = [...every.slice(0, MOST_AXES - 1), state.y];
  return { axes, scales: axes.map(scaleOf), left: Math.max(every.length - MOST_AXES + 1, 0) };
}

// Draw the axes and the line of the chosen job as shapes.
function linesOf(state, jobs, scales, palette) {
  const axes = scales.map((_, index) => ({ type: "line", x0: index, x1: index, y0: 0, y1: 1, line: { color: palette.line, width: 2 } }));
  if (!state.job || !jobs.includes(state.job)) return axes;
  const places = scales.map((scale) => scale.at(state.job));
  const path = places.map((at, index) => (at === null ? "" : `${index && places[index - 1] !== null ? "L" : "M"}${index},${at}`)).join("");
  return path ? [...axes, { type: "path", path, line: { color: palette.text, width: 4 } }] : axes;
}

// Show the chosen job in both plots.
function highlight(state, jobs) {
  const palette = colours();
  Plotly.relayout("scatter", { annotations: frameOf(state, jobs, palette) });
  Plotly.relayout("parallel", { shapes: linesOf(state, jobs, axesOf(state).scales, palette) });
}

function drawParallel(state, jobs, onOpen, onFilter) {
  const palette = colours(), { axes, scales, left } = axesOf(state), last = axes.length - 1;
  const lineOf = (job) => scales.map((scale) => scale.at(job));
  const share = scales[last].at, groups = Array.from({ length: SHADES }, () => []), without = [];
  for (const job of jobs) {
    const at = share(job);
    (at === null ? without : groups[Math.min(Math.floor(at * SHADES), SHADES - 1)]).push(job);
  }
  const trace = (chosen, line, opacity) => {
    const found = { x: [], y: [], customdata: [], hovertext: [] };
    for (const job of chosen) {
      const text = hoverText(job, axes);
      lineOf(job).forEach((at, index) => {
        found.x.push(index); found.y.push(at); found.customdata.push(job.index); found.hovertext.push(text);
      });
      found.x.push(null); found.y.push(null); found.customdata.push(undefined); found.hovertext.push("");
    }
    return { type: "scatter", mode: jobs.length > 200 ? "lines" : "lines+markers", marker: { size: 4, color: line.color }, line, opacity, hoverinfo: "text",
      ...found, selected: { marker: { opacity: 1 } }, unselected: { marker: { opacity: 1 } } };
  };
  const thick = jobs.length > 200 ? 1 : 1.6, opacity = jobs.length > 200 ? 0.5 : 0.9;
  const traces = [trace(without, { color: palette.faint, width: thick, dash: "dot" }, opacity),
    ...groups.map((group, index) => trace(group, { color: shade(palette, (index + 0.5) / SHADES), width: thick }, opacity))];
  const label = (x, y, text, more) => ({ x, y, text: escaped(text), showarrow: false, font: { size: 11, color: palette.faint }, ...more });
  const ticks = scales.flatMap((scale, index) => scale.ticks.map(([at, text]) => label(index, at, text.slice(0, 18), {
    xanchor: index === last && last ? "right" : "left", xshift: index === last && last ? -5 : 5, bgcolor: palette.back, opacity: 0.85 })));
  const titles = axes.map((axis, index) => label(index, 1.0, axis.name.length > 22 ? "…" + axis.name.slice(-21) : axis.name, {
    yanchor: "bottom", yshift: 14 + (axes.length > 5 && index % 2 ? 16 : 0), font: { size: 12, color: palette.text },
    xanchor: index === 0 && last ? "left" : index === last && last ? "right" : "center" }));
  const layout = layoutOf(palette, {
    margin: { l: 12, r: 12, t: 48, b: 16 }, annotations: [...ticks, ...titles],
    xaxis: { range: [-0.04 * axes.length, last + 0.04 * axes.length], visible: false, fixedrange: true },
    yaxis: { range: [-0.05, 1.05], visible: false, fixedrange: true },
    shapes: linesOf(state, jobs, scales, palette),
  });
  const title = `Parallel coordinates, coloured by ${state.y.name}: from blue to orange`;
  document.getElementById("parallel-title").textContent = title;
  document.getElementById("parallel").style.minWidth = `${axes.length * 92}px`;
  document.getElementById("axes-note").textContent = left > 0 ? `${left} more axes are left out: see the table.` : "";
  draw("parallel", traces, layout, onOpen, (range) => {
    const [low, high] = [Math.min(...range.y), Math.max(...range.y)], [one, two] = [Math.min(...range.x), Math.max(...range.x)];
    const inside = axes.map((_, index) => index).filter((index) => index >= one && index <= two);
    const near = inside.length ? inside : [Math.min(Math.max(Math.round((one + two) / 2), 0), last)];
    const at = (job, index) => scales[index].at(job);
    const chosen = jobs.filter((job) => near.every((index) => at(job, index) !== null && at(job, index) >= low && at(job, index) <= high));
    if (chosen.length) onFilter(near.map((index) => [axes[index], chosen.map(axes[index].of)]));
  });
}
