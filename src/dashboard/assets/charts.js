// Draws every `div.chart` with uPlot. The element says what: data-chart is JSON of
// {"times": [seconds…], "series": [{"name", "values": […, null for a gap], "tone"?: 1…5}], "unit"?}.
// A table beside it says the same to whoever cannot see it.

import uPlot from "./uPlot.esm.js";

const HEIGHT = 220;
const charts = new Map();

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const options = (element, data) => {
  const grid = { stroke: style("--line"), width: 1 };
  const axis = { stroke: style("--ink-soft"), grid, ticks: grid, font: "12px system-ui" };
  const unit = data.unit ? ` ${data.unit}` : "";
  const lines = data.series.map((one, at) => ({
    label: one.name,
    stroke: style(`--tone-${one.tone ?? at + 1}`),
    width: 2,
    points: { show: false },
    value: (_, value) => (value === null ? "–" : `${value.toLocaleString(document.documentElement.lang)}${unit}`),
  }));
  return {
    width: Math.max(element.clientWidth, 200),
    height: HEIGHT,
    cursor: { points: { size: 6 } },
    legend: { live: true },
    axes: [axis, { ...axis, size: 56 }],
    series: [{}, ...lines],
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
window.addEventListener("resize", soon);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon);
document.addEventListener("live", soon);
document.addEventListener("htmx:afterSettle", soon);
all();
