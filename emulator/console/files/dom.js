// Builds elements. Text only ever becomes a text node, so nothing that a function says is taken for markup.

export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !name.startsWith("aria")) element[name === "class" ? "className" : name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  if (given.class) element.className = given.class;
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function table(label, columns, rows) {
  const head = columns.map(([name, kind]) => h("th", { scope: "col", class: kind === "wide" ? "" : kind }, name));
  return h("table", { "aria-label": label }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows));
}

export function cells(columns, values) {
  return values.map((value, place) => h("td", { class: columns[place][1] || "" }, value ?? ""));
}

export function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "" && value.length !== 0);
  return h("dl", {}, shown.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

export function button(text, act, plain = true) {
  return h("button", { type: "button", class: plain ? "plain" : "", onclick: act }, text);
}

export function pretty(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

export function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  return value < 10 ? `${value.toFixed(2)} ms` : value < 10000 ? `${value.toFixed(0)} ms` : `${(value / 1000).toFixed(1)} s`;
}

export function clockTime(text) {
  return text ? new Date(text).toLocaleTimeString([], { hour12: false, hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 }) : "";
}

export function dateTime(text) {
  return text ? new Date(text).toLocaleString([], { hour12: false }) : "never";
}

let fading;
export function say(text) {
  const place = document.getElementById("message");
  place.textContent = text;
  clearTimeout(fading);
  fading = setTimeout(() => (place.textContent = ""), 6000);
}
