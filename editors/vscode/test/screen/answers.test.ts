// Conversations that outlive the window, and prompts of one's own.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, type SuiteContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { total } from './code.ts';
import { launch, type VSCode } from './driver.ts';
import { upstream } from './upstream.ts';

let code: VSCode;
const home = process.env['HOME'] ?? '';
const kept = path.join(home, '.local/state/llmls/conversations');

before(async () => {
  const prompts = path.join(home, '.config/llmls/prompts');
  mkdirSync(prompts, { recursive: true });
  writeFileSync(
    path.join(prompts, 'review.md'),
    `---\ntitle: Review this\ndescription: what is wrong with it\ninput: What worries you?\n---\nName what is wrong, first of all \${input}.\n`,
  );
  code = await launch({
    files: { 'total.py': total },
    env: { OPENAI_BASE_URL: process.env['UPSTREAM'] ?? '', OPENAI_API_KEY: 'sk-of-the-environment' },
  });
});

afterEach((t) => code.keepFailure(t as SuiteContext));

after(() => code.close());

/** The contents of the messages of the newest request. */
async function sent(): Promise<string> {
  const { body } = (await upstream.requests()).at(-1) ?? { body: '{"messages":[]}' };
  return (JSON.parse(body) as { messages: { content: string }[] }).messages.map(({ content }) => content).join('\n');
}

const files = () => readdirSync(kept).map((name) => readFileSync(path.join(kept, name), 'utf8'));

/** Waits until the files of conversations hold something. */
const inFiles = (what: string) =>
  code.until(
    `${what} is in a file`,
    async () => files().join('\n'),
    (text) => text.includes(what),
  );

/** Chooses the row of the list that has the text. */
async function choose(text: string): Promise<void> {
  await code.page.locator('.quick-input-widget .monaco-list-row', { hasText: text }).first().click();
}

/** Waits for words in the document that is shown. */
const document = (...words: string[]) =>
  code.until(
    'the document',
    () => code.editorText(),
    (text) => words.every((word) => text.includes(word)),
  );

test('a prompt is chosen from a list, asks for its input, and is about the selection', async () => {
  await upstream.scripts([{ answer: ['Nothing is wrong.'] }]);
  await code.open('total.py');
  await code.select(3, 6);
  await code.palette('llmls: Ask a Prompt…');
  await code.until(
    'the list',
    () => code.rows(),
    ([row]) => row?.includes('Review this') === true && row.includes('what is wrong with it'),
  );
  await code.screenshot('prompts');
  await choose('Review this');
  await code.until(
    'its question',
    () => code.texts('.quick-input-message'),
    ([text]) => text?.includes('What worries you?') === true,
  );
  await code.input('the price');
  const { comments } = await code.thread('the answer', ({ comments }) => comments[1]?.body === 'Nothing is wrong.');
  assert.equal(comments[0]?.body, 'Review this: the price');
  assert.match(await sent(), /result[\s\S]*Name what is wrong, first of all the price\./);
  await code.dismissAll();
});

test('a thread goes on with its conversation after a reload', async () => {
  await upstream.scripts([{ answer: ['It adds up.'] }], [{ answer: ['Yes, still.'] }]);
  await code.select(3, 4);
  await code.palette('llmls: Explain');
  await code.thread('the answer', ({ comments }) => comments[0]?.body === 'It adds up.');
  await inFiles('It adds up.');
  const before = files().length;
  await code.kept('the answer is in the storage', (stored) => stored.includes('It adds up.'));
  await code.cursor(3);
  await code.key('End');
  await code.type('  # in the middle of the code');
  await code.key('Control+s');
  const now = await code.until(
    'the file as it is now',
    async () => readFileSync(path.join(code.folder, 'total.py'), 'utf8').split('\n').slice(2, 4),
    ([third]) => third?.endsWith('of the code') === true,
  );
  const digests = ['', '\n'].map((end) =>
    createHash('sha256')
      .update(now.join('\n') + end)
      .digest('base64'),
  );
  await code.kept('and what its code is now', (stored) => digests.some((digest) => stored.includes(digest)));
  await code.reload();
  await code.open('total.py');
  await code.thread('the thread is back', ({ comments }) => comments[0]?.body === 'It adds up.');
  await code.reply('Is it so?');
  await code.thread('the reply', ({ comments }) => comments[2]?.body === 'Yes, still.');
  assert.match(await sent(), /It adds up\.\nIs it so\?/);
  await inFiles('Yes, still.');
  assert.equal(files().length, before);
});

