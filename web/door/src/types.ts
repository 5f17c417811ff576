/** What the door API says (docs: interfaces, "Door API"), and what the phone remembers. Every time is in milliseconds since 1970. */

export type Id = string | number;
export type Texts = Record<string, string>;

export interface Session {
  id: Id;
  title: Texts;
  starts_at: number | null;
  ends_at: number | null;
}

export interface EventFacts extends Session {
  zone: string;
}

export interface DoorFacts {
  id: Id;
  name: string | Texts;
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
  held_until: number | null;
  /** When the doors open; without it nobody is too early. */
  opens_at?: number | null;
}

export type Status = "confirmed" | "waiting" | "cancelled" | "offered" | "unconfirmed";

/** One line of the roster; its id is the ticket id in 16 hexadecimal digits. */
export interface Entry {
  id: string;
  name: string;
  hint?: string | null;
  type?: string | number | Texts | null;
  status: Status;
  sessions: Id[];
  short: string;
}

export type Kind = "in" | "out" | "undo" | "refused";

export type Reason =
  | "not_a_ticket"
  | "cancelled"
  | "waiting"
  | "other_event"
  | "other_session"
  | "not_open"
  | "already_in"
  | "unlisted";

/** One fact from one phone, as it stands in the ledger. */
export interface Scan {
  id: string;
  person: string | null;
  session: Id;
  kind: Kind;
  at: number;
  device: Id;
  door?: Id | Texts | null;
  undoes?: string | null;
  reason?: string | null;
  doubtful?: boolean;
  standing: boolean;
}

export type Result = "accepted" | "replay" | "conflict" | "unknown" | "revoked" | "invalid";

/** A scan made on this phone; `result` is null until the server has answered for it. */
export interface OwnScan {
  id: string;
  event: Id;
  scan: Scan;
  code: string | null;
  result: Result | null;
}

export interface Shift {
  name: string;
  since: number;
}

export interface PairAnswer {
  token: string;
  event: EventFacts;
  door: DoorFacts;
  sessions: Session[];
  keys: TicketKey[];
  rules: Rules;
  doors?: DoorFacts[];
  server_time: number;
}

export interface RosterAnswer {
  cursor: string;
  entries: Entry[];
  removed: string[];
  scans: Scan[];
  merged: Record<string, string>;
  keys: TicketKey[];
  rules: Rules;
  doors?: DoorFacts[];
  server_time: number;
}

export interface ScansAnswer {
  server_time: number;
  resend: boolean;
  results: { id: string | null; result: Result; reason?: string }[];
}

/** Everything one pairing gave, and how far its list has been read. */
export interface Pass {
  id: Id;
  token: string;
  volunteer: string;
  event: EventFacts;
  door: DoorFacts;
  sessions: Session[];
  keys: TicketKey[];
  rules: Rules;
  doors?: DoorFacts[];
  cursor: string | null;
  merged: Record<string, string>;
  listed_at: number | null;
  session: Id;
  shifts: Shift[];
}
