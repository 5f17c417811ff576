/** Explanations for a phone that could not be paired. */

import { ApiError } from "../api.ts";
import { t } from "../i18n.ts";

const REFUSALS: Record<string, () => string> = {
  pass: () => t("This door pass no longer works. Ask an organizer for a new one."),
  "pass-used-up": () => t("This door pass has paired as many phones as it may. Ask an organizer for a new one."),
  "pass-expired": () => t("This door pass has ended. Ask an organizer for a new one."),
  "device-revoked": () => t("This phone is revoked. Ask an organizer to allow it again, or use another phone."),
};

export function problemOf(error: unknown): string {
  if (isOfStorage(error)) return t("This phone cannot keep the door pass. Free some space on it and try again, or use another phone.");
  if (!(error instanceof ApiError)) return t("No connection. Pairing needs the network; scanning does not. Move to where there is some, then try again.");
  const refusal = REFUSALS[error.reason ?? ""];
  return refusal ? refusal() : t("The server could not answer. Try again in a moment.");
}

// fetch throws TypeError, and AbortError after a timeout; every other DOMException is from IndexedDB.
function isOfStorage(error: unknown): boolean {
  return error instanceof DOMException && error.name !== "AbortError";
}
