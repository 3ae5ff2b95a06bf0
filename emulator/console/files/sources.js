// What sends events to functions, what waits, and what was given up.

import { act, ask, get, part } from "./api.js";
import { button, cells, dateTime, h, table } from "./dom.js";
import { sourceFaults } from "./faults.js";

export async function show(main) {
  const told = await act(() => get("/sources"));
  if (!told) return;
  const again = () => show(main);
  main.replaceChildren(schedules(told.schedules, again), kafka(told.kafka || [], again), objects(told.s3), await queue(told.asynchronous, again), await sockets(again));
}

function panel(title, columns, rows, nothing) {
  return h("section", { class: "panel", "aria-label": title }, h("h2", {}, title),
    rows.length ? table(title, columns, rows) : h("p", { class: "soft" }, nothing));
}

function schedules(told, again) {
  const columns = [["Schedule"], ["Expression"], ["Function"], ["Next", "wide"], [""]];
  const fire = (each) => button("Fire now", async () => {
    await act(() => ask("POST", `/schedules/${part(each.name)}/fire`), (done) => `Sent: ${done.id}`);
    again();
  });
  const rows = told.map((each) => h("tr", {}, cells(columns, [each.name, h("code", {}, each.expression), each.function, dateTime(each.next), fire(each)])));
  return panel("Schedules", columns, rows, "The template has no schedules.");
}

function kafka(told, again) {
  const columns = [["Mapping"], ["Topic"], ["Function"], ["State"], ["Lag", "number"], ["Faults", "wide"]];
  const rows = told.map((each) => h("tr", {}, cells(columns, [each.mapping, each.topic, each.function, each.state, lag(each.lag), sourceFaults(each, again)])));
  return panel("Kafka", columns, rows, "The template has no Kafka mappings, or no broker is configured.");
}

function lag(told) {
  if (told === null || told === undefined) return "–";
  return typeof told === "object" ? String(Object.values(told).reduce((sum, each) => sum + each, 0)) : String(told);
}

function objects(told) {
  const columns = [["Bucket"], ["Events"], ["Filter", "wide"], ["Function"]];
  const rows = told.map((each) => h("tr", {}, cells(columns, [each.bucket, each.events.join(", "), `${each.prefix}*${each.suffix}`, each.function])));
  return panel("S3", columns, rows, "The template has no S3 notifications.");
}

async function sockets(again) {
  const columns = [["Connection"], ["API"], ["Connected", "wide"], ["Ends when idle"], [""]];
  const told = (await act(() => get("/connections")))?.connections || [];
  const rows = told.map((each) => h("tr", {}, cells(columns, [
    h("code", {}, each.id), `${each.api}/${each.stage}`, dateTime(each.connected), dateTime(each.expires),
    button("Close", async () => (await act(() => ask("DELETE", `/connections/${part(each.id)}`), "Closed."), again())),
  ])));
  return panel("WebSockets", columns, rows, "No WebSocket is connected.");
}

async function queue(told, again) {
  const columns = [["Function"], ["Given up"], ["Why", "wide"], ["Attempts", "number"], [""]];
  const letters = (await act(() => get("/dead-letters")))?.dead_letters || [];
  const rows = letters.map((each) => h("tr", {}, cells(columns, [
    each.function, h("a", { href: `#/invocations/${part(each.request_id)}` }, dateTime(each.dead_at * 1000)), each.reason, String(each.attempts),
    [
      button("Redeliver", async () => (await act(() => ask("POST", `/dead-letters/${part(each.request_id)}/redeliver`), "Put back."), again())), " ",
      button("Delete", async () => (await act(() => ask("DELETE", `/dead-letters/${part(each.request_id)}`), "Deleted."), again())),
    ],
  ])));
  const made = panel("Asynchronous invokes", columns, rows, "No dead letters.");
  made.firstChild.after(h("p", {}, `${told.pending ?? 0} pending, ${told.dead ?? 0} given up`));
  return made;
}
