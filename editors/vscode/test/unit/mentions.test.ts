import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rows } from '../../src/mentions.ts';

const found = (...mentions: string[]) => mentions.map((mention) => ({ question: `why ${mention}`, mention }));

test('the first row asks what was typed, the others go on with it', () => {
  assert.deepEqual(rows('why #', found('#file:', '#symbol:', '#diff')), [
    { label: 'Ask', description: 'why #', question: 'why #', asks: true },
    { label: '$(file) file:', description: 'a file, or lines of it', question: 'why #file:', asks: false },
    { label: '$(symbol-method) symbol:', description: 'what defines a name', question: 'why #symbol:', asks: false },
    {
      label: '$(git-compare) diff',
      description: 'what changed since the last commit',
      question: 'why #diff',
      asks: false,
    },
  ]);
  assert.deepEqual(
    rows('why #', found('#file:lib/', '#file:"my notes.md"', '#symbol:Far.go_on')).map(({ label }) => label),
    ['Ask', '$(folder) lib/', '$(file) "my notes.md"', '$(symbol-method) Far.go_on'],
  );
});

test('nothing is offered that stands there already', () => {
  assert.deepEqual(rows('why #diff', found('#diff')), []);
  assert.deepEqual(rows('why?', []), []);
});

test('no label has a #, by which VS Code would put it first', () => {
  const all = rows('why #', found('#file:', '#file:a.c', '#symbol:', '#symbol:b', '#diff'));
  assert.ok(all.every(({ label }) => !label.includes('#')));
});
