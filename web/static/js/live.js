/**
 * Updates the parts of a page (`data-live`): polls, changes only what changed, pauses while the page is hidden, and
 * leaves a part alone while it is in use. The page says where and how often to poll: `data-address`, `data-every` ms. A
 * page of another stage by now (`data-stage`) is reloaded; polling ends when the answer is `done`.
 */

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

/** Returns whether a field or button in a part has the focus, or a field has input that is not sent yet. */
function isInUse(part) {
  return [...part.querySelectorAll("input, textarea, select, button")].some(
    (field) => field === document.activeElement || (field.defaultValue ?? field.value) !== field.value,
  );
}

/** Replaces the content of a part; open details stay open, and the focus stays on its summary or link. */
function renew(current, fresh) {
  const open = [...current.querySelectorAll("details")].map((details) => details.open);
  for (const [index, details] of fresh.querySelectorAll("details").entries()) details.open = open[index] ?? false;
  current.className = fresh.className || current.className;
  if (current.innerHTML === fresh.innerHTML) return true;
  if (isInUse(current)) return false;
  const focused = [...current.querySelectorAll("summary, a")].indexOf(document.activeElement);
  current.replaceChildren(...fresh.childNodes);
  current.querySelectorAll("summary, a")[focused]?.focus({ preventScroll: true });
  return true;
}

/** The same for a list, item by item (each has an id). Items stay where they are: nothing moves under a finger. */
function renewList(current, fresh) {
  const known = new Map([...current.children].map((item) => [item.id, item]));
  let next = current.firstElementChild;
  let isWhole = true;
  for (const item of [...fresh.children]) {
    const same = known.get(item.id);
    known.delete(item.id);
    if (!same) current.insertBefore(item, next);
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

/** Replaces the parts one by one. Returns whether all of them are as fresh as the answer. */
function show(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const parts = [...fresh.content.querySelectorAll("[data-live]")].map((part) => {
    const current = document.querySelector(`[data-live="${part.dataset.live}"]`);
    if (!current) return true;
    return "keyed" in part.dataset ? renewList(current, part) : renew(current, part);
  });
  return parts.every(Boolean);
}

async function poll() {
  const known = tag ? { "If-None-Match": tag } : {};
  const response = await fetch(box.dataset.address, { headers: known, cache: "no-store" });
  if (response.status === 401 || response.status === 403) return end(state.dataset.ended);
  if (response.status === 404 || response.status === 410) return showGone();
  if (response.status === 304) return goOn();
  if (response.status !== 200) throw new Error(String(response.status));
  const answer = await response.json();
  if (answer.stage !== box.dataset.stage) return reload();
  const isWhole = show(answer.html);
  // A part that was left alone is requested again.
  tag = isWhole ? (response.headers.get("ETag") ?? tag) : "";
  return answer.done && isWhole ? end(state.dataset.since) : goOn();
}

function goOn() {
  say(state.dataset.since);
  return every;
}

function end(words) {
  say(words);
  return 0;
}

/** The page no longer exists. The figures under a revoked link disappear with it. */
function showGone() {
  if ("withdrawn" in box.dataset) box.replaceChildren();
  return end(state.dataset.gone);
}

/** Loads the page of these figures, also after an action (`…/send`), and without its message (`?said=`). */
function reload() {
  location.replace(new URL(".", new URL(box.dataset.address, location.href)));
  return 0;
}

async function turn() {
  clearTimeout(timer);
  if (document.hidden) return;
  let pause = AFTER_FAILURE;
  try {
    pause = await poll();
  } catch {
    say(state.dataset.away);
  }
  if (pause) timer = setTimeout(turn, pause);
}

document.addEventListener("visibilitychange", turn);
void turn();
