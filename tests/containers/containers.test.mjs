// docker-compose.yml on a real engine: how each container is held, README's main job, and three
// processes killed in the middle of it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { open, openBrowser, personAt } from '../e2e/lib/browser.mjs';
import { eventually, URL_OF_SUITE } from '../e2e/lib/suite.mjs';
import {
  allHealthy, compose, composeFile, containers, docker, eventsOf, factsIn, killed, mailsAbout, publish, ROOT,
} from './lib.mjs';

// Each of these events is reported once in its topic.
async function reportedInTopic(eventIds) {
  const facts = await factsIn('fosterwatch.notifiable-events.v1',
    'fosterwatch.notifiable_events.v1.event_reported', eventIds);
  for (const eventId of eventIds) assert.equal(facts.get(eventId).size, 1, eventId);
}

test('each container is held as docker-compose.yml promises', async (t) => {
  const running = await containers();
  const { services, name } = await composeFile();
  // What is up without a profile and does not end: the jobs and the command line have no health check.
  const stay = Object.keys(services).filter((each) => services[each].healthcheck && !services[each].profiles);
  assert.deepEqual(Object.keys(running).sort(), stay.sort());
  const ours = services.gateway.image;

  for (const [service, { Config, HostConfig, NetworkSettings, State }] of Object.entries(running)) {
    await t.test(service, () => {
      assert.equal(State.Health.Status, 'healthy');
      assert.equal(HostConfig.Privileged, false);
      assert.ok(HostConfig.SecurityOpt.includes('no-new-privileges:true'), 'no new privileges');
      assert.equal(HostConfig.RestartPolicy.Name, 'unless-stopped');
      for (const bindings of Object.values(NetworkSettings.Ports)) {
        for (const { HostIp } of bindings ?? []) assert.equal(HostIp, '127.0.0.1');
      }
      if (service === 'postgres') return;
      assert.deepEqual(HostConfig.CapDrop, ['ALL']);
      assert.notEqual(Config.User.split(':')[0] || 'root', 'root');
      assert.notEqual(Config.User.split(':')[0], '0');
      if (service === 'kafka') return;
      assert.equal(HostConfig.ReadonlyRootfs, true);
      if (Config.Image === ours) assert.equal(Config.User, '10001:10001');
    });
  }

  await t.test('the process in it is not root and has no capability', async () => {
    for (const [service, { State }] of Object.entries(running)) {
      const status = await readFile(`/proc/${State.Pid}/status`, 'utf8');
      const uids = /^Uid:\s+(.*)$/m.exec(status)[1].split(/\s+/);
      assert.ok(uids.every((uid) => uid !== '0'), `${service} runs as ${uids}`);
      assert.match(status, /^CapEff:\s+0+$/m, `${service} has capabilities`);
      assert.match(status, /^NoNewPrivs:\s+1$/m, service);
      assert.match(status, /^Seccomp:\s+2$/m, service);
    }
  });

  await t.test('nothing can be written beside the volumes', async () => {
    await assert.rejects(compose('exec', '-T', 'directory', 'touch', '/opt/fosterwatch/x'), /Read-only file system/);
  });

  await t.test('from the inside there is no way out', async () => {
    const [network] = JSON.parse(await docker('network', 'inspect', `${name}_inside`));
    assert.equal(network.Internal, true);
  });

  await t.test('the image says what it is and lists what is in it', async () => {
    const [image] = JSON.parse(await docker('image', 'inspect', ours));
    const label = (of) => image.Config.Labels[`org.opencontainers.image.${of}`];
    assert.equal(label('title'), 'Fosterwatch');
    assert.match(label('version'), /^\d+\.\d+\.\d+$/);
    assert.match(label('revision'), /^[0-9a-f]{40}$/);
    const list = async (of) => JSON.parse(await compose('exec', '-T', 'directory', 'cat',
      `/opt/fosterwatch/share/sbom/${of}.cdx.json`));
    const names = async (of) => new Set((await list(of)).components.map((each) => each.name));
    const { components } = await list('image');
    const listed = components.filter(({ purl }) => purl?.startsWith('pkg:deb/'))
      .map(({ name, version }) => `${name} ${version}`);
    const installed = (await compose('exec', '-T', 'directory', 'dpkg-query', '--show',
      '--showformat', '${db:Status-Abbrev}${Package} ${Version}\n')).trim().split('\n')
      .filter((line) => line.startsWith('ii ')).map((line) => line.slice(3));
    assert.ok(installed.length > 100, `${installed.length} packages`);
    assert.deepEqual([...new Set(listed)].sort(), [...new Set(installed)].sort());
    assert.ok(components.some(({ name }) => name === 'weasyprint'));
    assert.ok((await names('compiled_from')).has('nlohmann-json3-dev'));
    assert.ok((await names('web')).has('lit-html'));
  });
});

