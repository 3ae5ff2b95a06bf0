// The list of invocations as they happen, and one of them in detail.

import { act, ask, get, part } from "./api.js";
import { button, clockTime, facts, h, milliseconds, pretty, table } from "./dom.js";
import { editor, functionNames } from "./editor.js";

const COLUMNS = [["Time"], ["Function"], ["What", "wide"], ["Origin", "origin"], ["Result"], ["Took", "number"]];
const MOST = 200;
const filter = { function: "", origin: "", error: "" };
let body, chosen, following, more;

export async function show(main, id) {
  chosen = id;
  const list = h("section", { class: "panel", "aria-label": "Invocations" });
  const detail = h("section", { class: "panel", "aria-label": "Invocation", hidden: !id, tabIndex: -1 });
  main.replaceChildren(h("div", { class: id ? "split two" : "split" }, list, detail));
  body = h("tbody");
  const shown = table("Invocations, newest first", COLUMNS, []);
  shown.tBodies[0].replaceWith(body);
  more = button("Older", () => older());
  list.append(filters(await functionNames(), () => load()), shown, h("div", { class: "row end" }, more, keys()));
  await load();
  if (id) await open(detail, id);
}

export function happened(message) {
  if (!body?.isConnected || !fits(message)) return;
  const id = message.type === "started" ? message.id : message.invocation.id;
  const made = message.type === "started" ? running(message) : row(message.invocation);
  const there = [...body.rows].find((each) => each.dataset.id === id && each.dataset.running);
  if (there) there.replaceWith(made);
  else {
    made.classList.add("new");
    body.prepend(made);
  }
  while (body.rows.length > MOST) body.lastChild.remove();
}

export function move(step) {
  if (!body?.isConnected) return;
  const links = [...body.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + step))]?.focus();
}

function fits(message) {
  const told = message.invocation || message;
  if (filter.function && told.function !== filter.function) return false;
  if (message.type === "started") return !filter.origin && !filter.error;
  return (!filter.origin || told.origin === filter.origin) && (!filter.error || Boolean(told.error) === (filter.error === "true"));
}

function query(before) {
  const given = Object.entries({ ...filter, before: before || "", limit: 50 }).filter(([, value]) => value !== "");
  return new URLSearchParams(given).toString();
}

async function load() {
  const told = await act(() => get(`/invocations?${query()}`));
  if (!told) return;
  const begun = told.running.filter((each) => fits({ type: "started", ...each })).map(running);
  body.replaceChildren(...begun.reverse(), ...told.invocations.map(row));
  if (!body.rows.length) body.append(h("tr", {}, h("td", { colSpan: COLUMNS.length, class: "soft" }, "Nothing has been invoked yet: send a request, and it shows up here.")));
  following = told.next;
  more.hidden = !following;
}

async function older() {
  const told = await act(() => get(`/invocations?${query(following)}`));
  if (!told) return;
  body.append(...told.invocations.map(row));
  following = told.next;
  more.hidden = !following;
}

function row(told) {
  const result = told.error ? h("span", { class: "bad" }, told.error.type || told.error.kind) : h("span", { class: told.status >= 400 ? "bad" : "good" }, String(told.status ?? "ok"));
  const values = [
    h("a", { href: `#/invocations/${part(told.id)}` }, clockTime(told.began)), told.function, told.title || "", told.origin,
    [result, told.cold_start ? h("span", { class: "cold", title: `${milliseconds(told.init_ms)} to start` }, " cold") : null], milliseconds(told.duration_ms),
  ];
  return line(told.id, values, false);
}

function running(told) {
  const values = [clockTime(told.began), told.function, "", "", h("span", { class: "soft" }, "running"), ""];
  return line(told.id, values, true);
}

function line(id, values, isRunning) {
  const made = h("tr", { "aria-selected": String(id === chosen) }, values.map((value, place) => h("td", { class: COLUMNS[place][1] || "" }, value)));
  made.dataset.id = id;
  if (isRunning) made.dataset.running = "1";
  else made.addEventListener("click", (event) => event.target.closest("a") || (location.hash = `#/invocations/${part(id)}`));
  return made;
}

function filters(names, changed) {
  const select = (key, label, options) =>
    h("select", { "aria-label": label, id: `filter-${key}`, onchange: (event) => ((filter[key] = event.target.value), changed()) },
      options.map(([value, text]) => h("option", { value, selected: filter[key] === value }, text)));
  const origins = ["http", "authorizer", "websocket", "invoke", "kafka", "s3", "schedule", "destination", "console", "replay"];
  return h("div", { class: "row", role: "search" },
    select("function", "Function", [["", "every function"], ...names.map((name) => [name, name])]),
    select("origin", "Origin", [["", "every origin"], ...origins.map((name) => [name, name])]),
    select("error", "Outcome", [["", "every outcome"], ["true", "errors"], ["false", "no errors"]]));
}

function keys() {
  return h("span", { class: "soft" }, h("kbd", {}, "j"), " ", h("kbd", {}, "k"), " move, ", h("kbd", {}, "Enter"), " open, ", h("kbd", {}, "/"), " filter, ", h("kbd", {}, "r"), " replay, ", h("kbd", {}, "1"), "–", h("kbd", {}, "4"), " views");
}

let current;
export const replay = () => current?.form.isConnected && current.run();

async function open(place, id) {
  const told = await act(() => get(`/invocations/${part(id)}`));
  if (!told) return void place.replaceChildren(h("p", {}, "This invocation is not known, or no longer."));
  const isApi = Boolean(told.event?.requestContext);
  current = editor({
    functionName: told.function, functions: await functionNames(), event: told.event, action: "Replay", caller: isApi,
    send: (body) => ask("POST", `/invocations/${part(id)}/replay`, told.replayable || edited(body, told) ? body : { ...body, event: undefined }),
  });
  place.replaceChildren(...[
    h("div", { class: "row" }, h("h2", {}, `${told.function} ${told.title}`), h("a", { href: "#/invocations" }, "Close")),
    facts(about(told)),
    h("h3", {}, told.error ? "Error" : "Answer"), h("pre", { tabIndex: 0, "aria-label": "Answer" }, pretty(told.answer) ?? "null"), bodyOf(told.answer),
    h("h3", {}, told.logs_complete ? "Log" : "Log, its last 4 KB"), h("pre", { tabIndex: 0, "aria-label": "Log" }, told.logs.map((each) => each.text).join("\n") || "nothing"),
    h("h3", {}, told.replayable ? "Replay" : "Replay (the event was too large to keep: this is its beginning)"), current.form].filter(Boolean));
  place.focus({ preventScroll: true });
}

function bodyOf(answer) {
  try {
    const found = JSON.parse(answer.body);
    return typeof found === "object" && found ? h("pre", { tabIndex: 0, "aria-label": "Body of the answer" }, pretty(found)) : null;
  } catch {
    return null;
  }
}

const edited = (body, told) => pretty(body.event) !== pretty(told.event);

function about(told) {
  return [
    ["Result", told.error ? h("span", { class: "bad" }, `${told.error.type || told.error.kind}: ${told.error.message || ""}`) : String(told.status ?? "ok")],
    ["Began", clockTime(told.began)], ["Origin", told.origin],
    ["Took", milliseconds(told.duration_ms) + (told.cold_start ? `, after a cold start of ${milliseconds(told.init_ms)}` : "")],
    ["Memory", `${told.memory_mb} MB`], ["Event", `${told.event_bytes.toLocaleString()} bytes`],
    ["Request", h("code", {}, told.id)], ["Trace", h("code", {}, told.trace_id)],
  ];
}
