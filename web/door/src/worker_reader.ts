/** The page's end of the reader's worker: one question, one answer, and what to do when no answer comes. */

/** Its address with its content's hash, set by the build; below /door/, where the service worker and the policy for WebAssembly reach. */
declare const READER: string;

export type Picture = ImageData | ImageBitmap | Blob;

export interface Question {
  id: number;
  picture: Picture;
  isThorough: boolean;
}

/** What the worker says; with id 0, whether it is ready and can draw bitmaps. */
export interface Answer {
  id: number;
  texts?: string[];
  bitmaps?: boolean;
  failed?: string;
}

interface Asked {
  done(answer: Answer): void;
  fail(reason: Error): void;
}

/** A worker that is silent for so long is gone: phones end what takes memory. */
const PATIENCE = 20_000;

export class WorkerReader {
  readonly place = "worker";
  bitmaps = false;
  private readonly worker = new Worker(READER);
  private readonly asked = new Map<number, Asked>();
  private last = 0;

  private constructor(private readonly lost: () => void) {
    this.worker.onmessage = ({ data }: MessageEvent<Answer>) => this.hear(data);
    this.worker.onerror = (event) => this.giveUp(event.message);
  }

  /** A worker that is ready; `lost` is called when it ends later. Raises where none starts. */
  static async start(lost: () => void): Promise<WorkerReader> {
    let started = false;
    const reader = new WorkerReader(() => started && lost());
    const { bitmaps = false } = await reader.answerTo(0).catch((error: unknown) => {
      reader.worker.terminate();
      throw error;
    });
    started = true;
    reader.bitmaps = bitmaps;
    return reader;
  }

  /** The texts of the codes in a picture, which is handed over and gone afterwards. */
  async read(picture: Picture, isThorough: boolean): Promise<string[]> {
    const id = ++this.last;
    this.worker.postMessage({ id, picture, isThorough } satisfies Question, handedOver(picture));
    return (await this.answerTo(id)).texts ?? [];
  }

  private answerTo(id: number): Promise<Answer> {
    const timer = setTimeout(() => this.giveUp("no answer"), PATIENCE);
    const answer = new Promise<Answer>((done, fail) => this.asked.set(id, { done, fail }));
    return answer.finally(() => clearTimeout(timer));
  }

  private hear(answer: Answer): void {
    const question = this.asked.get(answer.id);
    this.asked.delete(answer.id);
    if (answer.failed === undefined) question?.done(answer);
    else question?.fail(new Error(answer.failed));
  }

  private giveUp(reason: string): void {
    this.worker.terminate();
    this.lost();
    for (const { fail } of this.asked.values()) fail(new Error(reason));
    this.asked.clear();
  }
}

function handedOver(picture: Picture): Transferable[] {
  if (picture instanceof Blob) return [];
  return [picture instanceof ImageData ? picture.data.buffer : picture];
}
