// Draws every `div.chart` with uPlot. The element says what: data-chart is JSON of
// {"times": [seconds…], "series": [{"name", "values": […, null for a gap], "tone"?: 1…5}], "time"?, "unit"?}.
// Or it says where: data-from is the address of JSON of {"charts": {name: such a chart}}, and data-name which
// one it is; that is asked for again every minute. A table beside it says the same to whoever cannot see it.

import uPlot from "./uPlot.esm.js";

const HEIGHT = 220;
const AGAIN = 60000;
const DAY = 86400;
const charts = new Map();

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// All times are UTC, as everywhere on these pages.
const language = document.documentElement.lang;
const dates = (options) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options });
const clock = dates({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = dates({ day: "numeric", month: "short" });
const moment = dates({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

// A value between two gaps has no line, so it gets a point.
const lonely = (plot, line) => {
  const values = plot.data[line];
  const found = [];
  values.forEach((value, at) => {
    if (value != null && values[at - 1] == null && values[at + 1] == null) found.push(at);
  });
  return found.length > 0 ? found : null;
};

const options = (element, data) => {
  const grid = { stroke: style("--line"), width: 1 };
  const axis = { stroke: style("--ink-soft"), grid, ticks: grid, font: "12px system-ui" };
  const unit = data.unit ? ` ${data.unit}` : "";
  const said = (value) => value.toLocaleString(language, { maximumFractionDigits: 1 });
  const lines = data.series.map((one, at) => {
    const stroke = style(`--tone-${one.tone ?? at + 1}`);
    return {
      label: one.name,
      stroke,
      width: 2,
      points: { show: false, filter: lonely, size: 5, fill: stroke },
      value: (_, value) => (value == null ? "–" : `${said(value)}${unit}`),
    };
  });
  const times = (_, splits, __, ___, step) =>
    splits.map((seconds) => (step >= DAY ? day : clock).format(seconds * 1000));
  const time = {
    label: data.time ?? "",
    value: (_, seconds) => (seconds == null ? "–" : moment.format(seconds * 1000)),
  };
  return {
    width: Math.max(element.clientWidth, 200),
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    cursor: { points: { size: 6 } },
    legend: { live: true },
    scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.08 : 1] } },
    axes: [
      { ...axis, values: times },
      { ...axis, size: 56, values: (_, splits) => splits.map(said) },
    ],
    series: [time, ...lines],
  };
};

/** Draws a chart, or draws it anew when its data, its size or the colours changed. */
export const draw = (element) => {
  const data = JSON.parse(element.dataset.chart);
  charts.get(element)?.destroy();
  const columns = [data.times, ...data.series.map((one) => one.values)];
  charts.set(element, new uPlot(options(element, data), columns, element));
};

const all = () => {
  for (const element of charts.keys()) if (!element.isConnected) charts.delete(element);
  for (const element of document.querySelectorAll("div.chart[data-chart]")) draw(element);
};

let waiting;
const soon = () => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(all);
};

// Nobody has to be there for this, so it does not keep the session alive.
const load = async () => {
  const elements = [...document.querySelectorAll("div.chart[data-from]")];
  for (const from of new Set(elements.map((element) => element.dataset.from))) {
    try {
      const answer = await fetch(from, { headers: { "x-by-itself": "1" }, redirect: "error" });
      if (!answer.ok) continue;
      const told = (await answer.json()).charts;
      for (const element of elements) {
        const chart = element.dataset.from === from && told[element.dataset.name];
        if (!chart) continue;
        element.dataset.chart = JSON.stringify(chart);
        draw(element);
      }
    } catch {
      // The bot is away or the session is over: what is drawn stays, and the frame says so.
    }
  }
};

window.addEventListener("resize", soon);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon);
document.addEventListener("htmx:afterSettle", soon);
document.addEventListener("live", (event) => {
  if (event.target.querySelector("div.chart")) soon();
});
all();
load();
setInterval(() => document.hidden || load(), AGAIN);
