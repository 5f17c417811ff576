/** A list of invented people and their tickets, for the bench. */

import * as ed25519 from "@noble/ed25519";

import { fromHex } from "./lib/encodings.ts";
import { readTicket, shortCode, type TicketCode } from "./lib/ticket.ts";
import type { Entry, Pass } from "./lib/types.ts";

export interface SignedTicket {
  entry: Entry;
  text: string;
  ticket: TicketCode;
}

const FIRST_NAMES = "Ҷаҳонгир Мадина Рустам Нигина Фарҳод Зарина Сӯҳроб Мавлуда Dilshod Шаҳноза".split(" ");
const PATRONYMICS = "Рустамович Каримзода Саидӣ Алиевна Раҳимов Холзода Юсуфӣ Назаров Шарифзода Турсунов".split(" ");
const SURNAMES = "Каримов Раҳмонова Ӯғлонов Қодирӣ Ҳакимов Ғафурова Шарипов Иванова Назарзода Yusufi".split(" ");
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const KEY_NUMBER = 1;

/** Make a number of different people. */
export function makeList(people: number): Entry[] {
  return Array.from({ length: people }, (_, index) => {
    const id = `${(index + 1).toString(16).padStart(8, "0")}00000000`;
    return { id, name: nameOf(index), type: null, status: "confirmed", sessions: [], short: shortCode(id) };
  });
}

function nameOf(index: number): string {
  const [first, father, family] = [
    FIRST_NAMES[index % 10],
    PATRONYMICS[Math.floor(index / 10) % 10],
    SURNAMES[Math.floor(index / 100) % 10],
  ];
  return `${first} ${father} ${family} ${Math.floor(index / 1000)}`;
}

/** Make a ticket in the server's format, signed here. */
export function makeTicket(entry: Entry, secretKey: Uint8Array): SignedTicket {
  const head = [0, 0, KEY_NUMBER, ...fromHex(entry.id)];
  const signed = Uint8Array.from([...new TextEncoder().encode("turnout ticket v1\n"), ...head]);
  const text = toBase32([...head, ...ed25519.sign(signed, secretKey)]);
  return { entry, text, ticket: readTicket(text) as TicketCode };
}

function toBase32(bytes: number[]): string {
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((five) => BASE32[parseInt(five, 2)]).join("");
}

/** Make the pass of an event without rules, which the store requires. */
export function benchPass(): Pass {
  const event = { id: "bench", title: { en: "Bench" }, starts_at: null, ends_at: null, zone: "UTC" };
  const session = { id: "bench", title: event.title, starts_at: null, ends_at: null, opens_at: null, capacity: null };
  const rules = {
    admit_unlisted: true,
    initials: false,
    held_until: null,
    reentry: false,
    walk_ins: false,
    expires_at: Number.MAX_SAFE_INTEGER,
  };
  const setup = {
    event,
    door: { id: "bench", name: "Bench", closed: false },
    doors: [],
    sessions: [session],
    types: [],
    keys: [],
    rules,
  };
  const state = {
    cursor: null,
    merged: {},
    listed_at: null,
    session: session.id,
    shifts: [],
    state: "paired" as const,
    over_at: null,
  };
  return { id: event.id, token: "", volunteer: "", ...setup, ...state };
}
