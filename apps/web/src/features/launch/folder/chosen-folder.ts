import ignore, { type Ignore } from 'ignore'
import { uploadLimits } from '@skykeep/core/upload-limits'
import { bytes } from '#src/format/quantity.ts'
import { FolderProblem } from './folder-problem.ts'
import type { PackedFile } from './pack-tar.ts'

/** A working folder that is ready to be sent. */
export interface ChosenFolder {
  /** Tells two choices apart that look the same. */
  readonly id: number
  /** As a person knows it. */
  readonly label: string
  readonly files: readonly PackedFile[]
  /** Files that stay behind, and for what. */
  readonly leftOut: number
}

let lastId = 0

/** The number of the next choice in this tab. */
export function nextFolderId(): number {
  lastId += 1
  return lastId
}

interface Candidate {
  readonly path: string
  readonly file: File
}

/**
 * What of a folder that was chosen in the browser is sent: not `.git`, and not what its own `.skyignore` names, or without one its
 * `.gitignore` files, as the command line does. Throws FolderProblem where it is too large.
 */
export async function folderOf(chosen: readonly File[]): Promise<ChosenFolder> {
  const label = chosen[0]?.webkitRelativePath.split('/', 1)[0] ?? 'folder'
  const all = chosen.map((file) => ({ path: file.webkitRelativePath.slice(label.length + 1), file }))
  const rules = await rulesOf(all)
  const kept = all.filter(({ path }) => !path.split('/').includes('.git') && !isLeftOut(rules, path))
  const size = kept.reduce((total, { file }) => total + file.size, 0)
  if (kept.length > uploadLimits.entriesMax || size > uploadLimits.packedBytesMax) {
    throw new FolderProblem(
      `The folder has ${kept.length} files and ${bytes(size)}: more than the ${uploadLimits.entriesMax} files and ${bytes(uploadLimits.packedBytesMax)} that can be sent. Leave large files out with a .skyignore file in it.`,
    )
  }
  const files = await Promise.all(kept.map(packedOf))
  return { id: nextFolderId(), label, files, leftOut: all.length - kept.length }
}

async function packedOf({ path, file }: Candidate): Promise<PackedFile> {
  return { path, content: file, isProgram: (await file.slice(0, 2).text()) === '#!' }
}

/** Rules by the folder that they speak of, '' for the top. */
async function rulesOf(files: readonly Candidate[]): Promise<ReadonlyMap<string, Ignore>> {
  const own = files.filter(({ path }) => path === '.skyignore')
  const sources = own.length > 0 ? own : files.filter(({ path }) => /(?:^|\/)\.gitignore$/.test(path))
  const rules = new Map<string, Ignore>()
  for (const { path, file } of sources) {
    const folder = path.slice(0, Math.max(path.lastIndexOf('/'), 0))
    rules.set(folder, ignore({ ignorecase: false }).add(await file.text()))
  }
  return rules
}

/** The deepest rules that say anything decide, as in git. */
function isLeftOut(rules: ReadonlyMap<string, Ignore>, path: string): boolean {
  const parts = path.split('/')
  for (let depth = parts.length - 1; depth >= 0; depth -= 1) {
    const found = rules.get(parts.slice(0, depth).join('/'))?.test(parts.slice(depth).join('/'))
    if (found !== undefined && (found.ignored || found.unignored)) return found.ignored
  }
  return false
}
