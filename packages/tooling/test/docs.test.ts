import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../src/repository.ts'

const pages = globSync(['README.md', 'docs/**/*.md', 'examples/*/README.md', 'deploy/**/*.md'], { cwd: root })
const prose = pages.filter((page) => !page.startsWith('docs/reference/'))
const read = (page: string): string => readFileSync(path.join(root, page), 'utf8')
const withoutCode = (text: string): string => text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, 'x')

/** GitHub's anchors: lower case, punctuation dropped, blanks to dashes. */
function anchorsOf(page: string): readonly string[] {
  const headings = read(page)
    .replace(/```[\s\S]*?```/g, '')
    .matchAll(/^#+ (.+)$/gm)
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  )
}

it('each relative link of README and docs leads to a file, and to a heading of it', () => {
  const broken = prose.flatMap((page) =>
    [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
      if (/^[a-z]+:/.test(target)) return []
      const [file = '', anchor] = target.split('#')
      const found = file === '' ? page : path.join(path.dirname(page), file)
      const isThere = existsSync(path.join(root, found))
      const isWhole = isThere && (anchor === undefined || anchorsOf(found).includes(anchor))
      return isWhole ? [] : [`${page}: ${target}`]
    }),
  )
  expect(broken).toEqual([])
})

/** Options by verb, as the reference page states them; a check holds that page against the program. */
function optionsByVerb(): ReadonlyMap<string, ReadonlySet<string>> {
  const sections = read('docs/reference/cli.md')
    .split(/^### skykeep /m)
    .slice(1)
  return new Map(
    sections.map((section) => {
      const [verb = ''] = section.split('\n')
      const options = [...section.matchAll(/^\| `([^`]+)`/gm)].flatMap(
        ([, cell = '']) => cell.match(/--?[a-z][a-z-]*/g) ?? [],
      )
      return [verb.trim(), new Set([...options, '--help', '--version', '--no-color'])]
    }),
  )
}

it('each `npx skykeep VERB --option` of the prose exists in the program', () => {
  const verbs = optionsByVerb()
  const unknown = prose.flatMap((page) =>
    [...read(page).matchAll(/npx skykeep ([^`\n#|)…]+)/g)].flatMap(([line, rest = '']) => {
      const words = rest.trim().split(/\s+/)
      const verb = [words.slice(0, 2).join(' '), words[0] ?? ''].find((name) => verbs.has(name))
      if (verb === undefined) return /^--(?:version|help)$/.test(words[0] ?? '') ? [] : [`${page}: ${line}`]
      const named = words
        .filter((word) => /^--?[a-z]/.test(word))
        .map((word) => word.replace(/[=,.;:].*$/, ''))
      return named
        .filter((option) => verbs.get(verb)?.has(option) !== true)
        .map((option) => `${page}: ${line}: ${option}`)
    }),
  )
  expect(unknown).toEqual([])
})

it('each environment variable of ours that a page names exists', () => {
  const known = new Set(read('docs/reference/environment.md').match(/\bSKY(?:KEEP|PILOT)_[A-Z_]+/g))
  const unknown = prose.flatMap((page) =>
    [...new Set(read(page).match(/\bSKY(?:KEEP|PILOT)_[A-Z_]+/g))]
      .filter((name) => !known.has(name))
      .map((name) => `${page}: ${name}`),
  )
  expect(unknown).toEqual([])
})

it('the index names every page, and every page that it names is there', () => {
  const named = [...read('docs/README.md').matchAll(/\]\((?:\.\/)?([a-z0-9/-]+\.md)/g)].map(
    ([, page = '']) => page,
  )
  const there = globSync('**/*.md', { cwd: path.join(root, 'docs') }).filter((page) => page !== 'README.md')
  expect(there.filter((page) => !named.includes(page)).toSorted()).toEqual([])
  expect(named.filter((page) => !there.includes(page))).toEqual([])
})

it('each picture is smaller than 400 KiB, and a page shows it', () => {
  const text = prose.map(read).join('')
  for (const picture of globSync('docs/images/*', { cwd: root })) {
    const isSmall = statSync(path.join(root, picture)).size < 400 * 1024
    const isShown = text.includes(`images/${path.basename(picture)}`)
    expect([picture, isSmall, isShown]).toEqual([picture, true, true])
  }
})
