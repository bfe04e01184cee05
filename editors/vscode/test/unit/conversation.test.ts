import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Conversation, Turn, titleOf } from '../../src/conversation.ts';
import { answerBody, conversationDocument, escaped } from '../../src/markdown.ts';
import type { Result } from '../../src/protocol.ts';

const result: Result = {
  id: '1',
  conversation: 'c',
  text: 'Hello, world',
  finishReason: 'stop',
  endpoint: 'default',
  model: 'm',
  usage: { promptTokens: 10, completionTokens: 1234 },
  timing: { firstDeltaMs: 5, totalMs: 3210 },
  footer: 'm · 3.2 s · 1234 tokens',
};

const place = {
  uri: 'file:///a/total.py',
  name: 'total.py',
  range: { start: { line: 2, character: 0 }, end: { line: 8, character: 3 } },
};

function turn(): Turn {
  return new Turn({}, undefined, 0);
}

test('an answer grows by its deltas in order, and ends as its result says', () => {
  const one = turn();
  assert.equal(one.footer, 'answering…');
  one.push({ kind: 'reasoning', seq: 0, text: 'hm' });
  assert.equal(one.footer, 'thinking…');
  one.push({ kind: 'delta', seq: 1, text: 'Hello' });
  one.push({ kind: 'delta', seq: 1, text: 'twice' });
  one.push({ kind: 'delta', seq: 3, text: 'too early' });
  one.push({ kind: 'delta', seq: 2, text: ', wor' });
  assert.equal(one.text, 'Hello, wor');
  one.end(result);
  one.push({ kind: 'delta', seq: 4, text: 'late' });
  assert.equal(one.text, 'Hello, world');
  assert.equal(one.footer, result.footer);
  assert.equal(one.remark, '');
});

test('text that turns out to be thinking is no answer any more', () => {
  const one = turn();
  one.push({ kind: 'delta', seq: 0, text: 'Hm.' });
  one.push({ kind: 'refiled', seq: 1, text: '' });
  assert.equal(one.text, '');
  assert.equal(one.thinking, 'Hm.');
  assert.equal(one.footer, 'thinking…');
  one.push({ kind: 'delta', seq: 2, text: 'Half' });
  one.fail({ code: -32800, message: 'cancelled' }, 0);
  assert.equal(one.text, 'Half');
});

test('what was left out and what went wrong is said', () => {
  const one = turn();
  one.end({ ...result, message: 'It broke. Ask again.', leftOut: [{ what: '.env', why: 'it holds secrets' }] });
  assert.equal(one.remark, 'It broke. Ask again. Not sent: .env (it holds secrets).');
});

test('who answered instead of the endpoint that was asked, and why, stands below the answer', () => {
  const one = turn();
  one.push({ kind: 'delta', seq: 0, text: 'Hello' });
  const message = 'local answered instead of work, which failed (HTTP 503: busy).';
  one.end({ ...result, endpoint: 'local', message });
  assert.equal(one.remark, message);
  assert.ok(answerBody(one).includes('local answered instead of work, which failed (HTTP 503: busy)'));
});

test('a failure, a stop and a lost server keep the text', () => {
  const ended = (error: unknown) => {
    const one = turn();
    one.push({ kind: 'delta', seq: 0, text: 'Half' });
    one.fail(error, 0);
    return `${one.state}: ${one.text} | ${one.remark}`;
  };
  assert.equal(ended({ code: -32800, message: 'cancelled' }), 'stopped: Half | Stopped. Retry for the whole answer.');
  assert.equal(ended({ code: -32803, message: 'No key.', data: { kind: 'auth' } }), 'failed: Half | No key.');
  assert.equal(
    ended({ code: -32097, message: 'Pending response rejected' }),
    'failed: Half | The server ended before the answer did. Retry for the whole answer.',
  );
  assert.equal(ended(new Error('boom')), 'failed: Half | boom');
});

