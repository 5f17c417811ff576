/** Keeps the parts of a page fresh (`data-live`): asks again and again, changes only what changed, rests while nobody
    looks, and leaves alone what somebody is at work in. The page says where to ask: `data-address`, `data-every` ms.
    What there is another page for by now (`data-stage`) is loaded anew; what is `done` is not asked for again. */

const SECOND = 1000;
const AFTER_FAILURE = 5 * SECOND;

const box = document.querySelector("[data-address]");
const state = document.getElementById("live-state");
const every = Number(box.dataset.every ?? SECOND);
let tag = box.dataset.tag ? `W/"${box.dataset.tag}"` : "";
let timer = 0;

function say(words) {
  if (state.textContent !== words) state.textContent = words;
}

/** Whether a field or button in a part has the focus, or a field holds what was not sent yet. */
function isInUse(part) {
  return [...part.querySelectorAll("input, textarea, select, button")].some(
    (field) => field === document.activeElement || (field.defaultValue ?? field.value) !== field.value,
  );
}

/** Puts new content into a part; what is open stays open, and who stands on a summary or link stands there still. */
function renew(shown, fresh) {
  const open = [...shown.querySelectorAll("details")].map((details) => details.open);
  fresh.querySelectorAll("details").forEach((details, place) => (details.open = open[place] ?? false));
  shown.className = fresh.className || shown.className;
  if (shown.innerHTML === fresh.innerHTML) return true;
  if (isInUse(shown)) return false;
  const place = [...shown.querySelectorAll("summary, a")].indexOf(document.activeElement);
  shown.replaceChildren(...fresh.childNodes);
  shown.querySelectorAll("summary, a")[place]?.focus({ preventScroll: true });
  return true;
}

/** The same for a list, item by item (each has an id). What is there stays where it is: nothing moves under a finger. */
function renewList(shown, fresh) {
  const known = new Map([...shown.children].map((item) => [item.id, item]));
  let next = shown.firstElementChild;
  let isWhole = true;
  for (const item of [...fresh.children]) {
    const same = known.get(item.id);
    known.delete(item.id);
    if (!same) shown.insertBefore(item, next);
    else {
      next = same.nextElementSibling;
      isWhole = renew(same, item) && isWhole;
    }
  }
  for (const gone of known.values()) {
    if (isInUse(gone)) isWhole = false;
    else gone.remove();
  }
  return isWhole;
}

/** Parts are replaced one by one. Says whether all of them are as fresh as the answer. */
function show(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const parts = [...fresh.content.querySelectorAll("[data-live]")].map((part) => {
    const shown = document.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!shown) return true;
    return "keyed" in part.dataset ? renewList(shown, part) : renew(shown, part);
  });
  return parts.every(Boolean);
}

async function look() {
  const known = tag ? { "If-None-Match": tag } : {};
  const response = await fetch(box.dataset.address, { headers: known, cache: "no-store" });
  if (response.status === 401 || response.status === 403) return end(state.dataset.ended);
  if (response.status === 404 || response.status === 410) return withdraw();
  if (response.status === 304) return goOn();
  if (response.status !== 200) throw new Error(String(response.status));
  const told = await response.json();
  if (told.stage !== box.dataset.stage) return loadAnew();
  const isWhole = show(told.html);
  // What was left alone is asked for again.
  tag = isWhole ? (response.headers.get("ETag") ?? tag) : "";
  return told.done && isWhole ? end(state.dataset.since) : goOn();
}

function goOn() {
  say(state.dataset.since);
  return every;
}

function end(words) {
  say(words);
  return 0;
}

/** There is no such page any more. What was shown under a link that was withdrawn goes with it. */
function withdraw() {
  if ("withdrawn" in box.dataset) box.replaceChildren();
  return end(state.dataset.gone);
}

/** The page that stands beside its figures, also after an act (`…/send`), and without what was said of it (`?said=`). */
function loadAnew() {
  location.replace(new URL(".", new URL(box.dataset.address, location.href)));
  return 0;
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
