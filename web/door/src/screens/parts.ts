/** Parts that several screens show. */

import { h, icon, type Child, type Drawing } from "../dom.ts";
import { isLanguage, language, LANGUAGES, t } from "../i18n.ts";
import { chooseLanguage } from "../preferences.ts";

/** A choice of language; each is written in itself. */
export function languageSwitch(changed: () => void): HTMLElement {
  const choices = Object.entries(LANGUAGES).map(([code, name]) => {
    const choose = (): void => {
      if (isLanguage(code)) chooseLanguage(code);
      changed();
    };
    return h("button", { type: "button", lang: code, "data-language": code, "aria-pressed": `${code === language()}`, onclick: choose }, name);
  });
  return h("div", { class: "languages", role: "group", "aria-label": t("Language") }, ...choices);
}

export function iconButton(action: string, drawing: Drawing, words: string, onclick: () => void): HTMLButtonElement {
  return h("button", { type: "button", "data-action": action, onclick }, icon(drawing), h("span", {}, words));
}

/** A page that is not the scanner: ikat band, heading, content. */
export function page(title: string, ...content: Child[]): HTMLElement {
  return h("main", { class: "page" }, h("div", { class: "ikat", "aria-hidden": "true" }), h("h1", {}, title), ...content);
}

/** Choosing a picture of a code: opens the phone's own camera where the browser has none to give. */
export function pictureInput(chosen: (picture: File) => void): HTMLElement {
  const input: HTMLInputElement = h("input", {
    type: "file",
    accept: "image/*",
    capture: "environment",
    "data-action": "picture",
    onchange: () => {
      const picture = input.files?.[0];
      input.value = "";
      if (picture) chosen(picture);
    },
  });
  return h("label", { class: "picture" }, icon("camera"), h("span", {}, t("Scan from a picture")), input);
}

/** A sheet over the whole screen, closed by its button or Escape. */
export function sheet(title: string, close: () => void, ...content: Child[]): HTMLElement {
  const onkeydown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") close();
  };
  const heading = h("header", {}, h("h2", {}, title), iconButton("close", "close", t("Close"), close));
  return h("section", { class: "sheet", role: "dialog", "aria-modal": "true", "aria-label": title, onkeydown }, heading, ...content);
}
