import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Region, target } from '../../src/place.ts';
import { covering, follow, lineNumbers, type Range, spanning } from '../../src/range.ts';

/** "3:4-5:6" as a range. */
function r(text: string): Range {
  const [start = '', end = start] = text.split('-');
  const at = (p: string) => {
    const [line = 0, character = 0] = p.split(':').map(Number);
    return { line, character };
  };
  return { start: at(start), end: at(end) };
}

test('a range follows edits', () => {
  const cases: [what: string, range: string, change: string, text: string, want: string][] = [
    ['a line above', '3:0-5:4', '0:0', 'x\n', '4:0-6:4'],
    ['a line above goes', '3:0-5:4', '0:0-1:0', '', '2:0-4:4'],
    ['a line below', '3:0-5:4', '6:0', 'x\n', '3:0-5:4'],
    ['right before it', '3:0-5:4', '3:0', 'x\n', '4:0-6:4'],
    ['right behind it', '3:0-5:4', '5:4', 'x', '3:0-5:4'],
    ['inside', '3:0-5:4', '4:1', 'x\ny', '3:0-6:4'],
    ['on its last line', '3:0-5:4', '5:1', 'xx', '3:0-5:6'],
    ['on its first line, before it', '3:2-3:4', '3:0-3:1', '', '3:1-3:3'],
    ['all of it replaced', '3:0-5:4', '3:0-5:4', 'one\ntwo', '3:0-4:3'],
    ['more than it goes', '3:0-5:4', '2:0-7:0', '', '2:0-2:0'],
    ['its start goes', '3:0-5:4', '2:1-4:2', 'ab', '2:1-3:4'],
    ['its end goes', '3:0-5:4', '4:2-6:0', 'ab', '3:0-4:4'],
    ['an empty one stays empty', '3:2', '3:2', 'abc', '3:5'],
  ];
  for (const [what, range, change, text, want] of cases) {
    assert.deepEqual(follow(r(range), { range: r(change), text }), r(want), what);
  }
});

test('following every edit is the same as finding the text again', () => {
  // A marker in the text says where the range is: edits elsewhere never tear it.
  let seed = 7;
  const random = (n: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % n;
  };
  const position = (text: string, offset: number) => {
    const before = text.slice(0, offset).split('\n');
    return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  };
  for (let round = 0; round < 300; round++) {
    let text = 'aa\nbb\nMARK\nMARK\ncc\n';
    let range = { start: position(text, 6), end: position(text, 15) };
    for (let edit = 0; edit < 20; edit++) {
      const at = text.indexOf('MARK\nMARK');
      const above = random(2) === 0;
      const from = above ? random(at) : at + 9 + 1 + random(text.length - at - 9);
      const to = Math.min(from + random(3), above ? at : text.length);
      if (from > to) continue;
      const put = ['', 'x', 'x\n', '\n\ny'][random(4)] ?? '';
      range = follow(range, { range: { start: position(text, from), end: position(text, to) }, text: put });
      text = text.slice(0, from) + put + text.slice(to);
      const found = text.indexOf('MARK\nMARK');
      assert.deepEqual(range, { start: position(text, found), end: position(text, found + 9) });
    }
  }
});

test('lines are numbered as editors show them', () => {
  assert.equal(lineNumbers(r('2:0-2:5')), '3');
  assert.equal(lineNumbers(r('2:0-8:5')), '3-9');
  assert.equal(lineNumbers(r('2:0-8:0')), '3-8', 'the cursor at the start of a line does not select it');
  assert.equal(lineNumbers(r('2:0-3:0')), '3');
});

test('explain is about the selection, else the function, else the line', () => {
  const region = (kind: number, range: string, ...children: Region[]): Region => ({
    kind,
    range: r(range),
    children,
  });
  const [klass, method, func, variable] = [4, 5, 11, 12];
  const symbols = [
    region(
      klass,
      '0:0-9:1',
      region(method, '1:2-4:3', region(variable, '2:4-2:9')),
      region(func, '5:2-8:3', region(func, '6:4-7:5')),
    ),
    region(variable, '11:0-11:9'),
  ];
  const about = (selection: string) => target(r(selection), symbols, 20);
  assert.deepEqual(about('2:5-2:7'), r('2:5-2:7'), 'a selection is what it is');
  assert.deepEqual(about('2:5'), r('1:2-4:3'), 'a variable is no function');
  assert.deepEqual(about('6:6'), r('6:4-7:5'), 'the innermost');
  assert.deepEqual(about('9:0'), r('9:0-9:20'), 'a class is no function');
  assert.deepEqual(about('11:3'), r('11:0-11:20'));
  assert.deepEqual(target(r('3:1'), [], 7), r('3:0-3:7'));
});

test('several cursors without a selection mean the lines between them', () => {
  assert.deepEqual(spanning(['7:1', '2:3', '9:2'].map(r)), r('2:0-10:0'));
  assert.equal(spanning([r('1:2')]), undefined);
  assert.equal(spanning(['1:2', '1:5'].map(r)), undefined, 'those of one line');
});

test('several selections have one range', () => {
  assert.deepEqual(covering(['7:1-7:4', '2:3-2:5', '9:2'].map(r)), r('2:3-7:4'));
  assert.equal(covering([r('1:2')]), undefined);
});
