// The box for a question, with the earlier ones on the arrow keys.

import * as vscode from 'vscode';
import { History } from './history.ts';

const stored = 'llmls.questions';

export class Questions {
  readonly #memory: vscode.Memento;
  #box: vscode.InputBox | undefined;
  #history = new History([]);

  constructor(context: vscode.ExtensionContext) {
    this.#memory = context.workspaceState;
    context.subscriptions.push(
      vscode.commands.registerCommand('llmls.previousQuestion', () =>
        this.#step(this.#history.previous(this.#box?.value ?? '')),
      ),
      vscode.commands.registerCommand('llmls.nextQuestion', () => this.#step(this.#history.next())),
    );
  }

  /** Asks the person for a question; undefined if there is none. */
  async read(title: string): Promise<string | undefined> {
    this.#history = new History(this.#memory.get<string[]>(stored, []));
    const box = vscode.window.createInputBox();
    box.title = title;
    box.placeholder = 'Your question (↑ for earlier ones)';
    box.ignoreFocusOut = true;
    this.#box = box;
    await vscode.commands.executeCommand('setContext', 'llmls.asking', true);
    const question = await new Promise<string | undefined>((resolve) => {
      box.onDidAccept(() => resolve(box.value.trim() || undefined));
      box.onDidHide(() => resolve(undefined));
      box.show();
    });
    box.dispose();
    this.#box = undefined;
    await vscode.commands.executeCommand('setContext', 'llmls.asking', false);
    if (question !== undefined) {
      await this.#memory.update(stored, this.#history.with(question));
    }
    return question;
  }

  #step(question: string | undefined): void {
    if (this.#box && question !== undefined) {
      this.#box.value = question;
    }
  }
}
