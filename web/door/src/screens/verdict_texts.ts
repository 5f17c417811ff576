/** The word, colour, icon and detail of each verdict, in one table. */

import type { Tone } from "../device/signals.ts";
import type { Door } from "../engine/door.ts";
import type { Verdict, VerdictKind } from "../engine/verdict.ts";
import { clockTime, dayUnlessToday, t, textIn } from "../lib/i18n.ts";
import type { Entry, Pass, Scan, Texts } from "../lib/types.ts";
import type { Drawing } from "./dom.ts";

export type ViewKind = VerdictKind | "conflict" | "taken_back" | "no_code";

/** The pass with its names, and the server's time: the phone's own clock may be on another day. */
type DoorClock = Pick<Door, "pass" | "now">;

interface Style {
  tone: Tone;
  icon: Drawing;
  word: () => string;
}

/** Stamps closer than this do not prove an order. Milliseconds. */
const SIMULTANEOUS = 2 * 60 * 1000;

export const STYLES: Record<ViewKind, Style> = {
  admitted: { tone: "go", icon: "check", word: () => t("verdict.admitted") },
  unlisted: { tone: "flag", icon: "check", word: () => t("verdict.admitted") },
  unlisted_stop: { tone: "stop", icon: "question", word: () => t("verdict.not_on_list") },
  already_in: { tone: "again", icon: "again", word: () => t("verdict.already_checked_in") },
  cancelled: { tone: "stop", icon: "cross", word: () => t("verdict.cancelled") },
  waiting: { tone: "stop", icon: "cross", word: () => t("verdict.waiting") },
  other_event: { tone: "stop", icon: "cross", word: () => t("verdict.other_event") },
  other_session: { tone: "stop", icon: "cross", word: () => t("verdict.other_session") },
  not_open: { tone: "stop", icon: "cross", word: () => t("verdict.not_open") },
  left: { tone: "out", icon: "leave", word: () => t("verdict.checked_out") },
  not_inside: { tone: "again", icon: "question", word: () => t("verdict.not_checked_in") },
  expired: { tone: "stop", icon: "warning", word: () => t("verdict.pass_expired") },
  revoked: { tone: "stop", icon: "warning", word: () => t("verdict.phone_revoked") },
  not_a_ticket: { tone: "stop", icon: "question", word: () => t("verdict.not_a_ticket") },
  conflict: { tone: "alarm", icon: "warning", word: () => t("verdict.used_twice") },
  taken_back: { tone: "note", icon: "back", word: () => t("verdict.undone") },
  no_code: { tone: "stop", icon: "question", word: () => t("verdict.no_code") },
};

/** One line under the name, with a fact or an instruction for the volunteer. */
export function detailOf(verdict: Verdict, door: DoorClock): string {
  const { pass } = door;
  const { kind, earlier, validFor, opensAt, entry } = verdict;
  const sentences: Record<VerdictKind, () => string> = {
    admitted: () => (entry ? typeAndSource(entry, pass) : ""),
    unlisted: () => t("verdict.unlisted_detail"),
    unlisted_stop: () => t("verdict.unlisted_stop_detail"),
    already_in: () => (earlier ? whereAndWhen(earlier, door) : ""),
    cancelled: () => t("verdict.ask_organizer"),
    waiting: () => (entry?.status === "waiting" ? t("verdict.no_seat_detail") : t("verdict.unconfirmed_detail")),
    other_event: () => validFor.map((texts) => textIn(texts, pass.event)).join(", "),
    other_session: () => validFor.map((texts) => textIn(texts, pass.event)).join(", "),
    not_open: () => (opensAt ? opening(opensAt, door) : ""),
    left: () => (entry ? typeAndSource(entry, pass) : ""),
    not_inside: () => t("verdict.not_checked_in_detail"),
    expired: () => t("verdict.ask_for_new_pass"),
    revoked: () => t("verdict.ask_organizer"),
    not_a_ticket: () => t("verdict.not_a_ticket_detail"),
  };
  return sentences[kind]();
}

function typeAndSource(entry: Entry, pass: Pass): string {
  return [entry.walk_in && t("door.walk_in"), ticketTypeOf(entry, pass)].filter(Boolean).join(" · ");
}

/** The title of an entry's ticket type; empty where the list has none. */
export function ticketTypeOf(entry: Entry, pass: Pass): string {
  const { type } = entry;
  return type === null || type === undefined || typeof type === "number" ? "" : localized(type, pass);
}

function opening(at: number, door: DoorClock): string {
  const { zone } = door.pass.event;
  const time = clockTime(at, zone);
  const day = dayUnlessToday(at, door.now(), zone);
  return day ? t("verdict.opens_on", { day, time }) : t("verdict.opens_at", { time });
}

/** "North door 18:02", or "North door 11 October 18:02" on another day. */
export function whereAndWhen(scan: Scan, door: DoorClock): string {
  const { zone } = door.pass.event;
  return [doorName(scan.door, door.pass), dayUnlessToday(scan.at, door.now(), zone), clockTime(scan.at, zone)]
    .filter(Boolean)
    .join(" ");
}

/** Both doors of a conflict, with times and in order only where the clocks are reliable. */
export function bothDoors(first: Scan, second: Scan, door: DoorClock): string {
  const isSimultaneous = Math.abs(first.at - second.at) < SIMULTANEOUS;
  if (isSimultaneous || first.doubtful || second.doubtful) return doorNames(first, second, door.pass);
  const inOrder = first.at <= second.at ? [first, second] : [second, first];
  return inOrder.map((scan) => whereAndWhen(scan, door)).join(", ");
}

function doorNames(first: Scan, second: Scan, pass: Pass): string {
  const names = new Set([first, second].map((scan) => doorName(scan.door, pass)));
  const [door] = names;
  return names.size === 1 && door ? t("common.door_two_phones", { door }) : [...names].join(", ");
}

/** The name of a door that the server gives as a name, as texts in several languages or as an id. */
export function doorName(door: Scan["door"], pass: Pass): string {
  if (door === undefined || door === null || door === pass.door.id) return localized(pass.door.name, pass);
  if (typeof door !== "number") return localized(door, pass);
  const sibling = pass.doors.find((each) => each.id === door);
  return sibling ? localized(sibling.name, pass) : "";
}

function localized(name: string | Texts, { event }: Pass): string {
  return typeof name === "string" ? name : textIn(name, event);
}
