// What runs beside the functions, and what of the template is not emulated.

import { act, get } from "./api.js";
import { cells, h, table } from "./dom.js";

const COLUMNS = [["Service"], ["State"], ["Port", "number"], ["Memory", "number"], ["Restarts", "number"], ["Reason", "wide"]];

export async function show(main) {
  const [services, warnings, status] = await Promise.all([act(() => get("/services")), act(() => get("/warnings")), act(() => get("/status"))]);
  if (!services || !warnings || !status) return;
  const rows = services.services.map((each) => h("tr", {}, cells(COLUMNS, [
    each.name, h("span", { class: each.status === "running" ? "good" : "bad" }, each.status), each.port ? String(each.port) : "–",
    each.rss_bytes ? `${(each.rss_bytes / 1e6).toFixed(0)} MB` : "–", String(each.restarts ?? 0), each.reason || "",
  ])));
  const ports = Object.entries(status.ports).map(([name, port]) => [name, String(port)]);
  main.replaceChildren(
    h("section", { class: "panel" }, h("h2", {}, "Services"), rows.length ? table("Services", COLUMNS, rows) : h("p", { class: "soft" }, "No services run beside this emulator.")),
    h("section", { class: "panel" }, h("h2", {}, "Ports"), table("Ports", [["Gateway"], ["Port", "number"]], ports.map((each) => h("tr", {}, cells([[], ["", "number"]], each))))),
    h("section", { class: "panel" }, h("h2", {}, "Warnings"), warnings.warnings.length ? h("ul", {}, warnings.warnings.map((each) => h("li", {}, each))) : h("p", { class: "soft" }, "Everything in the template is emulated.")));
}
