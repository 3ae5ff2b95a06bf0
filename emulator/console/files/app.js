// Chooses the view by the address, follows what happens, turns the clock.

import { act, ask, follow, get, seconds } from "./api.js";
import { say } from "./dom.js";
import * as functions from "./functions.js";
import * as invocations from "./invocations.js";
import * as services from "./services.js";
import * as sources from "./sources.js";

const VIEWS = { invocations, functions, sources, services };
const main = document.getElementById("main");
let ahead = 0;

async function route() {
  const [, name = "invocations", what] = (location.hash || "#/invocations").split("/");
  const view = VIEWS[name] ? name : "invocations";
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#/${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${what ? decodeURIComponent(what) : view} – coderev emulator`;
  await VIEWS[view].show(main, what ? decodeURIComponent(what) : undefined);
}

async function tellTime() {
  const told = await act(() => get("/clock"));
  if (told) ahead = new Date(told.now) - Date.now();
  tick();
}

function tick() {
  const shown = new Date(Date.now() + ahead).toLocaleString([], { hour12: false });
  const hours = Math.abs(ahead) / 3600000;
  document.getElementById("now").value = hours > 0.0005 ? `${shown} (+${hours < 1 ? `${Math.round(hours * 60)} min` : `${hours.toFixed(1)} h`})` : shown;
}

document.getElementById("clock").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = document.getElementById("advance");
  const wanted = seconds(field.value);
  field.toggleAttribute("aria-invalid", wanted === null);
  if (wanted === null) return say("Say how far: 90s, 3m, 2h or 1d.");
  await act(() => ask("POST", "/clock", { advance_s: wanted }), "The clock is advanced.");
  field.value = "";
  await tellTime();
});

document.addEventListener("keydown", (key) => {
  if (key.ctrlKey || key.metaKey || key.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(key.target.tagName)) return;
  const acts = {
    j: () => invocations.move(1),
    k: () => invocations.move(-1),
    r: () => invocations.replay(),
    "/": () => document.getElementById("filter-function")?.focus(),
  };
  Object.keys(VIEWS).forEach((name, place) => (acts[place + 1] = () => (location.hash = `#/${name}`)));
  if (!acts[key.key]) return;
  key.preventDefault();
  acts[key.key]();
});

const live = document.getElementById("live");
follow(
  (message) => {
    if (message.type === "started" || message.type === "ended") invocations.happened(message);
    if (message.type === "dropped") say(`${message.count} messages were left out: too many at once.`);
  },
  (on) => {
    live.textContent = on ? "live" : "not connected";
    live.className = on ? "on" : "off";
  },
);
window.addEventListener("hashchange", route);
setInterval(tick, 1000);
tellTime();
route();
