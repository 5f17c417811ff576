/** The names at the door, found in their usual spellings: words are made once for each name, and names are sorted once. */

import { nameOrder } from "./name_order.ts";
import { beginnings, searchWords } from "./search.ts";
import { readShortCode } from "./ticket.ts";
import type { Entry } from "./types.ts";

interface Line {
  entry: Entry;
  order: string;
  words: string[];
}

export class List {
  readonly entries = new Map<string, Entry>();
  private readonly lines = new Map<string, Line>();
  private readonly codes = new Map<string, string>();
  private sorted: Line[] | null = null;

  put(entry: Entry): void {
    const known = this.lines.get(entry.id);
    const line = known?.entry.name === entry.name ? known : { order: nameOrder(entry.name), words: searchWords(entry.name) };
    this.entries.set(entry.id, entry);
    this.lines.set(entry.id, { ...line, entry });
    if (entry.short) this.codes.set(plain(entry.short), entry.id);
    this.sorted = null;
  }

  remove(id: string): void {
    this.entries.delete(id);
    this.lines.delete(id);
    this.sorted = null;
  }

  clear(): void {
    for (const kept of [this.entries, this.lines, this.codes]) kept.clear();
    this.sorted = null;
  }

  /** The person of a short code, else those of whose names every typed word begins a word, by name; at most `most`. */
  find(typed: string, most: number, isHidden: (id: string) => boolean): Entry[] {
    const coded = this.withCode(typed);
    if (coded) return [coded];
    const begun = beginnings(typed);
    const found: Entry[] = [];
    if (begun.length === 0) return found;
    for (const { entry, words } of this.inOrder()) {
      if (found.length >= most) break;
      if (begun.every((keys) => keys.some((key) => words.some((word) => word.startsWith(key)))) && !isHidden(entry.id)) found.push(entry);
    }
    return found;
  }

  private withCode(typed: string): Entry | undefined {
    const code = readShortCode(typed);
    return code === null ? undefined : this.entries.get(this.codes.get(code) ?? "");
  }

  private inOrder(): Line[] {
    this.sorted ??= [...this.lines.values()].sort(byName);
    return this.sorted;
  }
}

function byName(one: Line, other: Line): number {
  if (one.order !== other.order) return one.order < other.order ? -1 : 1;
  return one.entry.id < other.entry.id ? -1 : 1;
}

function plain(code: string): string {
  return code.replace("-", "");
}
