// Talks outlive the window, in the storage that VS Code keeps for the workspace.

import * as vscode from 'vscode';
import { Pacer } from './pacer.ts';
import { restored, type Saved, saved } from './saved.ts';
import type { Talk } from './talk.ts';
import type { Talks } from './talks.ts';
import { digest, type Threads } from './threads.ts';

const stored = 'llmls.talks';

/** How long the text that arrives waits to be kept: as much of it as a reload may cost. */
const keepInterval = 1000;

export class Memory implements vscode.Disposable {
  readonly #memory: vscode.Memento;
  readonly #talks: Talks;
  readonly #threads: Threads;
  readonly #subscriptions: vscode.Disposable[];

  /** Brings back what an earlier window had, and keeps what this one has. */
  constructor(context: vscode.ExtensionContext, talks: Talks, threads: Threads) {
    this.#memory = context.workspaceState;
    this.#talks = talks;
    this.#threads = threads;
    const earlier = restored(this.#memory.get<Saved[]>(stored, []));
    talks.adopt(earlier);
    for (const talk of earlier.filter(({ place }) => place)) {
      threads.restore(talk);
    }
    const pacer = new Pacer(
      () => this.#keep(),
      () => keepInterval,
    );
    this.#subscriptions = [
      talks.onChanged(({ state }) => (state === 'running' ? pacer.change() : pacer.flush())),
      threads.onChanged(() => pacer.change()),
      { dispose: () => pacer.cancel() },
    ];
  }

  #keep(): void {
    const kept = this.#talks.all.filter((talk) => !talk.place || this.#threads.holds(talk));
    for (const talk of kept) {
      this.#noteCode(talk);
    }
    this.#memory.update(stored, saved(kept));
  }

  #noteCode({ place }: Talk): void {
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
