import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../src/history.ts';
import { Pacer, redrawInterval } from '../../src/pacer.ts';

/** A clock that stands still until it is told. */
class Clock {
  #now = 0;
  #timers = new Map<number, { at: number; callback: () => void }>();
  #ids = 0;
  set = (callback: () => void, ms: number): number => {
    this.#timers.set(++this.#ids, { at: this.#now + ms, callback });
    return this.#ids;
  };
  now = (): number => this.#now;
  clear = (id: unknown): void => {
    this.#timers.delete(id as number);
  };
  pass(ms: number): void {
    this.#now += ms;
    for (const [id, { at, callback }] of this.#timers) {
      if (at <= this.#now) {
        this.#timers.delete(id);
        callback();
      }
    }
  }
}

test('the first change is drawn at once, further ones 8 times a second, and the last never gets lost', () => {
  const clock = new Clock();
  const drawn: number[] = [];
  let value = 0;
  const pacer = new Pacer(
    () => drawn.push(value),
    () => redrawInterval,
    clock,
  );
  for (; value < 1000; value++) {
    pacer.change();
    clock.pass(1);
  }
  assert.equal(drawn[0], 0);
  assert.equal(drawn.length, 1 + 1000 / redrawInterval);
  clock.pass(redrawInterval);
  assert.equal(drawn.at(-1), 999, 'after the last change it is exact');
  const { length } = drawn;
  clock.pass(10 * redrawInterval);
  assert.equal(drawn.length, length, 'and then it is quiet');
});

test('what takes long is drawn less often, but twice a second, and the last change still comes', () => {
  for (const [ms, draws] of [
    [20, 25], // of 200 and 20 ms
    [70, 15], // of 300 and 70 ms
  ] as const) {
    const clock = new Clock();
    const drawn: number[] = [];
    const draw = () => {
      drawn.push(clock.now());
      clock.pass(ms);
    };
    const pacer = new Pacer(draw, () => redrawInterval, clock);
    while (clock.now() < 5400) {
      pacer.change();
      clock.pass(1);
    }
    assert.equal(drawn.length, draws);
    clock.pass(500);
    assert.equal(drawn.length, draws + 1);
  }
});

test('a flush is now, and nothing comes after it', () => {
  const clock = new Clock();
  let drawn = 0;
  const pacer = new Pacer(
    () => drawn++,
    () => redrawInterval,
    clock,
  );
  pacer.change();
  pacer.change();
  pacer.flush();
  assert.equal(drawn, 2);
  clock.pass(10 * redrawInterval);
  assert.equal(drawn, 2);
});

test('questions are stepped through, and what was typed comes back', () => {
  const history = new History(['one', 'two']);
  assert.equal(history.previous('dra'), 'two');
  assert.equal(history.previous('two'), 'one');
  assert.equal(history.previous('one'), undefined);
  assert.equal(history.next(), 'two');
  assert.equal(history.next(), 'dra');
  assert.equal(history.next(), undefined);
  assert.deepEqual(history.with('one'), ['two', 'one']);
  assert.equal(new History(Array.from({ length: 60 }, (_, i) => `${i}`)).with('x').length, 50);
});
