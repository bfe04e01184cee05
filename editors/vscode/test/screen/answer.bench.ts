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

/** How long each of some keys takes until the frame that shows it. */
async function typing(code: VSCode): Promise<number[]> {
  await code.page.evaluate(() => {
    const taken: number[] = [];
    Object.assign(window, { taken });
    const key = ({ timeStamp }: Event) =>
      requestAnimationFrame(() => requestAnimationFrame(() => taken.push(performance.now() - timeStamp)));
    window.addEventListener('keydown', key, true);
  });
  for (let i = 0; i < 100; i++) {
    await code.key('x');
    await pause(60);
  }
  return code.page.evaluate(() => (window as unknown as { taken: number[] }).taken);
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

  const steps = (count: number, text: (i: number) => string): Step[] =>
    Array.from({ length: count }, (_, i): Step[] => [{ pause: 'on' }, { delta: text(i) }]).flat();
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

  const idle = await typing(code);
  t.diagnostic(`typing, idle: p50 ${quantile(idle, 0.5)}, p90 ${quantile(idle, 0.9)}`);
  const beginning = paragraph.repeat(100_000 / paragraph.length);
  await upstream.scripts([{ delta: beginning }, ...steps(4000, (i) => `word **${i}** and\n`), { finish: 'stop' }]);
  await code.palette('llmls: Explain');
  await code.thread('the beginning', ({ comments }) => comments[0]?.body.startsWith('The loop') === true);
  await code.focusEditor();
  let over = false;
  const streaming = (async () => {
    while (!over) {
      await upstream.resume('on');
      await pause(20);
    }
  })();
  t.diagnostic(`work in a second, 100 KB stream: ${await work(code)}`);
  const beside = await typing(code);
  over = true;
  await streaming;
  t.diagnostic(`typing, 100 KB stream: p50 ${quantile(beside, 0.5)}, p90 ${quantile(beside, 0.9)}`);
});
