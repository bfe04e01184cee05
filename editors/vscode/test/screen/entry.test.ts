// The ways in: code actions, context menu, keys, questions; and the commands
// around them.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, type SuiteContext, test } from 'node:test';
import { misspelt, total } from './code.ts';
import { launch, type VSCode } from './driver.ts';
import { upstream } from './upstream.ts';

const environmentKey = 'sk-of-the-environment';

let code: VSCode;

before(async () => {
  code = await launch({
    files: { 'total.py': total, 'area.ts': misspelt },
    env: { OPENAI_BASE_URL: process.env['UPSTREAM'] ?? '', OPENAI_API_KEY: environmentKey },
  });
});

afterEach((t) => code.keepFailure(t as SuiteContext));

after(async () => {
  await code.close();
});

interface Body {
  model: string;
  messages: { role: string; content: string }[];
}

async function body(): Promise<Body> {
  return JSON.parse((await upstream.requests()).at(-1)?.body ?? '{"messages":[]}') as Body;
}

/** Closes all editors once the last one, which opens by itself, is there. */
async function closeAll(last: string): Promise<void> {
  await code.until(
    'it is open',
    () => code.tabs(),
    (tabs) => tabs.includes(last),
  );
  await code.palette('View: Close All Editors');
  await code.until(
    'all are closed',
    () => code.tabs(),
    ({ length }) => length === 0,
  );
}

test('without an editor there is nothing to explain but an example', async () => {
  await code.palette('llmls: Explain');
  await code.until(
    'the message',
    () => code.notifications(),
    ([message]) => message?.startsWith('llmls: Open a file first: there is no code to explain.') === true,
  );
  assert.deepEqual(await code.texts('.notifications-toasts .monaco-button'), ['Explain an Example']);
  await code.palette('Notifications: Clear All Notifications');
});

test('without an editor a question is answered in a document', async () => {
  await upstream.scripts([{ answer: ['A monad is ', 'a monoid.'] }]);
  await code.palette('llmls: Ask…');
  await code.input('What is a monad?');
  await code.until(
    'the answer',
    () => code.editorText(),
    (text) => text.includes('> What is a monad?') && text.includes('A monad is a monoid.'),
  );
  await closeAll('Preview What is a monad.md');
});

test('a problem is explained from the light bulb, after the real fixes and without a sparkle', async () => {
  await upstream.scripts([{ answer: ['The name is misspelt.'] }]);
  await code.open('area.ts');
  await code.until(
    'TypeScript found the problem',
    () => code.page.locator('.squiggly-error').count(),
    (n) => n > 0,
  );
  await code.cursor(3, 12);
  const bulbs = code.page.locator('.lightBulbWidget, [class*="codicon-gutter-lightbulb"], .codicon-light-bulb');
  await bulbs.filter({ visible: true }).first().waitFor();
  assert.equal(await code.page.locator('[class*="sparkle"]').count(), 0);
  const titles = await code.codeActions("Change spelling to 'product'");
  await code.screenshot('lightbulb');
  const own = titles.findIndex((title) => title.startsWith('Explain problem: '));
  const real = titles.findIndex((title) => title.startsWith("Change spelling to 'product'"));
  assert.ok(real >= 0 && own > real, JSON.stringify(titles));
  await code.chooseCodeAction('Explain problem');
  await code.thread(
    'the explanation',
    ({ label, comments }) => label === 'Explain problem area.ts:3' && comments[0]?.body === 'The name is misspelt.',
  );
  assert.match((await body()).messages.at(-1)?.content ?? '', /Cannot find name 'prodct'/);
  await code.dismissAll();
});

test('without a selection the function around the cursor is explained', async () => {
  await upstream.scripts([{ answer: ['A function.'] }]);
  await code.cursor(2, 5);
  await code.page.locator('.breadcrumbs-control .label-name', { hasText: /^area$/ }).waitFor(); // TypeScript knows it
  await code.key('Control+k');
  await code.key('x');
  await code.thread('the function', ({ label }) => label === 'Explain area.ts:1-4');
  await code.dismissAll();
});

test('the context menu has one submenu', async () => {
  await upstream.scripts([{ answer: ['From the menu.'] }]);
  await code.open('total.py');
  await code.select(3, 4);
  await code.page
    .locator('.view-line', { hasText: 'result = 0' })
    .first()
    .click({ button: 'right', position: { x: 60, y: 8 } });
  await code.page
    .locator('.monaco-menu .action-item', { hasText: /^llmls$/ })
    .first()
    .hover();
  await code.page.locator('.monaco-menu .action-item', { hasText: /^Ask/ }).first().waitFor();
  await code.screenshot('context-menu');
  await code.page
    .locator('.monaco-menu .action-item', { hasText: /^Explain/ })
    .first()
    .click();
  await code.thread('the explanation', ({ comments }) => comments[0]?.body === 'From the menu.');
  await code.dismissAll();
});

