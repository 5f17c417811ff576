/** Keeps the live page's numbers fresh: asks once a second, changes only what changed, rests while nobody looks. */

const SECOND = 1000;
const AFTER_FAILURE = 5 * SECOND;

const box = document.getElementById("live");
const state = document.getElementById("live-state");
let tag = `W/"${box.dataset.tag}"`;
let timer = 0;

function say(words) {
  if (state.textContent !== words) state.textContent = words;
}

/** Parts are replaced one by one, so that a table that is open stays open and nothing flickers. */
function show(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  for (const part of fresh.content.querySelectorAll("[data-live]")) {
    const shown = box.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!shown || shown.innerHTML === part.innerHTML) continue;
    const isOpen = shown.querySelector("details")?.open;
    shown.replaceChildren(...part.childNodes);
    const details = shown.querySelector("details");
    if (details && isOpen) details.open = true;
  }
}

async function look() {
  const response = await fetch(box.dataset.address, { headers: { "If-None-Match": tag }, cache: "no-store" });
  if (response.status === 401 || response.status === 403) {
    say(state.dataset.ended);
    return 0;
  }
  if (response.status !== 200 && response.status !== 304) throw new Error(String(response.status));
  if (response.status === 200) {
    tag = response.headers.get("ETag") ?? tag;
    show((await response.json()).html);
  }
  say(state.dataset.since);
  return SECOND;
}

async function turn() {
  clearTimeout(timer);
  if (document.hidden) return;
  let pause = AFTER_FAILURE;
  try {
    pause = await look();
  } catch {
    say(state.dataset.away);
  }
  if (pause) timer = setTimeout(turn, pause);
}

document.addEventListener("visibilitychange", turn);
turn();
