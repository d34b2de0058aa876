// Directions of imports between workspaces: architecture of the repository, without a list of exceptions.
const pure = ['core', 'spec', 'placement', 'serving', 'accounting', 'access']
const contract = 'providers/contract'

/** For each package, the packages that it may import beside itself. */
const mayImport = {
  core: [],
  telemetry: [],
  tooling: [],
  spec: ['core'],
  serving: ['core', 'spec'],
  'persistent-path': ['core'],
  secrets: ['core'],
  logs: ['core'],
  db: ['core', 'telemetry'],
  engine: ['telemetry'],
  gateway: ['core', 'telemetry'],
  auth: ['core', 'db', 'access'],
  [contract]: ['core'],
  'providers/local': ['core', contract],
  'providers/sim': ['core', contract],
  'node-runtime': ['core', contract],
  state: ['core', 'persistent-path', 'db', 'secrets'],
  controllers: [...pure, 'db', 'engine', contract, 'node-runtime', 'secrets', 'logs', 'telemetry'],
  actions: [...pure, 'db', 'logs', 'secrets', 'state'],
  api: ['core', 'spec', 'actions'],
}

/** For each app: composition roots. Only the worker sees a concrete provider. */
const appMayImport = {
  worker: Object.keys(mayImport).filter(
    (name) => !['actions', 'api', 'auth', 'gateway', 'tooling'].includes(name),
  ),
  gateway: ['core', 'persistent-path', 'telemetry', 'gateway'],
  cli: ['core', 'spec', 'persistent-path', 'secrets', 'state', 'db', 'telemetry', 'api', 'auth'],
  web: [...pure, 'persistent-path', 'secrets', 'logs', 'telemetry', 'db', 'auth', 'actions', 'api', 'state'],
}

const escaped = (name) => name.replace('/', '\\/')
const outside = (prefix, own, allowed) => ({
  name: `${prefix}/${own} imports only ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^${prefix}/${escaped(own)}/(?!test/|e2e/)` },
  to: {
    path: '^(apps|packages)/',
    pathNot: [
      `^${prefix}/${escaped(own)}/`,
      '^packages/tooling/launcher/',
      ...allowed.map((name) => `^packages/${escaped(name)}/`),
    ],
  },
})

export default {
  forbidden: [
    ...Object.entries(mayImport).map(([own, allowed]) => outside('packages', own, allowed)),
    ...Object.entries(appMayImport).map(([own, allowed]) => outside('apps', own, allowed)),
    { name: 'no cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'the testing package is for tests only',
      severity: 'error',
      from: { pathNot: ['^packages/testing/', '/(test|e2e)/'] },
      to: { path: '^packages/testing/' },
    },
    {
      name: 'nobody imports a test',
      severity: 'error',
      from: { pathNot: '/(test|e2e)/' },
      to: { path: '^(apps|packages)/.+/(test|e2e)/' },
    },
    {
      name: 'pure packages do no I/O',
      severity: 'error',
      from: { path: `^packages/(${pure.join('|')})/src/` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'imports resolve',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'only db talks to Prisma',
      severity: 'error',
      from: { pathNot: '^packages/(db|testing|tooling)/' },
      to: { path: 'node_modules/(@prisma|prisma|better-sqlite3|pg)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(node_modules/[.]|/generated/|[.]next|[.]build)' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
}
