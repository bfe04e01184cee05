// A server that hands out whatever ANSWER says: what the extension does with text
// that no honest server has made harmless.

/** Answers one request of LSP, by its method; null for those that need no more. */
function answer(method: string, argument: { dryRun?: boolean } | undefined): unknown {
  switch (method) {
    case 'initialize':
      return { capabilities: {} };
    case 'workspace/executeCommand':
      return argument?.dryRun
        ? { url: 'http://127.0.0.1/', body: '{"model":"stub"}', keySource: 'none', related: [], leftOut: [] }
        : {
            id: '1',
            conversation: '1',
            text: process.env['ANSWER'],
            finishReason: 'stop',
            model: 'stub',
            usage: null,
            timing: { firstDeltaMs: 0, totalMs: 0 },
            footer: 'stub',
          };
    default:
      return null;
  }
}

interface Message {
  id?: number;
  method: string;
  params?: { arguments?: { dryRun?: boolean }[] };
}

let read = Buffer.alloc(0);
process.stdin.on('data', (chunk) => {
  read = Buffer.concat([read, chunk]);
  for (;;) {
    const [header, length] = /^Content-Length: (\d+)\r\n(?:.*\r\n)*?\r\n/.exec(read.toString('latin1')) ?? [];
    if (header === undefined || read.length < header.length + Number(length)) {
      return;
    }
    const end = header.length + Number(length);
    const { id, method, params } = JSON.parse(read.toString('utf8', header.length, end)) as Message;
    read = read.subarray(end);
    if (method === 'exit') {
      process.exit();
    }
    if (id !== undefined) {
      const body = JSON.stringify({ jsonrpc: '2.0', id, result: answer(method, params?.arguments?.[0]) });
      process.stdout.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    }
  }
});
