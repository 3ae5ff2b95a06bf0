// Faults on demand: of a function, or of a Kafka mapping.

import { act, ask, get, part } from "./api.js";
import { button, h } from "./dom.js";

const OF_FUNCTIONS = ["throttle", "timeout", "error", "delay"];
const OF_SOURCES = ["duplicate", "reorder", "late", "poison", "lose-broker"];

export async function faultsOf(name) {
  const place = `/faults/functions/${part(name)}`;
  const told = await act(() => get("/faults"));
  const planned = told?.functions[name];
  const kind = h("select", { "aria-label": "Fault" }, OF_FUNCTIONS.map((each) => h("option", { value: each }, each)));
  const times = h("input", { type: "number", min: 1, size: 4, placeholder: "always", "aria-label": "How often" });
  const delay = h("input", { type: "number", min: 0, step: "any", value: "1", size: 4, "aria-label": "Seconds of a delay" });
  const state = h("p", { class: "soft", role: "status" }, words(planned));
  const set = async (event) => {
    event.preventDefault();
    const body = { kind: kind.value, times: times.value ? Number(times.value) : null, seconds: Number(delay.value) || 1 };
    const done = await act(() => ask("PUT", place, body));
    if (done) state.textContent = words(done.functions[name]);
  };
  const clear = button("Clear", async () => {
    await act(() => ask("DELETE", place));
    state.textContent = words(null);
  });
  const form = h("form", { class: "row", onsubmit: set }, kind, h("label", {}, "times ", times), h("label", {}, "seconds ", delay), h("button", {}, "Set"), clear);
  return h("section", { class: "panel", "aria-label": "Faults" }, h("h2", {}, "Faults"), state, form);
}

function words(planned) {
  if (!planned) return "Invocations run as they should.";
  return `Asked for: ${planned.kind}${planned.kind === "delay" ? ` of ${planned.seconds} s` : ""}, ${planned.times ? `${planned.times} more` : "until cleared"}.`;
}

export function sourceFaults(mapping, again) {
  if (!mapping.uuid) return null;
  const place = `/faults/sources/${part(mapping.uuid)}`;
  const waiting = Object.entries(mapping.faults || {}).filter(([, value]) => value).map(([name, value]) => `${name} ${value}`);
  const kind = h("select", { "aria-label": `Fault of ${mapping.mapping}` }, OF_SOURCES.map((each) => h("option", { value: each }, each)));
  const set = button("Set", async () => (await act(() => ask("PUT", place, { kind: kind.value })), again()));
  const clear = waiting.length ? button("Clear", async () => (await act(() => ask("DELETE", place)), again())) : null;
  return h("span", {}, waiting.join(", "), " ", kind, " ", set, " ", clear);
}
