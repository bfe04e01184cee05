import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as parsers from '../../src/confirm.ts';
import { Confirmations } from '../../src/confirmations.ts';

test('nothing is shown before the parsers are there, and Markdown only where its own parser finds no harm', async () => {
  const confirmations = new Confirmations();
  const owner = {};
  assert.equal(confirmations.inThread(owner, 'a'), 'later');
  assert.equal(confirmations.inDocument(owner, 'a'), 'later');
  await confirmations.load(async () => parsers);
  assert.equal(confirmations.inThread(owner, 'a'), 'markdown');
  assert.equal(confirmations.inThread(owner, '~`![a](b)`'), 'text');
  assert.equal(confirmations.inDocument(owner, '~`![a](b)`'), 'markdown');
  assert.equal(confirmations.inDocument(owner, '```a|b\n-|-\n<b>'), 'text');
  assert.equal(confirmations.inThread({}, '```a|b\n-|-\n<b>'), 'markdown');
});

test('without the parsers all is text', async () => {
  const confirmations = new Confirmations();
  await confirmations.load(() => Promise.reject(new Error('a file is missing')));
  assert.equal(confirmations.inThread({}, 'a'), 'text');
  assert.equal(confirmations.inDocument({}, 'a'), 'text');
});
