import assert from "node:assert/strict";
import { test } from "node:test";

import { type Attendance, fold } from "../../src/lib/fold.ts";
import type { Scan } from "../../src/lib/types.ts";
import { vectors } from "../support/vectors.ts";

interface FoldVector {
  name: string;
  scans: Scan[];
  merged: Record<string, string>;
  admissions: Record<string, unknown>[];
  conflicts: [string, string][];
  repeats: string[];
}

function facts(folded: Attendance): Pick<FoldVector, "admissions" | "conflicts" | "repeats"> {
  const admissions = [...folded.admissions.values()].map(({ person, session, first, inside, left, entries }) => ({
    person,
    session,
    first: first.id,
    inside: inside?.id ?? null,
    left: left?.id ?? null,
    entries,
  }));
  return {
    admissions: admissions.sort(byText),
    conflicts: folded.conflicts.map(([one, other]): [string, string] => [one.id, other.id]).sort(byText),
    repeats: folded.repeats.map((scan) => scan.id).sort(),
  };
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

for (const vector of vectors<FoldVector>("fold_vectors.json"))
  test(`fold: ${vector.name}`, () => {
    const { admissions, conflicts, repeats } = vector;
    const expected = {
      admissions: admissions.map(inOrder).sort(byText),
      conflicts: [...conflicts].sort(byText),
      repeats: [...repeats].sort(),
    };
    assert.deepEqual(facts(fold(vector.scans, vector.merged)), expected);
    assert.deepEqual(facts(fold([...vector.scans].reverse(), vector.merged)), expected);
  });

function inOrder({ person, session, first, inside, left, entries }: Record<string, unknown>): Record<string, unknown> {
  return { person, session, first, inside, left, entries };
}

function scan(id: string, at: number, more: Partial<Scan> = {}): Scan {
  return { id, person: "p", session: 1, kind: "in", at, device: "north", standing: true, ...more };
}

test("one ticket at two phones is a conflict, at one phone a repeat", () => {
  const { conflicts, repeats, admissions } = fold([scan("a", 1), scan("b", 2), scan("c", 3, { device: "south" })], {});
  assert.deepEqual(
    repeats.map((each) => each.id),
    ["b"],
  );
  assert.deepEqual(
    conflicts.map((pair) => pair.map((each) => each.id)),
    [["a", "c"]],
  );
  assert.equal([...admissions.values()][0]?.entries, 1);
});

test("an undo that arrives first undoes its scan", () => {
  assert.equal(fold([scan("u", 2, { kind: "undo", undoes: "a" }), scan("a", 1)], {}).admissions.size, 0);
});

test("an undo of another person's scan has no effect", () => {
  assert.equal(fold([scan("a", 1), scan("u", 2, { kind: "undo", undoes: "a", person: "q" })], {}).admissions.size, 1);
});