test('a follow-up stays in the conversation, or begins another about the place', () => {
  const conversation = new Conversation('1', 'Explain', { ...place });
  assert.deepEqual(conversation.followUp('why'), { uri: place.uri, range: place.range, question: 'why' });
  conversation.id = 'c';
  assert.deepEqual(conversation.followUp('why'), { conversation: 'c', question: 'why' });
  assert.deepEqual(conversation.again({ conversation: 'c', question: 'why' }), { conversation: 'c', question: 'why' });
  conversation.id = undefined; // the server has been started anew
  assert.deepEqual(conversation.again({ conversation: 'c', question: 'why' }), {
    uri: place.uri,
    range: place.range,
    question: 'why',
  });
  const moved = { start: { line: 3, character: 0 }, end: { line: 9, character: 3 } };
  assert.deepEqual(
    new Conversation('2', 'Explain', { ...place, range: moved }).again({
      uri: place.uri,
      range: place.range,
      version: 7,
    }),
    { uri: place.uri, range: moved },
  );
});

test('a label tells the state', () => {
  const conversation = new Conversation('1', 'Explain total.py:3-9');
  const one = turn();
  conversation.turns.push(one);
  assert.equal(conversation.label(3500), 'Explain total.py:3-9 · answering… 3 s');
  one.fail({ code: -32800 }, 3200);
  assert.equal(conversation.label(9), 'Explain total.py:3-9 · stopped');
  assert.equal(one.footer, 'stopped after 3.2 s', 'however late it is drawn');
  one.end(result);
  assert.equal(conversation.label(9), 'Explain total.py:3-9');
});

