// An event that can be edited, checked, sent and saved.

import { act, ask, get, part } from "./api.js";
import { button, h, pretty, say } from "./dom.js";

const names = [];
let counter = 0;

export async function functionNames() {
  if (!names.length) names.push(...(await get("/functions")).functions.map((each) => each.name));
  return names;
}

export function jsonField(label, value, { small = false, optional = false } = {}) {
  const id = `field-${(counter += 1)}`;
  const problem = h("span", { id: `${id}-problem`, class: "bad", role: "status" });
  const area = h("textarea", { id, class: small ? "small" : "", spellcheck: false, "aria-describedby": problem.id });
  area.value = value;
  const read = () => {
    if (optional && !area.value.trim()) return undefined;
    return JSON.parse(area.value);
  };
  const check = () => {
    try {
      read();
      problem.textContent = "";
      area.removeAttribute("aria-invalid");
      return true;
    } catch (wrong) {
      problem.textContent = wrong.message;
      area.setAttribute("aria-invalid", "true");
      return false;
    }
  };
  area.addEventListener("input", check);
  return { element: h("div", {}, h("div", { class: "row" }, h("label", { for: id, htmlFor: id }, label), problem), area), area, read, check };
}

export function editor({ functionName, functions, event, send, action, caller }) {
  const field = jsonField("Event", pretty(event));
  const who = caller ? jsonField("Caller: the authorizer's context (optional)", "", { small: true, optional: true }) : null;
  const target = h("select", { "aria-label": "Function" }, functions.map((name) => h("option", { value: name, selected: name === functionName }, name)));
  const mode = h("select", { "aria-label": "How to invoke" },
    h("option", { value: "RequestResponse" }, "and wait"), h("option", { value: "Event" }, "asynchronously"));
  const name = h("input", { "aria-label": "Name to save the event under", placeholder: "name", size: 14, autocomplete: "off" });
  const answer = h("div", { "aria-live": "polite" });
  const run = async () => {
    if (!field.check() || (who && !who.check())) return field.area.focus();
    const body = { event: field.read(), function: target.value, mode: mode.value };
    if (who && who.read() !== undefined) body.authorizer = who.read();
    const told = await act(() => send(body), (done) => `Sent: ${done.id}`);
    if (told) answer.replaceChildren(...shownAnswer(told));
  };
  const save = async () => {
    if (!field.check()) return field.area.focus();
    if (!name.value) return say("Give the event a name first."), name.focus();
    await act(() => ask("PUT", `/functions/${part(target.value)}/events/${part(name.value)}`, { event: field.read() }), "Saved.");
  };
  const form = h("form", { onsubmit: (submitted) => (submitted.preventDefault(), run()) },
    field.element, who?.element,
    h("div", { class: "row end" }, h("button", {}, action), target, mode, name, button("Save", save)), answer);
  form.addEventListener("keydown", (key) => (key.ctrlKey || key.metaKey) && key.key === "Enter" && (key.preventDefault(), run()));
  return { form, load: (document) => ((field.area.value = pretty(document)), field.check(), field.area.focus()), run, focus: () => field.area.focus() };
}

function shownAnswer(told) {
  const link = h("a", { href: `#/invocations/${part(told.id)}` }, "Show the invocation");
  if (!("answer" in told)) return [h("p", {}, "Accepted. ", link)];
  const title = told.error ? h("span", { class: "bad" }, `${told.error.type || told.error.kind}: ${told.error.message || ""}`) : h("span", { class: "good" }, "Answered");
  return [h("p", {}, title, ` in ${told.duration_ms} ms. `, link), h("pre", { tabIndex: 0, "aria-label": "Answer" }, pretty(told.answer))];
}
