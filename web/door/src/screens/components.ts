/** Elements that several screens share. */

import { inAppHint } from "../device/browser_support.ts";
import { chooseLanguage } from "../device/preferences.ts";
import type { Door } from "../engine/door.ts";
import { isLanguage, LANGUAGES, language, t, textIn } from "../lib/i18n.ts";
import type { SessionChange } from "../lib/sessions.ts";
import type { Id, Pass } from "../lib/types.ts";
import { type Child, type Drawing, h, icon, replace } from "./dom.ts";

/** A choice of language; each name is in its own language. */
export function languageSwitch(onChange: () => void): HTMLElement {
  const choices = Object.entries(LANGUAGES).map(([code, name]) => {
    const choose = (): void => {
      if (isLanguage(code)) chooseLanguage(code);
      onChange();
    };
    return h(
      "button",
      { type: "button", lang: code, "data-language": code, "aria-pressed": `${code === language()}`, onclick: choose },
      name,
    );
  });
  return h("div", { class: "languages", role: "group", "aria-label": t("common.language_switch") }, ...choices);
}

export function iconButton(action: string, drawing: Drawing, words: string, onclick: () => void): HTMLButtonElement {
  return h("button", { type: "button", "data-action": action, onclick }, icon(drawing), h("span", {}, words));
}

/** The main button of a screen. */
export function primaryButton(action: string, drawing: Drawing, words: string, onclick: () => void): HTMLButtonElement {
  const button = iconButton(action, drawing, words, onclick);
  button.classList.add("primary");
  return button;
}

/** A page that is not the scanner: ikat band, heading, content. */
export function page(title: string, ...content: Child[]): HTMLElement {
  return h(
    "main",
    { class: "page" },
    h("div", { class: "ikat", "aria-hidden": "true" }),
    h("h1", {}, title),
    ...content,
  );
}

/** A choice of a picture of a code; it opens the phone's own camera where the browser has none. */
export function pictureInput(onPicture: (picture: File) => void): HTMLElement {
  const input: HTMLInputElement = h("input", {
    type: "file",
    accept: "image/*",
    capture: "environment",
    "data-action": "picture",
    onchange: () => {
      const picture = input.files?.[0];
      input.value = "";
      if (picture) onPicture(picture);
    },
  });
  return h("label", { class: "picture" }, icon("camera"), h("span", {}, t("door.scan_picture")), input);
}

/** A sheet over the whole screen; its button and Escape close it, and the browser keeps the focus inside. */
export function sheet(name: string, title: string, ...content: Child[]): HTMLDialogElement {
  const close = (): void => dialog.close();
  const heading = h("header", {}, h("h2", {}, title), iconButton("close", "cross", t("common.close_button"), close));
  const dialog: HTMLDialogElement = h(
    "dialog",
    { class: "sheet", "data-sheet": name, "aria-label": title },
    heading,
    ...content,
  );
  return dialog;
}

/** A group of buttons, one of which is selected. */
export function choice<T>(
  title: string,
  options: [T, string][],
  selected: T,
  onChoose: (option: T) => void,
): HTMLElement {
  const buttons = options.map(([option, words]) => {
    const onclick = (): void => {
      for (const each of buttons) each.setAttribute("aria-pressed", `${each === button}`);
      onChoose(option);
    };
    const button = h(
      "button",
      { type: "button", "data-option": option, "aria-pressed": `${option === selected}`, onclick },
      words,
    );
    return button;
  });
  return h("div", { class: "choice", role: "group", "aria-label": title }, h("h3", {}, title), ...buttons);
}

/** The reason for scanning for another session. */
export function suggestionReason({ current, isOver }: SessionChange, { event }: Pass): string {
  const session = textIn(current.title, event);
  return isOver ? t("door.session_over", { part: session }) : t("door.session_not_begun", { part: session });
}

/** Accepts the suggestion to scan for another session. */
export function suggestionButton(
  { next }: SessionChange,
  { event }: Pass,
  setSession: (session: Id) => void,
): HTMLElement {
  const words = t("door.scan_for_session", { part: textIn(next.title, event) });
  return h(
    "button",
    { type: "button", "data-action": "move-on", "data-option": next.id, onclick: () => setSession(next.id) },
    words,
  );
}

/**
 * A hint inside another app's browser: the browser to use instead, and the address to open there, with the pass that
 * has left the address bar. Null in a browser of its own.
 */
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

/** Saves this phone's scans as a file, for an organizer to upload where the phone cannot hand in. */
export function saveScansButton(door: Door): HTMLButtonElement {
  return iconButton("save", "save", t("door.save_scans"), () => void saveScans(door));
}

async function saveScans(door: Door): Promise<void> {
  const { name, content } = door.scanFile();
  const file = new File([content], name, { type: "application/json" });
  // Safari's home-screen apps cannot download; Firefox and most desktops cannot share.
  if (!navigator.canShare?.({ files: [file] })) return download(file);
  await navigator.share({ files: [file], title: name }).catch((error: unknown) => {
    if (!(error instanceof DOMException && error.name === "AbortError")) download(file);
  });
}

function download(file: File): void {
  const address = URL.createObjectURL(file);
  h("a", { href: address, download: file.name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
