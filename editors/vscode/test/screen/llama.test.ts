// Once against a real llama-server, whose scripted model has a known answer.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { total } from './code.ts';
import { launch } from './driver.ts';

test('the answer of a real server arrives to the byte', async (t) => {
  const code = await launch({
    files: { 'total.py': total },
    env: { OPENAI_BASE_URL: process.env['LLAMA'] ?? '' },
    height: 1000,
  });
  t.after(() => code.close());
  await code.open('total.py');
  await code.select(1, 6);
  await code.palette('llmls: Explain');
  const { comments } = await code.thread(
    'the whole answer',
    ({ label, buttons }) => label === 'Explain total.py:1-6' && buttons.includes('Retry'),
  );
  assert.match(comments[0]?.label ?? '', / m?s · \d+ tokens$/);
  await code.threadButton('Copy Answer');
  const script = readFileSync(process.env['SCRIPT'] ?? '', 'utf8');
  await code.until(
    'its exact text in the clipboard',
    () => code.page.evaluate(() => navigator.clipboard.readText()),
    (text) => text === script,
  );
  await code.screenshot('llama-server');
});
