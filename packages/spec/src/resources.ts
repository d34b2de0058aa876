import type { Amount, InfraName, ResourcesSpec } from '@skykeep/core/service-spec'
import { readAccelerators, type AcceleratorWish } from './accelerators.ts'
import { shorten, type ProblemList } from './problem.ts'
import { reportKey } from './report.ts'
import { plainNumberOf, readBoolean, readText, shownValue } from './scalars.ts'
import { readMap, readSection, type Field } from './section.ts'
import { suggest } from './suggest.ts'
import type { YamlNode } from './yaml-tree.ts'

const maxPorts = 1000
const gibPerUnit: Readonly<Record<string, number>> = {
  k: 1 / 1024 ** 2,
  m: 1 / 1024,
  g: 1,
  t: 1024,
  p: 1024 ** 2,
}

/** What will bring the infras that SkyPilot knows. */
const laterInfras: Readonly<Record<string, string>> = {
  aws: 'the AWS provider',
  gcp: 'the GCP provider',
  k8s: 'the Kubernetes provider',
  kubernetes: 'the Kubernetes provider',
  slurm: 'the Slurm provider',
  ssh: 'SSH node pools',
  '*': 'placement over several infras',
}
const otherClouds =
  'azure ibm lambda scp oci runpod vast vsphere cudo fluidstack paperspace primeintellect do nebius hyperbolic seeweb shadeform yotta mithril verda'.split(
    ' ',
  )

/** The `resources` section; without one: `local`, no wish for size, the port from `$PORT`. */
export function readResources(field: Field | undefined, problems: ProblemList): ResourcesSpec {
  const map = field === undefined ? undefined : readMap(field, problems)
  if (map === undefined) return { infra: 'local', ports: [] }
  const fields = readSection(map, 'resources', problems)
  const infraField = fields.get('infra')
  const infra = infraField === undefined ? 'local' : readInfra(infraField, problems)
  const cpus = readAmount(fields.get('cpus'), cpusFrom, problems)
  const memoryGib = readAmount(fields.get('memory'), gibFrom, problems)
  const wish = readAccelerators(fields.get('accelerators'), problems)
  const spot = fields.get('use_spot')
  const useSpot = spot !== undefined && readBoolean(spot, problems) === true
  if (infra === 'local') {
    if (wish !== undefined)
      reportNotLocal(fields.get('accelerators'), 'this machine’s GPUs are not managed yet', problems)
    if (useSpot) reportNotLocal(spot, 'nobody takes this machine back', problems)
  }
  return {
    infra: infra ?? 'local',
    ...(cpus === undefined ? {} : { cpus }),
    ...(memoryGib === undefined ? {} : { memoryGib }),
    ports: readPorts(fields.get('ports'), problems),
    ...acceleratorsOf(wish),
    ...(useSpot ? { useSpot } : {}),
  }
}

function acceleratorsOf(
  wish: AcceleratorWish | undefined,
): Pick<ResourcesSpec, 'accelerators' | 'isAcceleratorOrdered'> {
  if (wish === undefined) return {}
  const { accelerators, isOrdered } = wish
  return isOrdered ? { accelerators, isAcceleratorOrdered: true } : { accelerators }
}

function reportNotLocal(field: Field | undefined, reason: string, problems: ProblemList): void {
  if (field === undefined) return
  const message = `\`${field.path}\` cannot be had on \`local\`: ${reason}`
  reportKey(
    field,
    { message, hint: 'Write `infra: sim` (the simulated cloud), or remove the key.' },
    problems,
  )
}

/** Undefined: it was reported. */
function readInfra(field: Field, problems: ProblemList): InfraName | undefined {
  const text = readText(field, problems)
  if (text === undefined) return undefined
  const normal = text.toLowerCase()
  if (normal === 'local' || normal === 'sim') return normal
  const [head = '', ...rest] = normal.split('/')
  const bringer = Object.hasOwn(laterInfras, head) ? laterInfras[head] : undefined
  const near = suggest(normal, ['local', ...Object.keys(laterInfras)])
  let message = `\`${shorten(text)}\` is not an infra that is known`
  if (bringer !== undefined)
    message = `the infra \`${shorten(text)}\` is not supported yet: it arrives with ${bringer}`
  else if (otherClouds.includes(head)) message = `the cloud \`${head}\` has no provider here`
  else if (rest.length > 0 && (head === 'local' || head === 'sim'))
    message = `\`${head}\` has no regions or zones`
  problems.error({
    path: field.path,
    span: field.node.span,
    value: shorten(text),
    message,
    hint:
      near === 'local'
        ? 'Did you mean `local`?'
        : 'Write `local` (this machine) or `sim` (the simulated cloud).',
  })
  return undefined
}

