// What the definition providers of VS Code know goes along, and none of them can hold a
// question up.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, type SuiteContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { launch, type VSCode } from './driver.ts';
import type { Definition } from './provider.ts';
import { upstream } from './upstream.ts';

const code = `def total(xs):
    é = deduced(); é.go_on(xs)
    return withheld(broken, archived, piped, large, gone, deep)
`;

const dir = mkdtempSync(path.join(os.tmpdir(), 'llmls-known-'));
const definitions = path.join(dir, 'definitions.json');
const asked = `${definitions}.asked`;
const lib = path.join(dir, 'lib');

let window: VSCode;

before(async () => {
  mkdirSync(lib);
  writeFileSync(path.join(lib, 'deduced.py'), "x = 1\n\n# Deduced is outside.\ndef deduced():\n    return 'body'\n");
  writeFileSync(path.join(lib, '.env'), 'def xs(): canary\n');
  writeFileSync(path.join(lib, 'large.py'), `def large(): canary\n${'#\n'.repeat(600_000)}`);
  execFileSync('mkfifo', [path.join(lib, 'pipe.py')]);
  const provider = path.join(dir, 'test.provider-1.0.0');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'provider.ts')],
    outfile: path.join(provider, 'main.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
  });
  writeFileSync(
    path.join(provider, 'package.json'),
    JSON.stringify({
      name: 'provider',
      publisher: 'test',
      version: '1.0.0',
      engines: { vscode: '^1.101.0' },
      main: './main.js',
      activationEvents: ['onStartupFinished'],
    }),
  );
  knows({});
  window = await launch({
    files: {
      'total.py': code,
      'far/away.py': 'class Far:\n    def go_on(self, xs):\n        pass\n',
      'far/secret.py': 'def withheld(): canary\n',
      '.aiignore': 'secret.py\n',
    },
    env: {
      OPENAI_BASE_URL: process.env['UPSTREAM'] ?? '',
      OPENAI_API_KEY: 'sk-of-the-environment',
      DEFINITIONS: definitions,
    },
    also: provider,
  });
  await window.open('total.py');
});

afterEach((t) => window.keepFailure(t as SuiteContext));

after(async () => {
  await window.close();
  rmSync(dir, { recursive: true });
});

/** What the provider answers from now on, by name. */
function knows(names: Record<string, Definition[]>): void {
  writeFileSync(definitions, JSON.stringify(names));
  rmSync(asked, { force: true });
}

const at = (file: string, line: number): Definition & { uri: string } => ({ uri: `${pathToFileURL(file)}`, line });
const inside = (name: string, line: number) => at(path.join(window.folder, name), line);
const outside = (name: string, line: number) => at(path.join(lib, name), line);

/** The last message of the newest request. */
async function prompt(): Promise<string> {
  const { messages } = JSON.parse((await upstream.requests()).at(-1)?.body ?? '{"messages":[]}') as {
    messages: { content: string }[];
  };
  return messages.at(-1)?.content ?? '';
}

/** Explains the lines, waits for the answer, and returns what was sent. */
async function explained(first: number, last: number): Promise<string> {
  await window.select(first, last);
  await window.key('Control+k');
  await window.key('x');
  await window.thread('the answer', ({ comments }) => comments[0]?.body.startsWith('Said.') === true);
  await window.dismissAll();
  return prompt();
}

/** Explains the lines until what is sent has all of some words: where this machine is busy, 200 ms are short. */
function sent(first: number, last: number, ...words: string[]): Promise<string> {
  return window.until(
    words.join(),
    () => explained(first, last),
    (text) => words.every((word) => text.includes(word)),
  );
}

