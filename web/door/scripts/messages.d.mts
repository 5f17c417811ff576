export interface Sentence {
  one: string;
  many?: string;
}
export function sentencesIn(folder: string): Sentence[];
export function readPo(text: string): Map<string, string | string[]>;
export function keptTogether(text: string): string;
export function catalogueOf(sentences: Sentence[], poFile: string, options?: { unbroken?: boolean }): { catalogue: Record<string, string | string[]>; missing: Sentence[] };
