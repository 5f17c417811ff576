export const WRITTEN: string;
export function readSchemas(): Record<string, unknown>;
export function moduleOf(schemas: Record<string, unknown>): string;
