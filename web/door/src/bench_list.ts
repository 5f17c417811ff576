/** A list of made-up people and their tickets, for the bench. */

import * as ed25519 from "@noble/ed25519";

import { fromHex } from "./encodings.ts";
import { readTicket, shortCode, type TicketCode } from "./ticket.ts";
import type { Entry, Pass } from "./types.ts";

export interface Made {
  entry: Entry;
  text: string;
  ticket: TicketCode;
}

const GIVEN = ["Ҷаҳонгир", "Мадина", "Рустам", "Нигина", "Фарҳод", "Зарина", "Сӯҳроб", "Мавлуда", "Dilshod", "Шаҳноза"];
const FATHERS = ["Рустамович", "Каримзода", "Саидӣ", "Алиевна", "Раҳимов", "Холзода", "Юсуфӣ", "Назаров", "Шарифзода", "Турсунов"];
const FAMILIES = ["Каримов", "Раҳмонова", "Ӯғлонов", "Қодирӣ", "Ҳакимов", "Ғафурова", "Шарипов", "Иванова", "Назарзода", "Yusufi"];
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const KEY_NUMBER = 1;

/** So many people, none twice. */
export function makeList(people: number): Entry[] {
  return Array.from({ length: people }, (_, place) => {
    const id = (place + 1).toString(16).padStart(8, "0") + "00000000";
    return { id, name: nameOf(place), type: null, status: "confirmed", sessions: [], short: shortCode(id) };
  });
}

function nameOf(place: number): string {
  const [given, father, family] = [GIVEN[place % 10], FATHERS[Math.floor(place / 10) % 10], FAMILIES[Math.floor(place / 100) % 10]];
  return `${given} ${father} ${family} ${Math.floor(place / 1000)}`;
}

/** A ticket as the server makes one, signed here. */
export function makeTicket(entry: Entry, secretKey: Uint8Array): Made {
  const head = [0, 0, KEY_NUMBER, ...fromHex(entry.id)];
  const signed = Uint8Array.from([...new TextEncoder().encode("turnout ticket v1\n"), ...head]);
  const text = toBase32([...head, ...ed25519.sign(signed, secretKey)]);
  return { entry, text, ticket: readTicket(text) as TicketCode };
}

function toBase32(bytes: number[]): string {
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((five) => BASE32[parseInt(five, 2)]).join("");
}

/** The pass of an event without rules, which the store wants. */
export function benchPass(): Pass {
  const event = { id: "bench", title: { en: "Bench" }, starts_at: null, ends_at: null, zone: "UTC" };
  const session = { id: "bench", title: event.title, starts_at: null, ends_at: null, opens_at: null, capacity: null };
  const rules = { admit_unlisted: true, initials: false, held_until: null, reentry: false, walk_ins: false, expires_at: Number.MAX_SAFE_INTEGER };
  const ground = { event, door: { id: "bench", name: "Bench", closed: false }, doors: [], sessions: [session], types: [], keys: [], rules };
  const state = { cursor: null, merged: {}, listed_at: null, session: session.id, shifts: [], state: "paired" as const, over_at: null };
  return { id: event.id, token: "", volunteer: "", ...ground, ...state };
}
