/** A hint inside another app's browser: the browser to use instead, and the address to open there. */

import { inAppHint } from "../device/browser_support.ts";
import { t } from "../lib/i18n.ts";
import { iconButton } from "./components.ts";
import { h, replace } from "./dom.ts";

/** The hint; null in a browser of its own. The address includes the pass, which has left the address bar. */
export function browserHint(secret: string | null): HTMLElement | null {
  const hint = inAppHint();
  if (hint === null) return null;
  const address = `${location.origin}/door/${secret ? `#${secret}` : ""}`;
  const message = h("p", { class: "hint", role: "status" });
  const copy = iconButton("copy", "copy", t("door.copy_address"), () => void copyText(address, message));
  return h("div", { class: "notice" }, h("p", {}, hint), copy, message);
}

// Such browsers often refuse the clipboard: then the address can be selected by hand.
async function copyText(text: string, message: HTMLElement): Promise<void> {
  const isCopied = await (navigator.clipboard?.writeText(text) ?? Promise.reject(new Error())).then(
    () => true,
    () => false,
  );
  const field = h("input", { readonly: true, value: text, "aria-label": t("door.page_address") });
  replace(message, isCopied ? t("door.address_copied") : field);
  if (!isCopied) field.select();
}