interface AmountReader {
  readonly wanted: string
  readonly example: string
  readonly most: number
  read(text: string): number | undefined
}

const cpusFrom: AmountReader = {
  wanted: 'a number of vCPUs above 0 (at most 10000), with + for "at least"',
  example: 'Write for example 4, or 4+ for at least 4.',
  most: 10_000,
  read: (text) => (/^\d{1,6}(?:\.\d{1,3})?$/.test(text) ? Number(text) : undefined),
}

const gibFrom: AmountReader = {
  wanted: 'an amount of GiB above 0 (at most 1000000), with + for "at least"',
  example: 'Write for example 32, 32+ for at least 32, or 512MB.',
  most: 1_000_000,
  read: (text) => {
    const match = /^(\d{1,12}(?:\.\d{1,3})?) ?(?:([kmgtp])i?b?)?$/i.exec(text)
    const factor = gibPerUnit[match?.[2]?.toLowerCase() ?? 'g']
    return match?.[1] === undefined || factor === undefined ? undefined : Number(match[1]) * factor
  },
}

function readAmount(
  field: Field | undefined,
  reader: AmountReader,
  problems: ProblemList,
): Amount | undefined {
  if (field === undefined) return undefined
  const { node } = field
  if (node.kind === 'scalar' && node.value === null) return undefined
  const source = node.kind === 'scalar' && typeof node.value !== 'boolean' ? node.source.trim() : ''
  const atLeast = source.endsWith('+')
  const value = reader.read(atLeast ? source.slice(0, -1) : source)
  const isPlainOctal = node.kind === 'scalar' && node.isPlain && /^0\d/.test(source)
  if (value !== undefined && value > 0 && value <= reader.most && !isPlainOctal) return { value, atLeast }
  const isMultiple = /^[\d.]+x$/.test(source)
  problems.error({
    path: field.path,
    span: node.kind === 'scalar' ? node.span : field.keySpan,
    value: shownValue(node),
    message: isMultiple
      ? `\`${field.path}\` as a multiple of the vCPUs (${shorten(source)}) arrives with the Kubernetes provider`
      : `\`${field.path}\` must be ${reader.wanted}`,
    hint: reader.example,
    shows: node.kind === 'scalar' ? 'line' : 'head',
  })
  return undefined
}

function readPorts(field: Field | undefined, problems: ProblemList): number[] {
  if (field === undefined) return []
  const { node } = field
  if (node.kind === 'scalar' && node.value === null) return []
  const items: readonly YamlNode[] = node.kind === 'list' ? node.items : [node]
  const ports = new Set<number>()
  for (const [index, item] of items.entries()) {
    const path = node.kind === 'list' ? `${field.path}[${index}]` : field.path
    const range = portRange(item)
    if (range === undefined) {
      problems.error({
        path,
        span: item.kind === 'scalar' ? item.span : field.keySpan,
        value: shownValue(item),
        message: `\`${path}\` must be a port from 1 to 65535, or a range of them`,
        hint: 'Write for example 8080, "8080-8090", or a list such as [8080, 8081].',
        shows: item.kind === 'scalar' ? 'line' : 'head',
      })
      continue
    }
    if (range.last - range.first + 1 + ports.size > maxPorts) {
      problems.error({
        path,
        span: item.span,
        value: shownValue(item),
        message: `\`${field.path}\` may open at most ${maxPorts} ports`,
        hint: 'Write a narrower range.',
      })
      return [...ports]
    }
    for (let port = range.first; port <= range.last; port += 1) ports.add(port)
  }
  return [...ports]
}

function portRange(node: YamlNode): { first: number; last: number } | undefined {
  if (node.kind !== 'scalar') return undefined
  const isNumber = plainNumberOf(node) !== undefined
  if (typeof node.value !== 'string' && !isNumber) return undefined
  const match = /^([1-9]\d{0,4})(?:\s*-\s*([1-9]\d{0,4}))?$/.exec(node.source.trim())
  if (match?.[1] === undefined) return undefined
  const first = Number(match[1])
  const last = Number(match[2] ?? match[1])
  return first <= last && last <= 65_535 ? { first, last } : undefined
}
