import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverEnvironment, serverPath } from '../../src/server.ts';
import { serverSettings } from '../../src/settings.ts';

const declared = {
  'llmls.model': { scope: 'window' },
  'llmls.baseUrl': { scope: 'machine' },
  'llmls.timeouts.idle': { scope: 'window' },
  'llmls.path': { scope: 'machine' },
};

const hostile = {
  'llmls.model': { globalValue: 'mine', workspaceValue: 'theirs' },
  'llmls.baseUrl': { workspaceValue: 'https://evil.example', workspaceFolderValue: 'https://evil.example' },
  'llmls.timeouts.idle': { workspaceFolderValue: '1s', workspaceValue: '2s' },
  'llmls.path': { globalValue: '/bin/llmls' },
};

const read = (trusted: boolean) => serverSettings(declared, (name) => hostile[name as keyof typeof hostile], trusted);

test('in Restricted Mode only the settings of the person count', () => {
  assert.deepEqual(read(false), { model: 'mine' });
});

test('a trusted workspace sets what is not of machine scope', () => {
  assert.deepEqual(read(true), { model: 'theirs', 'timeouts.idle': '1s' });
});

test('what nobody set is not sent, so that config.toml counts', () => {
  assert.deepEqual(
    serverSettings(declared, () => undefined, true),
    {},
  );
  assert.deepEqual(
    serverSettings(declared, () => ({ globalValue: null }), true),
    {},
  );
});

test('the key goes into the environment, the stored one first', () => {
  const base = { HOME: '/h', OPENAI_API_KEY: 'env', OTHER: 'other' };
  const key = (key: string | undefined, keyVariable: string) =>
    serverEnvironment(base, { key, keyVariable, proxy: '' })['OPENAI_API_KEY'];
  assert.equal(key(undefined, ''), 'env');
  assert.equal(key(undefined, 'OTHER'), 'other');
  assert.equal(key(undefined, 'MISSING'), 'env');
  assert.equal(key('stored', 'OTHER'), 'stored');
  const proxied = serverEnvironment(base, { key: undefined, keyVariable: '', proxy: 'http://p:1' });
  assert.deepEqual(
    [proxied['HTTPS_PROXY'], proxied['HTTP_PROXY'], proxied['HOME']],
    ['http://p:1', 'http://p:1', '/h'],
  );
  assert.equal(serverEnvironment(base, { key: undefined, keyVariable: '', proxy: '' })['HTTPS_PROXY'], undefined);
});

test('the server is the named one, else the bundled one, else the one in PATH', () => {
  assert.equal(serverPath('/my/llmls', '/nowhere'), '/my/llmls');
  assert.equal(serverPath('', '/nowhere', 'linux'), 'llmls');
  assert.equal(serverPath('', '/nowhere', 'win32'), 'llmls.exe');
});
