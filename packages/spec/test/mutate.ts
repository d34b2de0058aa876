/** Mulberry32: a small seeded generator, so that a failing file can be made again. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export type Random = () => number

export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

type Mutation = (text: string, random: Random) => string

const oddScalars = [
  '',
  '~',
  'null',
  'yes',
  'off',
  'true',
  '0',
  '-1',
  '010',
  '0x1f',
  '0o7',
  '1e999',
  '.inf',
  '-.INF',
  '.nan',
  '9'.repeat(400),
  '1_000',
  '12:30:45',
  '2024-01-01',
  '2024-01-01T00:00:00Z',
  '""',
  "''",
  '[]',
  '{}',
  '[[[[]]]]',
  '{a: {b: {c: d}}}',
  '|',
  '>-',
  '|+2',
  '*x',
  '&x y',
  '!!binary x',
  '!t',
  '@a',
  '`a`',
  '%',
  '- ',
  '? a',
  '<<',
  '4+',
  '4x',
  '8080-8090',
  '1-65535',
  '$PORT',
  '${X',
  'aws',
  'k8s/a',
  '😀',
  '\u202e',
  '\ufeff',
  '\ud800',
  '\u2028',
  '__proto__',
  'constructor',
  '/',
  '//',
  '/a b',
  '{"json": 1}',
  '"\\x00"',
  '"\\u0000"',
]
const oddLines = [
  '---',
  '...',
  '- a',
  '\t- b',
  '<<: *a',
  '<<: {run: x}',
  '__proto__: {a: 1}',
  '? [a, b]',
  ': x',
  '# c',
  '%YAML 1.1',
  'a: &a [*a]',
  '"": x',
  '12: y',
  'null: z',
  'run: twice',
  '  replicas: 3',
  'secrets: x',
]
const oddBytes = [
  '\0',
  '\t',
  '\r',
  '\n',
  ' ',
  ':',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ',',
  '#',
  '&',
  '*',
  '!',
  '|',
  '>',
  '%',
  '@',
  '-',
  '\\',
  '\u007f',
  'é',
  '\u{1f600}',
  '\u0085',
]

function onLine(text: string, random: Random, change: (line: string) => string): string {
  const lines = text.split('\n')
  const index = Math.floor(random() * lines.length)
  return lines.toSpliced(index, 1, change(lines[index] ?? '')).join('\n')
}

const mutations: Readonly<Record<string, Mutation>> = {
  flipByte: (text, random) => {
    const at = Math.floor(random() * text.length)
    const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << Math.floor(random() * 8)))
    return text.slice(0, at) + flipped + text.slice(at + 1)
  },
  insertByte: (text, random) => {
    const at = Math.floor(random() * (text.length + 1))
    return text.slice(0, at) + pick(random, oddBytes) + text.slice(at)
  },
  dropBytes: (text, random) => {
    const at = Math.floor(random() * text.length)
    return text.slice(0, at) + text.slice(at + 1 + Math.floor(random() * 4))
  },
  truncate: (text, random) => text.slice(0, Math.floor(random() * text.length)),
  dropLine: (text, random) =>
    text
      .split('\n')
      .toSpliced(Math.floor(random() * text.split('\n').length), 1)
      .join('\n'),
  repeatLine: (text, random) => onLine(text, random, (line) => `${line}\n${line}`),
  insertLine: (text, random) => onLine(text, random, (line) => `${line}\n${pick(random, oddLines)}`),
  swapLines: (text, random) => {
    const lines = text.split('\n')
    const from = Math.floor(random() * lines.length)
    const [line = ''] = lines.splice(from, 1)
    return lines.toSpliced(Math.floor(random() * (lines.length + 1)), 0, line).join('\n')
  },
  indent: (text, random) => onLine(text, random, (line) => ' '.repeat(1 + Math.floor(random() * 4)) + line),
  outdent: (text, random) => onLine(text, random, (line) => line.replace(/^ {1,2}/, '')),
  tabIndent: (text, random) => onLine(text, random, (line) => line.replace(/^ +/, '\t')),
  typo: (text, random) =>
    onLine(text, random, (line) =>
      line.replace(/[a-z_]{3,}/, (word) => {
        const at = Math.floor(random() * (word.length - 1))
        return word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2)
      }),
    ),
  otherValue: (text, random) =>
    onLine(text, random, (line) => line.replace(/:(?: .*)?$/, () => `: ${pick(random, oddScalars)}`)),
  otherKey: (text, random) =>
    onLine(text, random, (line) => line.replace(/[\w-]+:/, () => `${pick(random, oddScalars)}:`)),
  toList: (text, random) => onLine(text, random, (line) => line.replace(/: (.+)$/, ': [$1, $1]')),
  toMap: (text, random) => onLine(text, random, (line) => line.replace(/: (.+)$/, ': {a: $1}')),
  quote: (text, random) => onLine(text, random, (line) => line.replace(/: (.+)$/, ': "$1"')),
  carriageReturns: (text) => text.replaceAll('\n', '\r\n'),
  oldMacLines: (text) => text.replaceAll('\n', '\r'),
  twice: (text) => text + text,
  flow: (text, random) => onLine(text, random, (line) => `{${line}}`),
  deep: (text, random) => onLine(text, random, (line) => line + '['.repeat(Math.floor(random() * 300))),
}

/** The text after one to four random changes. */
export function mutate(text: string, random: Random): string {
  let mutated = text
  for (let count = 1 + Math.floor(random() * 4); count > 0; count -= 1) {
    if (mutated !== '') mutated = pick(random, Object.values(mutations))(mutated, random)
  }
  return mutated
}
