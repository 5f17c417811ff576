export function idsIn(folder: string): string[];
export function readPo(text: string): Map<string, string | string[]>;
export function keptTogether(text: string): string;
export function catalogueOf(
  ids: string[],
  poFile: string,
  options?: { unbroken?: boolean },
): { catalogue: Record<string, string | string[]>; missing: string[] };
