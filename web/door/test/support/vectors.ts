/** The vectors that hold this TypeScript and its Python twin together, in tests/shared. */

import { existsSync, readFileSync } from "node:fs";

/** One file of vectors; empty while its author has not written it. */
export function vectors<T>(name: string): T[] {
  const file = new URL(`../../../../tests/shared/${name}`, import.meta.url);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as T[]) : [];
}