test('a question has a history on the arrow keys', async () => {
  await upstream.scripts([{ answer: ['Because.'] }]);
  await code.focusEditor();
  await code.select(3, 4);
  await code.key('Control+k');
  await code.key('q');
  await code.input('Why a loop?');
  await code.thread(
    'question and answer',
    ({ label, comments }) =>
      label === 'Ask total.py:3-4' && comments[0]?.body === 'Why a loop?' && comments[1]?.body === 'Because.',
  );
  assert.match((await body()).messages.at(-1)?.content ?? '', /for item in items:[\s\S]*Why a loop\?/);
  await code.key('Control+k');
  await code.key('q');
  await code.box();
  await code.type('new');
  const value = () => code.page.inputValue('.quick-input-widget input:focus');
  for (const [key, seen] of [
    ['ArrowUp', 'Why a loop?'],
    ['ArrowUp', 'What is a monad?'],
    ['ArrowDown', 'Why a loop?'],
    ['ArrowDown', 'new'],
  ] as const) {
    await code.key(key);
    await code.until(`${key} shows ${seen}`, value, (text) => text === seen);
  }
  await code.key('Escape');
  await code.dismissAll();
});

test('inspect request shows what would be sent, and sends nothing', async () => {
  const before = (await upstream.requests()).length;
  await code.open('total.py');
  await code.select(3, 4);
  await code.palette('llmls: Inspect Request');
  await code.input('');
  const text = await code.until(
    'the request',
    () => code.editorText(),
    (seen) => seen.includes('# The request that would be sent'),
  );
  assert.match(text, /`POST http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions`/);
  assert.match(text, /key: OPENAI_API_KEY/);
  assert.doesNotMatch(text, new RegExp(environmentKey));
  assert.equal((await upstream.requests()).length, before);
  await code.screenshot('request');
});

test('show answers lists them and leads back', async () => {
  await code.palette('llmls: Show Answers');
  const rows = await code.until(
    'the answers',
    () => code.rows(),
    ({ length }) => length >= 3,
  );
  assert.match(rows[0] ?? '', /Why a loop\?/);
  await code.screenshot('answers');
  await code.page.locator('.quick-input-widget .monaco-list-row', { hasText: 'What is a monad?' }).click();
  await code.until(
    'its document',
    () => code.editorText(),
    (text) => text.includes('A monad is a monoid.'),
  );
  await closeAll('Preview What is a monad.md');
});

test('a retry from the message', async () => {
  await code.open('total.py');
  await code.cursor(3);
  await upstream.scripts([{ status: 400, message: 'No' }], [{ answer: ['Yes.'] }]);
  await code.palette('llmls: Explain');
  await code.until(
    'the message',
    () => code.notifications(),
    ({ length }) => length === 1,
  );
  await code.notificationButton('Retry');
  await code.thread('it answered', ({ comments }) => comments[0]?.body === 'Yes.');
  await code.dismissAll();
});

test('a restart, and a server that is killed, leave what had arrived', async () => {
  await upstream.scripts([{ delta: 'Already here.' }, { stall: true }]);
  const grows = () =>
    code.thread(
      'it grows',
      ({ label, comments }) => label.includes('answering') && comments[0]?.body === 'Already here.',
    );
  await code.palette('llmls: Explain');
  await grows();
  await code.palette('llmls: Restart Server');
  await code.thread(
    'it is marked',
    ({ comments }) =>
      comments[0]?.body.startsWith('Already here.\n\nAsk again after the restart: the answer was cut off') === true,
  );
  await upstream.last();
  await code.threadButton('Retry');
  await grows();
  process.kill(await code.serverProcess(), 'SIGKILL');
  await code.thread(
    'it is marked',
    ({ comments }) => comments[0]?.body.startsWith('Already here.\n\nThe server ended before the answer did.') === true,
  );
  await code.screenshot('server-gone');
  await upstream.scripts([{ answer: ['Whole.'] }]);
  await code.notificationButton('Retry');
  await code.thread('the whole answer', ({ comments }) => comments[0]?.body === 'Whole.');
  await code.dismissAll();
});

test('a server that keeps dying is started by the next question', async () => {
  for (let server = await code.serverProcess(); server !== 0; ) {
    process.kill(server, 'SIGKILL');
    server = await code.until(
      'it is started again, or given up',
      async () => ((await code.status()) === 'llmls' ? 0 : (code.servers().find((pid) => pid !== server) ?? -1)),
      (next) => next !== -1,
    );
  }
  await upstream.scripts([{ answer: ['Here again.'] }]);
  await code.palette('llmls: Explain');
  await code.thread('the answer', ({ comments }) => comments[0]?.body === 'Here again.');
  assert.deepEqual(await code.notifications(), []);
  await code.dismissAll();
});

test('it is activated after everything else', async (t) => {
  t.diagnostic(`activation: ${await code.activation()} ms`);
  const row = code.page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: /^llmls/ });
  assert.doesNotMatch(await row.innerText(), /Startup Activation/, 'not on *');
  await code.palette('View: Close All Editors');
  await code.open('total.py');
});

test('show log opens it', async () => {
  await code.palette('llmls: Show Log');
  await code.page.waitForSelector('.panel .output-view, .panel .monaco-editor');
  await code.palette('View: Hide Panel');
});

