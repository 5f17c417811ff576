/** The names at the door, found in their usual spellings; each name is split into words once and sorted once. */

import { nameOrder, prefixesOf, searchWords } from "../lib/names.ts";
import { readShortCode } from "../lib/ticket.ts";
import type { Entry } from "../lib/types.ts";

interface Row {
  entry: Entry;
  order: string;
  words: string[];
}

export class Roster {
  readonly #entries = new Map<string, Entry>();
  readonly #rows = new Map<string, Row>();
  readonly #codes = new Map<string, string>();
  #sorted: Row[] | null = null;

  get entries(): ReadonlyMap<string, Entry> {
    return this.#entries;
  }

  put(entry: Entry): void {
    const previous = this.#rows.get(entry.id);
    const row =
      previous?.entry.name === entry.name ? previous : { order: nameOrder(entry.name), words: searchWords(entry.name) };
    this.#entries.set(entry.id, entry);
    this.#rows.set(entry.id, { ...row, entry });
    if (entry.short) this.#codes.set(withoutDash(entry.short), entry.id);
    this.#sorted = null;
  }

  remove(id: string): void {
    this.#entries.delete(id);
    this.#rows.delete(id);
    this.#sorted = null;
  }

  clear(): void {
    for (const collection of [this.#entries, this.#rows, this.#codes]) collection.clear();
    this.#sorted = null;
  }

  /**
   * The entry of a short code, else the entries whose names have words that begin with each typed word, by name; at
   * most `most`.
   */
  find(typed: string, most: number, isHidden: (id: string) => boolean): Entry[] {
    const entry = this.#entryOfCode(typed);
    if (entry) return [entry];
    const prefixes = prefixesOf(typed);
    const matches: Entry[] = [];
    if (prefixes.length === 0) return matches;
    for (const { entry, words } of this.#sortedRows()) {
      if (matches.length >= most) break;
      if (
        prefixes.every((keys) => keys.some((key) => words.some((word) => word.startsWith(key)))) &&
        !isHidden(entry.id)
      )
        matches.push(entry);
    }
    return matches;
  }

  #entryOfCode(typed: string): Entry | undefined {
    const code = readShortCode(typed);
    return code === null ? undefined : this.#entries.get(this.#codes.get(code) ?? "");
  }

  #sortedRows(): Row[] {
    this.#sorted ??= [...this.#rows.values()].sort(byName);
    return this.#sorted;
  }
}

function byName(first: Row, second: Row): number {
  if (first.order !== second.order) return first.order < second.order ? -1 : 1;
  return first.entry.id < second.entry.id ? -1 : 1;
}

function withoutDash(code: string): string {
  return code.replace("-", "");
}
