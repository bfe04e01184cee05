// The item in the status bar: the model, and while an answer grows the seconds.

import * as vscode from 'vscode';
import type { Server } from './client.ts';
import type { Conversations } from './conversations.ts';
import type { DryRun } from './protocol.ts';
import { modelOf, summaryOf } from './request.ts';

export class Status implements vscode.Disposable {
  readonly #item: vscode.StatusBarItem;
  readonly #server: Server;
  readonly #conversations: Conversations;
  readonly #subscriptions: vscode.Disposable[];
  #model = '';

  constructor(server: Server, conversations: Conversations) {
    this.#server = server;
    this.#conversations = conversations;
    this.#item = vscode.window.createStatusBarItem('llmls', vscode.StatusBarAlignment.Right, 50);
    this.#item.name = 'llmls';
    this.#item.command = 'llmls.menu';
    this.#subscriptions = [
      this.#item,
      server.onConfigured(() => this.#askModel()),
      server.onFailed((error) => this.#unknown(error)),
      conversations.onChanged(() => this.#draw()),
    ];
    this.#draw();
    this.#item.show();
  }

  /** Asks by a dry run, which sends nothing and has the result of all sources of settings. */
  async #askModel(): Promise<void> {
    try {
      const request = await this.#server.run<DryRun>('llmls.ask', { question: 'Which model is this?', dryRun: true });
      this.#model = modelOf(request);
      this.#item.tooltip = `llmls: ${summaryOf(request)}`;
      this.#draw();
    } catch (error) {
      this.#unknown(error as Error);
    }
  }

  /** Shows that there is no model; error has the reason. */
  #unknown(error: Error): void {
    this.#model = '';
    this.#item.tooltip = `llmls: ${error.message}`;
    this.#draw();
  }

  /** Without an icon that spins: while it does, VS Code draws the whole window anew in each frame, and keys wait for that. */
  #draw(): void {
    const [oldest] = this.#conversations.running.flatMap((conversation) => conversation.running);
    this.#item.text = oldest
      ? `$(watch) llmls ${Math.floor((Date.now() - oldest.started) / 1000)} s`
      : `llmls${this.#model && `: ${this.#model}`}`;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) {
      subscription.dispose();
    }
  }
}
