/** The scanner: camera, verdict, what is always in sight, and four buttons within a thumb's reach. */

import { Camera, type Seen } from "../camera.ts";
import type { Door, Judged } from "../door.ts";
import { h, icon, replace } from "../dom.ts";
import { hasCamera } from "../floor.ts";
import { t } from "../i18n.ts";
import { look, setLook } from "../preferences.ts";
import { readPicture } from "../reader.ts";
import { signal, unlockSound } from "../signals.ts";
import type { Sync } from "../sync.ts";
import { readPass, shortCode, spellShortCode } from "../ticket.ts";
import type { Entry, OwnScan, Scan } from "../types.ts";
import { bothDoors, detailOf, LOOKS } from "../words.ts";
import { menuSheet } from "./menu.ts";
import { iconButton, pictureInput } from "./parts.ts";
import { peopleSheet } from "./people.ts";
import { statusBar } from "./status.ts";
import { drawVerdict, type Shown } from "./verdict.ts";

/** How long a verdict fills the screen when nobody comes after it. */
const DWELL = { go: 4_000, flag: 6_000, again: 8_000, stop: 8_000, note: 4_000 };
const TICK = 5_000;
/** How long a warning about two doors cannot be replaced by the next code. */
const LOUD = 3_000;

export class Scanner {
  readonly element = h("main", { class: "scanner" });
  readonly camera: Camera;
  private readonly verdict = h("article", { class: "verdict", role: "status", "aria-live": "assertive", "aria-atomic": "true" });
  private readonly aim = h("p", { class: "aim" });
  private shown: Shown | null = null;
  private last: Shown | null = null;
  private heard = false;
  private update: () => void = () => undefined;
  private undo = h("button");
  private problem = "";
  private dwell = 0;
  private readonly ticking: number;

  constructor(
    private readonly door: Door,
    private readonly sync: Sync,
    private readonly pairAgain: (secret: string | null) => void,
  ) {
    this.camera = new Camera((seen) => void this.see(seen));
    door.listener = {
      changed: () => this.refresh(),
      recorded: () => this.sync.sendSoon(),
      answered: (own) => this.answer(own),
    };
    this.ticking = window.setInterval(() => this.refresh(), TICK);
    this.draw();
  }

  stop(): void {
    this.camera.stop();
    clearInterval(this.ticking);
    clearTimeout(this.dwell);
  }

  /** Ask for the camera; without one the page says what else works. */
  async start(): Promise<void> {
    this.sync.start();
    try {
      await this.camera.start();
      this.problem = "";
    } catch (error) {
      this.problem = cameraProblem(error);
    }
    this.draw();
    await keepAwake();
  }

  /** Draw everything anew: at the start and when the language changes. The video element stays, so the stream goes on. */
  private draw(): void {
    const status = statusBar(this.door);
    this.update = status.update;
    this.undo = iconButton("undo", "back", t("Take back"), () => this.takeBack());
    this.camera.paused = false;
    replace(this.element, status.element, this.stage(), this.actions());
    drawVerdict(this.verdict, this.shown);
    this.refresh();
  }

  private stage(): HTMLElement {
    this.drawAim();
    this.verdict.onclick = () => this.clear();
    return h("section", { class: "stage" }, this.problem ? this.withoutCamera() : this.view(), this.verdict);
  }

  private view(): HTMLElement {
    const finder = h("div", { class: "finder" });
    return h("div", { class: "view" }, this.camera.video, finder, this.aim, !this.heard && this.hearing());
  }

  /** What to do, or who was last: that is whom "Take back" is about. */
  private drawAim(): void {
    const { last } = this;
    replace(this.aim, ...(last ? [icon(LOOKS[last.kind].icon), `${LOOKS[last.kind].word()}: ${last.name}`] : [t("Hold the code before the camera")]));
  }

  private hearing(): HTMLElement {
    const yes = (): void => {
      this.heard = true;
      this.element.querySelector(".hearing")?.remove();
    };
    return h(
      "div",
      { class: "hearing" },
      h("p", {}, t("Did you hear both tones?")),
      h("button", { type: "button", "data-action": "heard", onclick: yes }, t("Yes")),
      h("button", { type: "button", "data-action": "again", onclick: unlockSound }, t("Play again")),
    );
  }

  private withoutCamera(): HTMLElement {
    const again = h("button", { type: "button", "data-action": "camera", onclick: () => void this.start() }, t("Try the camera again"));
    const picture = pictureInput((file) => void this.readPicture(file));
    return h("div", { class: "view blind" }, h("p", {}, this.problem), picture, hasCamera() && again, !this.heard && this.hearing());
  }

  private actions(): HTMLElement {
    const dark = look() === "dark";
    return h(
      "nav",
      { "aria-label": t("Door") },
      iconButton("search", "search", t("Search"), () => this.openSearch()),
      this.undo,
      iconButton("light", dark ? "sun" : "moon", dark ? t("Daylight") : t("Dark hall"), () => this.changeLook()),
      iconButton("menu", "menu", t("More"), () => this.openMenu()),
    );
  }

  private async see({ text, decodedAt }: Seen): Promise<void> {
    const secret = readPass(text);
    if (secret) return this.pairAgain(secret);
    this.judged(await this.door.show(text));
    // Twice: the first frame after this one is when the verdict has been painted.
    requestAnimationFrame(() => requestAnimationFrame(() => (this.verdict.dataset.ms = (performance.now() - decodedAt).toFixed(1))));
    this.verdict.dataset.decodeMs = this.camera.decodeTime.toFixed(1);
  }

