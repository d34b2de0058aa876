import { describe, expect, it } from 'vitest'
import { lastTellingLine, withoutSecrets } from '../src/replicas/last-line.ts'

describe('the line that tells why a job ended', () => {
  it.each([
    ['', ''],
    ['one\n\n  two \n\n', 'two'],
    ['Traceback (most recent call last):\n  File "a.py"\nKeyError: 1\n', 'KeyError: 1'],
    [
      'node:events:502\n      throw er;\n\nError: listen EADDRINUSE: 127.0.0.1:1\n    at Server.x {\n  port: 1\n}\n\nNode.js v24.21.0\n',
      'Error: listen EADDRINUSE: 127.0.0.1:1',
    ],
    ['TypeError [ERR_X]: bad\n    at f\n\nNode.js v24.21.0', 'TypeError [ERR_X]: bad'],
    ['process.exit\nNode.js v24.21.0', 'Node.js v24.21.0'],
    [`${'x'.repeat(400)}\n`, 'x'.repeat(300)],
  ])('of %j is %j', (text, line) => expect(lastTellingLine(text)).toBe(line))
})

describe('a secret in what a job printed last', () => {
  it.each([
    ['bad key sk-live-123', ['sk-live-123'], 'bad key ***'],
    ['second-line of a key', ['first-line\nsecond-line'], '*** of a key'],
    ['sk-1234567', ['sk-1', 'sk-1234567'], '***'],
    ['a is a letter', ['a'], 'a is a letter'],
  ])('%j without %j is %j', (text, secrets, shown) => expect(withoutSecrets(text, secrets)).toBe(shown))
})
