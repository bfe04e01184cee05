import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Confirmer, documentConfirmer, readDocument, readThread, threadConfirmer } from '../../src/confirm.ts';
import { fenced } from '../../src/request.ts';

const both = { thread: readThread, document: readDocument };

/** What an answer is made of, as the server passes it on. */
const plain = [
  '# Title\n\nText with **bold**, _it_, ~~no~~, `code<T>`, \\<b> and !\\[no]\\(image).\n\n---\n',
  '- a\n- [ ] b\n  1. c\n\n     ```go\n     <img src=x> ![a](b)\n     ```\n\n> quote\n\n    <b>\n',
  '| a | b |\n|---|:-:|\n| `x` | y |\n',
  'See [the docs (go.dev)](https://go.dev/doc?a=b "Docs"), <https://go.dev/>, https://go.dev/x and a@b.c.\n',
  'Costs $5; $x$ and $$y$$ within a line.\n',
  '```text (mermaid)\ngraph TD\n```\n\n~~~\n[a]: b\n~~~\n',
  'a'.repeat(100_000),
  '',
];

/** What must not be shown as Markdown, and in which of the two it would do something. */
const harmful: Record<string, (keyof typeof both)[]> = {
  '![a](http://e.x)': ['thread', 'document'],
  'a ![a][b]\n\n[b]: http://e.x': ['thread', 'document'],
  '<img src=x>': ['thread', 'document'],
  'a <b>b</b>': ['thread', 'document'],
  '<!-- a': ['thread', 'document'],
  '[a](command:b)': ['thread', 'document'],
  '[a](http://e.x)': ['thread', 'document'],
  '[e.x](http://e.x@f.x)': ['thread', 'document'],
  '[a](b.md)': ['thread', 'document'],
  '<command:b>': ['thread', 'document'],
  '[a]: http://e.x': ['thread', 'document'],
  '- a\n\n  ![a](b)': ['thread', 'document'],
  '> | a |\n> |---|\n> | ![a](b) |': ['thread', 'document'],
  '```mermaid\na\n```': ['thread', 'document'],
  '```\u00a0 Mermaid\na\n```': ['thread', 'document'],
  '```math\na\n```': ['thread', 'document'],
  '$$\na\n$$': ['document'],
  '~`![a](b)`': ['thread'],
  '*``![a](b)*\\`` c': ['thread'],
  '```\n```~\n![a](b)': ['thread'],
  '```a|b\n-|-\n![c](d)': ['document'],
  '[``<img src=x>`` `': ['document'],
  '[a\n\nb]: c': ['thread'],
};

for (const [name, read] of Object.entries(both)) {
  test(`in a ${name} an answer is confirmed, and what acts is not`, () => {
    for (const text of plain) {
      assert.ok(read(text).harmless, text);
    }
    for (const [text, where] of Object.entries(harmful)) {
      assert.equal(read(text).harmless, !where.includes(name as keyof typeof both), text);
    }
  });

  test(`in a ${name} a text that grows is read like the whole, from wherever it was settled`, () => {
    for (const text of [...plain, ...Object.keys(harmful)].flatMap((one) => [`a\n\n${one}`, `${one}\n\nb\n\n${one}`])) {
      const confirmer = new Confirmer(read);
      for (let n = 1; n < Math.min(text.length, 1000); n++) {
        const grown = text.slice(0, n);
        assert.equal(confirmer.confirms(grown), read(grown).harmless, grown);
      }
    }
  });

  test(`in a ${name} paragraphs that ended are not read again`, () => {
    let most = 0;
    const confirmer = new Confirmer((text) => {
      most = Math.max(most, text.length);
      return read(text);
    });
    let text = '';
    for (let i = 0; i < 500; i++) {
      text += `Paragraph ${i} with \`code\`\tand [e.x](http://e.x).\n\n\`\`\`\nx\n\`\`\`\n\n`;
      assert.ok(confirmer.confirms(text));
    }
    assert.ok(most < 500, `${most} characters were read at once`);
    assert.ok(!confirmer.confirms(`${text}![a](b)`));
    assert.ok(confirmer.confirms('Another answer.'));
  });
}

test('a text is read once, however often it is drawn', () => {
  let reads = 0;
  const confirmer = new Confirmer((text) => {
    reads++;
    return readThread(text);
  });
  assert.deepEqual(
    [confirmer.confirms('a'), confirmer.confirms('a'), confirmer.confirms('<b>'), confirmer.confirms('<b>'), reads],
    [true, true, false, false, 2],
  );
});

test('a document that is a block of code is confirmed, whatever it holds', () => {
  for (const text of [...plain, ...Object.keys(harmful), '````\n```\n`````', '```\n\n<b>\n']) {
    assert.ok(readDocument(fenced(text, 'text')).harmless, text);
  }
});

test('what a parser fails on is not confirmed', () => {
  const confirmer = new Confirmer(() => {
    throw new Error('infinite loop');
  });
  assert.equal(confirmer.confirms('a'), false);
});

test('what VS Code ships is what is asked', () => {
  const { devDependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const { dependencies } = JSON.parse(
    readFileSync(new URL('../../../../test/renderers/package.json', import.meta.url), 'utf8'),
  );
  for (const name of ['marked', 'markdown-it', '@vscode/markdown-it-katex']) {
    assert.equal(devDependencies[name], dependencies[name], name);
  }
  assert.ok(threadConfirmer().confirms('a') && documentConfirmer().confirms('a'));
});
