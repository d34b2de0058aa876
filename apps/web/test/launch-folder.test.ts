import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { unpackUpload } from '@skykeep/actions/uploads/unpack-upload'
import { folderOf } from '#src/features/launch/folder/chosen-folder.ts'
import { packTar } from '#src/features/launch/folder/pack-tar.ts'
import { folderOfTemplate, templates } from '#src/features/launch/templates/templates.ts'
import kept from '#src/features/launch/templates/example-files.json' with { type: 'json' }
import { uploadLimits } from '@skykeep/core/upload-limits'
import { parseServiceYaml } from '@skykeep/spec/parse-service-yaml'
import { exampleFiles } from '../scripts/example-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'skykeep-pack-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function chosen(path: string, text: string): File {
  const file = new File([text], path.slice(path.lastIndexOf('/') + 1))
  Object.defineProperty(file, 'webkitRelativePath', { value: path })
  return file
}

describe('a folder that was chosen in the browser', () => {
  it('arrives whole: plain, long and foreign names, empty and odd sizes, programs', async () => {
    const names = [
      'a.txt',
      `${'deep/'.repeat(30)}file.txt`,
      'ключ/ß.txt',
      'b/empty',
      `x${'y'.repeat(98)}z`,
      'run.sh',
    ]
    const texts = ['one', 'two'.repeat(400), 'drei', '', 'x'.repeat(512), '#!/bin/sh\necho hi\n']
    const files = names.map((path, at) => ({
      path,
      content: new Blob([texts[at] ?? '']),
      isProgram: path.endsWith('.sh'),
    }))
    const archive = join(folder, 'a.tar')
    writeFileSync(archive, Buffer.from(await packTar(files).arrayBuffer()))
    const target = mkdtempSync(join(folder, 'out-'))
    await unpackUpload(archive, target, uploadLimits)
    expect(names.map((name) => readFileSync(join(target, name), 'utf8'))).toEqual(texts)
    expect(statSync(join(target, 'run.sh')).mode & 0o777).toBe(0o700)
    expect(statSync(join(target, 'a.txt')).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['.skyignore', ['*.log'], ['.gitignore', '.skyignore', 'a/keep.txt', 'dist/x']],
    ['.none', ['*.log'], ['.gitignore', '.none', 'a/x.log', 'a/keep.txt']],
  ])('leaves out what %s says, and .git', async (name, patterns, expected) => {
    const files = [
      chosen('app/.gitignore', 'dist/\n*.log\n'),
      chosen(`app/${name}`, patterns.join('\n')),
      chosen('app/a/.gitignore', '!x.log\n'),
      chosen('app/a/x.log', 'log'),
      chosen('app/a/keep.txt', 'kept'),
      chosen('app/dist/x', 'built'),
      chosen('app/.git/config', 'token'),
    ]
    const found = await folderOf(files)
    expect(found.label).toBe('app')
    expect(found.files.map(({ path }) => path).filter((path) => path !== 'a/.gitignore')).toEqual(expected)
    expect(found.leftOut).toBe(files.length - found.files.length)
  })

  it('is refused where there are too many files', async () => {
    const files = Array.from({ length: uploadLimits.entriesMax + 1 }, (_, at) => chosen(`app/${at}`, ''))
    await expect(folderOf(files)).rejects.toThrow(/\.skyignore/)
  })
})

describe('the templates', () => {
  it('are the examples as they lie in the repository', () => {
    expect(kept).toEqual(exampleFiles())
  })
  it.each(templates.map((template) => [template.id, template] as const))(
    '%s is read without a warning',
    (_, template) => {
      const parsed = parseServiceYaml(template.yaml)
      expect(parsed).toMatchObject({ ok: true, warnings: [], workdir: `examples/${template.example}` })
      expect(folderOfTemplate(template).files.map(({ path }) => path)).toContain('service.yaml')
    },
  )
})
