/** Brings the codes of tickets that are still being drawn onto the page, and touches nothing else: somebody may be at
    work in a form beside them. Asks less and less often, and not while nobody looks. */

const SECOND = 1000;
const LONGEST = 60 * SECOND;
let pause = 2 * SECOND;

function awaited() {
  return [...document.querySelectorAll(".ticket[data-awaited]")];
}

async function look() {
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
  if (!document.hidden) await look().catch(() => {});
  pause = Math.min(pause * 1.5, LONGEST);
  if (awaited().length) setTimeout(turn, pause);
}

setTimeout(turn, pause);
