// One at a time, whoever starts: a file that names its holder, taken over when the holder has died.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/** @param {string} file */
function isTaken(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    return false
  }
}

/** @param {string} file */
function dropIfAbandoned(file) {
  try {
    const holder = Number(readFileSync(file, 'utf8'))
    const isBeingWritten = holder === 0 && Date.now() - statSync(file).mtimeMs < 2000
    if (!isBeingWritten && !isAlive(holder)) rmSync(file, { force: true })
  } catch {
    // Released in the meantime.
  }
}

/**
 * Runs `work` while holding the claim `file`; waits for another holder to finish or die.
 * @template T
 * @param {string} file
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withClaim(file, work) {
  mkdirSync(path.dirname(file), { recursive: true })
  while (!isTaken(file)) {
    dropIfAbandoned(file)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}
