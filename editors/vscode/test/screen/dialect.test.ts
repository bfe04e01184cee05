// What endpoints do otherwise than most, as a person sees it in a thread.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, type SuiteContext, test } from 'node:test';
import { total } from './code.ts';
import { launch, type VSCode } from './driver.ts';
import { stepwise, upstream } from './upstream.ts';

const config = mkdtempSync(path.join(os.tmpdir(), 'llmls-config-'));

let code: VSCode;

before(async () => {
  const other = (process.env['UPSTREAM'] ?? '').replace('127.0.0.1', 'localhost');
  mkdirSync(path.join(config, 'llmls'));
  writeFileSync(
    path.join(config, 'llmls/config.toml'),
    `retries = 0\nfallback = ["spare"]\n[endpoints.spare]\nbaseUrl = "${other}"\nmodel = "theirs"\n`,
  );
  code = await launch({
    files: { 'total.py': total },
    env: { OPENAI_BASE_URL: process.env['UPSTREAM'] ?? '', OPENAI_API_KEY: 'sk-of-x', XDG_CONFIG_HOME: config },
  });
});

afterEach((t) => code.keepFailure(t as SuiteContext));

after(async () => {
  await code.close();
  rmSync(config, { recursive: true });
});

test('what turns out to be thinking leaves the thread, and its document', async () => {
  const pieces = ['Hm. The user asks. I see.', '\n</think>\n\n', 'Adds up the prices.'];
  await upstream.scripts(stepwise('refile', pieces));
  await code.open('total.py');
  await code.select(3, 6);
  await code.palette('llmls: Explain');
  await upstream.resume('refile');
  await code.thread('the thinking', ({ comments }) => comments[0]?.body.startsWith('Hm. The user asks.') === true);
  await code.screenshot('refiled-before');
  for (let i = 1; i <= pieces.length; i++) {
    await upstream.resume('refile');
  }
  const { comments } = await code.thread(
    'the answer alone',
    ({ label, comments }) => label === 'Explain total.py:3-6' && comments[0]?.body === 'Adds up the prices.',
  );
  assert.equal(comments.length, 1);
  await code.screenshot('refiled');
  await code.threadButton('Copy Answer');
  await code.until(
    'the clipboard has the answer',
    () => code.page.evaluate(() => navigator.clipboard.readText()),
    (text) => text === 'Adds up the prices.',
  );
  await code.dismissAll();
});

test('an answer of another endpoint says so', async () => {
  await upstream.scripts([{ status: 500, message: 'out of memory' }], [{ answer: ['Adds up ', 'the prices.'] }]);
  await code.select(3, 6);
  await code.palette('llmls: Explain');
  const { comments } = await code.thread(
    'the answer and who gave it',
    ({ label, comments }) =>
      label === 'Explain total.py:3-6' && comments[0]?.body.startsWith('Adds up the prices.') === true,
  );
  assert.match(
    comments[0]?.body ?? '',
    /^Adds up the prices\.\s+spare answered instead of default, which failed \(HTTP 500: out of memory\)\.$/,
  );
  await code.screenshot('fallback');
  const requests = await upstream.requests();
  assert.deepEqual(
    requests.slice(-2).map(({ body }) => (JSON.parse(body) as { model: string }).model === 'theirs'),
    [false, true],
  );
  assert.equal(requests.at(-1)?.authorization, '', "the key of one endpoint is not the other's");
  await code.dismissAll();
});
