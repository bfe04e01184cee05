// Runs the questions of talks and tells when something on the screen has to change.

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { Server } from './client.ts';
import { longestPause, Pacer, redrawInterval } from './pacer.ts';
import type { AnswerInfo, Query } from './protocol.ts';
import { type Place, Talk, Turn } from './talk.ts';

/** How many talks are kept for Show Answers; the server keeps as many answers. */
const mostTalks = 200;

/** How much text is drawn less often, because VS Code takes longer for it. */
const longText = 2000;

export class Talks implements vscode.Disposable {
  readonly #server: Server;
  readonly #talks: Talk[] = [];
  readonly #pacers = new Map<Talk, Pacer>();
  readonly #stops = new Map<Turn, vscode.CancellationTokenSource>();
  readonly #changed = new vscode.EventEmitter<Talk>();
  readonly #failed = new vscode.EventEmitter<Talk>();
  #clock: NodeJS.Timeout | undefined;

  /** Fires at most 8 times a second for a talk, and always after its last change. */
  readonly onChanged = this.#changed.event;
  /** Fires when an answer of the talk failed before its first word. */
  readonly onFailed = this.#failed.event;

  constructor(server: Server) {
    this.#server = server;
    server.onStarted(() => {
      for (const talk of this.#talks) {
        talk.conversation = undefined; // a server knows only its own
      }
    });
  }

  create(title: string, place?: Place): Talk {
    const talk = new Talk(randomUUID(), title, place);
    const oldest = this.#talks.find((one) => one.state !== 'running');
    if (oldest && this.#talks.length >= mostTalks) {
      this.#talks.splice(this.#talks.indexOf(oldest), 1);
      this.#pacers.delete(oldest);
    }
    this.#talks.push(talk);
    return talk;
  }

  /** Takes talks of an earlier window. */
  adopt(talks: readonly Talk[]): void {
    this.#talks.push(...talks);
  }

  get all(): readonly Talk[] {
    return this.#talks;
  }

  find(key: string): Talk | undefined {
    return this.#talks.find((talk) => talk.key === key);
  }

  get running(): Talk[] {
    return this.#talks.filter((talk) => talk.state === 'running');
  }

  /** Asks within talk; shown is the question as it is shown, if one is. */
  async ask(talk: Talk, query: Query, shown?: string): Promise<void> {
    const turn = new Turn(query, shown, Date.now());
    talk.turns.push(turn);
    await this.#run(talk, turn);
  }

  /** Asks the newest question once more; what it was answered goes. */
  async retry(talk: Talk): Promise<void> {
    const { last } = talk;
    if (last && last.state !== 'running') {
      talk.turns.pop();
      await this.ask(talk, talk.again(last.query), last.shown);
    }
  }

  /** Stops what is running in talk. The text that arrived stays. */
  stop(talk: Talk): void {
    for (const turn of talk.running) {
      this.#stops.get(turn)?.cancel();
    }
  }

  async #run(talk: Talk, turn: Turn): Promise<void> {
    const stop = new vscode.CancellationTokenSource();
    this.#stops.set(turn, stop);
    this.#tick();
    const pacer = this.#pacer(talk);
    pacer.flush();
    const listener = {
      delta: (delta: Parameters<Turn['push']>[0]) => {
        turn.push(delta);
        pacer.change();
      },
      note: (text: string) => {
        turn.note = text;
        if (turn.text === '') {
          pacer.change();
        }
      },
    };
    try {
      const question = turn.query.question === undefined ? 'llmls.explain' : 'llmls.ask';
      const command = 'name' in turn.query ? 'llmls.prompt' : question;
      const result = await this.#server.ask(command, turn.query, listener, stop.token);
      turn.end(result);
      talk.conversation = result.conversation;
    } catch (error) {
      turn.fail(error, Date.now());
      if (turn.state === 'failed') {
        this.#server.log.error(turn.failure?.message ?? '');
        this.#failed.fire(talk);
      }
    } finally {
      this.#stops.delete(turn);
      stop.dispose();
      pacer.flush();
      this.#tick();
    }
    if (turn.state === 'stopped' && turn.text !== '') {
      talk.conversation ??= await this.#conversationOf(turn);
    }
  }

  /**
   * The conversation of an answer that was stopped: a cancelled request has no
   * result that names it. Answers to the same question with the same text are
   * one as good as the other.
   */
  async #conversationOf(turn: Turn): Promise<string | undefined> {
    const answers = await this.#server
      .run<AnswerInfo[]>('llmls.answers', turn.query.uri ? { uri: turn.query.uri } : {})
      .catch(() => []);
    return answers.find((one) => (one.question ?? '') === (turn.query.question ?? '') && one.text.startsWith(turn.text))
      ?.conversation;
  }

  #pacer(talk: Talk): Pacer {
    let pacer = this.#pacers.get(talk);
    if (!pacer) {
      const interval = () => (talk.turns.some(({ text }) => text.length > longText) ? longestPause : redrawInterval);
      pacer = new Pacer(() => this.#changed.fire(talk), interval);
      this.#pacers.set(talk, pacer);
    }
    return pacer;
  }

  /** Counts the seconds on the screen while something runs. */
  #tick(): void {
    clearInterval(this.#clock);
    if (this.#stops.size > 0) {
      this.#clock = setInterval(() => {
        for (const talk of this.running) {
          this.#pacer(talk).change();
        }
      }, 1000);
    }
  }

  dispose(): void {
    clearInterval(this.#clock);
    for (const pacer of this.#pacers.values()) {
      pacer.cancel();
    }
    for (const stop of this.#stops.values()) {
      stop.cancel();
    }
  }
}
