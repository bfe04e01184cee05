// What is set up in VS Code: model, endpoint, key, and where the server is; and what
// leads there.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, type SuiteContext, test } from 'node:test';
import { total } from './code.ts';
import { launch, type VSCode } from './driver.ts';
import { upstream } from './upstream.ts';

const environmentKey = 'sk-of-the-environment';
const givenKey = 'sk-given-in-the-box-0123456789';

const config = mkdtempSync(path.join(os.tmpdir(), 'llmls-config-'));

let code: VSCode;

before(async () => {
  const other = (process.env['UPSTREAM'] ?? '').replace('127.0.0.1', 'localhost');
  mkdirSync(path.join(config, 'llmls'));
  writeFileSync(path.join(config, 'llmls/config.toml'), `[endpoints.other]\nbaseUrl = "${other}"\nmodel = "theirs"\n`);
  code = await launch({
    files: { 'total.py': total },
    env: { OPENAI_BASE_URL: process.env['UPSTREAM'] ?? '', OPENAI_API_KEY: environmentKey, XDG_CONFIG_HOME: config },
  });
});

afterEach((t) => code.keepFailure(t as SuiteContext));

after(async () => {
  await code.close();
  rmSync(config, { recursive: true });
});

test('select model offers the list of the endpoint and any name', async () => {
  await upstream.scripts([
    { json: '{"object":"list","data":[{"id":"small","object":"model"},{"id":"large","object":"model"}]}' },
  ]);
  await code.palette('llmls: Select Model');
  await code.until(
    'the list',
    () => code.rows(),
    (rows) => rows.join() === 'small,large',
  );
  await code.screenshot('models');
  await code.type('my-own');
  await code.until(
    'what was typed',
    () => code.rows(),
    (rows) => rows.includes('Use "my-own"'),
  );
  await code.key('Enter');
  await code.until(
    'the model in the status bar',
    () => code.status(),
    (text) => text === 'llmls: my-own',
  );
  assert.match(readFileSync(path.join(code.dir, 'data/User/settings.json'), 'utf8'), /"llmls\.model": "my-own"/);
});

test('select endpoint offers those of config.toml, and the model goes with it', async () => {
  const settings = (of: string) => readFileSync(path.join(code.dir, `data/${of}/settings.json`), 'utf8');
  const choose = async (name: string, model: string) => {
    await code.palette('llmls: Select Endpoint');
    await code.until(
      'the endpoints',
      () => code.rows(),
      (rows) => rows.length === 2 && rows.some((row) => row.startsWith('other') && row.includes('theirs')),
    );
    await code.screenshot('endpoints');
    await code.type(name);
    await code.until(
      'the one that was typed',
      () => code.rows(),
      (rows) => rows.length === 1 && rows[0]?.startsWith(name) === true,
    );
    await code.key('Enter');
    await code.until(
      'its model in the status bar',
      () => code.status(),
      (text) => text === `llmls: ${model}`,
    );
  };
  await choose('other', 'theirs');
  assert.match(settings('Machine'), /"llmls\.endpoint": "other"/);
  assert.doesNotMatch(settings('User'), /llmls\.model/);
  await choose('default', 'gpt-4o-mini');
});

test('select model takes any name where the endpoint has no list', async () => {
  await upstream.scripts([{ status: 404, message: 'No such path' }]);
  await code.palette('llmls: Select Model');
  await code.until(
    'that there is none',
    () => code.rows(),
    ([row]) => row?.startsWith('The endpoint lists no models; type a name.') === true,
  );
  await code.type('another');
  await code.until(
    'what was typed',
    () => code.rows(),
    (rows) => rows.includes('Use "another"'),
  );
  await code.key('Escape');
});

test('check setup says whether it works', async () => {
  await upstream.scripts([{ answer: ['ready'] }]);
  await code.palette('llmls: Check Setup');
  const text = await code.until(
    'the report',
    () => code.editorText(),
    (seen) => seen.includes('It works.'),
  );
  assert.match(text, /model +gpt-4o-mini/);
  await code.screenshot('check');
  await code.palette('View: Close All Editors');
  const local = (process.env['UPSTREAM'] ?? '').replace('127.0.0.1', 'localhost');
  await code.machineSettings({ 'llmls.baseUrl': local }, 'localhost');
  await code.palette('llmls: Check Setup');
  await code.until(
    'the endpoint of VS Code',
    () => code.editorText(),
    (seen) => seen.includes(`In VS Code, llmls.baseUrl is ${local}\nscripted answered`),
  );
  await code.machineSettings({}, '127.0.0.1');
  await code.palette('View: Close All Editors');
});

