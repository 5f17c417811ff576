/**
 * Adds the codes of tickets to the page once they are drawn, and changes nothing else: a form beside them may be in
 * use. Polls less and less often, and not while the page is hidden.
 */

const SECOND = 1000;
const LONGEST = 60 * SECOND;
let pause = 2 * SECOND;

function awaited() {
  return [...document.querySelectorAll(".ticket[data-awaited]")];
}

async function poll() {
  const answer = await fetch(location.href, { cache: "no-store" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const ticket of awaited()) {
    const drawn = fresh.getElementById(ticket.id);
    if (drawn && !("awaited" in drawn.dataset)) ticket.replaceWith(drawn);
  }
}

async function turn() {
  // Without a network the next turn tries again.
  if (!document.hidden) await poll().catch(() => {});
  pause = Math.min(pause * 1.5, LONGEST);
  if (awaited().length) setTimeout(turn, pause);
}

setTimeout(turn, pause);
