import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test, type Page } from '@playwright/test'
import { TestPlane } from '@skykeep/testing/plane'
import { findingsOf } from './plane/findings.ts'

const build = process.env['SKYKEEP_BUILD'] ?? path.resolve(import.meta.dirname, '../../../.build/current')
const pictures = process.env['SKYKEEP_PICTURES']
const { publicKey, privateKey } = generateKeyPairSync('ed25519')

const looks = [
  { scheme: 'light', width: 1440, height: 900 },
  { scheme: 'dark', width: 1440, height: 900 },
  { scheme: 'light', width: 820, height: 1100 },
  { scheme: 'dark', width: 390, height: 844 },
] as const

const yaml = (name: string, access: object | null): string => `name: ${name}
resources:
  infra: local
service:
  readiness_probe: /
  replicas: 1
${access === null ? '' : `  load_balancer:\n    access: ${JSON.stringify(access)}\n`}run: python3 -m http.server $PORT
`
const guarded = {
  allow: ['127.0.0.0/8'],
  require_key: true,
  key_requests_per_second: 50,
  tokens: {
    public_keys: [{ kid: 'main', jwk: publicKey.export({ format: 'jwk' }) }],
    issuer: 'https://id.example.com',
    max_lifetime_seconds: 3600,
    subject_header: 'X-Subject',
  },
}

