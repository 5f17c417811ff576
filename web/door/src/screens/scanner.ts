/** The scanner: camera, verdict, what is always in sight, and what lies within a thumb's reach. */

import { Camera } from "../camera.ts";
import type { Door } from "../door.ts";
import { h, replace } from "../dom.ts";
import { t } from "../i18n.ts";
import { SILENT } from "../door_state.ts";
import { look, setLook } from "../preferences.ts";
import { troubleOf, type Trouble } from "../cameras.ts";
import { readPicture } from "../reader.ts";
import { keepAwake, letSleep } from "../wake_lock.ts";
import { onSound, signal } from "../signals.ts";
import type { Sync } from "../sync.ts";
import { readPass } from "../ticket.ts";
import type { Conflict, Direction, OwnScan, State, UndoReason } from "../types.ts";
import { listenForTyping } from "../keyboard_scanner.ts";
import { LOOKS } from "../verdict_texts.ts";
import { actionBar, type Bar } from "./action_bar.ts";
import { alarmOf, conflictsSheet } from "./conflicts.ts";
import { endedPanel } from "./pass_ended.ts";
import { menuSheet } from "./menu.ts";
import { peopleSheet, typedIn } from "./attendee_search.ts";
import { passSheet } from "./pass_sheet.ts";
import { focusOn, Sheets } from "./sheets.ts";
import { Stage } from "./stage.ts";
import { statusBar, type Status } from "./status_bar.ts";
import { REASONS, undoSheet } from "./undo.ts";
import { answered, drawVerdict, shownAs, shownOf, type Shown } from "./verdict.ts";

/** How long a verdict fills the screen when nobody comes after it. */
const DWELL = { go: 4_000, flag: 6_000, again: 8_000, stop: 8_000, alarm: 20_000, out: 4_000, note: 4_000 };
const TICK = 5_000;
/** How long a warning about two doors cannot be replaced by the next code. */
const LOUD = 3_000;

export class Scanner {
  private readonly screen = h("main", { class: "scanner" });
  /** The screen, and beside it the sheet that covers it, which stays when the screen is drawn anew. */
  readonly element = h("div", { class: "shift" }, this.screen);
  readonly camera: Camera;
  private readonly stage: Stage;
  private readonly sheets = new Sheets(this.element, (isOpen) => (this.camera.paused = isOpen));
  private status: Status;
  private bar: Bar;
  private shown: Shown | null = null;
  private last: Shown | null = null;
  /** What a warning interrupted in the search. */
  private typed = "";
  private trouble: Trouble | null = null;
  private drawnState: State;
  private drawnFor = "";
  private dwell = 0;
  private readonly ticking: number;
  private readonly stopTyping: () => void;

  constructor(
    private readonly door: Door,
    private readonly sync: Sync,
    private readonly pairAgain: (secret: string | null) => void,
  ) {
    this.camera = new Camera(({ text, decodedAt }) => void this.see(text, decodedAt), () => this.cameraChanged());
    this.stage = new Stage(this.camera, () => void this.start(), (file) => void this.readPicture(file));
    this.stage.verdict.onclick = () => this.clear();
    this.screen.addEventListener("keydown", (event) => event.key === "Escape" && this.clear());
    door.listener = {
      changed: () => this.refresh(),
      recorded: () => this.sync.sendSoon(),
      answered: (own) => this.answer(own),
      conflicted: (fresh) => this.warn(fresh),
    };
    this.stopTyping = listenForTyping((text) => this.seeTyped(text));
    this.ticking = window.setInterval(() => this.tick(), TICK);
    onSound(() => this.refresh());
    this.drawnState = door.state;
    this.status = statusBar(door, () => this.openConflicts());
    this.bar = this.actions();
    this.draw();
  }

  stop(): void {
    // A state that changes later must not switch this camera on again.
    this.door.listener = SILENT;
    this.camera.stop();
    letSleep();
    onSound(() => undefined);
    this.stopTyping();
    clearInterval(this.ticking);
    clearTimeout(this.dwell);
  }

  /** Ask for the camera; without one the page says what else works. */
  async start(): Promise<void> {
    this.sync.start();
    this.trouble = await this.camera.start().then(() => null, troubleOf);
    this.draw();
    this.tick();
  }

  // The phone may have let the screen's lock go, e.g. when its battery ran low.
  private tick(): void {
    if (this.screen.isConnected && this.door.state === "paired") keepAwake();
    this.refresh();
  }

  /** Draw everything anew: at the start and when language, look or direction change. The video element stays, so the stream goes on. */
  private draw(): void {
    const focused = document.activeElement?.getAttribute("data-action");
    this.drawnState = this.door.state;
    this.drawnFor = this.factsDrawn();
    this.status = statusBar(this.door, () => this.openConflicts());
    this.bar = this.actions();
    this.stage.draw(endedPanel(this.door, () => this.pairAgain(null)), this.trouble);
    replace(this.screen, this.status.element, this.stage.element, this.bar.element);
    drawVerdict(this.stage.verdict, this.shown);
    this.refresh();
    focusOn(this.screen, focused ?? "");
  }

  private cameraChanged(): void {
    if (this.trouble === this.camera.trouble) return this.stage.drawTools();
    this.trouble = this.camera.trouble;
    this.draw();
  }

  private actions(): Bar {
    return actionBar(this.door, {
      search: () => this.openSearch(),
      undo: () => this.openUndo(),
      light: () => this.changeLook(),
      menu: () => this.openMenu(),
      turn: (direction) => this.turn(direction),
    });
  }

