/** Elements that several screens share. */

import { chooseLanguage } from "../device/preferences.ts";
import { isLanguage, LANGUAGES, language, t } from "../lib/i18n.ts";
import { type Child, type Drawing, h, icon } from "./dom.ts";

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