function tokenOf(sub: string): string {
  const iat = Math.floor(Date.now() / 1000)
  const claims = { iss: 'https://id.example.com', sub, iat, exp: iat + 600 }
  const text = [{ alg: 'EdDSA', kid: 'main' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`
}

test.describe('the access of a service', () => {
  let plane: TestPlane
  const folder = mkdtempSync(path.join(tmpdir(), 'skykeep-access-'))
  test.beforeAll(async () => {
    test.setTimeout(180_000)
    plane = await TestPlane.create({ build })
    plane.up()
    await plane.untilActive()
    for (const [name, access] of [
      ['guarded', guarded],
      ['open', null],
    ] as const) {
      const file = path.join(folder, `${name}.yaml`)
      writeFileSync(file, yaml(name, access))
      const served = await plane.cli('serve', 'up', file)
      expect(served.code, served.stderr).toBe(0)
    }
  })
  test.afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await plane.destroy()
  })

  const statusWith = async (credential: string): Promise<number> => {
    const url = (await plane.status('guarded'))?.endpoint
    if (url === undefined) throw new Error('guarded has no endpoint')
    const headers = credential === '' ? {} : { authorization: `Bearer ${credential}` }
    return (await fetch(`${url}/`, { headers })).status
  }
  const signIn = async (page: Page): Promise<void> => {
    const { stdout } = await plane.cli('login')
    await page.goto(stdout.trim())
    await page.getByRole('button', { name: /sign in/i }).click()
    await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'))
  }
  const open = (page: Page, where: string): Promise<unknown> => page.goto(new URL(where, page.url()).href)

  test('says who may ask, and of an open service what to do', async ({ page }) => {
    await signIn(page)
    await open(page, '/services/guarded?tab=access')
    const card = page.getByRole('region', { name: 'Who may ask' })
    await expect(card).toContainText('127.0.0.0/8')
    await expect(card).toContainText('A key of the service, or a signed token')
    await expect(card).toContainText('50 requests a second')
    await expect(card).toContainText('main (EdDSA)')
    await expect(card).toContainText('Told to the replica in X-Subject')
    await open(page, '/services/open?tab=access')
    await expect(card).toContainText('Everybody who reaches the endpoint')
    await expect(page.getByRole('region', { name: 'Keys' })).toContainText('No key yet')
    await expect(page.getByRole('region', { name: 'Revoked tokens' })).toHaveCount(0)
  })

  test('a key is made, shown once, opens the endpoint, and does no longer once it is revoked', async ({
    page,
    context,
  }) => {
    test.setTimeout(120_000)
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await signIn(page)
    await open(page, '/services/guarded?tab=access')
    expect(await statusWith('')).toBe(401)
    await page.getByRole('button', { name: 'Make a key' }).click()
    const dialog = page.getByRole('alertdialog', { name: 'Make a key of guarded' })
    await dialog.getByLabel('Who uses it').fill('Mobile App')
    await expect(dialog.getByRole('button', { name: 'Make the key' })).toBeDisabled()
    await dialog.getByLabel('Who uses it').fill('mobile-app')
    await dialog.getByLabel('It expires').selectOption('After 30 days')
    await dialog.getByRole('button', { name: 'Make the key' }).click()
    await expect(dialog).toBeHidden()

    const shown = page.getByRole('region', { name: 'The key mobile-app' })
    const key = (await shown.locator('code').first().innerText()).trim()
    expect(key).toMatch(/^sk_guarded_[\w-]{43}$/)
    await shown.getByRole('button', { name: 'Copy the key' }).click()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key)
    expect(await statusWith(key)).toBe(200)
    const row = page.getByRole('table', { name: 'Keys' }).getByRole('row').filter({ hasText: 'mobile-app' })
    await expect(row).toContainText(`…${key.slice(-4)}`)
    await expect(row).toContainText('Holds')
    await expect(row).toContainText(/in 29 d/)
    await shown.getByRole('button', { name: 'Done' }).click()
    await expect(shown).toBeHidden()
    await page.reload()
    await expect(row).toBeVisible()
    expect(await page.content()).not.toContain(key)

    await row.getByRole('button', { name: 'Revoke mobile-app' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click()
    expect(await statusWith(key)).toBe(200)
    await row.getByRole('button', { name: 'Revoke mobile-app' }).click()
    await page
      .getByRole('alertdialog', { name: 'Revoke the key mobile-app of guarded?' })
      .getByRole('button', { name: 'Revoke' })
      .click()
    await expect(row).toContainText('Revoked', { timeout: 20_000 })
    await expect(row.getByRole('button')).toHaveCount(0)
    expect(await statusWith(key)).toBe(401)
  })

  test('a key that a terminal makes stands there without a reload', async ({ page }) => {
    await signIn(page)
    await open(page, '/services/guarded?tab=access')
    await expect(page.getByRole('button', { name: 'Make a key' })).toBeVisible()
    await page.evaluate(() => document.body.setAttribute('data-same-page', 'yes'))
    const made = await plane.cli('key', 'create', 'guarded', 'by-hand')
    expect(made.code, made.stderr).toBe(0)
    const row = page.getByRole('table', { name: 'Keys' }).getByRole('row').filter({ hasText: 'by-hand' })
    await expect(row).toContainText('Never by itself')
    await expect(page.locator('body')).toHaveAttribute('data-same-page', 'yes')
  })

  test('the tokens of one subject are revoked, and nobody else’s', async ({ page }) => {
    await signIn(page)
    const [ann, bob] = [tokenOf('ann'), tokenOf('bob')]
    expect([await statusWith(ann), await statusWith(bob)]).toEqual([200, 200])
    await open(page, '/services/guarded?tab=access')
    await page.getByRole('button', { name: 'Revoke tokens' }).click()
    const dialog = page.getByRole('alertdialog', { name: 'Revoke signed tokens of guarded' })
    await dialog.getByLabel('Its claim sub').fill('ann')
    await dialog.getByRole('button', { name: 'Revoke' }).click()
    await expect(dialog).toBeHidden({ timeout: 20_000 })
    const table = page.getByRole('table', { name: 'Revoked tokens' })
    await expect(table.getByRole('row', { name: /^ann/ })).toContainText('All tokens of this sub')
    expect([await statusWith(ann), await statusWith(bob)]).toEqual([401, 200])
  })

  for (const look of looks) {
    test(`axe finds nothing serious in ${look.scheme} at ${look.width} px, and nothing is too wide`, async ({
      page,
    }) => {
      test.setTimeout(120_000)
      await page.emulateMedia({ colorScheme: look.scheme })
      await page.setViewportSize(look)
      await signIn(page)
      const isSound = async (what: string): Promise<void> => {
        expect(await findingsOf(page)).toEqual([])
        if (pictures === undefined) return
        const name = `access-${what}-${look.scheme}-${look.width}.png`
        await page.screenshot({ path: path.join(pictures, name), fullPage: true })
      }
      await open(page, '/services/open?tab=access')
      await expect(page.getByText('No key yet')).toBeVisible()
      await isSound('open')
      await open(page, '/services/guarded?tab=access')
      await expect(page.getByRole('table', { name: 'Keys' })).toBeVisible()
      await page.getByRole('button', { name: 'Make a key' }).click()
      const name = `axe-${look.scheme}-${look.width}`
      await page.getByLabel('Who uses it').fill(name)
      await isSound('make')
      await page.getByRole('button', { name: 'Make the key' }).click()
      await expect(page.getByRole('region', { name: `The key ${name}` })).toBeVisible()
      await isSound('guarded')
    })
  }
})
