// An explanation that stays with the code and takes replies.

import assert from 'node:assert/strict';
import { after, afterEach, before, type SuiteContext, test } from 'node:test';
import { long, total } from './code.ts';
import { launch, type VSCode } from './driver.ts';
import { stepwise, upstream } from './upstream.ts';

let code: VSCode;

before(async () => {
  code = await launch({
    files: { 'total.py': total, 'long.txt': long },
    env: { OPENAI_BASE_URL: process.env['UPSTREAM'] ?? '', OPENAI_API_KEY: 'sk-of-the-environment' },
  });
});

afterEach((t) => code.keepFailure(t as SuiteContext));

after(() => code.close());

const pieces = [
  'Adds up the ',
  '**price** of each item, ',
  'times its `count`.\n\n',
  '```python\nresult = sum(i.price * i.count for i in items)\n```\n',
  'An empty list gives 0.',
];
const rendered =
  'Adds up the price of each item, times its count.\n\nresult = sum(i.price * i.count for i in items)\n\nAn empty list gives 0.';

/** Messages of the newest request, as "role: content". */
async function sent(): Promise<string[]> {
  const { body } = (await upstream.requests()).at(-1) ?? { body: '{"messages":[]}' };
  return (JSON.parse(body) as { messages: { role: string; content: string }[] }).messages.map(
    ({ role, content }) => `${role}: ${content}`,
  );
}

test('it grows below the selection, and nothing else moves', async () => {
  await upstream.scripts(stepwise('grow', pieces));
  await code.open('total.py');
  await code.select(3, 6);
  await code.palette('llmls: Explain');
  await code.thread(
    'a thread that waits',
    ({ label, comments }) =>
      label.startsWith('Explain total.py:3-6 · answering…') && comments[0]?.body === 'Waiting for the first word…',
  );
  await code.until(
    'the seconds in the status bar',
    () => code.status(),
    (text) => /^llmls \d+ s$/.test(text),
  );
  const spinning = await code.page.$$eval('.part.statusbar *', (all) =>
    all.filter((one) => getComputedStyle(one, '::before').animationName.includes('spin')),
  );
  assert.deepEqual(spinning, [], 'VS Code would draw the window in each frame, and keys wait for that');
  for (const [i, piece] of [
    'Adds up the',
    'Adds up the price of each item,',
    'Adds up the price of each item, times its count.',
  ].entries()) {
    await upstream.resume('grow');
    await code.thread(`piece ${i}`, ({ comments }) => comments[0]?.body === piece);
    assert.equal(await code.focus(), 'editor');
  }
  assert.ok((await code.page.locator('.view-overlays [class*="ced-"]').count()) > 0, 'the code is marked');
  assert.equal(await code.page.locator('.comment-diff-added').count(), 0, 'no line has a plus');
  await code.screenshot('growing');
  for (let i = 3; i <= pieces.length; i++) {
    await upstream.resume('grow');
  }
  const { buttons, comments } = await code.thread(
    'the whole answer',
    ({ label, buttons, comments }) =>
      label === 'Explain total.py:3-6' && buttons[0] !== 'Stop' && comments[0]?.body === rendered,
  );
  assert.match(comments[0]?.label ?? '', /^scripted · [\d.]+ s · 20 tokens$/);
  assert.deepEqual(buttons, ['More Detail', 'Retry', 'Copy Answer', 'Open as Document', 'Dismiss', 'Collapse']);
  assert.equal(await code.focus(), 'editor');
  assert.match(await code.position(), /^Ln 6, Col 18 \(\d+ selected\)$/);
  assert.equal(await code.page.locator('.panel .comments-panel').count(), 0, 'no panel opens by itself');
  await code.until(
    'the model in the status bar',
    () => code.status(),
    (text) => text.startsWith('llmls: '),
  );
  await code.screenshot('explained');
});

test('the reply box asks on in the same conversation', async () => {
  await upstream.scripts([{ answer: ['Then the loop never runs, ', 'and the result is 0.'] }]);
  await code.reply('And if `items` is empty?');
  const { comments } = await code.thread(
    'the reply and its answer',
    ({ comments }) => comments.at(-1)?.body === 'Then the loop never runs, and the result is 0.',
  );
  assert.deepEqual(
    comments.slice(1).map(({ author, body }) => `${author}: ${body}`),
    ['You: And if `items` is empty?', 'llmls: Then the loop never runs, and the result is 0.'],
  );
  const messages = await sent();
  assert.match(messages[1] ?? '', /^user: [\s\S]*result \+= item\.price/);
  assert.match(messages[2] ?? '', /^assistant: Adds up the/);
  assert.equal(messages[3], 'user: And if `items` is empty?');
});

