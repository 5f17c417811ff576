/** Stamps that only move forward, whatever the phone's own clock says. */

const MAX_DRIFT = 2 * 60 * 1000;

export interface ClockState {
  offset: number;
  last: number;
}

/** One question and its answer, by the phone's own clock: when the answer was heard, and how long that took at most. */
export interface Exchange {
  receivedAt: number;
  took: number;
}

/** A contact with the server: what the clock is now, and whether the phone's own clock jumped by over two minutes since the last one. */
export interface SyncedClock {
  state: ClockState;
  jumped: boolean;
}

/** The clock after the first pairing: the last stamp starts at the server's time. */
export function startClock(serverTime: number, receivedAt: number): ClockState {
  // As if the answer had taken no time on its way: stamps may be early by that, but none is later than the server's own time.
  return { offset: serverTime - receivedAt, last: serverTime };
}

/** The next stamp: the device's time corrected by the known offset, and always after the stamp before. */
export function stamp(state: ClockState, deviceTime: number): ClockState {
  return { offset: state.offset, last: Math.max(Math.round(deviceTime + state.offset), state.last + 1) };
}

/** What time it is: never before the last stamp, so that a clock that fell back to 1970 closes no door. */
export function currentTime(state: ClockState, deviceTime: number): number {
  return Math.max(Math.round(deviceTime + state.offset), state.last);
}

/** The clock after a contact with the server; a last stamp that ran ahead falls back to what time it can be there by now. */
export function syncClock(state: ClockState, serverTime: number, { receivedAt, took }: Exchange): SyncedClock {
  const minOffset = serverTime - receivedAt;
  // The server looked at its clock at some moment of the exchange: an offset that fits one of them is kept, or a slow answer would turn stamps round.
  const isConsistent = state.offset >= minOffset && state.offset <= minOffset + took;
  const offset = isConsistent ? state.offset : minOffset;
  return {
    state: { offset, last: Math.min(state.last, serverTime + took) },
    jumped: Math.abs(offset - state.offset) > MAX_DRIFT,
  };
}
