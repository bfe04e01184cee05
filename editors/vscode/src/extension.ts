import type * as vscode from 'vscode';
import { Questions } from './ask.ts';
import { Asking } from './asking.ts';
import { Server } from './client.ts';
import { registerCommands } from './commands.ts';
import { Confirmations } from './confirmations.ts';
import { Conversations } from './conversations.ts';
import { Documents } from './document.ts';
import { Memory } from './memory.ts';
import { completeReplies } from './replies.ts';
import { Status } from './status.ts';
import { Threads } from './threads.ts';

/** Puts the parts together and starts the server, without waiting for it. */
export function activate(context: vscode.ExtensionContext): void {
  const server = new Server(context);
  const conversations = new Conversations(server);
  const confirmations = new Confirmations();
  const threads = new Threads(conversations, confirmations);
  const documents = new Documents(conversations, confirmations);
  const asking = new Asking(server, conversations, threads, documents, new Questions(context, server));
  const memory = new Memory(context, conversations, threads);
  const status = new Status(server, conversations);
  context.subscriptions.push(
    memory,
    status,
    documents,
    threads,
    conversations,
    server,
    server.log,
    completeReplies(server),
  );
  registerCommands({ context, server, conversations, threads, documents, asking });
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