  private judged({ verdict, own }: Judged): void {
    const { entry, person } = verdict;
    const unlisted = person && verdict.kind !== "other_event" ? spellShortCode(shortCode(person)) : "";
    this.show({
      kind: verdict.kind,
      scan: own?.id ?? null,
      person,
      name: entry?.name ?? unlisted,
      hint: entry?.hint ?? "",
      detail: detailOf(verdict, this.door.pass),
      confirmed: false,
    });
  }

  private show(shown: Shown): void {
    const { tone } = LOOKS[shown.kind];
    this.shown = shown;
    if (shown.name) this.last = shown;
    this.element.dataset.tone = tone;
    drawVerdict(this.verdict, shown);
    signal(tone);
    clearTimeout(this.dwell);
    this.dwell = window.setTimeout(() => this.clear(), DWELL[tone]);
    this.refresh();
  }

  private clear(): void {
    clearTimeout(this.dwell);
    this.shown = null;
    delete this.element.dataset.tone;
    drawVerdict(this.verdict, null);
    this.drawAim();
  }

  private answer(own: OwnScan): void {
    if (own.result === "conflict") return this.warn(own);
    if (this.shown?.scan !== own.id) return;
    if (own.result === "revoked") return this.show({ ...this.shown, kind: "revoked", detail: t("Pair it again with a door pass") });
    this.shown = { ...this.shown, confirmed: true };
    drawVerdict(this.verdict, this.shown);
  }

  // Also when the next person is already on the screen: two people with one ticket is worth an interruption.
  private warn(own: OwnScan): void {
    const { scan } = own;
    const alreadyTold = this.shown?.scan === own.id && this.shown.kind === "already_in";
    const entry = scan.person ? this.door.ledger.entries.get(scan.person) : undefined;
    const detail = this.conflictDetail(scan);
    if (alreadyTold && this.shown) this.shown = { ...this.shown, confirmed: true };
    if (alreadyTold) return drawVerdict(this.verdict, this.shown);
    this.sync.wake();
    this.camera.restUntil = performance.now() + LOUD;
    this.show({ kind: "conflict", scan: own.id, person: scan.person, name: entry?.name ?? "", hint: entry?.hint ?? "", detail, confirmed: true });
  }

  private conflictDetail(scan: Scan): string {
    const rival = this.door.ledger.rivalOf(scan);
    return rival ? bothDoors(scan, rival, this.door.pass) : t("Another phone admitted this ticket too");
  }

  // The answer says that there is a conflict; the other phone's scan comes with the next list.
  private explainConflict(): void {
    const scan = this.shown?.kind === "conflict" && this.shown.scan ? this.door.ledger.scan(this.shown.scan) : undefined;
    if (!scan || !this.shown) return;
    const detail = this.conflictDetail(scan);
    if (detail === this.shown.detail) return;
    this.shown = { ...this.shown, detail };
    drawVerdict(this.verdict, this.shown);
  }

  private takeBack(): void {
    const undone = this.door.takeBack();
    if (!undone) return;
    const entry = undone.scan.person ? this.door.ledger.entries.get(undone.scan.person) : undefined;
    this.show({ kind: "taken_back", scan: null, person: undone.scan.person, name: entry?.name ?? "", hint: "", detail: "", confirmed: false });
  }

  private async readPicture(picture: Blob): Promise<void> {
    this.close();
    const text = await readPicture(picture).catch(() => null);
    if (text !== null) return this.see({ text, decodedAt: performance.now() });
    this.show({ kind: "no_code", scan: null, person: null, name: "", hint: "", detail: t("Hold the phone closer and try again"), confirmed: false });
  }

  private openSearch(): void {
    const admit = (entry: Entry, anyway: boolean): void => {
      this.close();
      this.judged(this.door.admit(entry, anyway));
    };
    const show = (code: string): void => {
      this.close();
      void this.see({ text: code, decodedAt: performance.now() });
    };
    this.open(peopleSheet({ door: this.door, close: () => this.close(), admit, show }), "input");
  }

  private openMenu(): void {
    const redraw = (): void => {
      this.draw();
      this.openMenu();
    };
    const picture = (file: File): void => void this.readPicture(file);
    this.open(menuSheet({ door: this.door, close: () => this.close(), picture, redraw, pairAgain: () => this.pairAgain(null) }), "button");
  }

  private open(opened: HTMLElement, focus: string): void {
    this.clear();
    this.close();
    this.camera.paused = true;
    this.element.append(opened);
    opened.querySelector<HTMLElement>(focus)?.focus();
  }

  private close(): void {
    this.camera.paused = false;
    this.element.querySelector(".sheet")?.remove();
  }

  private changeLook(): void {
    setLook(look() === "dark" ? "day" : "dark");
    this.draw();
  }

  private refresh(): void {
    this.update();
    this.explainConflict();
    this.undo.disabled = this.door.returnable === null;
  }
}

function cameraProblem(error: unknown): string {
  if (error instanceof DOMException && error.name === "NotAllowedError")
    return t("The camera is not allowed. Allow it in the browser's settings for this page, or use a picture, a name or the short code.");
  if (!hasCamera())
    return t("This browser gives no camera here. Open the page in Chrome or Safari over https, or use a picture, a name or the short code.");
  return t("No camera was found. Use a picture, a name or the short code.");
}

/** Keep the screen on for the shift; where the browser cannot, the phone's own settings must. */
async function keepAwake(): Promise<void> {
  const wake = (navigator as { wakeLock?: { request(kind: "screen"): Promise<unknown> } }).wakeLock;
  if (!wake) return;
  const ask = (): void => void (document.hidden || wake.request("screen").catch(() => undefined));
  document.addEventListener("visibilitychange", ask);
  ask();
}