test('an earlier conversation of the workspace is found by its words, read, and gone on with', async () => {
  const file = (name: string) => pathToFileURL(path.join(code.folder, name)).toString();
  const record = (uri: string, title: string, question: string, answer: string) =>
    `# ${title}\n\n## Question\n\n<!-- llmls: question ${JSON.stringify({ question, title, uri })} -->\n\n${question}\n\n` +
    `## Answer\n\n<!-- llmls: answer {"model":"m"} -->\n\n${answer}\n\n<!-- llmls: end {"finishReason":"stop"} -->\n\n*m · 1 s*\n\n`;
  writeFileSync(
    path.join(kept, '2026-10-01-EARLIR-1.md'),
    record(file('sum.py'), 'Ask about sum.py:1', 'Is it *fast*?', 'As the wind.'),
  );
  writeFileSync(
    path.join(kept, '2026-10-02-OTHERS-1.md'),
    record('file:///elsewhere/a.py', 'Ask about a.py:1', 'Where is it?', 'Away.'),
  );
  await upstream.scripts([{ answer: ['Faster.'] }]);
  await code.palette('llmls: Show Answers');
  const all = await code.until(
    'the list',
    () => code.rows(),
    (rows) => rows.some((row) => row.includes('Is it *fast*?')),
  );
  assert.ok(all.some((row) => row.includes('It adds up.')) && !all.some((row) => row.includes('Where is it?')));
  await code.page.mouse.move(600, 700); // no hint above the list
  await code.screenshot('earlier');
  await code.box();
  await code.page.keyboard.insertText('wind');
  await code.until(
    'what was found',
    () => code.rows(),
    (rows) => rows.length === 1 && rows[0]?.includes('Is it *fast*?') === true,
  );
  await choose('Is it *fast*?');
  await document('> Is it \\*fast\\*?', 'As the wind.', '*m · 1 s*');
  await code.page
    .locator('.tab', { hasText: /^Is it \*fast\*/ })
    .first()
    .click();
  await code.palette('llmls: Ask…');
  await code.input('How fast?');
  await document('As the wind.', '> How fast?', 'Faster.');
  assert.match(await sent(), /As the wind\.\nHow fast\?/);
  await inFiles('Faster.');
  assert.match(readFileSync(path.join(kept, '2026-10-01-EARLIR-1.md'), 'utf8'), /As the wind\.[\s\S]*Faster\./);
  await code.palette('View: Close All Editors');
});

test('one is deleted for good from the list, and then those of the workspace', async () => {
  await code.palette('llmls: Show Answers');
  const row = code.page.locator('.quick-input-widget .monaco-list-row', { hasText: 'How fast?' }).first();
  await row.hover();
  await row.locator('.action-label[aria-label="Delete for good"]').click();
  await code.page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Delete' }).click();
  await code.until(
    'its file is gone',
    async () => readdirSync(kept).join(),
    (names) => !names.includes('EARLIR'),
  );
  await code.palette('llmls: Delete Conversations…');
  await choose('Of this workspace');
  await code.page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Delete' }).click();
  await code.until(
    'the others are gone',
    async () => readdirSync(kept),
    (names) => names.join() === '2026-10-02-OTHERS-1.md',
  );
  await code.open('total.py');
  await code.until(
    'the threads, too',
    () => code.threads(),
    (threads) => threads.length === 0,
  );
  await code.kept('nothing is in the storage', (stored) => !/It adds up|As the wind/.test(stored));
  await code.reload();
  await code.palette('llmls: Show Answers');
  await code.until(
    'no answer is left, not even in the storage',
    () => code.rows(),
    (rows) => rows.length === 0,
  );
  await code.key('Escape');
});
