/** How long a redraw waits for more, in ms: 8 redraws a second look continuous. */
export const redrawInterval = 125;

/** Slow redraws may take at most one part in this many of the time, up to longestPause. */
const share = 10;

/**
 * How long a redraw waits at most, so that a view is never half a second behind:
 * VS Code takes another 100 ms before it sends a thread to the window.
 */
export const longestPause = 300;

/** The parts of the clock that a Pacer needs, so that tests bring their own. */
export interface Timers {
  set(callback: () => void, ms: number): unknown;
  clear(timer: unknown): void;
  now(): number;
}

const systemTimers: Timers = {
  set: (callback, ms) => setTimeout(callback, ms),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
  now: () => performance.now(),
};

/**
 * Calls draw at most once in an interval, which each time may be another, however often something changes, and
 * less often if it takes long. The first change is drawn at once and the last one
 * never gets lost.
 */
export class Pacer {
  readonly #draw: () => void;
  readonly #interval: () => number;
  readonly #timers: Timers;
  #timer: unknown;
  #changed = false;

  constructor(draw: () => void, interval: () => number, timers: Timers = systemTimers) {
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
    const started = this.#timers.now();
    this.#draw();
    const pause = Math.min(longestPause, share * (this.#timers.now() - started));
    this.#timer = this.#timers.set(() => this.#elapsed(), Math.max(this.#interval(), pause));
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
