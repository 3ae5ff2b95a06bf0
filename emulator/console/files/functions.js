// The functions, and one of them with its configuration, its saved events and a form to invoke it.

import { act, ask, get, part } from "./api.js";
import { button, cells, facts, h, milliseconds, table } from "./dom.js";
import { editor, functionNames } from "./editor.js";
import { faultsOf } from "./faults.js";

const COLUMNS = [["Function"], ["Handler"], ["Processes", "number"], ["Running", "number"], ["Invocations", "number"], ["Errors", "number"], ["Cold", "number"], ["p50", "number"], ["p99", "number"]];

export async function show(main, name) {
  if (name) return one(main, name);
  const told = await act(() => get("/functions"));
  if (told) main.replaceChildren(h("section", { class: "panel" }, h("h2", {}, "Functions"), table("Functions", COLUMNS, told.functions.map(row))));
}

function row(told) {
  const values = [
    h("a", { href: `#/functions/${part(told.name)}` }, told.name), h("code", {}, told.handler), String(told.processes), String(told.running),
    String(told.invocations), h("span", { class: told.errors ? "bad" : "" }, String(told.errors)), String(told.cold_starts), milliseconds(told.p50_ms), milliseconds(told.p99_ms),
  ];
  return h("tr", {}, cells(COLUMNS, values));
}

async function one(main, name) {
  const told = await act(() => get(`/functions/${part(name)}`));
  if (!told) return;
  const edit = editor({
    functionName: told.name, functions: await functionNames(), event: {}, action: "Invoke",
    send: (body) => ask("POST", `/functions/${part(body.function)}/invoke`, body),
  });
  const left = h("section", { class: "panel", "aria-label": "Configuration" },
    h("div", { class: "row" }, h("h2", {}, told.name), h("a", { href: "#/functions" }, "All functions")), facts(about(told)),
    h("h3", {}, "Environment"), facts(Object.entries(told.environment)), await policy(told.name));
  const right = h("section", { class: "panel", "aria-label": "Invoke" }, h("h2", {}, "Invoke"), saved(told, edit), edit.form);
  main.replaceChildren(h("div", { class: "split two" }, left, h("div", {}, right, await faultsOf(told.name))));
}

async function policy(name) {
  const told = await act(() => get(`/functions/${part(name)}/policy`));
  if (!told?.calls.length) return h("p", { class: "soft" }, "It has called nothing of AWS yet, so no policy is needed for that.");
  const text = JSON.stringify(told.policy, null, 2);
  return h("details", {}, h("summary", {}, "Policy for what it has called of AWS"), h("pre", { tabIndex: 0, "aria-label": "Policy" }, text));
}

function saved(told, edit) {
  const list = h("div", { class: "row" }, told.events.length ? h("span", { class: "soft" }, "Saved events") : null);
  for (const name of told.events) {
    const place = `/functions/${part(told.name)}/events/${part(name)}`;
    const group = h("span", {},
      button(name, async () => {
        const found = await act(() => get(place));
        if (found) edit.load(found.event);
      }), " ",
      h("button", { type: "button", class: "plain", "aria-label": `Delete the saved event ${name}`, onclick: async () => (await act(async () => (await ask("DELETE", place), true), "Deleted.")) && group.remove() }, "×"));
    list.append(group);
  }
  return list;
}

function about(told) {
  return [
    ["Handler", h("code", {}, told.handler)], ["Runtime", told.runtime], ["Code", told.code], ["Layers", told.layers.join(", ")],
    ["Timeout", `${told.timeout_s} s`], ["Memory", `${told.memory_mb} MB`], ["Reserved concurrency", told.reserved === null ? "" : String(told.reserved)],
    ["Asynchronous retries", String(told.retries)], ["Routes", told.routes.map((each) => h("div", {}, `${each.method} ${each.path}${each.authorizer ? ` (${each.authorizer})` : ""}`))],
    ["Sources", told.sources.map((each) => h("div", {}, each))], ["Processes", `${told.processes}, ${told.running} running`],
    ["Invocations", `${told.invocations}, of which ${told.errors} failed and ${told.cold_starts} started cold`], ["Took", `p50 ${milliseconds(told.p50_ms)}, p99 ${milliseconds(told.p99_ms)}`],
  ];
}
