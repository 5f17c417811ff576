/** Scan times that only move forward, corrected to the server's clock. */

const MAX_DRIFT = 2 * 60 * 1000;

export interface ClockState {
  offset: number;
  last: number;
}

/**
 * A request and its answer by the phone's clock: the time of the answer, and the longest time the exchange can have
 * taken.
 */
export interface Exchange {
  receivedAt: number;
  took: number;
}

/** The clock after an answer, and whether the phone's clock jumped by over two minutes since the previous one. */
export interface SyncedClock {
  state: ClockState;
  jumped: boolean;
}

/** The clock after the first pairing; its last stamp is the server's time. */
export function startClock(serverTime: number, receivedAt: number): ClockState {
  // The answer is taken to have arrived at once: stamps may be early by its travel time, and none is later than the
  // server's time.
  return { offset: serverTime - receivedAt, last: serverTime };
}

/** The next stamp: the phone's time corrected by the offset, and always after the previous stamp. */
export function stamp(state: ClockState, deviceTime: number): ClockState {
  return { offset: state.offset, last: Math.max(Math.round(deviceTime + state.offset), state.last + 1) };
}

/** The current time; never before the last stamp, so that a clock that fell back to 1970 closes no door. */
export function currentTime(state: ClockState, deviceTime: number): number {
  return Math.max(Math.round(deviceTime + state.offset), state.last);
}

/** Correct the clock by an answer; a last stamp in the future falls back to the latest possible time at the server. */
export function syncClock(state: ClockState, serverTime: number, { receivedAt, took }: Exchange): SyncedClock {
  const minOffset = serverTime - receivedAt;
  // The server read its clock at some moment of the exchange. An offset that fits the exchange stays, or a slow answer
  // would reverse stamps.
  const isConsistent = state.offset >= minOffset && state.offset <= minOffset + took;
  const offset = isConsistent ? state.offset : minOffset;
  return {
    state: { offset, last: Math.min(state.last, serverTime + took) },
    jumped: Math.abs(offset - state.offset) > MAX_DRIFT,
  };
}
