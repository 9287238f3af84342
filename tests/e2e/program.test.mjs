// A case system gets a token at the council's own provider by its client credentials, and publishes
// with it; another of the provider's programs may not. The provider is a real one, oidc-provider.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import Provider from 'oidc-provider';
import { freePort, ownGateway } from './lib/gateway.mjs';
import { eventually } from './lib/suite.mjs';

const SECRET = 'known to the program and the provider';
const API = 'urn:fosterwatch';

async function startProvider(t) {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const client = (name) => ({
    client_id: name,
    client_secret: SECRET,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  });
  const provider = new Provider(issuer, {
    clients: [client('case-system'), client('payroll')],
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({
          scope: '', audience: resource, accessTokenTTL: 300, accessTokenFormat: 'jwt',
        }),
      },
    },
    // What a provider's administrator can write into a token is not looked at.
    extraTokenClaims: () => ({ agency: '*', roles: ['service'] }),
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

async function tokenOf(issuer, client, resource = API) {
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client}:${encodeURIComponent(SECRET)}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource }),
  });
  const { access_token: token, ...rest } = await answer.json();
  assert.ok(token, JSON.stringify(rest));
  return token;
}

test('a program publishes with a token of its organisation\'s provider', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fosterwatch-program.'));
  t.after(() => rm(folder, { recursive: true }));
  const issuer = await startProvider(t);
  const file = join(folder, 'programs.json');
  const write = async (programs) => {
    await writeFile(`${file}.new`, JSON.stringify({ issuer, audience: API, programs }));
    await rename(`${file}.new`, file);
  };
  const known = { client_id: 'case-system', agency: 'demonstration', roles: ['publisher'] };
  await write([known]);
  const gateway = await ownGateway(t, { settings: { FOSTERWATCH_PROGRAMS_FILE: file } });
  const ask = async (token) => {
    const answer = await fetch(`${gateway.url}/fosterwatch.gateway.v1.SessionService/GetSession`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{}',
    });
    return { status: answer.status, ...await answer.json() };
  };
  const token = await tokenOf(issuer, 'case-system');

  await t.test('as the operator has written it down', async () => {
    const session = await eventually(async () => {
      const answer = await ask(token);
      return answer.status === 503 ? undefined : answer;
    });
    assert.equal(session.status, 200);
    assert.equal(session.personId, 'program:case-system');
    assert.equal(session.agencyId, 'demonstration');
    assert.deepEqual(session.roles, ['ROLE_PUBLISHER']);
  });

  await t.test('and the intake knows the agency, and that the source is not registered', async () => {
    const answer = await fetch(`${gateway.url}/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': randomUUID(),
        'ce-source': 'urn:nobody-has-registered:this',
        'ce-type': 'uk.fosterwatch.notifiable-event.reported.v1',
      },
      body: '{}',
    });
    const { reason } = await answer.json();
    assert.equal(answer.status, 403, reason);
    assert.equal(reason, 'SOURCE_NOT_REGISTERED');
  });

  await t.test('but not for another API, nor another program, nor once it is taken out', async () => {
    assert.equal((await ask(await tokenOf(issuer, 'case-system', 'urn:payroll'))).status, 401);
    assert.equal((await ask(await tokenOf(issuer, 'payroll'))).status, 403);
    assert.equal((await ask(`${token.slice(0, -4)}AAAA`)).status, 401);
    await write([{ ...known, client_id: 'somebody-else' }]);
    assert.ok(await eventually(async () => (await ask(token)).status === 403));
  });
});