test('more detail is one button away', async () => {
  await upstream.scripts([
    { answer: ['It starts with 0 and visits each item once. A price that is not a number raises a TypeError.'] },
  ]);
  await code.threadButton('More Detail');
  await code.thread(
    'more detail',
    ({ comments }) =>
      comments.at(-1)?.body ===
        'It starts with 0 and visits each item once. A price that is not a number raises a TypeError.' &&
      comments.at(-2)?.body === 'More detail',
  );
  assert.match((await sent()).at(-1) ?? '', /in more detail/);
  await code.screenshot('conversation');
});

test('copy takes the newest answer as it was written', async () => {
  await code.threadButton('Copy Answer');
  await code.until(
    'the clipboard has it',
    () => code.page.evaluate(() => navigator.clipboard.readText()),
    (text) => text === 'It starts with 0 and visits each item once. A price that is not a number raises a TypeError.',
  );
});

test('retry puts a new answer in the place of the last', async () => {
  await upstream.scripts([{ answer: ['Another way to say it.'] }]);
  await code.threadButton('Retry');
  const { comments } = await code.thread(
    'the new answer',
    ({ comments }) => comments.at(-1)?.body === 'Another way to say it.',
  );
  assert.equal(comments.length, 5);
});

test('the thread follows edits and survives switching files', async () => {
  await code.cursor(1);
  await code.type('# first\n');
  const line = () => code.page.$$eval('.comment-range-glyph, .comment-thread', (glyphs) => glyphs.length);
  assert.notEqual(await line(), 0);
  const shownBelow = () =>
    code.page.evaluate(() => {
      const top = document.querySelector('.review-widget')?.getBoundingClientRect().top ?? 0;
      const above = [...document.querySelectorAll('.editor-instance .view-line')].filter(
        (l) => l.getBoundingClientRect().top < top && !l.closest('.review-widget'),
      );
      return (
        (
          above.sort((a, b) => b.getBoundingClientRect().top - a.getBoundingClientRect().top)[0] as
            | HTMLElement
            | undefined
        )?.innerText.replace(/\u00a0/g, ' ') ?? ''
      );
    });
  await code.until('it stands below the code it explains', shownBelow, (text) => text.trim() === 'return result');
  await code.open('long.txt');
  await code.until(
    'no thread in another file',
    () => code.threads(),
    ({ length }) => length === 0,
  );
  await code.open('total.py');
  await code.thread('the thread is back', ({ comments }) => comments.length === 5);
  await code.until('below the same code', shownBelow, (text) => text.trim() === 'return result');
  await code.key('Control+z');
});

test('dismiss removes it', async () => {
  await code.threadButton('Dismiss');
  await code.until(
    'it is gone',
    () => code.threads(),
    ({ length }) => length === 0,
  );
});

test('streaming does not scroll', async () => {
  await upstream.scripts(stepwise('scroll', ['one\n\n', 'two\n\n', 'three\n\n', 'four\n\n']));
  await code.open('long.txt');
  await code.cursor(60);
  const at = await code.scroll();
  await code.palette('llmls: Explain');
  for (let i = 0; i < 5; i++) {
    await upstream.resume('scroll');
  }
  await code.thread(
    'the end',
    ({ label, comments }) => label === 'Explain long.txt:60' && comments[0]?.body.endsWith('four') === true,
  );
  assert.equal(await code.scroll(), at);
  assert.equal(await code.focus(), 'editor');
  await code.dismissAll();
});

test('of a long answer that grows, beginning and end are drawn, and all of it when it is complete', async () => {
  const sentences = Array.from({ length: 2000 }, (_, i) => `This is **sentence ${i}** of many.\n\n`);
  await upstream.scripts(stepwise('long', [sentences.slice(0, -2).join(''), ...sentences.slice(-2)]));
  await code.open('long.txt');
  await code.cursor(60);
  await code.palette('llmls: Explain');
  for (const i of [1997, 1998, 1999]) {
    await upstream.resume('long');
    const { comments } = await code.thread(
      `sentence ${i}`,
      ({ comments }) => comments[0]?.body.endsWith(`sentence ${i} of many.`) === true,
    );
    const body = comments[0]?.body ?? '';
    assert.match(body, /^This is sentence 0 of many\.\n\nThis is sentence 1 of many\./);
    assert.match(body, /What lies between is in the document of this answer, and here when it is complete\./);
    assert.ok(body.length < 5500, `${body.length} characters are drawn`);
  }
  await code.screenshot('long');
  await upstream.resume('long');
  await code.thread(
    'all of it',
    ({ comments }) => comments[0]?.body.includes('This is sentence 1000 of many.') === true,
  );
  await code.dismissAll();
});

