// What a person waits for: a request after the command, what arrives until it is
// seen, and a key in the code while a long answer streams beside it.

import { test } from 'node:test';
import { long } from './code.ts';
import { launch, type VSCode } from './driver.ts';
import { type Step, upstream } from './upstream.ts';

const paragraph = `The **loop** adds the \`price\` of each item to what was there before, and \`count\` says how often.

- an empty list: \`0\`
- a price that is no number raises a *TypeError*

\`\`\`python
for item in items:
    result += item.price * item.count
\`\`\`

`;

/** Counted from the same moment in Node and in the window. */
const now = () => performance.timeOrigin + performance.now();

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function quantile(all: number[], q: number): string {
  return `${[...all].sort((a, b) => a - b)[Math.floor(q * (all.length - 1))]?.toFixed(1)} ms`;
}

/** A mean says more than a median of times that are whole frames. */
function keys(all: number[]): string {
  const mean = all.reduce((sum, one) => sum + one, 0) / all.length;
  return `mean ${mean.toFixed(1)} ms, p50 ${quantile(all, 0.5)}, p90 ${quantile(all, 0.9)}`;
}

/** How long each of some keys takes until the frame that shows it; they are undone at the end. */
async function typing(code: VSCode): Promise<number[]> {
  await code.page.evaluate(() => {
    const taken: number[] = [];
    const key = ({ timeStamp }: Event) =>
      requestAnimationFrame(() => requestAnimationFrame(() => taken.push(performance.now() - timeStamp)));
    Object.assign(window, { taken, key });
    window.addEventListener('keydown', key, true);
  });
  for (let i = 0; i < 100; i++) {
    await code.key('x');
    await pause(60);
  }
  const taken = await code.page.evaluate(() => {
    const { taken, key } = window as unknown as { taken: number[]; key: (e: Event) => void };
    window.removeEventListener('keydown', key, true);
    return taken;
  });
  await code.key('Control+z');
  return taken;
}

/** How much of a second the thread of the window works that takes the keys. */
async function work(code: VSCode): Promise<string> {
  const cdp = await code.page.context().newCDPSession(code.page);
  await cdp.send('Performance.enable');
  const worked = async () => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'ThreadTime')?.value ?? Number.NaN;
  };
  const [began, before] = [now(), await worked()];
  await pause(8000);
  const used = ((await worked()) - before) * 1000;
  return `${((used / (now() - began)) * 1000).toFixed(0)} ms`;
}

/** When text is in a thread. */
function seen(code: VSCode, text: string): Promise<number> {
  return code.page.evaluate(
    (wanted) =>
      new Promise<number>((resolve) => {
        const observer = new MutationObserver(() => {
          if (document.querySelector('.review-widget')?.textContent?.includes(wanted)) {
            observer.disconnect();
            resolve(performance.timeOrigin + performance.now());
          }
        });
        observer.observe(document.body, { childList: true, subtree: true, characterData: true });
      }),
    text,
  );
}

test('answer', async (t) => {
  const code = await launch({
    files: { 'long.txt': long },
    env: { OPENAI_BASE_URL: process.env['UPSTREAM'] ?? '', OPENAI_API_KEY: 'sk-of-the-environment' },
  });
  t.after(() => code.close());
  await code.open('long.txt');
  await code.cursor(10);

  const requests: number[] = [];
  for (let i = 0; i < 20; i++) {
    await code.key('Control+k');
    const started = now();
    await Promise.all([code.key('x'), upstream.next().then(() => requests.push(now() - started))]);
    await code.thread('the answer', ({ comments }) => comments[0]?.body === 'Hello');
    await code.dismissAll();
  }
  t.diagnostic(`command to request: p50 ${quantile(requests, 0.5)}`);

  const steps = (count: number, text: (i: number) => string, name = 'on'): Step[] =>
    Array.from({ length: count }, (_, i): Step[] => [{ pause: name }, { delta: text(i) }]).flat();
  const deltas: number[] = [];
  await upstream.scripts([{ delta: 'Words: ' }, ...steps(100, (i) => `w${i}. `), { finish: 'stop' }]);
  await code.palette('llmls: Explain');
  await code.thread('the first', ({ comments }) => comments[0]?.body === 'Words:');
  for (let i = 0; i < 100; i++) {
    await pause(200); // longer than redraws are apart
    const started = now();
    const [shown] = await Promise.all([seen(code, `w${i}.`), upstream.resume('on')]);
    deltas.push(shown - started);
  }
  t.diagnostic(`delta to thread: p50 ${quantile(deltas, 0.5)}, p99 ${quantile(deltas, 0.99)}`);
  await code.dismissAll();

  await upstream.scripts([{ delta: 'A word.' }, { pause: 'short' }, { finish: 'stop' }]);
  await code.palette('llmls: Explain');
  await code.thread('the word', ({ comments }) => comments[0]?.body === 'A word.');
  t.diagnostic(`work in a second, a short answer waits: ${await work(code)}`);
  await upstream.resume('short');
  await code.dismissAll();

  const beginning = paragraph.repeat(100_000 / paragraph.length);
  const alone: number[] = [];
  const beside: number[] = [];
  for (let round = 0; round < 3; round++) {
    alone.push(...(await typing(code)));
    const words = steps(4000, (i) => `word **${i}** and\n`, `round ${round}`);
    await upstream.scripts([{ delta: beginning }, ...words, { finish: 'stop' }]);
    await code.palette('llmls: Explain');
    await code.thread('the beginning', ({ comments }) => comments[0]?.body.startsWith('The loop') === true);
    await code.focusEditor();
    let over = false;
    const streaming = (async () => {
      while (!over) {
        await upstream.resume(`round ${round}`);
        await pause(20);
      }
    })();
    if (round === 0) {
      t.diagnostic(`work in a second, 100 KB stream: ${await work(code)}`);
    }
    beside.push(...(await typing(code)));
    over = true;
    await streaming;
    await code.palette('llmls: Stop');
    await code.palette('llmls: Dismiss');
    await code.until(
      'no thread',
      () => code.threads(),
      ({ length }) => length === 0,
    );
    await code.focusEditor();
  }
  t.diagnostic(`typing, idle: ${keys(alone)}`);
  t.diagnostic(`typing, 100 KB stream: ${keys(beside)}`);
});
