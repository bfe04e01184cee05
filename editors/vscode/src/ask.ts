// The box for a question, with the earlier ones on the arrow keys, and what it may
// mention as rows below it.

import * as vscode from 'vscode';
import type { Server } from './client.ts';
import { History } from './history.ts';
import { type Row, rows } from './mentions.ts';
import type { MentionInfo } from './protocol.ts';

const stored = 'llmls.questions';

type Box = vscode.QuickPick<Row & vscode.QuickPickItem>;

export class Questions {
  readonly #memory: vscode.Memento;
  readonly #server: Server;
  #box: Box | undefined;
  #uri: string | undefined;
  #looked = ''; // the question that the rows are for, or will be
  #history = new History([]);

  constructor(context: vscode.ExtensionContext, server: Server) {
    this.#memory = context.workspaceState;
    this.#server = server;
    const keys = {
      'llmls.previousQuestion': (box: Box) => this.#step(box, this.#history.previous(box.value)),
      'llmls.nextQuestion': (box: Box) => this.#step(box, this.#history.next()),
      'llmls.completeMention': (box: Box) => this.#complete(box),
      'llmls.hideMentions': (box: Box) => this.#list(box, []),
    };
    for (const [name, press] of Object.entries(keys)) {
      context.subscriptions.push(vscode.commands.registerCommand(name, () => this.#box && press(this.#box)));
    }
  }

  /** Asks the person for a question, about the document at uri if there is one; undefined if it was cancelled. */
  async read(title: string, uri?: string, placeholder = 'Your question'): Promise<string | undefined> {
    this.#history = new History(this.#memory.get<string[]>(stored, []));
    this.#uri = uri;
    this.#looked = '';
    const box: Box = vscode.window.createQuickPick();
    box.title = title;
    box.placeholder = `${placeholder} (↑ for earlier ones, # to mention a file)`;
    box.ignoreFocusOut = true;
    this.#box = box;
    await vscode.commands.executeCommand('setContext', 'llmls.asking', true);
    const question = await new Promise<string | undefined>((resolve) => {
      box.onDidChangeValue(() => this.#typed(box));
      box.onDidAccept(() => {
        const [chosen] = box.selectedItems; // of the rows that are there, or of earlier ones
        if (chosen && !chosen.asks && box.items.includes(chosen)) {
          this.#goOn(box, chosen.question);
        } else {
          resolve(box.value.trim());
        }
      });
      box.onDidHide(() => resolve(undefined));
      box.show();
    });
    box.dispose();
    this.#box = undefined;
    await vscode.commands.executeCommand('setContext', 'llmls.asking', false);
    await vscode.commands.executeCommand('setContext', 'llmls.mentioning', false);
    if (question) {
      await this.#memory.update(stored, this.#history.with(question));
    }
    return question;
  }

  #step(box: Box, question: string | undefined): void {
    if (question !== undefined) {
      this.#goOn(box, question);
    }
  }

  #goOn(box: Box, question: string): void {
    box.value = question;
    this.#typed(box);
  }

  /** Takes the row that the person is at, or the first that goes on with the question. */
  #complete(box: Box): void {
    const row = [...box.activeItems, ...box.items].find(({ asks }) => !asks);
    if (row) {
      this.#goOn(box, row.question);
    }
  }

  async #typed(box: Box): Promise<void> {
    const { value } = box;
    if (value === this.#looked) {
      return; // VS Code reports a value that was set here, too
    }
    this.#looked = value;
    const argument = { question: value, ...(this.#uri !== undefined && { uri: this.#uri }) };
    const found = value.includes('#')
      ? await this.#server.run<MentionInfo[]>('llmls.mentions', argument).catch(() => [])
      : [];
    if (box === this.#box && box.value === value) {
      await this.#list(box, rows(value, found));
    }
  }

  /** Lists rows once the keys are theirs, so that who sees them, or none, can rely on the keys. */
  async #list(box: Box, list: readonly Row[]): Promise<void> {
    await vscode.commands.executeCommand('setContext', 'llmls.mentioning', list.length > 0);
    if (box === this.#box) {
      box.items = list.map((row) => ({ ...row, alwaysShow: true }));
    }
  }
}
