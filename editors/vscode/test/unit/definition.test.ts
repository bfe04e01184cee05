import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excerpt, namesIn } from '../../src/definition.ts';

test('names are found once, where they stand first, in any script', () => {
  assert.deepEqual(namesIn('é = deduced(); é.go_on($x, 2b)'), [
    { name: 'é', offset: 0 },
    { name: 'deduced', offset: 4 },
    { name: 'go_on', offset: 17 },
    { name: '$x', offset: 23 },
    { name: 'b', offset: 28 },
  ]);
  assert.equal(namesIn(Array.from({ length: 9000 }, (_, i) => `x${i}`).join(' ')).length, 40);
});

test('of a file the definition is sent, with the comment above it', () => {
  const text = 'let a;\n\n/**\n * Doubles.\n */\nfunction f(x) {\n  return 2 * x;\n}\n';
  assert.deepEqual(excerpt(text, 5), {
    range: { start: { line: 2, character: 0 }, end: { line: 9, character: 0 } },
    text: '/**\n * Doubles.\n */\nfunction f(x) {\n  return 2 * x;\n}\n\n',
  });
  assert.equal(excerpt(text, 900), undefined);
  assert.equal(excerpt('', 0), undefined);
  assert.equal(excerpt(`${'// x\n'.repeat(9000)}f()\n`, 9000)?.range.start.line, 8980);
  assert.equal(excerpt('x\n'.repeat(9000), 0)?.text?.length, 48);
});