test('a title goes along with its file, and a document keeps its name', () => {
  const conversation = new Conversation('1', 'Explain total.py:3-9', { ...place });
  conversation.move('file:///w/$&.py', '$&.py');
  assert.equal(conversation.title, 'Explain $&.py:3-9');
  assert.equal(conversation.name, 'Explain total.py:3-9');
  assert.deepEqual(conversation.followUp('why'), { uri: 'file:///w/$&.py', range: place.range, question: 'why' });
  conversation.unseen = 'It is gone.';
  assert.match(conversationDocument(conversation), /^# Explain \\\$\\&\.py:3-9\n\n\*It is gone\.\*\n/);
});

test('a title names the place, or the question', () => {
  assert.equal(titleOf('Explain', place), 'Explain total.py:3-9');
  assert.equal(titleOf('Ask', undefined, 'What is a monad?\nShortly.'), 'What is a monad?');
  assert.equal(
    titleOf('Ask', undefined, 'How do I find out which process listens on a port?'),
    'How do I find out which process listens…',
  );
  assert.equal(titleOf('Ask', undefined, 'x'.repeat(50)), `${'x'.repeat(40)}…`);
});

test('what a person or a server wrote is no markup', () => {
  assert.equal(escaped('a *b* <c> [d](e) `f` _g_'), 'a \\*b\\* \\<c> \\[d\\](e) \\`f\\` \\_g\\_');
  assert.equal(escaped('# no heading'), '\\# no heading');
  assert.equal(escaped('1. no list'), '1\\. no list');
  assert.equal(escaped('- no list'), '\\- no list');
  assert.equal(escaped('one\n\ntwo'), 'one two');
  assert.equal(escaped('0.0 s · 3-6'), '0.0 s · 3-6');
  assert.equal(
    escaped('vim: a vim<8: Vim: kate: kate-wildcard(a): ex:b'),
    'vim\\: a vim\\<8: Vim\\: kate\\: kate-wildcard\\(a): ex\\:b',
  );
  assert.equal(escaped('-*- LOCAL Variables: regex:'), '\\-\\*- LOCAL Variables\\: regex:');
});

test('a stopped answer is as the server ended it, with the remark below', () => {
  const one = turn();
  one.push({ kind: 'delta', seq: 0, text: '```py\nx' });
  assert.equal(answerBody(one), '```py\nx', 'while it grows it is as it is');
  one.push({ kind: 'delta', seq: 1, text: '\n```' });
  one.fail({ code: -32800 }, 3200);
  assert.equal(answerBody(one), '```py\nx\n```\n\n*Stopped. Retry for the whole answer.*');
});

test('a query is about the place as it is now, one with a version about the code as it was', () => {
  const at = (line: number) => ({ start: { line, character: 0 }, end: { line, character: 9 } });
  const conversation = new Conversation('1', 'Explain', { uri: 'file:///a.py', name: 'a.py', range: at(3) });
  const query = { uri: 'file:///a.py', range: at(3) };
  Object.assign(conversation.place ?? {}, { uri: 'file:///b.py', range: at(4) });
  assert.deepEqual(conversation.now({ ...query, question: 'Why?' }), {
    uri: 'file:///b.py',
    range: at(4),
    question: 'Why?',
  });
  assert.deepEqual(conversation.now({ ...query, version: 1 }), { ...query, version: 1 });
  assert.deepEqual(conversation.now({ conversation: '7' }), { conversation: '7' });
});

test('a very long answer leads to its document', () => {
  const one = turn();
  one.end({ ...result, text: 'x'.repeat(200_000) });
  assert.ok(answerBody(one).length < 100_000);
  assert.match(answerBody(one), /rest of this answer is in its document/);
  const conversation = new Conversation('1', 'Explain');
  conversation.turns.push(one);
  assert.ok(conversationDocument(conversation).length > 200_000);
});

test('of an answer that grows, as much is drawn however long it is', () => {
  const line = (i: number) => `Line **${i}** of the answer, which goes on and on.\n\n`;
  const long = Array.from({ length: 1000 }, (_, i) => line(i)).join('');
  const one = turn();
  const starts = new Set<number>();
  for (let seq = 0; seq * 37 < long.length; seq++) {
    one.push({ kind: 'delta', seq, text: long.slice(seq * 37, (seq + 1) * 37) });
    const body = answerBody(one);
    assert.ok(body.length < 5500, `${body.length} of ${one.text.length}`);
    assert.ok(body.startsWith(line(0).slice(0, one.text.length)));
    assert.ok(body.endsWith(one.text.slice(-1000)), 'the newest is there');
    assert.ok(one.text.length > 3700 || body === one.text);
    starts.add(one.text.length - (body.split('here when it is complete.*').at(-1) ?? '').length);
  }
  assert.ok(starts.size < long.length / 1250, 'it moves on by steps');
  one.end({ ...result, text: one.text });
  assert.ok(answerBody(one).startsWith(long.slice(0, 40_000)), 'and then it is whole');
  assert.ok(answerBody(one, 'running').length < 3000, 'until the next one grows');
  assert.ok(answerBody(one, 'running').startsWith(long.slice(0, 1900)));
});

test('a cut of an answer that grows leaves code what it is', () => {
  const one = turn();
  one.push({ kind: 'delta', seq: 0, text: `\`\`\`\`go\n${'x := 1\n'.repeat(3000)}` });
  const [first = '', , last = ''] = answerBody(one).split('\n\n');
  assert.match(first, /^````go\n(x := 1\n)+````$/);
  assert.match(last, /^````go\n(x := 1\n)+$/);
  const line = turn();
  line.push({ kind: 'delta', seq: 0, text: 'x'.repeat(20_000) });
  assert.ok(answerBody(line).length < 5500);
});

test('a document is the whole conversation', () => {
  const conversation = new Conversation('1', 'Explain total.py:3');
  const first = turn();
  first.end(result);
  const second = new Turn({ question: 'a\n*b*' }, 'a\n*b*', 0);
  conversation.turns.push(first, second);
  assert.equal(
    conversationDocument(conversation),
    '# Explain total.py:3\n\nHello, world\n\n*m · 3.2 s · 1234 tokens*\n\n> a\n> \\*b\\*\n\n*Waiting for the first word…*\n\n*answering…*\n',
  );
});
