/** The scanner: status, camera, verdict and actions. */

import { Camera } from "../device/camera.ts";
import { type Trouble, troubleOf } from "../device/cameras.ts";
import { listenForTyping } from "../device/keyboard_scanner.ts";
import { setTheme, theme } from "../device/preferences.ts";
import { readPicture } from "../device/reader.ts";
import { onSoundChange, signal } from "../device/signals.ts";
import { keepScreenOn, letScreenSleep } from "../device/wake_lock.ts";
import type { Door } from "../engine/door.ts";
import { t } from "../lib/i18n.ts";
import { readPass } from "../lib/ticket.ts";
import type { Conflict, Direction, OwnScan, PassState, UndoReason } from "../lib/types.ts";
import { type ActionBar, actionBar } from "./action_bar.ts";
import { searchSheet, searchText } from "./attendee_search.ts";
import { alarmView, conflictsSheet } from "./conflicts.ts";
import { h, replace } from "./dom.ts";
import { menuSheet } from "./menu.ts";
import { passSheet } from "./notices.ts";
import { endedPanel } from "./pass_ended.ts";
import { focusOn, Sheets } from "./sheets.ts";
import { Stage } from "./stage.ts";
import { type StatusBar, statusBar } from "./status_bar.ts";
import { REASONS, undoSheet } from "./undo.ts";
import { drawVerdict, makeView, type VerdictView, viewOf, withResult } from "./verdict.ts";
import { STYLES } from "./verdict_texts.ts";

/** How long a verdict stays on the screen without another one. Milliseconds. */
const SHOW_FOR = { go: 4_000, flag: 6_000, again: 8_000, stop: 8_000, alarm: 20_000, out: 4_000, note: 4_000 };
const REFRESH_EVERY = 5_000;
/** How long the next code cannot replace an alarm. Milliseconds. */
const ALARM_FOR = 3_000;

