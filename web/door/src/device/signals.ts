/** Sound and vibration, since a verdict must not depend on colour alone. */

export type Tone = "go" | "flag" | "again" | "stop" | "alarm" | "out" | "note";

interface Note {
  pitch: number;
  from: number;
  length: number;
  wave: OscillatorType;
}

const LOUDNESS = 0.6;
const NOTES: Record<Tone, Note[]> = {
  go: [
    { pitch: 880, from: 0, length: 0.1, wave: "sine" },
    { pitch: 1319, from: 0.1, length: 0.18, wave: "sine" },
  ],
  flag: [
    { pitch: 880, from: 0, length: 0.1, wave: "sine" },
    { pitch: 880, from: 0.14, length: 0.1, wave: "sine" },
    { pitch: 1319, from: 0.28, length: 0.18, wave: "sine" },
  ],
  again: [
    { pitch: 523, from: 0, length: 0.14, wave: "triangle" },
    { pitch: 523, from: 0.2, length: 0.14, wave: "triangle" },
  ],
  stop: [
    { pitch: 165, from: 0, length: 0.22, wave: "square" },
    { pitch: 123, from: 0.24, length: 0.4, wave: "square" },
  ],
  alarm: [0, 0.3, 0.6, 0.9].flatMap((from) => [
    { pitch: 988, from, length: 0.15, wave: "square" as const },
    { pitch: 740, from: from + 0.15, length: 0.15, wave: "square" as const },
  ]),
  out: [
    { pitch: 880, from: 0, length: 0.1, wave: "sine" },
    { pitch: 587, from: 0.1, length: 0.18, wave: "sine" },
  ],
  note: [{ pitch: 659, from: 0, length: 0.08, wave: "sine" }],
};
const VIBRATIONS: Record<Tone, number[]> = {
  go: [60],
  flag: [60, 60, 60],
  again: [120, 80, 120],
  stop: [300, 100, 300],
  alarm: [400, 100, 400, 100, 400],
  out: [60],
  note: [30],
};

/** The longest delay after which a tone still belongs to the verdict on the screen. Milliseconds. */
const MAX_DELAY = 500;

let speaker: AudioContext | null = null;
let isSoundBlocked = false;
let notify: () => void = () => undefined;

/** True where the phone did not play a tone: a call came in, or the browser needs another tap. */
export function isMuted(): boolean {
  return isSoundBlocked;
}

/** Set a callback for the loss and return of sound. */
export function onSoundChange(changed: () => void): void {
  notify = changed;
}

/** Allow sound; must be called from a tap. Plays the tones for go and stop. */
export function unlockSound(): void {
  if (typeof AudioContext === "undefined") return;
  const audio = navigator as Navigator & { audioSession?: { type: string } };
  if (audio.audioSession) audio.audioSession.type = "playback";
  speaker ??= openSpeaker();
  void play("go", 0);
  void play("stop", 0.6);
}

function openSpeaker(): AudioContext {
  const context = new AudioContext();
  // Only a tap restores the sound after a phone call.
  for (const tap of ["pointerup", "keydown"]) document.addEventListener(tap, () => void resume(context), true);
  return context;
}

export function signal(tone: Tone): void {
  void play(tone, 0);
  // Firefox and Safari have no vibration.
  navigator.vibrate?.(VIBRATIONS[tone]);
}

// Notes scheduled while sound is blocked would all play at once when it returns.
async function play(tone: Tone, delay: number): Promise<void> {
  if (!speaker || !(await resume(speaker))) return;
  for (const note of NOTES[tone]) sound(speaker, note, speaker.currentTime + delay + note.from);
}

/**
 * Resume the sound where it is suspended. Returns whether it runs; a browser that waits for a tap keeps its promise
 * open.
 */
async function resume(context: AudioContext): Promise<boolean> {
  if (context.state !== "running")
    await Promise.race([context.resume().catch(() => undefined), new Promise((late) => setTimeout(late, MAX_DELAY))]);
  const isRunning = context.state === "running";
  if (isSoundBlocked === isRunning) {
    isSoundBlocked = !isRunning;
    notify();
  }
  return isRunning;
}

function sound(context: AudioContext, note: Note, from: number): void {
  const oscillator = context.createOscillator();
  const loudness = context.createGain();
  oscillator.type = note.wave;
  oscillator.frequency.value = note.pitch;
  loudness.gain.setValueAtTime(LOUDNESS, from);
  loudness.gain.exponentialRampToValueAtTime(0.001, from + note.length);
  oscillator.connect(loudness).connect(context.destination);
  oscillator.start(from);
  oscillator.stop(from + note.length);
}
