export interface Tables {
  name: string;
  direction: string;
  plural: string;
  unbroken: boolean;
  dates: { months: string[] };
}
export function languagesIn(config: string, locale: string): Record<string, Tables>;
export function readTables(text: string): Partial<Tables>;
export function moduleOf(languages: Record<string, Tables>): string;
