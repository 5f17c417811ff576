/** Stamps that only move forward, whatever the phone's own clock says. */

const JUMP = 2 * 60 * 1000;

export interface ClockState {
  offset: number;
  last: number;
}

/** A contact with the server: what the clock is now, and whether the phone's own clock jumped by over two minutes since the last one. */
export interface Contact {
  state: ClockState;
  jumped: boolean;
}

/** The clock after the first pairing: the last stamp starts at the server's time. */
export function startClock(serverTime: number, deviceTime: number): ClockState {
  return { offset: serverTime - deviceTime, last: serverTime };
}

/** The next stamp: the device's time corrected by the known offset, and always after the stamp before. */
export function stamp(state: ClockState, deviceTime: number): ClockState {
  return { offset: state.offset, last: Math.max(Math.round(deviceTime + state.offset), state.last + 1) };
}

/** What time it is: never before the last stamp, so that a clock that fell back to 1970 closes no door. */
export function timeOf(state: ClockState, deviceTime: number): number {
  return Math.max(Math.round(deviceTime + state.offset), state.last);
}

/** The clock after a contact with the server; a last stamp that ran ahead falls back to the server's time. */
export function hearServer(state: ClockState, serverTime: number, deviceTime: number): Contact {
  const offset = serverTime - deviceTime;
  return {
    state: { offset, last: Math.min(state.last, serverTime) },
    jumped: Math.abs(offset - state.offset) > JUMP,
  };
}
