/** What the door API says (docs: interfaces, "Door API"), and what the phone remembers. Every time is in milliseconds since 1970. */

export type Id = string | number;
export type Texts = Record<string, string>;

/** A stretch of time with a title: an event, or one of its sessions. */
export interface Period {
  id: Id;
  title: Texts;
  starts_at: number | null;
  ends_at: number | null;
}

export interface Session extends Period {
  /** When its doors open; null: nobody is too early. */
  opens_at: number | null;
  /** How many people may be inside; null: no limit is known. */
  capacity: number | null;
}

export interface EventFacts extends Period {
  zone: string;
  /** Those of its texts, the first one first. */
  languages?: string[];
}

export interface DoorFacts {
  id: Id;
  name: string | Texts;
}

export interface OwnDoor extends DoorFacts {
  closed: boolean;
}

/** A ticket type that a walk-in may take; without sessions it admits to all. */
export interface TicketType {
  id: Id;
  title: Texts;
  sessions: Id[];
}

export interface TicketKey {
  number: number;
  public: string;
  event: Id;
  title: Texts;
}

export interface Rules {
  admit_unlisted: boolean;
  initials: boolean;
  /** Until when the places of those who have not come are kept for them. */
  held_until: number | null;
  /** People are scanned out, and may come in again. */
  reentry: boolean;
  walk_ins: boolean;
  /** When the pass ends: from then on this phone admits nobody and forgets the names. */
  expires_at: number;
}

/** What every answer of pairing and roster carries: where, when and by which rules this phone admits. */
export interface DoorSetup {
  event: EventFacts;
  door: OwnDoor;
  doors: DoorFacts[];
  sessions: Session[];
  types: TicketType[];
  keys: TicketKey[];
  rules: Rules;
}

export type EntryStatus = "confirmed" | "waiting" | "cancelled" | "offered" | "unconfirmed";

/** One line of the roster; its id is the ticket id in 16 hexadecimal digits, or a walk-in's UUID. */
export interface Entry {
  id: string;
  name: string;
  hint?: string | null;
  type?: string | number | Texts | null;
  status: EntryStatus;
  sessions: Id[];
  short: string | null;
  walk_in?: boolean;
}

export type ScanKind = "in" | "out" | "undo" | "refused";

export type Reason =
  | "not_a_ticket"
  | "cancelled"
  | "waiting"
  | "other_event"
  | "other_session"
  | "not_open"
  | "already_in"
  | "unlisted"
  | "not_inside"
  | "expired";

export type UndoReason = "wrong_person" | "mistake" | "left";

export type Direction = "in" | "out";

/** Whether this phone may admit: `unknown` must pair again, `revoked` and `expired` are over. */
export type PassState = "paired" | "revoked" | "expired" | "unknown";

/** One fact from one phone, as it stands in the ledger. */
export interface Scan {
  id: string;
  person: string | null;
  session: Id;
  kind: ScanKind;
  at: number;
  device: Id;
  /** The door where it was made, which need not be the phone's door now. */
  door?: Id | Texts | null;
  undoes?: string | null;
  reason?: Reason | UndoReason | null;
  doubtful?: boolean;
  standing: boolean;
}

export type ScanResult = "accepted" | "replay" | "conflict" | "unknown" | "revoked" | "invalid";

/** A scan made on this phone; `result` is null until the server has answered for it. */
export interface OwnScan {
  id: string;
  event: Id;
  scan: Scan;
  code: string | null;
  result: ScanResult | null;
  /** The person was in already when it was made: it let nobody in. */
  again?: boolean;
}

/** Somebody without a registration, named at this door; `sent` once the server has answered for it. */
export interface WalkIn {
  id: string;
  event: Id;
  name: string;
  language: string;
  ticket_type: Id | null;
  sent: boolean;
}

/** One ticket that two phones let in, the earlier scan first. */
export interface Conflict {
  person: string;
  first: Scan;
  second: Scan;
}

export interface Shift {
  name: string;
  since: number;
}

export interface PassAnswer {
  event: Pick<EventFacts, "title" | "languages">;
  door: { id: Id; name: Texts };
  server_time: number;
}

export interface PairAnswer extends DoorSetup {
  token: string;
  server_time: number;
}

export interface RosterAnswer extends DoorSetup {
  cursor: string;
  /** It is everything though it was asked for since a cursor: the server came back from a backup. */
  whole?: boolean;
  entries: Entry[];
  removed: string[];
  scans: Scan[];
  merged: Record<string, string>;
  server_time: number;
}

export interface ScansAnswer {
  server_time: number;
  resend: boolean;
  results: { id: string | null; result: ScanResult; reason?: string }[];
}

/** Everything one pairing gave, and how far its list has been read. */
export interface Pass extends DoorSetup {
  id: Id;
  token: string;
  volunteer: string;
  cursor: string | null;
  merged: Record<string, string>;
  /** The server's time when the list was last read. */
  listed_at: number | null;
  session: Id;
  shifts: Shift[];
  /** What the server said last; the phone's own clock may know more. */
  state: PassState;
  /** When this phone first noticed that its pass is over. */
  over_at: number | null;
}
