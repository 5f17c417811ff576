/** Detects browsers that cannot run this page, and tells the volunteer what to do. */

import { t } from "../lib/i18n.ts";

/** Apps that open links in a browser of their own, by their mark in the user agent. */
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

/** The user agent and the features of a browser. */
export interface Browser {
  agent: string;
  /** True where Telegram's browser has left its names in `window`. */
  telegram: boolean;
  secure: boolean;
  serviceWorker: boolean;
  camera: boolean;
  /** True for a page opened from an iPhone's home screen, which lacks the same features as an app's browser. */
  standalone: boolean;
}

/** Tell the volunteer which browser to use; null where no feature is missing. */
export function missingFeatures(): string | null {
  const needed = ["WebAssembly", "indexedDB", "fetch", "AbortController", "crypto", "Intl", "BigInt"];
  if (needed.every((name) => name in globalThis)) return null;
  return t("door.browser_too_old");
}

/** Explain an error of openStore(). */
export function openProblem(error: unknown): string {
  return blockedProblem(error) ?? t("door.browser_stores_nothing");
}

/** Explain an error of reading the opened store. */
export function readProblem(error: unknown): string {
  return blockedProblem(error) ?? t("door.data_not_read");
}

function blockedProblem(error: unknown): string | null {
  const isBlocked = (error as Partial<DOMException> | null)?.name === "BlockedError";
  return isBlocked ? t("door.close_other_tabs") : null;
}

export function hasCamera(): boolean {
  return !!navigator.mediaDevices?.getUserMedia;
}

/**
 * Name the browser to use instead of an app's; null outside apps. Apps often lack the camera, and may clear storage
 * within a day.
 */
export function inAppHint(): string | null {
  const current = currentBrowser();
  const app = containingApp(current);
  if (!app) return null;
  const browser = /iPhone|iPad|iPod/.test(current.agent) ? "Safari" : "Chrome";
  return t("door.inside_app", { app, browser });
}

/** The app that contains the page: "Telegram", "another app"; null for a browser of its own. */
export function containingApp(browser: Browser): string | null {
  if (browser.telegram) return "Telegram";
  const [, app] = APPS.find(([mark]) => mark.test(browser.agent)) ?? [];
  if (app) return app;
  return lacksFeatures(browser) ? t("door.another_app") : null;
}

// An unknown app's browser is recognized by the lack of a feature that every browser of its phone has had for years.
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
