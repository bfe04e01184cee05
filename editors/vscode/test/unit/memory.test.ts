import assert from 'node:assert/strict';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import type * as vscode from 'vscode';
import type { Server } from '../../src/client.ts';
import type { Threads } from '../../src/threads.ts';

// Only VS Code has the module; this much of it is all that is used here.
const double = `export class EventEmitter {
  #listeners = new Set();
  event = (listener) => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };
  fire(value) {
    for (const listener of this.#listeners) {
      listener(value);
    }
  }
}
export const workspace = { textDocuments: [] };`;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode'
      ? { url: `data:text/javascript,${encodeURIComponent(double)}`, shortCircuit: true }
      : next(specifier, context),
});

const none = () => ({ dispose: () => {} });

/** A window whose storage has these conversations, with what is in the storage now. */
async function windowWith(...ids: string[]) {
  const { Conversations } = await import('../../src/conversations.ts');
  const { Memory } = await import('../../src/memory.ts');
  const turn = (id: string) => ({ text: `The answer of ${id}.`, state: 'done', remark: '', footer: 'm' });
  let stored: unknown = ids.map((id) => ({ key: `key of ${id}`, id, title: `About ${id}`, turns: [turn(id)] }));
  const memento = {
    get: () => structuredClone(stored),
    update: async (_: string, value: unknown) => {
      stored = JSON.parse(JSON.stringify(value));
    },
  };
  const conversations = new Conversations({ onStarted: none } as unknown as Server);
  const context = { workspaceState: memento } as unknown as vscode.ExtensionContext;
  const memory = new Memory(context, conversations, { onChanged: none } as unknown as Threads);
  return { conversations, memory, storage: () => JSON.stringify(stored) };
}

test('a conversation that is deleted is gone from the storage at once, with its text', async () => {
  const { conversations, memory, storage } = await windowWith('A-1', 'B-1', 'C-1', 'D-1');
  assert.match(storage(), /The answer of A-1\.[\s\S]*The answer of D-1\./);
  const gone = conversations.forget(['A-1', 'D-1', 'UNKNOWN-1']);
  assert.deepEqual(
    gone.map(({ id }) => id),
    ['A-1', 'D-1'],
  );
  assert.doesNotMatch(storage(), /A-1|D-1/);
  assert.match(storage(), /The answer of B-1\.[\s\S]*The answer of C-1\./);
  conversations.forget(['B-1', 'C-1']);
  assert.equal(storage(), '[]');
  memory.dispose();
  conversations.dispose();
});
