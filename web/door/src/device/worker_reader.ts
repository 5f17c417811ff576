/** The page's client of the reader's worker: requests, responses and timeouts. */

/**
 * The worker's address with the hash of its content, set by the build; below /door/, for the service worker and the
 * policy for WebAssembly.
 */
declare const READER: string;

export type Picture = ImageData | ImageBitmap | Blob;

export interface ReadRequest {
  id: number;
  picture: Picture;
  isThorough: boolean;
}

/** A response of the worker; the one with id 0 says that it is ready, and whether it can draw bitmaps. */
export interface ReadResponse {
  id: number;
  texts?: string[];
  bitmaps?: boolean;
  failed?: string;
}

interface PendingRead {
  resolve(response: ReadResponse): void;
  reject(reason: Error): void;
}

/** A worker silent for this long is gone: phones end processes to free memory. Milliseconds. */
const TIMEOUT = 20_000;

export class WorkerReader {
  readonly place = "worker";
  bitmaps = false;
  readonly #worker = new Worker(READER);
  readonly #pending = new Map<number, PendingRead>();
  readonly #onLost: () => void;
  #lastId = 0;

  private constructor(onLost: () => void) {
    this.#onLost = onLost;
    this.#worker.onmessage = ({ data }: MessageEvent<ReadResponse>) => this.#receive(data);
    this.#worker.onerror = (event) => this.#giveUp(event.message);
  }

  /** Start a worker; `onLost` is called when it ends later. Throws where none starts. */
  static async start(onLost: () => void): Promise<WorkerReader> {
    let started = false;
    const reader = new WorkerReader(() => started && onLost());
    const { bitmaps = false } = await reader.#answerTo(0).catch((error: unknown) => {
      reader.#worker.terminate();
      throw error;
    });
    started = true;
    reader.bitmaps = bitmaps;
    return reader;
  }

  /** The texts of the codes in a picture, which is transferred and gone afterwards. */
  async read(picture: Picture, isThorough: boolean): Promise<string[]> {
    const id = ++this.#lastId;
    this.#worker.postMessage({ id, picture, isThorough } satisfies ReadRequest, transferables(picture));
    return (await this.#answerTo(id)).texts ?? [];
  }

  #answerTo(id: number): Promise<ReadResponse> {
    const timer = setTimeout(() => this.#giveUp("no answer"), TIMEOUT);
    const response = new Promise<ReadResponse>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    return response.finally(() => clearTimeout(timer));
  }

  #receive(response: ReadResponse): void {
    const request = this.#pending.get(response.id);
    this.#pending.delete(response.id);
    if (response.failed === undefined) request?.resolve(response);
    else request?.reject(new Error(response.failed));
  }

  #giveUp(reason: string): void {
    this.#worker.terminate();
    this.#onLost();
    for (const { reject } of this.#pending.values()) reject(new Error(reason));
    this.#pending.clear();
  }
}

function transferables(picture: Picture): Transferable[] {
  if (picture instanceof Blob) return [];
  return [picture instanceof ImageData ? picture.data.buffer : picture];
}
