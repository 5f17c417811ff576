/** The phone's IndexedDB: its schema, and a connection that reopens after the browser closed it. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";

import type { Entry, Id, OwnScan, Pass, Scan, WalkIn } from "../lib/types.ts";

export interface Schema extends DBSchema {
  facts: { key: string; value: unknown };
  passes: { key: Id; value: Pass };
  entries: { key: [Id, string]; value: Entry & { event: Id } };
  scans: { key: [Id, string]; value: Scan & { event: Id } };
  own: { key: string; value: OwnScan };
  walk_ins: { key: string; value: WalkIn };
  /** Conflicts that raised an alarm on this phone, by the ids of both scans. */
  told: { key: [Id, string]; value: { event: Id; pair: string } };
}

export type Database = IDBPDatabase<Schema>;

const VERSION = 2;
/** Safari loses the connection in the background and reports either error. */
const LOST = new Set(["InvalidStateError", "UnknownError"]);
/** A browser may never answer a request; callers give up after this. Milliseconds. */
const PATIENCE = 8_000;

export class Store {
  readonly #name: string;
  #database: Database | null = null;

  private constructor(name: string) {
    this.#name = name;
  }

  /** Open the store. Throws where the browser keeps nothing, or where another tab holds an older version open. */
  static async open(name: string): Promise<Store> {
    const store = new Store(name);
    await store.#connect();
    return store;
  }

  /**
   * Run a task on the database, and once more on a new connection where the first one is lost. Throws TimeoutError
   * where nothing answers.
   */
  async use<T>(task: (database: Database) => Promise<T>): Promise<T> {
    try {
      return await this.#inTime(task);
    } catch (error) {
      if (!(error instanceof DOMException && LOST.has(error.name))) throw error;
      this.#database = null;
      return this.#inTime(task);
    }
  }

  async #inTime<T>(work: (database: Database) => Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#giveUp()), PATIENCE);
    });
    try {
      return await Promise.race([this.#connect().then(work), silence]);
    } finally {
      clearTimeout(timer);
    }
  }

  // The next task opens a connection of its own: this one may never answer again.
  #giveUp(): DOMException {
    this.close();
    return new DOMException("no answer", "TimeoutError");
  }

  close(): void {
    this.#database?.close();
    this.#database = null;
  }

  async #connect(): Promise<Database> {
    this.#database ??= await openDatabase(
      this.#name,
      () => this.close(),
      () => (this.#database = null),
    );
    return this.#database;
  }
}

function openDatabase(name: string, onBlocking: () => void, onLost: () => void): Promise<Database> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const blocked = (): void => {
      isLate = true;
      reject(new DOMException("another tab", "BlockedError"));
    };
    const opened = (database: Database): void => (isLate ? database.close() : resolve(database));
    openDB<Schema>(name, VERSION, { upgrade, blocked, blocking: onBlocking, terminated: onLost }).then(opened, reject);
  });
}

function upgrade(database: Database, before: number): void {
  if (before < 1) {
    database.createObjectStore("facts");
    database.createObjectStore("passes", { keyPath: "id" });
    database.createObjectStore("entries", { keyPath: ["event", "id"] });
    database.createObjectStore("scans", { keyPath: ["event", "id"] });
    database.createObjectStore("own", { keyPath: "id" });
  }
  if (before < 2) {
    database.createObjectStore("walk_ins", { keyPath: "id" });
    database.createObjectStore("told", { keyPath: ["event", "pair"] });
  }
}

/** The range of all keys that begin with an event. */
export function ofEvent(event: Id): IDBKeyRange {
  return IDBKeyRange.bound([event, ""], [event, "\uffff"]);
}

/**
 * True for the pairing that is saved, or where none is: a page must not overwrite the later pairing of another page.
 */
export async function isCurrentPairing(
  passes: { get(id: Id): Promise<Pass | undefined> },
  { id, token }: Pass,
): Promise<boolean> {
  const saved = await passes.get(id);
  return saved === undefined || saved.token === token;
}
