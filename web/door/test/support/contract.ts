/** Made from docs/openapi.json by scripts/contract.mjs. */

export type DoorFacts = {
  id: number;
  name: Record<string, string>;
};

export type EventFacts = {
  id: number;
  title: Record<string, string>;
  starts_at: number | null;
  ends_at: number | null;
  zone: string;
  languages: Array<string>;
};

export type InvalidReason = "unknown_kind" | "unknown_session" | "undoes" | "not_a_ticket" | "nobody" | "another_scan";

export type KeyFacts = {
  number: number;
  public: string;
  event: number;
  title: Record<string, string>;
};

export type OwnDoor = {
  id: number;
  name: Record<string, string>;
  closed: boolean;
};

export type PairAnswer = {
  event: EventFacts;
  door: OwnDoor;
  doors: Array<DoorFacts>;
  sessions: Array<SessionFacts>;
  types: Array<TicketTypeFacts>;
  keys: Array<KeyFacts>;
  rules: Rules;
  token: string;
  server_time: number;
};

export type PassAnswer = {
  event: PassEvent;
  door: DoorFacts;
  server_time: number;
};

export type PassEvent = {
  title: Record<string, string>;
  languages: Array<string>;
};

export type RegistrationState = "unconfirmed" | "confirmed" | "waiting" | "offered" | "cancelled";

export type RosterAnswer = {
  cursor: string;
  whole: boolean;
  entries: Array<RosterEntry>;
  removed: Array<string>;
  scans: Array<RosterScan>;
  merged: Record<string, string>;
  server_time: number;
  setup: string;
  event?: EventFacts;
  door?: OwnDoor;
  doors?: Array<DoorFacts>;
  sessions?: Array<SessionFacts>;
  types?: Array<TicketTypeFacts>;
  keys?: Array<KeyFacts>;
  rules?: Rules;
};

export type RosterEntry = {
  id: string;
  name: string;
  type: Record<string, string> | null;
  status: RegistrationState;
  sessions: Array<number>;
  short: string | null;
  walk_in?: boolean;
  hint?: string;
};

export type RosterScan = {
  id: string;
  person: string;
  session: number;
  kind: "in" | "out" | "undo";
  at: number;
  device: number;
  door: number;
  standing: boolean;
  undoes?: string;
  doubtful?: boolean;
};

export type Rules = {
  admit_unlisted: boolean;
  initials: boolean;
  held_until: number | null;
  reentry: boolean;
  walk_ins: boolean;
  expires_at: number;
};

export type ScanAnswer = {
  id: string | null;
  result: ScanResult;
  reason?: InvalidReason | string;
};

export type ScanResult = "accepted" | "replay" | "conflict" | "unknown" | "revoked" | "invalid";

export type ScansAnswer = {
  server_time: number;
  resend: boolean;
  results: Array<ScanAnswer>;
};

export type SessionFacts = {
  id: number;
  title: Record<string, string>;
  starts_at: number | null;
  ends_at: number | null;
  opens_at: number | null;
  capacity: number | null;
};

export type TicketTypeFacts = {
  id: number;
  title: Record<string, string>;
  sessions: Array<number>;
};
