/** The scans made on this phone, in order: those that wait for the server, and those that can be undone. */

import type { Id, OwnScan } from "../lib/types.ts";

export class OwnScans {
  readonly #all = new Map<string, OwnScan>();
  readonly #unsent = new Map<string, OwnScan>();

  get(id: string): OwnScan | undefined {
    return this.#all.get(id);
  }

  put(own: OwnScan): void {
    this.#all.set(own.id, own);
    if (own.result === null) this.#unsent.set(own.id, own);
    else this.#unsent.delete(own.id);
  }

  /** The number of scans of all events without an answer of the server. */
  get waiting(): number {
    return this.#unsent.size;
  }

  /** The events with waiting scans. */
  eventsWaiting(): Set<Id> {
    return new Set([...this.#unsent.values()].map((own) => own.event));
  }

  of(event: Id): OwnScan[] {
    return [...this.#all.values()].filter((own) => own.event === event);
  }

  /** Scans of an event without an answer of the server, oldest first. */
  queueOf(event: Id): OwnScan[] {
    return this.of(event).filter((own) => own.result === null);
  }

  /** Mark the stamps since the last contact as doubtful. Returns the changed scans. */
  markDoubtful(): OwnScan[] {
    return this.#change([...this.#unsent.values()], (own) => ({ ...own, scan: { ...own.scan, doubtful: true } }));
  }

  /** Queue all scans of an event again. Returns the changed scans. */
  markUnsent(event: Id): OwnScan[] {
    return this.#change(this.of(event), (own) => ({ ...own, result: null }));
  }

  #change(scans: OwnScan[], into: (own: OwnScan) => OwnScan): OwnScan[] {
    const changed = scans.map(into);
    for (const own of changed) this.put(own);
    return changed;
  }

  /** The number of an event's scans that the server has stored. */
  handedIn(event: Id): number {
    return this.of(event).filter(({ result }) => result !== null && result !== "invalid").length;
  }

  /** Later scans of the same person while already in by this scan: without it, they would admit the person. */
  repeatsOf({ id, event, scan }: OwnScan): OwnScan[] {
    const isSame = (own: OwnScan): boolean => own.scan.person === scan.person && own.scan.session === scan.session;
    const moves = this.of(event).filter((own) => isSame(own) && (own.scan.kind === "in" || own.scan.kind === "out"));
    const later = moves.slice(moves.findIndex((own) => own.id === id) + 1);
    const end = later.findIndex((own) => !own.again);
    return end < 0 ? later : later.slice(0, end);
  }

  /** The latest scans in or out of an event, newest first. */
  recent(event: Id, most: number, stands: (own: OwnScan) => boolean): OwnScan[] {
    const moves = this.of(event).filter(({ scan, again }) => (scan.kind === "in" || scan.kind === "out") && !again);
    const standing: OwnScan[] = [];
    for (const own of moves.reverse()) {
      if (standing.length >= most) break;
      if (stands(own)) standing.push(own);
    }
    return standing;
  }
}
