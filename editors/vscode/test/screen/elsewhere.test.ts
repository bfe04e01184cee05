// Answers whose code is renamed, gone or where no thread is seen: nothing that was
// asked is lost from sight.

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, type SuiteContext, test } from 'node:test';
import { total } from './code.ts';
import { launch, type VSCode } from './driver.ts';
import { upstream } from './upstream.ts';

const notebook = JSON.stringify({
  cells: [
    { cell_type: 'code', source: ['a = [1, 2]\n', 'sum(a)'], metadata: {}, outputs: [], execution_count: null },
    { cell_type: 'markdown', source: ['What a sum is for.'], metadata: {} },
  ],
  metadata: { language_info: { name: 'python' } },
  nbformat: 4,
  nbformat_minor: 5,
});

/** The most that VS Code shows to extensions is 50 MB. */
const tooLong = 'word '.repeat(11 << 20);

let code: VSCode;

before(async () => {
  code = await launch({
    files: { 'lib/inner.py': total, 'total.py': total, 'book.ipynb': notebook, 'long.txt': tooLong },
    settings: { 'workbench.editorLargeFileConfirmation': 1000, 'files.simpleDialog.enable': true },
    env: { OPENAI_BASE_URL: process.env['UPSTREAM'] ?? '', OPENAI_API_KEY: 'sk-of-the-environment' },
  });
});

afterEach((t) => code.keepFailure(t as SuiteContext));

after(() => code.close());

async function explained(label: string, answer: string): Promise<void> {
  await upstream.scripts([{ answer: [answer] }]);
  await code.palette('llmls: Explain');
  await code.thread(answer, (thread) => thread.label === label && thread.comments[0]?.body === answer);
}

async function rename(from: string, to: string): Promise<void> {
  await code.page.locator('.explorer-folders-view .monaco-list-row', { hasText: from }).first().click();
  await code.key('F2');
  const box = code.page.locator('.explorer-item-edited input');
  await box.fill(to);
  await box.press('Enter');
  await code.page.locator('.explorer-folders-view .monaco-list-row', { hasText: to }).first().waitFor();
}

/** Waits for a document that says why and has the answer. */
async function asDocument(why: string, answer: string): Promise<void> {
  await code.until(
    'its document',
    () => code.editorText(),
    (text) => text.replace(/\s+/g, ' ').includes(`*${why}* ${answer}`),
  );
}

const row = (answer: string) => code.page.locator('.quick-input-widget .monaco-list-row', { hasText: answer });

async function showAnswer(answer: string): Promise<void> {
  await code.palette('llmls: Show Answers');
  await row(answer).click();
}

const shown = (answer: string) => code.thread(answer, ({ comments }) => comments[0]?.body === answer);

const gone = () =>
  code.until(
    'no thread is seen',
    () => code.threads(),
    ({ length }) => length === 0,
  );

test('an answer whose thread was collapsed is found again', async () => {
  await upstream.scripts([{ answer: ['Collapsed.'] }]);
  await code.open('total.py');
  await code.cursor(3);
  await code.palette('llmls: Explain');
  await shown('Collapsed.');
  await code.threadButton('Collapse');
  await gone();
  await showAnswer('Collapsed.');
  await shown('Collapsed.');
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
  await upstream.scripts([{ answer: ['In peace.'] }]);
  await code.palette('llmls: Explain');
  await upstream.last();
  await code.palette('llmls: Show Answers');
  await row('In peace.').hover();
  await code.screenshot('zen');
  await row('In peace.').locator('.action-label[aria-label="Open as Document"]').click();
  await code.until(
    'its document',
    () => code.editorText(),
    (text) => text.includes('# Explain total.py:3') && text.includes('In peace.'),
  );
  await zen(false);
  await showAnswer('In peace.');
  await shown('In peace.');
  await code.dismissAll();
});

test('of several cursors without a selection the lines between them are explained', async () => {
  await code.open('total.py');
  await code.cursor(3, 1);
  await code.palette('Add Cursor Below');
  await code.palette('Add Cursor Below');
  await explained('Explain total.py:3-5', 'Three lines.');
  await code.dismissAll();
  await code.palette('View: Close All Editors');
});

