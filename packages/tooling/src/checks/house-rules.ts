import { readFileSync } from 'node:fs'
import { workspaceFiles } from './workspace-files.ts'

interface HouseRule {
  readonly name: string
  /** Files the rule speaks of, by path from the repository's root. */
  readonly where: RegExp
  readonly except?: RegExp
  readonly forbidden: RegExp
  readonly why: string
}

const tests = /\/(test|e2e)\//
const pure = /^packages\/(core|spec|placement|serving|accounting|access)\/src\//

const rules: readonly HouseRule[] = [
  {
    name: 'environment in env.ts only',
    where: /^(apps|packages)\//,
    except:
      /\/env\.ts$|\/(test|e2e)\/|^packages\/(tooling|testing)\/|\/conformance\.ts$|config\.(ts|mjs)$|^packages\/db\/(scripts|tools)\//,
    forbidden: /process\.env\b/,
    why: "read the environment once, in the app's env.ts, and pass what is needed down",
  },
  {
    name: 'time, identity and randomness are parameters',
    where: pure,
    forbidden: /\b(Date\.now|Math\.random|performance\.now|randomUUID|randomBytes)\b|\bnew Date\(\)/,
    why: 'take a Clock or an IdSource',
  },
  {
    name: 'controllers and engine have no clock of their own',
    where: /^packages\/(controllers|engine)\/src\//,
    except: /-thread\.ts$/,
    forbidden: /\b(Date\.now|Math\.random)\b|\bnew Date\(\)/,
    why: 'take a Clock; take randomness as a parameter',
  },
  {
    name: 'statuses change in transition() only',
    where: /^(apps|packages)\/.*\.ts$/,
    except: /^packages\/db\/src\/transition\.ts$|\/(test|e2e)\/|\/generated\//,
    forbidden:
      /\.(service|replica|operation|endpoint)\.update(Many|ManyAndReturn)?\(\{[^}]*\}?[^}]*data:\s*\{[^}]*\bstatus:/,
    why: 'call transition(): it checks the table and writes the event',
  },
  {
    name: 'no sleeps in tests',
    where: tests,
    forbidden: /await (sleep|delay|setTimeout)\(\d/,
    why: 'wait for a condition with a deadline',
  },
  {
    name: 'no suppressions',
    where: /^(apps|packages|bench|examples)\//,
    except: /^packages\/tooling\/(src\/checks|test)\//,
    forbidden: /(eslint|oxlint|prettier)-(disable|ignore)|@ts-(ignore|expect-error|nocheck)|jscpd:ignore/,
    why: 'mend what the checker found',
  },
  {
    name: 'dependencies are pinned',
    where: /(^|\/)package\.json$/,
    forbidden: /^ {4}"(?!@skykeep\/|node")[^"\n]+": "(latest|[*^~>]|\d+(\.\d+)?")/m,
    why: 'name one version: a range outgrows the lock file on a registry that moved on, and `npm ci` refuses it',
  },
]

const vagueNames = /(^|\/)(utils?|helpers?|common|shared|lib|manager|data|info|opts|misc)(\.[a-z.]+$|\/)/
const maxLines = 400

/** Every breach of the house rules in the repository, one line each; empty when all is well. */
export function houseRuleFindings(): string[] {
  return workspaceFiles().flatMap((file) => findingsIn(file.name, readFileSync(file.absolute, 'utf8')))
}

/** Every breach in one file, named by its path from the repository's root. */
export function findingsIn(file: string, text: string): string[] {
  const findings = rules
    .filter((rule) => rule.where.test(file) && rule.except?.test(file) !== true)
    .filter((rule) => rule.forbidden.test(text))
    .map((rule) => `${file}:${lineOf(text, rule.forbidden)} ${rule.name}: ${rule.why}`)
  const lines = text.split('\n').length - 1
  if (lines > maxLines)
    findings.push(`${file} has ${lines} lines, over ${maxLines}: split it by noun and verb`)
  if (vagueNames.test(file)) findings.push(`${file} names nothing: call it for the one thing inside`)
  return findings
}

function lineOf(text: string, pattern: RegExp): number {
  return text.slice(0, text.search(pattern)).split('\n').length
}
