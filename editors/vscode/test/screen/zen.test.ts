// Answers whose threads are not seen, although comments are on.

import { after, afterEach, before, type SuiteContext, test } from 'node:test';
import { total } from './code.ts';
import { launch, type VSCode } from './driver.ts';
import { upstream } from './upstream.ts';

let code: VSCode;

before(async () => {
  code = await launch({
    files: { 'total.py': total },
    env: { OPENAI_BASE_URL: process.env['UPSTREAM'] ?? '', OPENAI_API_KEY: 'sk-of-the-environment' },
  });
  await code.open('total.py');
});

afterEach((t) => code.keepFailure(t as SuiteContext));

after(() => code.close());

const there = (answer: string) => code.thread(answer, ({ comments }) => comments[0]?.body === answer);

const gone = () =>
  code.until(
    'no thread is seen',
    () => code.threads(),
    ({ length }) => length === 0,
  );

const row = (answer: string) => code.page.locator('.quick-input-widget .monaco-list-row', { hasText: answer });

test('an answer whose thread was collapsed is found again', async () => {
  await upstream.scripts([{ answer: ['Nothing yet.'] }]);
  await code.cursor(3);
  await code.palette('llmls: Explain');
  await there('Nothing yet.');
  await code.threadButton('Collapse');
  await gone();
  await code.palette('llmls: Show Answers');
  await row('Nothing yet.').click();
  await there('Nothing yet.');
  await code.dismissAll();
});

test('an answer in Zen mode, where VS Code shows no comments, is read as a document and is a thread afterwards', async () => {
  const zen = async (hidden: boolean) => {
    await code.palette('View: Toggle Zen Mode');
    await code.until(
      'the side bar',
      () => code.page.locator('.part.sidebar').isVisible(),
      (visible) => visible !== hidden,
    );
  };
  await zen(true);
  await upstream.scripts([{ answer: ['All of it.'] }]);
  await code.palette('llmls: Explain');
  await upstream.last();
  await code.palette('llmls: Show Answers');
  await row('All of it.').hover();
  await code.screenshot('zen');
  await row('All of it.').locator('.action-label[aria-label="Open as Document"]').click();
  await code.until(
    'its document',
    () => code.editorText(),
    (text) => text.includes('# Explain total.py:3') && text.includes('All of it.'),
  );
  await zen(false);
  await code.palette('llmls: Show Answers');
  await row('All of it.').click();
  await there('All of it.');
});
