/** A door pass before the camera of a phone that is paired already: pairing is asked for, never done by looking. */

import { h } from "../dom.ts";
import { t } from "../i18n.ts";
import { iconButton, primaryButton, sheet } from "./parts.ts";

export function passSheet(pair: () => void): HTMLDialogElement {
  const goOn = (): void => asked.close();
  const asked: HTMLDialogElement = sheet(
    "pass",
    t("door.is_a_pass_title"),
    h("p", {}, t("door.pair_question")),
    primaryButton("pair-this", "enter", t("door.pair_phone"), pair),
    iconButton("go-on", "camera", t("door.continue_scanning"), goOn),
  );
  return asked;
}
