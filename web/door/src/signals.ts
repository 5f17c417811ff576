/** Sound and vibration: a verdict is never told by colour alone. */

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
const SHAKES: Record<Tone, number[]> = {
  go: [60],
  flag: [60, 60, 60],
  again: [120, 80, 120],
  stop: [300, 100, 300],
  alarm: [400, 100, 400, 100, 400],
  out: [60],
  note: [30],
};

let speaker: AudioContext | null = null;

/** Must be called from a tap: only then may a page make sounds. Plays the tone for yes and the one for no. */
export function unlockSound(): void {
  const audio = navigator as Navigator & { audioSession?: { type: string } };
  if (audio.audioSession) audio.audioSession.type = "playback";
  speaker ??= new AudioContext();
  void speaker.resume();
  play("go", 0);
  play("stop", 0.6);
}

export function signal(tone: Tone): void {
  play(tone, 0);
  // Firefox and Safari have no vibration.
  navigator.vibrate?.(SHAKES[tone]);
}

function play(tone: Tone, delay: number): void {
  if (!speaker) return;
  if (speaker.state !== "running") void speaker.resume();
  for (const note of NOTES[tone]) sound(speaker, note, speaker.currentTime + delay + note.from);
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