export class Scanner {
  readonly #screen = h("main", { class: "scanner" });
  /** The screen with the sheet that covers it, which stays when the screen is redrawn. */
  readonly element = h("div", { class: "shift" }, this.#screen);
  readonly camera: Camera;
  readonly #door: Door;
  readonly #pairAgain: (secret: string | null) => void;
  readonly #stage: Stage;
  readonly #sheets = new Sheets(this.element, (isOpen) => this.camera.setPaused(isOpen));
  /** Set by draw(), which the constructor calls. */
  #status!: StatusBar;
  #bar!: ActionBar;
  #drawnState!: PassState;
  #view: VerdictView | null = null;
  #lastView: VerdictView | null = null;
  /** The text of a search that an alarm interrupted. */
  #typed = "";
  #trouble: Trouble | null = null;
  #drawnFacts = "";
  #dwellTimer = 0;
  readonly #refreshTimer: number;
  readonly #stopTyping: () => void;

  constructor(door: Door, pairAgain: (secret: string | null) => void) {
    this.#door = door;
    this.#pairAgain = pairAgain;
    this.camera = new Camera(
      ({ text, decodedAt }) => void this.#judge(text, decodedAt),
      () => this.#cameraChanged(),
    );
    this.#stage = new Stage(
      this.camera,
      () => void this.start(),
      (file) => void this.#readPicture(file),
    );
    this.#stage.verdict.onclick = () => this.#clear();
    this.#screen.addEventListener("keydown", (event) => event.key === "Escape" && this.#clear());
    door.listen({
      onChange: () => this.#refresh(),
      onResult: (own) => this.#showResult(own),
      onConflicts: (fresh) => this.#showAlarm(fresh),
    });
    this.#stopTyping = listenForTyping((text) => this.#judgeLater(text));
    this.#refreshTimer = window.setInterval(() => this.#tick(), REFRESH_EVERY);
    onSoundChange(() => this.#refresh());
    this.#draw();
  }

  stop(): void {
    // A later change of state must not start this camera again.
    this.#door.stop();
    this.camera.stop();
    letScreenSleep();
    onSoundChange(() => undefined);
    this.#stopTyping();
    clearInterval(this.#refreshTimer);
    clearTimeout(this.#dwellTimer);
  }

  /** Start the camera; without one the page names the alternatives. */
  async start(): Promise<void> {
    this.#door.start();
    this.#trouble = await this.camera.start().then(() => null, troubleOf);
    this.#draw();
    this.#tick();
  }

  // The phone may have dropped the wake lock, e.g. on a low battery.
  #tick(): void {
    if (this.#screen.isConnected && this.#door.state === "paired") keepScreenOn();
    this.#refresh();
  }

  /**
   * Redraw everything: at the start and after a change of language, theme or direction. The video element stays, so the
   * stream continues.
   */
  #draw(): void {
    const focused = document.activeElement?.getAttribute("data-action");
    this.#drawnState = this.#door.state;
    this.#drawnFacts = this.#factsDrawn();
    this.#status = statusBar(this.#door, () => this.#openConflicts());
    this.#bar = this.#actions();
    this.#stage.draw(
      endedPanel(this.#door, () => this.#pairAgain(null)),
      this.#trouble,
    );
    replace(this.#screen, this.#status.element, this.#stage.element, this.#bar.element);
    drawVerdict(this.#stage.verdict, this.#view);
    this.#refresh();
    focusOn(this.#screen, focused ?? "");
  }

  #cameraChanged(): void {
    if (this.#trouble === this.camera.trouble) return this.#stage.drawTools();
    this.#trouble = this.camera.trouble;
    this.#draw();
  }

  #actions(): ActionBar {
    return actionBar(this.#door, {
      search: () => this.#openSearch(),
      undo: () => this.#openUndo(),
      light: () => {
        setTheme(theme() === "dark" ? "day" : "dark");
        this.#draw();
      },
      menu: () => this.#openMenu(),
      setDirection: (direction) => this.#setDirection(direction),
    });
  }

  async #judge(text: string, decodedAt: number): Promise<void> {
    const { verdict } = this.#stage;
    const secret = readPass(text);
    if (secret) return this.#open(passSheet(() => this.#pairAgain(secret)));
    this.#show(viewOf(await this.#door.judge(text), this.#door));
    // Twice: the frame after the next one comes when the verdict has been painted.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => (verdict.dataset.ms = (performance.now() - decodedAt).toFixed(1))),
    );
    verdict.dataset.decodeMs = this.camera.decodeTime.toFixed(1);
  }

  // A keyboard scanner cannot be told to wait, so its code waits until the alarm was seen.
  #judgeLater(text: string): void {
    window.setTimeout(() => this.#screen.isConnected && void this.#judge(text, performance.now()), this.camera.resting);
  }

  #show(view: VerdictView): void {
    const { tone } = STYLES[view.kind];
    this.#sheets.close();
    this.#view = view;
    if (view.name) this.#lastView = view;
    this.#screen.dataset.tone = tone;
    this.#stage.hideTones();
    drawVerdict(this.#stage.verdict, view);
    signal(tone);
    clearTimeout(this.#dwellTimer);
    this.#dwellTimer = window.setTimeout(() => this.#clear(), SHOW_FOR[tone]);
    this.#refresh();
  }

  #clear(): void {
    clearTimeout(this.#dwellTimer);
    this.#view = null;
    delete this.#screen.dataset.tone;
    drawVerdict(this.#stage.verdict, null);
    this.#refresh();
  }

  #showResult(own: OwnScan): void {
    if (this.#view?.scan !== own.id) return;
    const updated = withResult(this.#view, own);
    // Another verdict has another tone.
    if (updated.kind !== this.#view.kind) return this.#show(updated);
    this.#view = updated;
    drawVerdict(this.#stage.verdict, updated);
  }

  // Also over the next person's verdict: a ticket used twice is worth an interruption.
  #showAlarm(fresh: Conflict[]): void {
    const alarm = alarmView(this.#door, fresh, () => this.#openConflicts());
    if (!alarm) return;
    this.#typed = searchText(this.element) || this.#typed;
    this.camera.restFor(ALARM_FOR);
    this.#show(alarm);
  }

  #undo(own: OwnScan, reason: UndoReason): void {
    this.#door.undo(own, reason);
    this.#show(
      makeView("taken_back", { person: own.scan.person, name: this.#door.nameOf(own.scan), detail: REASONS[reason]() }),
    );
  }

  #setDirection(direction: Direction): void {
    this.#door.setDirection(direction);
    this.#lastView = null;
    this.#clear();
    this.#draw();
    this.#screen.querySelector<HTMLElement>(`[data-direction=${direction}]`)?.focus();
  }

  async #readPicture(picture: Blob): Promise<void> {
    this.#sheets.close();
    const text = await readPicture(picture).catch(() => null);
    if (text !== null) return this.#judge(text, performance.now());
    this.#show(makeView("no_code", { detail: t("door.hold_closer") }));
  }

  #openSearch(): void {
    const door = this.#door;
    const typed = this.#typed;
    this.#typed = "";
    this.#open(
      searchSheet({
        door,
        typed,
        admit: (entry, anyway) => this.#show(viewOf(door.admit(entry, anyway), door)),
        admitWalkIn: (details) => this.#show(viewOf(door.walkIn(details), door)),
        judge: (code) => {
          this.#sheets.close();
          void this.#judge(code, performance.now());
        },
      }),
    );
  }

  #openUndo(selected?: OwnScan): void {
    this.#open(undoSheet(this.#door, (own, reason) => this.#undo(own, reason), selected));
  }

  #openConflicts(): void {
    this.#open(conflictsSheet(this.#door, (own) => this.#openUndo(own)));
  }

  #openMenu(): void {
    const redraw = (): void => {
      this.#draw();
      this.#openMenu();
    };
    const picture = (file: File): void => void this.#readPicture(file);
    this.#open(
      menuSheet({
        door: this.#door,
        close: () => this.#sheets.close(),
        picture,
        redraw,
        pairAgain: () => this.#pairAgain(null),
      }),
    );
  }

  #open(sheet: HTMLDialogElement): void {
    this.#clear();
    this.#sheets.open(sheet);
  }

  #refresh(): void {
    if (this.#drawnState !== this.#door.state) return this.#changeState();
    if (this.#drawnFacts !== this.#factsDrawn()) return this.#draw();
    this.#screen.dataset.direction = this.#door.direction;
    this.#screen.classList.toggle("turning", this.#door.pass.rules.reentry);
    this.#stage.drawAim(this.#lastView, this.#door.direction === "out");
    this.#status.update();
    this.#bar.update();
  }

  /** The facts whose change redraws everything: the direction switch, and the waiting scans of an ended pass. */
  #factsDrawn(): string {
    const { state, waiting, pass } = this.#door;
    return `${pass.rules.reentry} ${state === "paired" ? "" : waiting}`;
  }

  #changeState(): void {
    this.#sheets.close();
    this.#draw();
    if (this.#door.state === "paired") void this.start();
    else this.#showEnded();
  }

  /** Remove every name of the shift from the screen of a phone that may not scan. */
  #showEnded(): void {
    this.camera.stop();
    letScreenSleep();
    this.#lastView = null;
    this.#typed = "";
    this.#clear();
    if (!this.#door.online) void this.#door.checkExpiry();
  }
}
