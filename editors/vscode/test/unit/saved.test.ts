import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Conversation, Turn } from '../../src/conversation.ts';
import { keptTurn, mostKept, restored, type Saved, saved } from '../../src/saved.ts';

const range = { start: { line: 2, character: 0 }, end: { line: 8, character: 3 } };
const place = { uri: 'file:///a/total.py', name: 'total.py', range, code: 'digest' };

function conversation(key: string, ...turns: Turn[]): Conversation {
  const one = new Conversation(key, `Explain ${key}`, { ...place });
  one.turns.push(...turns);
  return one;
}

function done(text: string): Turn {
  const turn = new Turn({ uri: place.uri, range, version: 3, diagnostic: { message: 'x' } }, undefined, 0);
  turn.end({
    id: '1',
    conversation: 'c',
    text,
    finishReason: 'length',
    endpoint: 'default',
    model: 'm',
    usage: null,
    timing: { firstDeltaMs: 1, totalMs: 1000 },
    footer: 'cut · m · 1.0 s · ≈ 1 token',
    message: 'It was cut.',
  });
  return turn;
}

/** What the next window makes of it: VS Code keeps JSON. */
function next(...conversations: Conversation[]): Conversation[] {
  return restored(JSON.parse(JSON.stringify(saved(conversations))) as Saved[]);
}

test('a conversation comes back as it was told, and asks about its place again', () => {
  const question = new Turn({ conversation: 'c', question: 'why?' }, 'why?', 0);
  question.push({ kind: 'delta', seq: 0, text: 'Beca' });
  question.fail({ code: -32800 }, 2000);
  const [one] = next(conversation('a', done('Answer'), question));
  assert.ok(one);
  assert.deepEqual([one.key, one.title, one.place, one.id], ['a', 'Explain a', place, undefined]);
  assert.deepEqual(one.followUp('why'), { question: 'why', uri: place.uri, range });
  assert.deepEqual(
    one.turns.map(({ shown, text, state, remark, footer }) => [shown, text, state, remark, footer]),
    [
      [undefined, 'Answer', 'done', 'It was cut.', 'cut · m · 1.0 s · ≈ 1 token'],
      ['why?', 'Beca', 'stopped', 'Stopped. Retry for the whole answer.', 'stopped after 2.0 s'],
    ],
  );
  assert.deepEqual(one.again(one.turns[0]?.query ?? {}), { diagnostic: { message: 'x' }, uri: place.uri, range });
  assert.deepEqual(one.again(one.turns[1]?.query ?? {}), { question: 'why?', uri: place.uri, range });
});

test('it goes on as the same conversation in the next window', () => {
  const before = conversation('a', done('Answer'));
  before.id = 'ABCDEF-1';
  const [one] = next(before);
  assert.deepEqual(one?.followUp('why'), { question: 'why', conversation: 'ABCDEF-1' });
});

test('a turn that the server kept is shown as it ended', () => {
  const info = { id: 'A-1/1', conversation: 'A-1', text: 'Half', running: false, footer: 'm' } as const;
  const { shown, state, remark, footer, query } = keptTurn({ ...info, question: 'why?', finishReason: 'incomplete' });
  assert.deepEqual([shown, state, remark, footer], ['why?', 'done', 'It broke off.', 'm']);
  assert.deepEqual(query, { conversation: 'A-1', question: 'why?' });
  assert.equal(keptTurn({ ...info, finishReason: 'stop' }).shown, undefined);
});

test('what was running has ended with its window', () => {
  const running = new Turn({}, undefined, 0);
  running.push({ kind: 'delta', seq: 0, text: 'Half' });
  const [one] = next(conversation('a', running));
  assert.equal(one?.state, 'stopped');
  assert.equal(one?.last?.text, 'Half');
  assert.match(one?.last?.remark ?? '', /^Stopped: the window was closed or reloaded\./);
  assert.deepEqual(next(...next(conversation('a', running))), next(conversation('a', running)), 'and stays so');
});

test('so much is kept, the newest first', () => {
  const keys = (...conversations: Conversation[]) => next(...conversations).map(({ key }) => key);
  const third = 'x'.repeat(mostKept / 3);
  assert.deepEqual(
    keys(
      conversation('1', done(third)),
      conversation('2', done(third)),
      conversation('3', done(third)),
      conversation('4', done('small')),
    ),
    ['2', '3', '4'],
  );
  assert.deepEqual(keys(conversation('1', done('small')), conversation('2', done('x'.repeat(mostKept)))), ['1']);
});
