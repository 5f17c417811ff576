import assert from "node:assert/strict";
import { test } from "node:test";

import { listenForTyping, toLatin } from "../../src/device/keyboard_scanner.ts";
import { shortCode } from "../../src/lib/ticket.ts";

const TICKET = `HTTPS://TURNOUT.EXAMPLE/T/${"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".repeat(4).slice(0, 120)}`;
const LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,./QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?`~#@&";
const RUSSIAN = 'йцукенгшщзхъфывапролджэячсмитьбю.ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,ёЁ№"?';

class Key extends Event {
  readonly key: string;
  override readonly timeStamp: number;
  readonly ctrlKey: boolean;
  constructor(key: string, timeStamp: number, ctrlKey = false) {
    super("keydown", { cancelable: true });
    this.key = key;
    this.timeStamp = timeStamp;
    this.ctrlKey = ctrlKey;
  }
}

class Field extends EventTarget {
  closest(): Field {
    return this;
  }
}

/** Type every letter of a text and the keys of `end`, `gap` milliseconds apart. Returns the events. */
function type(page: EventTarget, text: string, gap: number, end = ["Enter"]): Key[] {
  const keys = [...Array.from(text), ...end].map((key, index) => new Key(key, 1000 + index * gap));
  for (const key of keys) page.dispatchEvent(key);
  return keys;
}

function listening(page: EventTarget = new EventTarget()): { page: EventTarget; texts: string[]; stop: () => void } {
  const texts: string[] = [];
  return { page, texts, stop: listenForTyping((text) => texts.push(text), page) };
}

function inRussian(text: string): string {
  return Array.from(text, (letter) => (LATIN.includes(letter) ? RUSSIAN[LATIN.indexOf(letter)] : letter)).join("");
}

test("fast keys that end with Enter are one text, and press nothing", () => {
  const { page, texts } = listening();
  const keys = type(page, TICKET, 5);
  assert.deepEqual(texts, [TICKET]);
  assert.ok(keys[keys.length - 1]?.defaultPrevented);
  assert.ok(keys.filter((key) => key.key === "/").every((key) => key.defaultPrevented));
});

test("Shift between the letters, as a scanner presses it for capitals, belongs to them", () => {
  const { page, texts } = listening();
  let at = 0;
  for (const key of Array.from(TICKET))
    for (const pressed of ["Shift", key]) {
      at += 4;
      page.dispatchEvent(new Key(pressed, at));
    }
  page.dispatchEvent(new Key("Enter", at + 4));
  assert.deepEqual(texts, [TICKET]);
});

test("a typing person is not taken for a scanner, and keeps every key", () => {
  const { page, texts } = listening();
  const keys = type(page, "jahongir", 120);
  assert.deepEqual(texts, []);
  assert.ok(keys.every((key) => !key.defaultPrevented));
});

test("Tab, Escape, arrows and Enter on a button do what they always do", () => {
  const { page, texts } = listening();
  const keys = ["Tab", "Enter", "Escape", "ArrowDown", " ", "Tab", "Enter"].map(
    (key, index) => new Key(key, index * 20),
  );
  for (const key of keys) page.dispatchEvent(key);
  assert.deepEqual(texts, []);
  assert.ok(keys.every((key) => !key.defaultPrevented));
});

test("shortcuts with Ctrl are not letters of a code", () => {
  const { page, texts } = listening();
  const keys = Array.from("abcdefghij", (key, index) => new Key(key, index * 5, true));
  for (const key of [...keys, new Key("Enter", 60)]) page.dispatchEvent(key);
  assert.deepEqual(texts, []);
  assert.ok(keys.every((key) => !key.defaultPrevented));
});

test("text typed into a field stays in it", () => {
  const { page, texts } = listening(new Field());
  const keys = type(page, TICKET, 5);
  assert.deepEqual(texts, []);
  assert.ok(keys.every((key) => !key.defaultPrevented));
});

test("two codes in a row are two texts, and an unfinished one leaves nothing behind", () => {
  const { page, texts } = listening();
  type(page, "HALF A CODE", 5, []);
  for (const [index, key] of [...Array.from(TICKET), "Enter"].entries())
    page.dispatchEvent(new Key(key, 9000 + index * 5));
  for (const [index, key] of [...Array.from(TICKET), "Enter"].entries())
    page.dispatchEvent(new Key(key, 9900 + index * 5));
  assert.deepEqual(texts, [TICKET, TICKET]);
});

test("a stopped on on listener receives nothing", () => {
  const { page, texts, stop } = listening();
  stop();
  type(page, TICKET, 5);
  assert.deepEqual(texts, []);
});

test("a ticket, a door pass and a short code are read through a Russian keyboard", () => {
  const short = shortCode("0123456789abcdef");
  for (const text of [
    TICKET,
    TICKET.toLowerCase(),
    "https://turnout.example/door/#4.1.se-cret_X",
    short,
    `http://127.0.0.1:8080/T/${"B".repeat(120)}`,
  ])
    assert.equal(toLatin(inRussian(text)), text);
});

test("a ticket is read through a Tajik keyboard", () => {
  const tajik: Record<string, string> = { W: "Қ", O: "Ҳ", S: "Ҷ", M: "Ӣ" };
  const typed = Array.from(TICKET, (letter) => tajik[letter] ?? inRussian(letter)).join("");
  assert.equal(toLatin(typed), TICKET);
});

test("any other text stays as it was typed, in any letters", () => {
  for (const text of ["4006381333931", "Ҷаҳонгир Ӯғлонов", "https://example.org/menu"])
    assert.equal(toLatin(text), text);
});
