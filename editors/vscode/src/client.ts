// The server: its process, its settings, and the connection to it.

import { type ChildProcess, spawn } from 'node:child_process';
import * as vscode from 'vscode';
import type { Connection, Listener } from './connection.ts';
import { storedKey } from './keys.ts';
import type { Query, Result } from './protocol.ts';
import { serverEnvironment, serverPath } from './server.ts';
import { type Declared, serverSettings } from './settings.ts';

/** The settings that a running server cannot change. */
const ofTheProcess = ['llmls.path', 'llmls.apiKeyEnv', 'llmls.proxy', 'http.proxy'];

const keepsEnding = 'The server has ended again and again. The next question starts it anew; Show Log tells more.';

export class Server implements vscode.Disposable {
  readonly log: vscode.LogOutputChannel;
  readonly #context: vscode.ExtensionContext;
  readonly #started = new vscode.EventEmitter<void>();
  readonly #configured = new vscode.EventEmitter<void>();
  readonly #failed = new vscode.EventEmitter<Error>();
  #connection: Promise<Connection> | undefined;

  /** Fires when the server runs, again after each restart. */
  readonly onStarted = this.#started.event;
  /** Fires when the server has settings: when it runs, and when they change. */
  readonly onConfigured = this.#configured.event;
  /** Fires when the server did not start, or is not started any more. */
  readonly onFailed = this.#failed.event;

  constructor(context: vscode.ExtensionContext) {
    this.#context = context;
    this.log = vscode.window.createOutputChannel('llmls', { log: true });
    context.subscriptions.push(
      vscode.workspace.onDidChangeConfiguration((e) => this.#configurationChanged(e)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#sendSettings()),
    );
  }

  /** Calls a command of the server that answers at once. */
  async run<T>(command: string, argument: object = {}): Promise<T> {
    return (await this.start()).run(command, argument);
  }

  /** Asks, and calls listener with what arrives until the answer ends. Cancelling token stops it. */
  async ask(command: string, query: Query, listener: Listener, token: vscode.CancellationToken): Promise<Result> {
    return (await this.start()).ask(command, query, listener, token);
  }

  /** Starts the server unless it runs. */
  start(): Promise<Connection> {
    if (this.#connection === undefined) {
      const connection = this.#connect();
      this.#connection = connection;
      const failed = (error: Error) => {
        if (this.#connection === connection) {
          this.#connection = undefined; // the next command tries again
          this.log.error(error.message);
          this.#failed.fire(error);
        }
      };
      connection.then((running) => running.onEnded(() => failed(new Error(keepsEnding))), failed);
    }
    return this.#connection;
  }

  async restart(): Promise<void> {
    await this.dispose();
    await this.start();
  }

  async dispose(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    try {
      await (await connection)?.dispose();
    } catch {
      // It never started; the caller of start() got the error.
    }
  }

  /** Runs llmls with everything that the server gets: the same binary, key and proxy; and with extra in its environment. */
  async spawn(args: string[], extra: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
    const setting = (name: string) => this.userSetting(name);
    const environment = serverEnvironment(process.env, {
      key: await storedKey(this.#context),
      keyVariable: setting('llmls.apiKeyEnv'),
      proxy: setting('llmls.proxy') || setting('http.proxy'),
    });
    const command = serverPath(setting('llmls.path'), this.#context.extensionPath);
    const child = spawn(command, args, { env: { ...environment, ...extra }, stdio: 'pipe' });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', ({ message }) =>
        reject(new Error(`${command} does not start (${message}). Install llmls, or set llmls.path to it.`)),
      );
    });
    return child;
  }

  /** A setting of the person, whatever the workspace says; "" if it is not set. */
  userSetting(name: string): string {
    return vscode.workspace.getConfiguration().inspect<string>(name)?.globalValue ?? '';
  }

  async #connect(): Promise<Connection> {
    const { Connection } = await import('./connection.ts');
    const connection = new Connection({
      spawn: () => this.spawn(['serve']),
      settings: () => this.#settings(),
      log: this.log,
    });
    connection.onRunning(() => {
      this.#started.fire();
      this.#configured.fire();
    });
    await connection.start();
    return connection;
  }

  #settings(): Record<string, unknown> {
    const manifest = this.#context.extension.packageJSON as {
      contributes: { configuration: { properties: Record<string, Declared> } };
    };
    const configuration = vscode.workspace.getConfiguration();
    return serverSettings(
      manifest.contributes.configuration.properties,
      (name) => configuration.inspect(name),
      vscode.workspace.isTrusted,
    );
  }

  async #configurationChanged(e: vscode.ConfigurationChangeEvent): Promise<void> {
    if (ofTheProcess.some((name) => e.affectsConfiguration(name))) {
      await this.restart().catch(() => {}); // onFailed reports it
    } else if (e.affectsConfiguration('llmls')) {
      await this.#sendSettings();
    }
  }

  async #sendSettings(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.settingsChanged();
    this.#configured.fire();
  }
}
