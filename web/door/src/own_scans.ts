/** What this phone scanned itself, in the order in which it did: what still waits for the server, and what can be taken back. */

import type { Id, OwnScan } from "./types.ts";

export class OwnScans {
  private readonly all = new Map<string, OwnScan>();
  private readonly unsent = new Map<string, OwnScan>();

  get(id: string): OwnScan | undefined {
    return this.all.get(id);
  }

  put(own: OwnScan): void {
    this.all.set(own.id, own);
    if (own.result === null) this.unsent.set(own.id, own);
    else this.unsent.delete(own.id);
  }

  /** How many scans of all events the server has not answered for. */
  get waiting(): number {
    return this.unsent.size;
  }

  /** The events under which something waits. */
  eventsWaiting(): Set<Id> {
    return new Set([...this.unsent.values()].map((own) => own.event));
  }

  of(event: Id): OwnScan[] {
    return [...this.all.values()].filter((own) => own.event === event);
  }

  /** Scans of an event that the server has not answered for, oldest first. */
  queueOf(event: Id): OwnScan[] {
    return this.of(event).filter((own) => own.result === null);
  }

  /** What the phone's clock stamped since the last contact is doubtful. Returns what changed. */
  markDoubtful(): OwnScan[] {
    return this.change([...this.unsent.values()], (own) => ({ ...own, scan: { ...own.scan, doubtful: true } }));
  }

  /** All of an event is to be handed in again. Returns what changed. */
  markUnsent(event: Id): OwnScan[] {
    return this.change(this.of(event), (own) => ({ ...own, result: null }));
  }

  private change(scans: OwnScan[], into: (own: OwnScan) => OwnScan): OwnScan[] {
    const changed = scans.map(into);
    for (const own of changed) this.put(own);
    return changed;
  }

  /** How many scans of an event the server has acknowledged as stored. */
  handedIn(event: Id): number {
    return this.of(event).filter(({ result }) => result !== null && result !== "invalid").length;
  }

  /** Where the same person was scanned again while already in by this scan: once this one is gone, they would be what let them in. */
  repeatsOf({ id, event, scan }: OwnScan): OwnScan[] {
    const isSame = (own: OwnScan): boolean => own.scan.person === scan.person && own.scan.session === scan.session;
    const moves = this.of(event).filter((own) => isSame(own) && (own.scan.kind === "in" || own.scan.kind === "out"));
    const later = moves.slice(moves.findIndex((own) => own.id === id) + 1);
    const end = later.findIndex((own) => !own.again);
    return end < 0 ? later : later.slice(0, end);
  }

  /** The latest scans of an event that let somebody in or out, newest first. */
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