test('a wrong key: the message has buttons, and a new key goes nowhere but to the endpoint', async () => {
  await upstream.scripts([{ status: 401, message: 'Incorrect API key provided' }], [{ answer: ['Now it works.'] }]);
  await code.open('total.py');
  await code.cursor(3);
  await code.palette('llmls: Explain');
  const { comments } = await code.thread('it failed', ({ label }) => label.endsWith('failed'));
  assert.match(comments[0]?.body ?? '', /Set a valid key .* refused the key/);
  const [message] = await code.until(
    'the message',
    () => code.notifications(),
    ({ length }) => length === 1,
  );
  assert.match(message ?? '', /refused the key/);
  assert.deepEqual(await code.texts('.notifications-toasts .monaco-button'), ['Set API Key', 'Retry', 'Show Log']);
  await code.screenshot('wrong-key');
  await code.notificationButton('Set API Key');
  await code.input(givenKey);
  await code.thread('it answered', ({ comments: [answer] }) => answer?.body === 'Now it works.');
  assert.equal((await upstream.requests()).at(-1)?.authorization, `Bearer ${givenKey}`);
  assert.doesNotMatch(readFileSync(path.join(code.dir, 'data/User/settings.json'), 'utf8'), /sk-/);
  assert.doesNotMatch(code.logs(), new RegExp(givenKey));
  await upstream.scripts([{ answer: ['With the old one.'] }]);
  const server = await code.serverProcess();
  await code.palette('llmls: Remove API Key');
  await code.serverProcess(server);
  await code.threadButton('Retry');
  await code.thread('it answered', ({ comments: [answer] }) => answer?.body === 'With the old one.');
  assert.equal((await upstream.requests()).at(-1)?.authorization, `Bearer ${environmentKey}`);
  await code.dismissAll();
});

test('the walkthrough leads to a first explanation', async () => {
  const step = async (name: string) => {
    await code.palette('View: Close All Editors');
    await code.palette('Welcome: Open Walkthrough...');
    await code.input('Get started with llmls');
    const one = code.page.locator('.getting-started-step', { hasText: name });
    await one.click();
    return async (button: string) => one.locator('.monaco-button', { hasText: button }).click();
  };
  let press = await step('Choose an endpoint');
  await code.screenshot('walkthrough');
  await press('Set the Address');
  await code.page.locator('.settings-editor .setting-item-label', { hasText: 'Base Url' }).first().waitFor();
  press = await step('Choose an endpoint');
  await press('Select a Model');
  await code.box();
  await code.key('Escape');
  await upstream.scripts([{ answer: ['ready'] }], [{ answer: ['It finds the largest gap.'] }]);
  press = await step('Choose an endpoint');
  await press('Check Setup');
  await code.until(
    'the report',
    () => code.editorText(),
    (text) => text.includes('It works.'),
  );
  press = await step('Set the key');
  await press('Set API Key');
  await code.box();
  await code.key('Escape');
  press = await step('Explain some code');
  await press('Explain an Example');
  await code.thread('it is explained', ({ comments }) => comments[0]?.body === 'It finds the largest gap.');
  assert.match((await upstream.requests()).at(-1)?.body ?? '', /def largest_gap[\s\S]*default=0\)/);
  await code.screenshot('example');
  await code.dismissAll();
  await code.palette('View: Close All Editors');
});

test('a path without a server says what to do', async () => {
  await code.machineSettings({ 'llmls.path': '/nowhere/llmls' }, '/nowhere/llmls does not start');
  await code.open('total.py');
  await code.palette('llmls: Explain');
  await code.thread(
    'the reason',
    ({ comments }) => comments[0]?.body.startsWith('/nowhere/llmls does not start') === true,
  );
  await code.screenshot('no-server');
  await code.machineSettings({}, '127.0.0.1');
});
