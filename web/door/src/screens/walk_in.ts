/** The card that admits a walk-in by the typed name. */

import type { Door } from "../engine/door.ts";
import type { WalkInDetails } from "../engine/walk_ins.ts";
import { clockTime, dayUnlessToday, t, textIn } from "../lib/i18n.ts";
import { admitsTo } from "../lib/sessions.ts";
import type { Id, TicketType } from "../lib/types.ts";
import { choice, primaryButton } from "./components.ts";
import { h, icon } from "./dom.ts";
import { listAge } from "./status_bar.ts";

/** The last row of a search: the typed name as a walk-in. */
export function walkInRow(name: string, open: () => void): HTMLElement {
  const words = h("span", {}, h("strong", {}, name), h("small", {}, t("door.walk_in")));
  return h(
    "button",
    { type: "button", class: "person walk-in", "data-action": "walk-in", onclick: open },
    icon("addPerson"),
    words,
  );
}

export function walkInCard(door: Door, name: string, admitWalkIn: (details: WalkInDetails) => void): HTMLElement {
  const types = ticketTypesOf(door);
  let ticketType = types[0]?.id;
  const options = types.map(({ id, title }): [Id, string] => [id, textIn(title, door.pass.event)]);
  const isFull = door.occupancy().free === 0;
  const admit = (): void => admitWalkIn({ name, ...(ticketType !== undefined && { ticketType }) });
  return h(
    "article",
    { class: "card walk-in" },
    h("h3", {}, name),
    h("p", {}, t("door.walk_in")),
    types.length > 1 && choice(t("common.ticket_type"), options, ticketType, (id) => (ticketType = id)),
    freeSeats(door),
    primaryButton("let-in", "check", isFull ? t("door.check_in_anyway") : t("door.check_in_button"), admit),
  );
}

/** The ticket types that admit to the chosen session. */
function ticketTypesOf({ pass }: Door): TicketType[] {
  return pass.types.filter((type) => admitsTo(type, pass.session));
}

function freeSeats(door: Door): HTMLElement | null {
  const { free, seatsKept } = door.occupancy();
  if (free === null) return null;
  const age = listAge(door);
  const words = free === 0 ? t("door.no_seats_free", { age }) : t("door.seats_free", { n: free, age });
  return h(
    "p",
    { class: free === 0 ? "warning" : "room", role: "status" },
    [words, seatsKept ? seatsKeptUntil(door) : ""].join(" ").trim(),
  );
}

/** The time until which seats are kept for people who have not come. */
export function seatsKeptUntil(door: Pick<Door, "pass" | "now">): string {
  const { rules, event } = door.pass;
  if (rules.held_until === null) return t("door.seats_held");
  const time = clockTime(rules.held_until, event.zone);
  const day = dayUnlessToday(rules.held_until, door.now(), event.zone);
  if (day) return t("door.seats_held_until_day", { day, time });
  return t("door.seats_held_until", { time });
}