test('a thread goes along when its file, or a folder above it, is renamed', async () => {
  await code.open('total.py');
  await code.cursor(3);
  await explained('Explain total.py:3', 'Nothing yet.');
  await rename('total.py', 'sum.py');
  const there = (label: string) =>
    code.thread(label, (one) => one.label === label && one.comments[0]?.body === 'Nothing yet.');
  await there('Explain sum.py:3');
  await code.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'lib' }).first().click();
  await code.open('inner.py');
  await code.cursor(6);
  await explained('Explain inner.py:6', 'All of it.');
  await rename('lib', 'src');
  await code.palette('View: Close All Editors');
  await showAnswer('All of it.');
  await code.thread(
    'it is there',
    ({ label, comments }) => label === 'Explain inner.py:6' && comments[0]?.body === 'All of it.',
  );
  await code.palette('View: Close All Editors');
  await showAnswer('Nothing yet.');
  await there('Explain sum.py:3');
});

test('a thread goes along when a document without a file is saved', async () => {
  await code.palette('File: New Untitled Text File');
  await code.focusEditor();
  await code.type('answer = 42');
  await explained('Explain Untitled-1:1', 'A number.');
  await code.key('Control+s');
  await code.box();
  const name = code.page.locator('.quick-input-widget input').first();
  await code.until(
    'a name is proposed',
    () => name.inputValue(),
    (value) => value.endsWith('answer = 42'),
  );
  await name.fill(path.join(code.folder, 'answer.py'));
  await code.key('Enter');
  await code.thread(
    'it is there',
    ({ label, comments }) => label === 'Explain answer.py:1' && comments[0]?.body === 'A number.',
  );
});

test('the answer of a document that was closed unsaved is a document', async () => {
  await code.palette('File: New Untitled Text File');
  await code.focusEditor();
  await code.type('a');
  await explained('Explain Untitled-1:1', 'A letter.');
  await code.focusEditor();
  await code.key('Backspace'); // what is empty is closed without a question
  await code.until(
    'it is empty',
    () => code.editorText(),
    (text) => text.trim() === '',
  );
  await code.palette('View: Close All Editors');
  await code.until(
    'it is closed',
    () => code.tabs(),
    ({ length }) => length === 0,
  );
  await showAnswer('A letter.');
  await asDocument('Untitled-1 is not there any more.', 'A letter.');
  await code.palette('View: Close All Editors');
});

test('the answer of a file that is gone is a document', async () => {
  await code.palette('View: Close All Editors');
  await code.reopen(() => rmSync(path.join(code.folder, 'sum.py')));
  await showAnswer('Nothing yet.');
  await asDocument('sum.py is not there any more.', 'Nothing yet.');
  await code.palette('View: Close All Editors');
});

test('the answer of a cell is a document beside the notebook', async () => {
  await upstream.scripts([{ answer: ['The sum is 3.'] }]);
  await code.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'book.ipynb' }).first().dblclick();
  await code.page.locator('.notebookOverlay .cell .view-line', { hasText: 'sum(a)' }).first().click();
  await code.palette('llmls: Explain');
  await asDocument('VS Code shows no comments in a notebook.', 'The sum is 3.');
  assert.equal(await code.page.locator('.editor-group-container').count(), 2);
  await code.screenshot('notebook');
  await code.palette('View: Close All Editors');
});

test('a cell of Markdown that is only shown is explained as well', async () => {
  await upstream.scripts([{ answer: ['It says what for.'] }]);
  await code.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'book.ipynb' }).first().dblclick();
  await code.page.locator('.notebookOverlay .cell .view-line', { hasText: 'sum(a)' }).first().click();
  await code.key('Escape');
  await code.key('ArrowDown');
  await code.palette('llmls: Explain');
  await asDocument('VS Code shows no comments in a notebook.', 'It says what for.');
  await code.palette('View: Close All Editors');
});

test('of a file that VS Code hides the message says why', async () => {
  await code.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'long.txt' }).first().dblclick();
  await code.page.locator('.editor-group-container.active .view-line', { hasText: 'word' }).first().waitFor();
  await code.palette('llmls: Explain');
  await code.until(
    'the message',
    () => code.notifications(),
    ([message]) => message?.includes('this one is over 50 MB') === true,
  );
  await code.palette('View: Close All Editors');
});

test('where comments are off, an answer is a document beside the code', async () => {
  const settings = path.join(code.dir, 'data/User/settings.json');
  const off = { ...JSON.parse(readFileSync(settings, 'utf8')), 'comments.visible': false };
  await code.reopen(() => writeFileSync(settings, JSON.stringify(off)));
  await code.open('answer.py');
  await upstream.scripts([{ answer: ['Still a number.'] }]);
  await code.palette('llmls: Explain');
  const why = 'Comments are off: set comments.visible to see answers at the code.';
  await asDocument(why, 'Still a number.');
  await code.palette('View: Close All Editors');
  await showAnswer('Still a number.');
  await asDocument(why, 'Still a number.');
});
