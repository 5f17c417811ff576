/** Explanations for a phone that could not be paired. */

import { ApiError } from "../engine/api.ts";
import { t } from "../lib/i18n.ts";

const REFUSALS: Record<string, () => string> = {
  pass: () => t("door.pass_invalid_error"),
  "pass-used-up": () => t("door.pass_used_up_error"),
  "pass-expired": () => t("door.pass_expired_error"),
  "device-revoked": () => t("door.phone_revoked_error"),
};

export function problemOf(error: unknown): string {
  if (isOfStorage(error)) return t("door.no_space_error");
  if (!(error instanceof ApiError)) return t("door.pairing_offline_error");
  const refusal = REFUSALS[error.reason ?? ""];
  return refusal ? refusal() : t("door.server_error");
}

// fetch throws TypeError, and AbortError after a timeout; every other DOMException is from IndexedDB.
function isOfStorage(error: unknown): boolean {
  return error instanceof DOMException && error.name !== "AbortError";
}
