/** TypeScript of the door's answers, from docs/openapi.json: `node scripts/contract.mjs` writes test/support/contract.ts. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ANSWERS = ["PassAnswer", "PairAnswer", "RosterAnswer", "ScansAnswer"];
const DOCUMENT = join(import.meta.dirname, "../../../docs/openapi.json");
export const WRITTEN = join(import.meta.dirname, "../test/support/contract.ts");

/** The schemas of the contract, by name. */
export function readSchemas() {
  return JSON.parse(readFileSync(DOCUMENT, "utf8")).components.schemas;
}

/** The module that declares the answers, and all that they refer to. */
export function moduleOf(schemas) {
  const names = new Set(ANSWERS);
  for (const name of names) for (const other of referred(schemas[name])) names.add(other);
  const types = [...names].sort().map((name) => `export type ${name} = ${typeOf(schemas[name])};\n`);
  return `/** Made from docs/openapi.json by scripts/contract.mjs. */\n\n${types.join("\n")}`;
}

function referred(schema) {
  return [...JSON.stringify(schema).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name);
}

function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(" | ");
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" | ");
  if (schema.type === "array") return `Array<${typeOf(schema.items)}>`;
  if (schema.type === "object") return schema.properties ? fieldsOf(schema) : recordOf(schema);
  if (schema.type === "integer") return "number";
  if (["string", "number", "boolean", "null"].includes(schema.type)) return schema.type;
  throw new Error(`no TypeScript for ${JSON.stringify(schema)}`);
}

function recordOf({ additionalProperties }) {
  return `Record<string, ${typeOf(additionalProperties)}>`;
}

function fieldsOf({ properties, required = [] }) {
  const fields = Object.entries(properties).map(
    ([name, schema]) => `  ${name}${required.includes(name) ? "" : "?"}: ${typeOf(schema)};\n`,
  );
  return `{\n${fields.join("")}}`;
}

if (import.meta.filename === process.argv[1]) writeFileSync(WRITTEN, moduleOf(readSchemas()));
