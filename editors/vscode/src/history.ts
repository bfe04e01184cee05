/** The most questions that are remembered. */
const mostQuestions = 50;

/** Questions asked before, and the position of a person who steps through them. */
export class History {
  readonly #questions: string[];
  #at: number;
  #draft = '';

  /** questions are the earlier ones, the oldest first. */
  constructor(questions: readonly string[]) {
    this.#questions = questions.slice(-mostQuestions);
    this.#at = this.#questions.length;
  }

  /** The question before, and typed is kept to come back to. Undefined at the oldest. */
  previous(typed: string): string | undefined {
    if (this.#at === this.#questions.length) {
      this.#draft = typed;
    }
    if (this.#at === 0) {
      return undefined;
    }
    return this.#questions[--this.#at];
  }

  /** The question after, at the end what had been typed. Undefined there. */
  next(): string | undefined {
    if (this.#at === this.#questions.length) {
      return undefined;
    }
    return this.#questions[++this.#at] ?? this.#draft;
  }

  /** The questions with one more; the same one again only moves to the end. */
  with(question: string): string[] {
    return [...this.#questions.filter((one) => one !== question), question].slice(-mostQuestions);
  }
}
