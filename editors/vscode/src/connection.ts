// The language client. Loading it takes most of what the extension costs, so it
// is loaded after activation (client.ts).

import type { ChildProcess } from 'node:child_process';
import type * as vscode from 'vscode';
import {
  DidChangeConfigurationNotification,
  type DynamicFeature,
  ExecuteCommandRequest,
  type InitializeParams,
  LanguageClient,
  LSPErrorCodes,
  ProgressType,
  ResponseError,
  State,
  type StaticFeature,
  WorkDoneProgress,
} from 'vscode-languageclient/node';
import type { Delta, Query, Result } from './protocol.ts';

/** The documents that can be asked about. */
const documents = ['file', 'untitled', 'git', 'vscode-notebook-cell', 'vscode-vfs', 'vscode-remote'];

/** What is called while an answer runs. */
export interface Listener {
  delta(delta: Delta): void;
  note(text: string): void;
}

/** What a connection needs of its creator. */
export interface Host {
  spawn(): Promise<ChildProcess>;
  settings(): Record<string, unknown>;
  log: vscode.LogOutputChannel;
}

export class Connection extends LanguageClient {
  #tokens = 0;

  constructor(host: Host) {
    super('llmls', 'llmls', () => host.spawn(), {
      documentSelector: documents.map((scheme) => ({ scheme })),
      outputChannel: host.log,
      initializationFailedHandler: () => false, // start() rejects
      middleware: { workspace: { configuration: () => [host.settings()] } },
    });
  }

  /** Calls listener when the server runs, also after each restart. */
  onRunning(listener: () => void): void {
    this.onDidChangeState(({ newState }) => {
      if (newState === State.Running) {
        listener();
      }
    });
  }

  /** Calls listener when the server has ended and is not restarted. */
  onEnded(listener: () => void): void {
    const over = (state: State) => state === State.Stopped || state === State.StartFailed;
    this.onDidChangeState(({ newState }) => {
      if (over(newState)) {
        // A client that is started again is in that state only for a moment.
        queueMicrotask(() => over(this.state) && listener());
      }
    });
  }

  /** Calls a command that answers at once. */
  run<T>(command: string, argument: object): Promise<T> {
    return this.sendRequest<T>(ExecuteCommandRequest.method, { command, arguments: [argument] });
  }

  /** Calls a command that asks the model, and calls listener with what arrives until the answer ends. */
  async ask(command: string, query: Query, listener: Listener, token: vscode.CancellationToken): Promise<Result> {
    if (token.isCancellationRequested) {
      throw new ResponseError(LSPErrorCodes.RequestCancelled, 'stopped');
    }
    const id = `llmls-vscode-${++this.#tokens}`;
    const subscriptions = [
      this.onProgress(new ProgressType<Delta>(), id, (delta) => listener.delta(delta)),
      this.onProgress(WorkDoneProgress.type, `${id}-work`, (progress) => {
        if (progress.kind === 'report') {
          listener.note(progress.message ?? '');
        }
      }),
    ];
    try {
      return await this.sendRequest<Result>(
        ExecuteCommandRequest.method,
        { command, arguments: [{ ...query, partialResultToken: id }], workDoneToken: `${id}-work` },
        token,
      );
    } finally {
      for (const subscription of subscriptions) {
        subscription.dispose();
      }
    }
  }

  /** Has the server ask for the settings again. */
  async settingsChanged(): Promise<void> {
    await this.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
  }

  /**
   * Without the commands, which are ours, so that they exist before the server does
   * and end in threads; and without what the bundle leaves out (scripts/build.ts).
   */
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    const commands = 'registrationType' in feature && feature.registrationType.method === ExecuteCommandRequest.method;
    if (!commands && 'fillClientCapabilities' in feature) {
      super.registerFeature(feature);
    }
  }

  /** Logs an error of the client with its stack instead of showing it: callers show what concerns the person. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  /** Leaves out the tag support of code actions: VS Code would show generated ones with a sparkle. */
  protected override fillInitializeParams(params: InitializeParams): void {
    super.fillInitializeParams(params);
    delete params.capabilities.textDocument?.codeAction?.tagSupport;
  }
}
