/** Browsers this page cannot work in: what to tell them, in one sentence. */

import { t } from "./i18n.ts";

/** Apps that open links inside themselves, by what they add to the browser's name. */
const APPS: [RegExp, string][] = [
  [/Telegram/, "Telegram"],
  [/Instagram/, "Instagram"],
  [/FBAN|FBAV|FB_IAB/, "Facebook"],
  [/\bWhatsApp/, "WhatsApp"],
  [/\bVKAndroidApp|\bVKClient/, "VK"],
  [/\bOKApp|OKAndroid/, "OK"],
  [/\bViber/, "Viber"],
  [/musical_ly|BytedanceWebview|TikTok/, "TikTok"],
  [/\bTwitter/, "X"],
  [/LinkedInApp/, "LinkedIn"],
  [/Snapchat/, "Snapchat"],
  [/\bLine\//, "LINE"],
  [/MicroMessenger/, "WeChat"],
  [/KAKAOTALK/, "KakaoTalk"],
];

/** What a browser of a phone says and has; the page's own unless told otherwise. */
export interface Surroundings {
  agent: string;
  /** Names in `window` that Telegram's browser leaves there. */
  telegram: boolean;
  secure: boolean;
  serviceWorker: boolean;
  camera: boolean;
  /** Opened from the home screen of an iPhone: no app's own browser, but as bare as one. */
  standalone: boolean;
}

/** What to do instead, or null where everything needed is there. */
export function whatIsMissing(): string | null {
  const needed = ["WebAssembly", "indexedDB", "fetch", "AbortController", "crypto", "Intl", "BigInt"];
  if (needed.every((name) => name in globalThis)) return null;
  return t("door.browser_too_old");
}

/** Why the phone can write down nothing, and what to do, from what openStore() threw. */
export function whyNothingIsKept(error: unknown): string {
  return whyBlocked(error) ?? t("door.browser_stores_nothing");
}

/** Why what the phone wrote down cannot be read, though it was opened. */
export function whyNothingIsRead(error: unknown): string {
  return whyBlocked(error) ?? t("door.data_not_read");
}

function whyBlocked(error: unknown): string | null {
  const isBlocked = (error as Partial<DOMException> | null)?.name === "BlockedError";
  return isBlocked ? t("door.close_other_tabs") : null;
}

export function hasCamera(): boolean {
  return !!navigator.mediaDevices?.getUserMedia;
}

/** Where to open this page instead when it is inside an app, null in a browser of its own. There the camera is often missing, and what the page keeps may be gone tomorrow. */
export function inAppBrowser(): string | null {
  const seen = surroundings();
  const app = appAround(seen);
  if (!app) return null;
  const browser = /iPhone|iPad|iPod/.test(seen.agent) ? "Safari" : "Chrome";
  return t("door.inside_app", { app, browser });
}

/** The app inside which a page is open: "Telegram", "another app"; null in a browser of its own. */
export function appAround(seen: Surroundings): string | null {
  if (seen.telegram) return "Telegram";
  const [, app] = APPS.find(([mark]) => mark.test(seen.agent)) ?? [];
  if (app) return app;
  return isBare(seen) ? t("door.another_app") : null;
}

// No app's browser is named for certain, but each lacks what every browser of its phone has had for years.
function isBare({ agent, secure, serviceWorker, camera, standalone }: Surroundings): boolean {
  const phone = /Android|iPhone|iPad|iPod/.test(agent);
  if (!phone || !secure || standalone) return false;
  return !serviceWorker || !camera || /; wv\)/.test(agent);
}

function surroundings(): Surroundings {
  return {
    agent: navigator.userAgent,
    telegram: "TelegramWebview" in window || "TelegramWebviewProxy" in window,
    secure: window.isSecureContext,
    serviceWorker: "serviceWorker" in navigator,
    camera: hasCamera(),
    standalone: (navigator as { standalone?: boolean }).standalone === true,
  };
}
