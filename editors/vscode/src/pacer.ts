/** How long a redraw waits for more: 8 a second, what a reader takes for flowing. */
export const redrawInterval = 125;

/** The parts of the clock that a Pacer needs, so that tests bring their own. */
export interface Timers {
  set(callback: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

const systemTimers: Timers = {
  set: (callback, ms) => setTimeout(callback, ms),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/**
 * Calls draw at most once in an interval, however often something changes.
 * The first change is drawn at once and the last one never gets lost.
 */
export class Pacer {
  readonly #draw: () => void;
  readonly #interval: number;
  readonly #timers: Timers;
  #timer: unknown;
  #changed = false;

  constructor(draw: () => void, interval: number, timers: Timers = systemTimers) {
    this.#draw = draw;
    this.#interval = interval;
    this.#timers = timers;
  }

  /** Something changed: draws now, or when the interval is over. */
  change(): void {
    if (this.#timer !== undefined) {
      this.#changed = true;
      return;
    }
    this.#draw();
    this.#timer = this.#timers.set(() => this.#elapsed(), this.#interval);
  }

  /** Draws what has changed without waiting. */
  flush(): void {
    this.cancel();
    this.#draw();
  }

  /** Forgets what has not been drawn. */
  cancel(): void {
    this.#timers.clear(this.#timer);
    this.#timer = undefined;
    this.#changed = false;
  }

  #elapsed(): void {
    this.#timer = undefined;
    if (this.#changed) {
      this.#changed = false;
      this.change();
    }
  }
}
