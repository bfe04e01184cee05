import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fenced, modelOf, requestReport, summaryOf } from '../../src/request.ts';

const request = {
  url: 'https://api.example.com/v1/chat/completions',
  body: '{"model":"m","messages":[{"role":"system","content":"Be short."},{"role":"user","content":"Explain\\n```py\\nx\\n```"}]}',
  keySource: 'OPENAI_API_KEY',
  related: [{ path: 'a.py', first: 3, last: 9, why: 'defines x' }],
  leftOut: [{ what: '.env', why: 'it holds secrets' }],
};

test('a request is shown to read and to the byte', () => {
  const report = requestReport(request);
  assert.ok(
    report.includes(
      '- `POST https://api.example.com/v1/chat/completions`\n- key: OPENAI_API_KEY\n- with it: a.py:3-9 (defines x)\n- left out: .env (it holds secrets)',
    ),
  );
  assert.ok(report.includes('## user\n\n````markdown\nExplain\n```py\nx\n```\n````'));
  assert.ok(report.includes(request.body));
  assert.equal(modelOf(request), 'm');
});

test('a request that would not be sent says why', () => {
  assert.equal(summaryOf(request), 'm at api.example.com, key: OPENAI_API_KEY');
  const nowhere = { ...request, url: '', keySource: 'none, since nothing would be sent. Choose an endpoint.' };
  assert.equal(summaryOf(nowhere), 'none, since nothing would be sent. Choose an endpoint.');
  assert.ok(!requestReport(nowhere).includes('POST'));
});

test('a fence is longer than any inside', () => {
  assert.equal(fenced('a', 'x'), '```x\na\n```');
  assert.equal(fenced('`````', ''), '``````\n`````\n``````');
});
