import path from 'node:path'

/** The repository's root folder. */
export const root = path.resolve(import.meta.dirname, '../../..')

/** Where builds live: one folder a content hash, and `current`, a symbolic link switched by rename. */
export const buildsDir = path.join(root, '.build')