test('a definition that a provider knows is sent, of a file that may be sent', async () => {
  await upstream.scripts([{ answer: ['Said.'] }]);
  await window.until(
    'the provider is there',
    async () => {
      await explained(1, 3);
      return existsSync(asked);
    },
    Boolean,
  );
  assert.doesNotMatch(await prompt(), /go_on\(self|Deduced/);
  knows({
    go_on: [inside('far/away.py', 1)],
    deduced: [
      { ...outside('deduced.py', 3), as: 'link' },
      { ...at('/gone.py', 0), as: 'link' },
    ],
    xs: [outside('.env', 0)],
    withheld: [inside('far/secret.py', 0)],
    broken: [{ throws: 'No' }],
    archived: [{ uri: 'jdt://x/y.class', line: 0 }],
    piped: [outside('pipe.py', 0)],
    large: [outside('large.py', 0)],
    gone: [at('/gone.py', 0), inside('far/away.py', 0)],
    deep: [inside('far/away.py', 9000)],
  });
  await sent(1, 3, 'def go_on(self, xs):', '# Deduced is outside.\ndef deduced():\n', 'class Far:');
});

test('a question goes out without what comes too late', async () => {
  knows({ deduced: [{ never: true }], go_on: [inside('far/away.py', 1)] });
  assert.doesNotMatch(await sent(1, 3, 'def go_on(self, xs):'), /Deduced/);
  assert.match(readFileSync(asked, 'utf8'), /^deduced$/m);
});

test('code that is edited meanwhile is asked about where it is now', async () => {
  knows({ deduced: [{ never: true, insert: '# new\n' }] });
  let line = 2;
  await window.until(
    'it was edited before it was sent',
    async () => {
      const text = await explained(line, line);
      assert.match(text, /Selected code[^`]+`total\.py`, line \d+(?: of \d+)?:\n```python\n {4}é = deduced/);
      await window.until(
        'it was edited',
        () => window.editorText(),
        (seen) => seen.split('# new\n').length === line,
      );
      line++;
      return text;
    },
    (text) => text.includes(`line ${line} of `),
  );
});

test('and so is code that is edited while the question is typed', async () => {
  knows({});
  const line = (await window.editorText()).split('\n').findIndex((text) => text.includes('deduced')) + 1;
  await window.select(line, line);
  await window.key('Control+k');
  await window.key('q');
  await window.box();
  await window.page.keyboard.insertText('Why?');
  await window.page.locator('.editor-group-container.active .view-line', { hasText: 'return' }).first().click();
  await window.key('Control+Home');
  await window.type('# newer\n');
  await window.page.locator('.quick-input-widget input').first().click();
  await window.key('Enter');
  await window.thread('the answer', ({ comments }) => comments[1]?.body === 'Said.');
  assert.match(
    await prompt(),
    new RegExp(`\`total\\.py\`, line ${line + 1}(?: of \\d+)?:\\n\`+python\\n {4}é = deduced`),
  );
  await window.dismissAll();
});

test('a stop meanwhile sends nothing', async () => {
  knows({ return: [{ never: true, command: 'llmls.stop' }] });
  const line = (await window.editorText()).split('\n').findIndex((text) => text.includes('return')) + 1;
  const before = (await upstream.requests()).length;
  await window.select(line, line);
  await window.key('Control+k');
  await window.key('x');
  await window.thread('it is stopped', ({ label }) => label === `Explain total.py:${line} · stopped`);
  await window.dismissAll();
  knows({});
  assert.match(await explained(line, line), /return withheld/);
  assert.equal((await upstream.requests()).length, before + 1);
});

/** Opens the box for a question, and types its beginning. */
async function begin(question: string): Promise<void> {
  await window.focusEditor();
  await window.key('Control+k');
  await window.key('q');
  await window.box();
  await window.type(question);
}

/** Waits until the box holds the question, and below it stand rows that begin so. */
async function box(question: string, ...rows: string[]): Promise<void> {
  await window.until(
    `${question} and ${rows}`,
    async () => [await window.page.inputValue('.quick-input-widget input:focus'), ...(await window.rows())],
    ([value, ...seen]) =>
      value === question && seen.length === rows.length && rows.every((row, i) => seen[i]?.startsWith(row)),
  );
}

test('what a question mentions is completed where it is typed', async () => {
  await begin('Why #');
  await box('Why #', 'Ask', 'file:', 'symbol:', 'diff');
  await window.screenshot('mentions');
  await window.type('f');
  await box('Why #f', 'Ask', 'file:');
  await window.key('Tab');
  await box('Why #file:', 'Ask', 'far/', 'total.py');
  await window.type('f');
  await box('Why #file:f', 'Ask', 'far/');
  await window.key('ArrowDown');
  await window.key('Enter');
  await box('Why #file:far/', 'Ask', 'far/away.py'); // the other one may not be sent
  await window.key('Tab');
  await box('Why #file:far/away.py');
  await window.type('?');
  await window.key('Enter');
  await window.thread('the answer', ({ comments }) => comments[0]?.body === 'Why #file:far/away.py?');
  await window.thread('the answer', ({ comments }) => comments[1]?.body === 'Said.');
  assert.match(await prompt(), /class Far:\n {4}def go_on\(self, xs\):\n {8}pass/);
});

test('and in the box for a reply', async () => {
  await window.replyBox();
  await window.type('And #');
  const offered = (...mentions: string[]) =>
    window.until(
      `${mentions}`,
      () => window.texts('.suggest-widget.visible .monaco-list-row .label-name'),
      (seen) => seen.join() === mentions.join(),
    );
  await offered('#diff', '#file:', '#symbol:');
  await window.screenshot('mentions in a reply');
  await window.type('fi');
  await offered('#file:');
  await window.key('Tab');
  await offered('#file:far/', '#file:total.py');
  await window.key('Tab');
  await offered('#file:far/away.py');
  await window.key('Tab');
  await window.key('Control+Enter');
  await window.thread(
    'the answer',
    ({ comments }) => comments[2]?.body === 'And #file:far/away.py' && comments[3]?.body === 'Said.',
  );
  await window.dismissAll();
});

test('Enter asks what was typed, and Escape leaves it there', async () => {
  await begin('Is it #f');
  await box('Is it #f', 'Ask', 'file:');
  await window.key('Enter');
  await window.thread('as it was typed', ({ comments }) => comments[0]?.body === 'Is it #f');
  await window.thread('the answer', ({ comments }) => comments[1]?.body === 'Said.');
  await window.dismissAll();
  await begin('Is it #d');
  await box('Is it #d', 'Ask', 'diff');
  await window.key('Escape');
  await box('Is it #d');
  await window.key('ArrowUp');
  await box('Is it #f', 'Ask', 'file:');
  await window.key('Escape');
  await box('Is it #f'); // the arrows are those of the rows until then
  await window.key('ArrowDown');
  await box('Is it #d', 'Ask', 'diff');
  await window.key('Escape');
  await box('Is it #d');
  await window.key('Escape');
  await window.until(
    'the box is closed',
    () => window.focus(),
    (focus) => focus === 'editor',
  );
});

test('what must stay was in no request', async () => {
  const all = await upstream.requests();
  assert.ok(all.length > 4 && all.every(({ body }) => !body.includes('canary')));
});
