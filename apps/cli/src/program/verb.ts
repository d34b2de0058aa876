import { Command } from 'commander'
import { wrapped } from '../output/width.ts'

/** A line that a person can type, and what it does. */
export interface Example {
  readonly line: string
  readonly does: string
}

/** The stable shape of what `--json` prints: fields may be added, never taken away or given another meaning. */
export interface JsonAnswer {
  /** One JSON value: an object with these fields, or a list of such objects. */
  readonly kind: 'object' | 'list'
  readonly fields: readonly string[]
  /** Where the shape depends on other options, or lines are printed one by one. */
  readonly note?: string
}

/** What `--json` prints where other options or arguments ask for something else. */
export interface OtherAnswer extends Omit<JsonAnswer, 'note'> {
  /** As a person reads it: `with --list`. */
  readonly when: string
}

/**
 * A command of Skykeep: commander's, with what its help, its page and its completion need beside. An argument or a value named `service`,
 * `replica`, `version`, `operation`, `file` or `folder` is completed as such.
 */
export class Verb extends Command {
  readonly details: string[] = []
  readonly examples: Example[] = []
  answer: JsonAnswer | undefined
  readonly otherAnswers: OtherAnswer[] = []

  constructor(name?: string) {
    super(name)
    // `skykeep help VERB` is a verb of its own.
    this.helpCommand(false)
    this.addHelpText('after', () => this.#more())
  }

  override createCommand(name?: string): Verb {
    return new Verb(name)
  }

  /** A paragraph of the help that says more than the description does. */
  detail(text: string): this {
    this.details.push(text)
    return this
  }

  /** At least one a verb; the line is what is typed after `npx `. */
  example(line: string, does: string): this {
    this.examples.push({ line, does })
    return this
  }

  /** Adds `--json` and says what it prints. */
  answersJson(kind: JsonAnswer['kind'], fields: readonly string[], note?: string): this {
    this.answer = { kind, fields, ...(note === undefined ? {} : { note }) }
    return this.option('--json', 'print the answer as JSON, for programs')
  }

  /** Another shape of what `--json` prints. */
  answersElse(when: string, kind: OtherAnswer['kind'], fields: readonly string[]): this {
    this.otherAnswers.push({ when, kind, fields })
    return this
  }

  /** Adds `--watch`, for a verb that reads. */
  watches(): this {
    return this.option(
      '-w, --watch',
      'go on with every change until Ctrl-C: redrawn in place on a terminal, one line of JSON each with --json',
    )
  }

  /** The words that call it, without the program: `serve up`. */
  get path(): string {
    const above = this.parent instanceof Verb ? this.parent.path : ''
    return this.parent === null ? '' : `${above} ${this.name()}`.trim()
  }

  /** Heading of the top-level help that it, or the verb above it, stands under. */
  get group(): string {
    return this.helpGroup() === '' && this.parent instanceof Verb ? this.parent.group : this.helpGroup()
  }

  /** Verbs that do something, this one among them; groups are passed through. Hidden ones are left out. */
  get leaves(): readonly Verb[] {
    const below = this.verbs.flatMap((verb) => verb.leaves)
    return this.examples.length > 0 && this.parent !== null ? [this, ...below] : below
  }

  /** What can be typed next, without what is hidden. */
  get verbs(): readonly Verb[] {
    return this.createHelp()
      .visibleCommands(this)
      .filter((command): command is Verb => command instanceof Verb && this.commands.includes(command))
  }

  #more(): string {
    const width = this.createHelp().helpWidth ?? this.configureOutput().getOutHelpWidth?.() ?? 80
    const lines = this.details.flatMap((text) => ['', wrapped(text, width)])
    if (this.examples.length > 0) lines.push('', this.examples.length === 1 ? 'Example:' : 'Examples:')
    for (const { line, does } of this.examples) lines.push(`  $ ${line}`, `      ${does}`)
    return lines.join('\n')
  }
}
