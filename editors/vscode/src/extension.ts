import type * as vscode from 'vscode';
import { Questions } from './ask.ts';
import { Asking } from './asking.ts';
import { Server } from './client.ts';
import { registerCommands } from './commands.ts';
import { Confirmations } from './confirmations.ts';
import { Documents } from './document.ts';
import { Memory } from './memory.ts';
import { Status } from './status.ts';
import { Talks } from './talks.ts';
import { Threads } from './threads.ts';

/** Puts the parts together and starts the server, without waiting for it. */
export function activate(context: vscode.ExtensionContext): void {
  const server = new Server(context);
  const talks = new Talks(server);
  const confirmations = new Confirmations();
  const threads = new Threads(talks, confirmations);
  const documents = new Documents(talks, confirmations);
  const asking = new Asking(server, talks, threads, documents, new Questions(context));
  const memory = new Memory(context, talks, threads);
  const status = new Status(server, talks);
  context.subscriptions.push(memory, status, documents, threads, talks, server, server.log);
  registerCommands({ context, server, talks, threads, documents, asking });
  // Afterwards, so that other extensions do not wait while parsers and client are
  // loaded. If the client fails, the status bar and the log show it, and the first
  // command tries again.
  const starting = setImmediate(async () => {
    await confirmations.load(() => import('./confirm.ts'));
    threads.redraw();
    documents.redraw();
    await server.start().catch(() => {});
  });
  context.subscriptions.push({ dispose: () => clearImmediate(starting) });
}
