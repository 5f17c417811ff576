/** The middle of the scanner: the camera's view and its switches, or the alternatives without one. */

import { hasCamera } from "../device/browser_support.ts";
import type { Camera } from "../device/camera.ts";
import { type Trouble, troubleOf } from "../device/cameras.ts";
import { unlockSound } from "../device/signals.ts";
import { t } from "../lib/i18n.ts";
import { iconButton, pictureInput } from "./components.ts";
import { type Child, h, icon, replace } from "./dom.ts";
import type { VerdictView } from "./verdict.ts";
import { STYLES } from "./verdict_texts.ts";

export class Stage {
  readonly element = h("section", { class: "stage" });
  readonly verdict = h("div", { class: "verdict", role: "status", "aria-live": "assertive", "aria-atomic": "true" });
  readonly #camera: Camera;
  readonly #start: () => void;
  readonly #picture: (picture: File) => void;
  readonly #aim = h("p", { class: "aim" });
  readonly #tools = h("div", { class: "tools" });
  #heardTones = false;

  constructor(camera: Camera, start: () => void, picture: (picture: File) => void) {
    this.#camera = camera;
    this.#start = start;
    this.#picture = picture;
  }

  /** Draw behind the verdict: a given panel, else the camera's view, else the alternatives without one. */
  draw(panel: HTMLElement | null, trouble: Trouble | null): void {
    this.drawTools();
    replace(this.element, panel ?? (trouble ? this.#noCamera(trouble) : this.#cameraView()), this.verdict);
  }

  /** Draw the instruction, or the last person, with whom "Take back" begins. */
  drawAim(view: VerdictView | null, goingOut: boolean): void {
    const instruction = goingOut ? t("door.aim_out") : t("door.aim_in");
    replace(
      this.#aim,
      ...(view ? [icon(STYLES[view.kind].icon), `${STYLES[view.kind].word()}: ${view.name}`] : [instruction]),
    );
  }

  /** Remove the question about tones: the volunteer has heard them, or has seen enough. */
  hideTones(): void {
    this.#heardTones = true;
    this.element.querySelector(".tones")?.remove();
  }

  #cameraView(): HTMLElement {
    return h(
      "div",
      { class: "view" },
      this.#camera.video,
      h("div", { class: "finder" }),
      this.#tools,
      this.#tones(),
      this.#aim,
    );
  }

  #noCamera(trouble: Trouble): HTMLElement {
    const retryButton = h(
      "button",
      { type: "button", "data-action": "camera", onclick: this.#start },
      t("door.retry_camera"),
    );
    return h(
      "div",
      { class: "view blind" },
      h("p", {}, TROUBLES[trouble]()),
      pictureInput(this.#picture),
      hasCamera() && retryButton,
      this.#tones(),
    );
  }

  #tones(): Child {
    if (this.#heardTones) return null;
    return h(
      "div",
      { class: "tones" },
      h("p", {}, t("door.heard_tones")),
      h("button", { type: "button", "data-action": "heard", onclick: () => this.hideTones() }, t("common.yes")),
      h("button", { type: "button", "data-action": "again", onclick: unlockSound }, t("door.play_again")),
    );
  }

  /** Draw the camera's switches; the one in use keeps the focus. */
  drawTools(): void {
    const camera = this.#camera;
    const tools = this.#tools;
    const { torch } = camera;
    const focused = tools.contains(document.activeElement) && document.activeElement?.getAttribute("data-action");
    const toggleTorch = (): void => void camera.setTorch(!torch).catch(() => undefined);
    // Where the next camera does not open, the previous one resumes.
    const nextCamera = (): void => void camera.next().catch(() => undefined);
    replace(
      tools,
      torch !== null && iconButton("torch", "torch", torch ? t("door.light_off") : t("door.light_on"), toggleTorch),
      camera.hasSeveral && iconButton("flip", "flip", t("door.other_camera"), nextCamera),
    );
    if (focused) tools.querySelector<HTMLElement>(`[data-action=${focused}]`)?.focus();
  }
}

const TROUBLES: Record<Trouble, () => string> = {
  refused: () => t("door.camera_refused"),
  missing: () => t("door.camera_missing"),
  busy: () => t("door.camera_busy"),
  insecure: () => t("door.camera_insecure"),
  unsupported: () => t("door.camera_unsupported"),
};

/** Explain an error of the camera and name the alternatives. */
export function cameraProblem(error: unknown): string {
  return TROUBLES[troubleOf(error)]();
}
