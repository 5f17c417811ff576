/** Browsers this page cannot work in: what to tell them, in one sentence. */

import { t } from "./i18n.ts";

/** What to do instead, or null where everything needed is there. */
export function whatIsMissing(): string | null {
  const needed = ["WebAssembly", "indexedDB", "fetch", "AbortController", "crypto", "Intl", "BigInt"];
  if (needed.every((name) => name in globalThis)) return null;
  return t("This browser is too old to scan tickets: open this page in a current Chrome, Firefox or Safari.");
}

export function hasCamera(): boolean {
  return !!navigator.mediaDevices?.getUserMedia;
}