test('a reload of the window ends what is running and keeps what stands there', async () => {
  await upstream.scripts(
    [{ answer: ['It adds up.'] }],
    [{ answer: ['Yes.'] }],
    [{ answer: ['A mapping.'] }],
    [{ delta: 'Half.' }, { stall: true }],
  );
  await code.open('total.py');
  await code.dismissAll();
  await code.select(3, 4);
  await code.palette('llmls: Explain');
  await code.thread('the answer', ({ comments }) => comments[0]?.body === 'It adds up.');
  await code.reply('Is it *fast*?');
  await code.thread('the reply', ({ comments }) => comments[2]?.body === 'Yes.');
  await code.palette('View: Close All Editors');
  await code.palette('llmls: Ask…');
  await code.input('What is a functor?');
  await code.until(
    'the document',
    () => code.editorText(),
    (text) => text.includes('A mapping.'),
  );
  await code.open('total.py');
  await code.cursor(10);
  await code.palette('llmls: Explain');
  await code.thread('it grows', ({ comments }) => comments[0]?.body === 'Half.', 1);
  await code.kept('it is in the storage', (stored) => stored.includes('Half.'));
  await code.reload();
  await upstream.last();
  await code.open('total.py'); // VS Code itself may not have kept that it was open
  const { label, comments } = await code.thread('the thread is back', ({ comments }) => comments.length === 3);
  assert.equal(label, 'Explain total.py:3-4');
  assert.deepEqual(
    comments.map(({ author, body }) => `${author}: ${body}`),
    ['llmls: It adds up.', 'You: Is it *fast*?', 'llmls: Yes.'],
  );
  assert.match(comments[0]?.label ?? '', / · 1 token$/);
  await code.thread(
    'what had arrived',
    ({ label, comments }) =>
      label === 'Explain total.py:10 · stopped' &&
      comments[0]?.body === 'Half.\n\nStopped: the window was closed or reloaded. Retry for the whole answer.',
    1,
  );
  await code.screenshot('reloaded');
  await upstream.scripts([{ answer: ['Whole.'] }]);
  await code.threadButton('Retry', 1);
  await code.thread('the whole answer', ({ comments }) => comments[0]?.body === 'Whole.', 1);
  await code.palette('llmls: Show Answers');
  await code.page.locator('.quick-input-widget .monaco-list-row', { hasText: 'What is a functor?' }).click();
  await code.until(
    'the document is back',
    () => code.editorText(),
    (text) => text.includes('> What is a functor?') && text.includes('A mapping.'),
  );
});

test('a thread whose code has changed meanwhile does not come back', async () => {
  await code.palette('View: Close All Editors');
  await code.open('total.py');
  await code.thread('both', ({ comments }) => comments[0]?.body === 'Whole.', 1);
  await code.reopen(() => writeFileSync(path.join(code.folder, 'total.py'), total.replace('result = 0', 'result = 1')));
  await code.open('total.py'); // VS Code itself may not have kept that it was open
  await code.thread(
    'the one about other code',
    ({ label, comments }) => label === 'Explain total.py:10' && comments[0]?.body === 'Whole.',
  );
  const labels = (await code.threads()).map(({ label }) => label);
  assert.deepEqual([...new Set(labels)], ['Explain total.py:10']); // in each editor that shows the file
});

/** All key bindings of a window, as VS Code lists them. */
async function keyBindings(window: VSCode, modifier: 'Control' | 'Meta'): Promise<{ key: string; command: string }[]> {
  await window.palette('Preferences: Open Default Keyboard Shortcuts (JSON)');
  await window.page.waitForSelector('.tab.active:has-text("Default Keybindings")');
  await window.focusEditor();
  await window.key(`${modifier}+a`);
  await window.key('Control+c'); // the browser's own, wherever it is
  const text = await window.until(
    'all of them',
    () => window.page.evaluate(() => navigator.clipboard.readText()),
    (t) => t.includes('"llmls.explain"'),
  );
  await window.palette('View: Close All Editors');
  return [...text.matchAll(/"key": "([^"]+)",\s+"command": "([^"]+)"/g)].map(([, key = '', command = '']) => ({
    key,
    command,
  }));
}

function collisions(keys: { key: string; command: string }[]): unknown[] {
  assert.ok(keys.length > 500);
  const ours = keys.filter(({ command }) => command === 'llmls.explain' || command === 'llmls.ask');
  assert.equal(ours.length, 2);
  return ours.flatMap(({ key, command }) =>
    keys.filter(
      (one) =>
        one.command !== command &&
        (one.key === key ||
          one.key.startsWith(`${key} `) ||
          (key.startsWith(`${one.key} `) && !/^\w+\+k$/.test(one.key))),
    ),
  );
}

test('the two keys collide with no key of VS Code', async () => {
  assert.deepEqual(collisions(await keyBindings(code, 'Control')), []);
  const mac = await code.on('Macintosh'); // its server may outlive it, so this comes last
  const keys = await keyBindings(mac, 'Meta');
  assert.ok(keys.some(({ key }) => key === 'cmd+k x'));
  assert.deepEqual(collisions(keys), []);
  await mac.page.context().close();
});