test('several selections are explained as one excerpt', async () => {
  await upstream.scripts([{ answer: ['A name.'] }]);
  await code.open('total.py');
  const both = async () => {
    await code.cursor(3, 5);
    for (const seen of ['(6 selected)', '2 selections']) {
      await code.key('Control+d');
      await code.until(
        seen,
        async () => (await code.texts('.statusbar-item')).join(),
        (text) => text.includes(seen),
      );
    }
  };
  await both();
  await code.palette('llmls: Explain');
  await code.thread(
    'the answer',
    ({ label, comments }) => label === 'Explain total.py:3-5' && comments[0]?.body === 'A name.',
  );
  assert.match((await sent()).at(-1) ?? '', /result = 0\n {4}for item in items:\n {8}result/);
  await code.dismissAll();
  await both();
  await code.chooseCodeAction('Explain selection');
  await code.thread(
    'the same',
    ({ label, comments }) => label === 'Explain total.py:3-5' && comments[0]?.body === 'A name.',
  );
  await code.dismissAll();
});

test('stop keeps what arrived, closes the connection and leaves the conversation', async () => {
  await upstream.scripts([{ delta: 'The beginning ' }, { stall: true }], [{ answer: ['The rest.'] }]);
  await code.open('total.py');
  await code.select(9, 10);
  await code.palette('llmls: Explain');
  await code.thread('the beginning', ({ comments }) => comments[0]?.body === 'The beginning');
  await code.threadButton('Stop');
  const { label } = await code.thread(
    'it stopped',
    ({ comments }) => comments[0]?.body === 'The beginning\n\nStopped. Retry for the whole answer.',
  );
  assert.equal(label, 'Explain total.py:9-10 · stopped');
  await upstream.last();
  await code.screenshot('stopped');
  await code.reply('Go on.');
  await code.thread('the rest', ({ comments }) => comments.at(-1)?.body === 'The rest.');
  assert.deepEqual((await sent()).slice(2), ['assistant: The beginning ', 'user: Go on.']);
  await code.dismissAll();
});

test('the status bar stops too', async () => {
  await upstream.scripts([{ delta: 'Something ' }, { stall: true }]);
  await code.focusEditor();
  await code.palette('llmls: Explain');
  await code.thread('it grows', ({ comments }) => comments[0]?.body === 'Something');
  await code.until(
    'it counts seconds',
    () => code.status(),
    (text) => /^llmls [1-9]\d* s$/.test(text),
  );
  await code.page.locator('.statusbar-item', { hasText: 'llmls' }).first().click();
  const [first] = await code.until(
    'its menu',
    () => code.rows(),
    ({ length }) => length > 1,
  );
  assert.match(first ?? '', /Stop: Explain total\.py/);
  await code.screenshot('menu');
  await code.key('Enter');
  await code.thread('it stopped', ({ label }) => label.endsWith('stopped'));
  await upstream.last();
  await code.dismissAll();
});

test('a cut answer is marked', async () => {
  await upstream.scripts([{ delta: 'Half of ' }, { cut: true }]);
  await code.focusEditor();
  await code.palette('llmls: Explain');
  const { comments } = await code.thread(
    'it broke off',
    ({ comments }) => comments[0]?.body.includes('incomplete') === true,
  );
  assert.match(comments[0]?.body ?? '', /^Half of\n\nAsk again: the answer is incomplete, .* broke/);
  assert.match(comments[0]?.label ?? '', /^incomplete · /);
  await code.dismissAll();
});

test('open as document is live, with its preview beside it', async () => {
  await upstream.scripts(
    stepwise('document', [
      '## What it does\n\n',
      'It adds up the **price** of each item, times its `count`.\n\n',
      '- no items: `0`\n- a negative count lowers the sum\n',
    ]),
  );
  await code.focusEditor();
  await code.select(3, 4);
  await code.palette('llmls: Explain');
  await upstream.resume('document');
  await code.thread('it grows', ({ comments }) => comments[0]?.body === 'What it does');
  await code.threadButton('Open as Document');
  await code.until(
    'the document',
    () => code.editorText(),
    (text) => text.includes('# Explain total.py:3-4') && text.includes('## What it does'),
  );
  await upstream.resume('document');
  await code.until(
    'it grows too',
    () => code.editorText(),
    (text) => text.includes('the **price** of'),
  );
  await upstream.resume('document');
  await upstream.resume('document');
  await code.until(
    'its end',
    () => code.editorText(),
    (text) => /\n\*scripted · .* tokens\*\n/.test(text) && text.includes('- a negative count'),
  );
  await code.preview().locator('strong', { hasText: 'price' }).waitFor();
  assert.deepEqual((await code.tabs()).at(-1), 'Preview Explain total.py 3-4.md');
  await code.screenshot('document');
  await code.palette('View: Close All Editors');
});
