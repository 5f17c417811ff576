/** The middle of the scanner: what the camera sees and its switches, or what works without one. */

import type { Camera } from "../camera.ts";
import { h, icon, replace, type Child } from "../dom.ts";
import { hasCamera } from "../browser_support.ts";
import { t } from "../i18n.ts";
import { troubleOf, type Trouble } from "../cameras.ts";
import { unlockSound } from "../signals.ts";
import { LOOKS } from "../verdict_texts.ts";
import { iconButton, pictureInput } from "./components.ts";
import type { Shown } from "./verdict.ts";

export class Stage {
  readonly element = h("section", { class: "stage" });
  readonly verdict = h("div", { class: "verdict", role: "status", "aria-live": "assertive", "aria-atomic": "true" });
  private readonly aim = h("p", { class: "aim" });
  private readonly tools = h("div", { class: "tools" });
  private heard = false;

  constructor(
    private readonly camera: Camera,
    private readonly start: () => void,
    private readonly picture: (picture: File) => void,
  ) {}

  /** Draw what is behind the verdict: a panel of its own, else the camera's view, else what to do without one. */
  draw(panel: HTMLElement | null, trouble: Trouble | null): void {
    this.drawTools();
    replace(this.element, panel ?? (trouble ? this.withoutCamera(trouble) : this.view()), this.verdict);
  }

  /** What to do, or who was last: that is whom "Take back" begins with. */
  drawAim(last: Shown | null, goingOut: boolean): void {
    const waiting = goingOut ? t("Going out: hold the code before the camera") : t("Hold the code before the camera");
    replace(this.aim, ...(last ? [icon(LOOKS[last.kind].icon), `${LOOKS[last.kind].word()}: ${last.name}`] : [waiting]));
  }

  /** Whoever scans has heard what there is to hear, or has seen enough. */
  forgetTones(): void {
    this.heard = true;
    this.element.querySelector(".hearing")?.remove();
  }

  private view(): HTMLElement {
    return h("div", { class: "view" }, this.camera.video, h("div", { class: "finder" }), this.tools, this.hearing(), this.aim);
  }

  private withoutCamera(trouble: Trouble): HTMLElement {
    const again = h("button", { type: "button", "data-action": "camera", onclick: this.start }, t("Try the camera again"));
    return h("div", { class: "view blind" }, h("p", {}, TROUBLES[trouble]()), pictureInput(this.picture), hasCamera() && again, this.hearing());
  }

  private hearing(): Child {
    if (this.heard) return null;
    return h(
      "div",
      { class: "hearing" },
      h("p", {}, t("Did you hear both tones?")),
      h("button", { type: "button", "data-action": "heard", onclick: () => this.forgetTones() }, t("Yes")),
      h("button", { type: "button", "data-action": "again", onclick: unlockSound }, t("Play again")),
    );
  }

  /** Draw the camera's switches, as far as it has any; the one in use keeps the keyboard. */
  drawTools(): void {
    const { camera, tools } = this;
    const { torch } = camera;
    const used = tools.contains(document.activeElement) && document.activeElement?.getAttribute("data-action");
    const turnLight = (): void => void camera.setTorch(!torch).catch(() => undefined);
    // Where the next camera does not open, the one before goes on.
    const takeNext = (): void => void camera.next().catch(() => undefined);
    replace(
      tools,
      torch !== null && iconButton("torch", "torch", torch ? t("Light off") : t("Light on"), turnLight),
      camera.hasSeveral && iconButton("flip", "flip", t("Other camera"), takeNext),
    );
    if (used) tools.querySelector<HTMLElement>(`[data-action=${used}]`)?.focus();
  }
}

const TROUBLES: Record<Trouble, () => string> = {
  refused: () => t("The camera is not allowed. Allow it in the browser's settings for this page, or use a picture, a name or the short code."),
  missing: () => t("No camera was found. Use a picture, a name or the short code."),
  busy: () => t("Another app holds the camera. Close it and try again, or use a picture, a name or the short code."),
  insecure: () => t("The camera works only where this page came over https. Use a picture, a name or the short code."),
  unsupported: () => t("This browser gives no camera. Open the page in Chrome or Safari, or use a picture, a name or the short code."),
};

/** Why there is no picture, and what to do instead. */
export function cameraProblem(error: unknown): string {
  return TROUBLES[troubleOf(error)]();
}
