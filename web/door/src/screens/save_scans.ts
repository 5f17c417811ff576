/** Saves this phone's scans as a file, for an organizer to upload where the phone cannot hand in. */

import type { Door } from "../engine/door.ts";
import { t } from "../lib/i18n.ts";
import { iconButton } from "./components.ts";
import { h } from "./dom.ts";

export function saveScansButton(door: Door): HTMLButtonElement {
  return iconButton("save", "save", t("door.save_scans"), () => void saveScans(door));
}

async function saveScans(door: Door): Promise<void> {
  const { name, content } = door.scanFile();
  const file = new File([content], name, { type: "application/json" });
  // Safari's home-screen apps cannot download; Firefox and most desktops cannot share.
  if (!navigator.canShare?.({ files: [file] })) return download(file);
  await navigator.share({ files: [file], title: name }).catch((error: unknown) => {
    if (!(error instanceof DOMException && error.name === "AbortError")) download(file);
  });
}

function download(file: File): void {
  const address = URL.createObjectURL(file);
  h("a", { href: address, download: file.name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
