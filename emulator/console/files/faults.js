// Faults on demand.

import { act, ask, get, part } from "./api.js";
import { button, h } from "./dom.js";

export async function faultsOf(name) {
  return null;
}

export async function sourceFaults() {
  return null;
}
