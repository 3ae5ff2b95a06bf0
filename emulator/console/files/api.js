// The API under /_emulator. A header of our own proves that no foreign page made the browser send a request.

import { say } from "./dom.js";

export async function ask(method, path, body) {
  const headers = { "X-Coderev-Console": "1" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const reply = await fetch(`/_emulator${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await reply.text();
  const told = text ? JSON.parse(text) : null;
  if (!reply.ok) throw new Error(told?.detail || `${reply.status} ${reply.statusText}`);
  return told;
}

export const get = (path) => ask("GET", path);

export async function act(what, done) {
  try {
    const told = await what();
    if (done) say(typeof done === "function" ? done(told) : done);
    return told;
  } catch (failed) {
    say(failed.message);
    return null;
  }
}

export const part = (text) => encodeURIComponent(text);

export function seconds(text) {
  const found = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?\s*$/.exec(text);
  return found ? Number(found[1]) * { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 }[found[2] || "s"] : null;
}

export function follow(onMessage, onState) {
  let wait = 500;
  const open = () => {
    const socket = new WebSocket(`ws${location.protocol === "https:" ? "s" : ""}://${location.host}/_emulator/live?logs=false`);
    socket.onopen = () => ((wait = 500), onState(true));
    socket.onmessage = (event) => onMessage(JSON.parse(event.data));
    socket.onclose = () => (onState(false), setTimeout(open, wait), (wait = Math.min(wait * 2, 10000)));
  };
  open();
}
