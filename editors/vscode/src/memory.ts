// Conversations outlive the window, in the storage that VS Code keeps for the workspace.

import * as vscode from 'vscode';
import type { Conversation } from './conversation.ts';
import type { Conversations } from './conversations.ts';
import { Pacer } from './pacer.ts';
import { restored, type Saved, saved } from './saved.ts';
import { digest, type Threads } from './threads.ts';

const stored = 'llmls.conversations';

/** How long the text that arrives waits to be kept: as much of it as a reload may cost. */
const keepInterval = 1000;

export class Memory implements vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #conversations: Conversations;
  readonly #threads: Threads;
  readonly #subscriptions: vscode.Disposable[];

  /** Brings back what an earlier window had, and keeps what this one has. */
  constructor(context: vscode.ExtensionContext, conversations: Conversations, threads: Threads) {
    this.#memory = context.workspaceState;
    this.#conversations = conversations;
    this.#threads = threads;
    const earlier = restored(this.#memory.get<Saved[]>(stored, []));
    conversations.adopt(earlier);
    for (const conversation of earlier.filter(({ place }) => place)) {
      threads.restore(conversation);
    }
    const pacer = new Pacer(
      () => this.#keep(),
      () => keepInterval,
    );
    this.#subscriptions = [
      conversations.onChanged(({ state }) => (state === 'running' ? pacer.change() : pacer.flush())),
      threads.onChanged(() => pacer.change()),
      { dispose: () => pacer.cancel() },
    ];
  }

  #keep(): void {
    const kept = this.#conversations.all.filter(
      (conversation) => !conversation.place || this.#threads.holds(conversation),
    );
    for (const conversation of kept) {
      this.#noteCode(conversation);
    }
    this.#memory.update(stored, saved(kept));
  }

  #noteCode({ place }: Conversation): void {
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === place?.uri);
    if (place && document) {
      place.code = digest(document, place.range);
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) {
      subscription.dispose();
    }
  }
}