  private async see(text: string, decodedAt: number): Promise<void> {
    const { verdict } = this.stage;
    const secret = readPass(text);
    if (secret) return this.open(passSheet(() => this.pairAgain(secret)));
    this.show(shownOf(await this.door.show(text), this.door));
    // Twice: the first frame after this one is when the verdict has been painted.
    requestAnimationFrame(() => requestAnimationFrame(() => (verdict.dataset.ms = (performance.now() - decodedAt).toFixed(1))));
    verdict.dataset.decodeMs = this.camera.decodeTime.toFixed(1);
  }

  // A scanner that types cannot be told to wait, so what it read waits until the warning was seen.
  private seeTyped(text: string): void {
    const rest = Math.max(0, this.camera.restUntil - performance.now());
    window.setTimeout(() => this.screen.isConnected && void this.see(text, performance.now()), rest);
  }

  private show(shown: Shown): void {
    const { tone } = LOOKS[shown.kind];
    this.sheets.close();
    this.shown = shown;
    if (shown.name) this.last = shown;
    this.screen.dataset.tone = tone;
    this.stage.forgetTones();
    drawVerdict(this.stage.verdict, shown);
    signal(tone);
    clearTimeout(this.dwell);
    this.dwell = window.setTimeout(() => this.clear(), DWELL[tone]);
    this.refresh();
  }

  private clear(): void {
    clearTimeout(this.dwell);
    this.shown = null;
    delete this.screen.dataset.tone;
    drawVerdict(this.stage.verdict, null);
    this.refresh();
  }

  private answer(own: OwnScan): void {
    if (this.shown?.scan !== own.id) return;
    const shown = answered(this.shown, own);
    // Another verdict has another tone.
    if (shown.kind !== this.shown.kind) return this.show(shown);
    this.shown = shown;
    drawVerdict(this.stage.verdict, shown);
  }

  // Also when the next person is already on the screen: two people with one ticket is worth an interruption.
  private warn(fresh: Conflict[]): void {
    const alarm = alarmOf(this.door, fresh, () => this.openConflicts());
    if (!alarm) return;
    this.typed = typedIn(this.element) || this.typed;
    this.camera.restUntil = performance.now() + LOUD;
    this.show(alarm);
  }

  private takeBack(own: OwnScan, reason: UndoReason): void {
    this.door.takeBack(own, reason);
    this.show(shownAs("taken_back", { person: own.scan.person, name: this.door.nameOf(own.scan), detail: REASONS[reason]() }));
  }

  private turn(direction: Direction): void {
    this.door.turn(direction);
    this.last = null;
    this.clear();
    this.draw();
    this.screen.querySelector<HTMLElement>(`[data-direction=${direction}]`)?.focus();
  }

  private async readPicture(picture: Blob): Promise<void> {
    this.sheets.close();
    const text = await readPicture(picture).catch(() => null);
    if (text !== null) return this.see(text, performance.now());
    this.show(shownAs("no_code", { detail: t("Hold the phone closer and try again") }));
  }

  private openSearch(): void {
    const { door, typed } = this;
    this.typed = "";
    this.open(
      peopleSheet({
        door,
        typed,
        admit: (entry, anyway) => this.show(shownOf(door.admit(entry, anyway), door)),
        letIn: (newcomer) => this.show(shownOf(door.walkIn(newcomer), door)),
        show: (code) => {
          this.sheets.close();
          void this.see(code, performance.now());
        },
      }),
    );
  }

  private openUndo(large?: OwnScan): void {
    this.open(undoSheet(this.door, (own, reason) => this.takeBack(own, reason), large));
  }

  private openConflicts(): void {
    this.open(conflictsSheet(this.door, (own) => this.openUndo(own)));
  }

  private openMenu(): void {
    const redraw = (): void => {
      this.draw();
      this.openMenu();
    };
    const picture = (file: File): void => void this.readPicture(file);
    this.open(menuSheet({ door: this.door, close: () => this.sheets.close(), picture, redraw, pairAgain: () => this.pairAgain(null) }));
  }

  private open(sheet: HTMLDialogElement): void {
    this.clear();
    this.sheets.open(sheet);
  }

  private changeLook(): void {
    setLook(look() === "dark" ? "day" : "dark");
    this.draw();
  }

  private refresh(): void {
    if (this.drawnState !== this.door.state) return this.changeState();
    if (this.drawnFor !== this.factsDrawn()) return this.draw();
    this.screen.dataset.direction = this.door.direction;
    this.screen.classList.toggle("turning", this.door.pass.rules.reentry);
    this.stage.drawAim(this.last, this.door.direction === "out");
    this.status.update();
    this.bar.update();
  }

  /** What else is drawn only as a whole: the switch of direction, and what a phone that is over still owes. */
  private factsDrawn(): string {
    const { state, waiting, pass } = this.door;
    return `${pass.rules.reentry} ${state === "paired" ? "" : waiting}`;
  }

  private changeState(): void {
    this.sheets.close();
    this.draw();
    if (this.door.state === "paired") void this.start();
    else this.end();
  }

  /** No name of the shift stays on a screen that may admit nobody. */
  private end(): void {
    this.camera.stop();
    letSleep();
    this.last = null;
    this.typed = "";
    this.clear();
    if (!this.door.online) void this.door.ending.check();
  }
}