test('README’s main job', async (t) => {
  const page = await personAt(t, await openBrowser(t), 'registered_manager');
  await open(page, '/');
  const newest = () => page.locator('[data-testid=events] tbody tr').first().getAttribute('data-key');
  const before = await newest().catch(() => null);

  // The first lines of the section, with the command line as docs/containers.md names it.
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const [, lines] = /^## Report an event$[\s\S]*?^```sh\n([\s\S]*?)^```$/m.exec(readme);
  const command = lines.replaceAll('./dev fosterwatch', 'docker compose run --rm cli')
    .replaceAll('http://127.0.0.1:8410', URL_OF_SUITE);
  assert.match(command, /\/v1\/events/);
  await promisify(execFile)('bash', ['-eo', 'pipefail', '-c', command], { cwd: ROOT });

  let eventId;
  await t.test('the open page shows the event', async () => {
    eventId = await eventually(async () => {
      const key = await newest().catch(() => null);
      return key !== before && key;
    });
    assert.ok(eventId);
    await page.locator(`[data-testid=events] tbody tr[data-key="${eventId}"] a`).first().click();
    await page.locator('[data-testid=notices]').filter({ hasText: 'Given in time' }).waitFor();
  });
  await t.test('the notice is in the mail sink', async () => {
    const [mail] = await eventually(() => mailsAbout(eventId));
    assert.ok(mail, 'a mail about the event');
  });
  await t.test('the topic carries the fact', async () => {
    await reportedInTopic([eventId]);
  });
});

for (const service of ['notifiable-events', 'kafka', 'postgres']) {
  test(`${service} is killed while events come in`, async (t) => {
    const children = [await publish(), await publish()];
    let returned;
    const dying = killed(service).then((back) => { returned = back; });
    // At once, so that they meet it dead; each is sent again until it is taken.
    children.push(...await Promise.all([publish(), publish(), publish()]));
    await dying;
    assert.ok(returned, 'the engine started it again');
    assert.ok(await eventually(allHealthy, 180_000), 'everything is healthy again');
    children.push(await publish());

    let events;
    await t.test('each event that was taken is there once', async () => {
      events = await eventsOf(children);
      assert.deepEqual(events.map(({ childId }) => childId).sort(), children.toSorted());
    });
    // A second copy of a mail has the id of the first.
    await t.test('each has its notice by mail, and nobody has two', async () => {
      for (const { eventId } of events) {
        const found = await eventually(() => mailsAbout(eventId), 120_000);
        assert.ok(found.length > 0, `a mail about ${eventId}`);
        const notices = new Map(found.map(({ headers, to, subject }) =>
          [headers['message-id'], `${to.map(({ address }) => address)} ${subject}`]));
        assert.ok(!notices.has(undefined), 'each mail has an id');
        assert.deepEqual([...notices.values()], [...new Set(notices.values())]);
      }
    });
    await t.test('the topic carries each', async () => {
      await reportedInTopic(events.map(({ eventId }) => eventId));
    });
  });
}
