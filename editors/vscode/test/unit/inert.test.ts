import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { test } from 'node:test';

// Only VS Code has the module; this much of it is all that is used here, with
// everything on that inert() has to turn off.
const double = `export class MarkdownString {
  isTrusted = true;
  supportHtml = true;
  constructor(value, supportThemeIcons = true) {
    Object.assign(this, { value, supportThemeIcons });
  }
}`;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode'
      ? { url: `data:text/javascript,${encodeURIComponent(double)}`, shortCircuit: true }
      : next(specifier, context),
});

test('what a model wrote runs no commands, is no HTML and draws no icons', async () => {
  const { inert } = await import('../../src/inert.ts');
  assert.deepEqual(
    { ...Object(inert('[x](command:y)', 'markdown')) },
    {
      value: '[x](command:y)',
      isTrusted: false,
      supportHtml: false,
      supportThemeIcons: false,
    },
  );
});

test('what is not confirmed is no Markdown at all', async () => {
  const { inert } = await import('../../src/inert.ts');
  assert.equal(inert('![a](b)', 'text'), '![a](b)');
  assert.equal(inert('a', 'later'), '');
});
