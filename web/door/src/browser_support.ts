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
export interface Browser {
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
export function missingFeatures(): string | null {
  const needed = ["WebAssembly", "indexedDB", "fetch", "AbortController", "crypto", "Intl", "BigInt"];
  if (needed.every((name) => name in globalThis)) return null;
  return t("This browser is too old to scan tickets: open this page in a current Chrome, Firefox or Safari.");
}

/** Why the phone can write down nothing, and what to do, from what openStore() threw. */
export function openProblem(error: unknown): string {
  return blockedProblem(error) ?? t("This browser keeps nothing: open this page in Chrome or Safari, not in a private window.");
}

/** Why what the phone wrote down cannot be read, though it was opened. */
export function readProblem(error: unknown): string {
  return blockedProblem(error) ?? t("What this phone keeps could not be read. If that stays so, close this page and open it again.");
}

function blockedProblem(error: unknown): string | null {
  const isBlocked = (error as Partial<DOMException> | null)?.name === "BlockedError";
  return isBlocked ? t("Close the other tabs with this page, then open it again.") : null;
}

export function hasCamera(): boolean {
  return !!navigator.mediaDevices?.getUserMedia;
}

/** Where to open this page instead when it is inside an app, null in a browser of its own. There the camera is often missing, and what the page keeps may be gone tomorrow. */
export function inAppHint(): string | null {
  const current = currentBrowser();
  const app = containingApp(current);
  if (!app) return null;
  const browser = /iPhone|iPad|iPod/.test(current.agent) ? "Safari" : "Chrome";
  return t("This page is open inside %(app)s, where the camera is often missing and nothing is kept for long. Open it in %(browser)s.", { app, browser });
}

/** The app inside which a page is open: "Telegram", "another app"; null in a browser of its own. */
export function containingApp(browser: Browser): string | null {
  if (browser.telegram) return "Telegram";
  const [, app] = APPS.find(([mark]) => mark.test(browser.agent)) ?? [];
  if (app) return app;
  return lacksFeatures(browser) ? t("another app") : null;
}

// No app's browser is named for certain, but each lacks what every browser of its phone has had for years.
function lacksFeatures({ agent, secure, serviceWorker, camera, standalone }: Browser): boolean {
  const phone = /Android|iPhone|iPad|iPod/.test(agent);
  if (!phone || !secure || standalone) return false;
  return !serviceWorker || !camera || /; wv\)/.test(agent);
}

function currentBrowser(): Browser {
  return {
    agent: navigator.userAgent,
    telegram: "TelegramWebview" in window || "TelegramWebviewProxy" in window,
    secure: window.isSecureContext,
    serviceWorker: "serviceWorker" in navigator,
    camera: hasCamera(),
    standalone: (navigator as { standalone?: boolean }).standalone === true,
  };
}
