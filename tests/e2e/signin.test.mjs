// A person signs in at the council's own provider, with its password page, and out again; somebody
// without a role is told so. The provider is a real one, oidc-provider.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import Provider from 'oidc-provider';
import { checkAccess, openBrowser } from './lib/browser.mjs';
import { freePort, ownGateway } from './lib/gateway.mjs';

const SECRET = 'known to the gateway and the provider';

// Who may sign in; any password will do.
const PEOPLE = {
  'jo.hart': { agency: 'demonstration', realm_access: { roles: ['registered_manager', 'offline_access'] } },
  'ann.other': { agency: 'demonstration', realm_access: { roles: ['payroll_clerk'] } },
};

async function startProvider(t, gatewayUrl) {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'fosterwatch',
      client_secret: SECRET,
      redirect_uris: [`${gatewayUrl}/signin/return`],
      post_logout_redirect_uris: [gatewayUrl],
    }],
    // In the ID token, where we read them.
    conformIdTokenClaims: false,
    claims: { openid: ['sub', 'agency', 'realm_access'] },
    findAccount: (_, id) => PEOPLE[id] && { accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) },
    cookies: { keys: ['only for this story'] },
  });
  const server = createServer(provider.callback());
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  }));
  return issuer;
}

async function signInAs(page, name) {
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('as good as any here');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('people sign in at their organisation', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fosterwatch-signin.'));
  t.after(() => rm(folder, { recursive: true }));
  const port = await freePort();
  const issuer = await startProvider(t, `http://127.0.0.1:${port}`);
  await writeFile(join(folder, 'secret'), SECRET, { mode: 0o600 });
  await writeFile(join(folder, 'oidc.json'), JSON.stringify({
    issuer,
    client_id: 'fosterwatch',
    client_secret_file: join(folder, 'secret'),
    roles_claim: '/realm_access/roles',
  }));
  const gateway = await ownGateway(t, {
    port, settings: { FOSTERWATCH_OIDC_FILE: join(folder, 'oidc.json') },
  });
  const browser = await openBrowser(t);
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);

  await t.test('from the page that says that they are signed out', async () => {
    await page.goto(`${gateway.url}/events`);
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await checkAccess(page, 'signed out, with the way to sign in');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await signInAs(page, 'jo.hart');
    // Back to where they were.
    await page.waitForURL(`${gateway.url}/events`);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    const [session, ...others] = (await context.cookies(gateway.url))
      .filter(({ name }) => name.startsWith('fosterwatch_'));
    assert.equal(others.length, 0, 'nothing is left of the attempt');
    assert.equal(session.name, 'fosterwatch_session');
    assert.equal(session.httpOnly, true);
    assert.equal(await page.evaluate(() => document.cookie), '');
  });

  await t.test('and have the rights of their role', async () => {
    await page.goto(`${gateway.url}/events`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const { roles, personId } = await page.evaluate(async () => {
      const answer = await fetch('/fosterwatch.gateway.v1.SessionService/GetSession', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'connect-protocol-version': '1' },
        body: '{}',
      });
      return answer.json();
    });
    assert.deepEqual(roles, ['ROLE_REGISTERED_MANAGER']);
    assert.equal(personId, 'jo.hart');
  });

  await t.test('and sign out here, and there too', async () => {
    const ours = async () => (await context.cookies(gateway.url))
      .filter(({ name }) => name.startsWith('fosterwatch_'));
    const copied = await ours();
    assert.equal(copied.length, 1);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out of Fosterwatch' }).waitFor();
    assert.deepEqual(await ours(), []);
    // Whoever has a copy of the cookie has nothing more.
    const thief = await browser.newContext();
    await thief.addCookies(copied);
    const theirs = await thief.newPage();
    await theirs.goto(`${gateway.url}/events`);
    await theirs.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await thief.close();
    const there = page.getByRole('link', { name: 'Sign out there too' });
    assert.ok((await there.getAttribute('href')).startsWith(`${issuer}/`));
    await there.click();
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await page.waitForURL(`${gateway.url}/`);
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  });

  await t.test('who has no role here is told so', async () => {
    await page.getByRole('link', { name: 'Sign in' }).click();
    await signInAs(page, 'ann.other');
    await page.getByRole('heading', { name: 'You have no role here' }).waitFor();
    await checkAccess(page, 'signed in there, without a role here');
    assert.deepEqual((await context.cookies(gateway.url))
      .filter(({ name }) => name.startsWith('fosterwatch_')), []);
  });
});
