/** The door API's types, and the phone's stored data. Every time is in milliseconds since 1970. */

export type Id = string | number;
export type Texts = Record<string, string>;

/** A titled period: an event, or one of its sessions. */
export interface Period {
  id: Id;
  title: Texts;
  starts_at: number | null;
  ends_at: number | null;
}

export interface Session extends Period {
  /** The opening of its doors; null: no one is too early. */
  opens_at: number | null;
  /** The most people inside; null: no limit is known. */
  capacity: number | null;
}

export interface EventFacts extends Period {
  zone: string;
  /** The languages of its texts, the first one first. */
  languages?: string[];
}

export interface DoorFacts {
  id: Id;
  name: string | Texts;
}

export interface OwnDoor extends DoorFacts {
  closed: boolean;
}

/** A ticket type for walk-ins; without sessions it admits to all. */
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
  /** The time until which the seats of people who have not come are kept. */
  held_until: number | null;
  /** People are scanned out, and may come in again. */
  reentry: boolean;
  walk_ins: boolean;
  /** The end of the pass: this phone then admits no one and erases the names. */
  expires_at: number;
}

/** The part that pairing and roster have in common: the event, the doors and the rules. */
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

/** An entry of the list; its id is the ticket id in 16 hexadecimal digits, or a walk-in's UUID. */
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

/** The state of this phone's pass: `unknown` must pair again, `revoked` and `expired` are over. */
export type PassState = "paired" | "revoked" | "expired" | "unknown";

/** A scan of any phone, as it is stored. */
export interface Scan {
  id: string;
  person: string | null;
  session: Id;
  kind: ScanKind;
  at: number;
  device: Id;
  /** The door of the scan, which may differ from the phone's door now. */
  door?: Id | Texts | null;
  undoes?: string | null;
  reason?: Reason | UndoReason | null;
  doubtful?: boolean;
  standing: boolean;
}

export type ScanResult = "accepted" | "replay" | "conflict" | "unknown" | "revoked" | "invalid";

/** A scan made on this phone; `result` is null until the server has answered. */
export interface OwnScan {
  id: string;
  event: Id;
  scan: Scan;
  code: string | null;
  result: ScanResult | null;
  /** The person was already in: the scan admitted no one. */
  again?: boolean;
}

/** Someone without a registration, named at this door; `sent` once the server has answered. */
export interface WalkIn {
  id: string;
  event: Id;
  name: string;
  language: string;
  ticket_type: Id | null;
  sent: boolean;
}

/** A ticket that two phones admitted, the earlier scan first. */
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

/** The setup is missing where it is the one whose hash the phone has sent. */
export interface RosterAnswer extends Partial<DoorSetup> {
  cursor: string;
  /** The hash of the setup; servers of before send none. */
  setup?: string;
  /** The list is whole although it was requested since a cursor: the server was restored from a backup. */
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

/** The data of one pairing, and the cursor of its list. */
export interface Pass extends DoorSetup {
  id: Id;
  token: string;
  volunteer: string;
  cursor: string | null;
  merged: Record<string, string>;
  /** The server's time in the latest list. */
  listed_at: number | null;
  /** The hash of the setup as the server knows it; null before the first list. */
  setup?: string | null;
  session: Id;
  shifts: Shift[];
  /** The state in the server's latest answer; the phone's clock may know more. */
  state: PassState;
  /** The time at which this phone noticed that its pass is over. */
  over_at: number | null;
}
