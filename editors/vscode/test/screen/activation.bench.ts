// What activation costs the other extensions: loading the code and the call of
// activate, as VS Code itself measures it, once for each window.

import { test } from 'node:test';
import { total } from './code.ts';
import { launch } from './driver.ts';

const windows = 11;

test('activation', async (t) => {
  const code = await launch({ files: { 'total.py': total } });
  t.after(() => code.close());
  const times = [await code.activation()];
  while (times.length < windows) {
    await code.reload();
    times.push(await code.activation());
  }
  times.sort((a, b) => a - b);
  t.diagnostic(`activation: ${times.join(', ')} ms; median ${times[(windows - 1) / 2]} ms`);
});
