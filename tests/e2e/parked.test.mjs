// A caseworker system reports about a child whom nobody has recorded yet.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { call, checkAccess, errorTexts, findChild, open, openBrowser, personAt } from './lib/browser.mjs';
import { eventually } from './lib/suite.mjs';

const TOPIC = 'fosterwatch.intake.notifiable-events.v1';

// As a caseworker system does it.
function publish(id, report) {
  const headers = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: 'urn:demonstration:case-system',
    ce_type: 'uk.fosterwatch.notifiable-event.reported.v1',
    'content-type': 'application/json',
  };
  return new Promise((resolve, reject) => {
    const kcat = execFile('kcat', ['-P', '-b', process.env.FOSTERWATCH_KAFKA, '-t', TOPIC,
      ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}=${value}`])],
    (error) => (error ? reject(error) : resolve()));
    kcat.stdin.end(JSON.stringify(report));
  });
}

// The embedded bus has no door for other systems: what they send by HTTP is answered at once.
const skip = process.env.FOSTERWATCH_BUS !== 'kafka' && 'there is no topic to send to';

test('a report about an unknown child is parked, and taken once the child is known', { skip },
  async (t) => {
    const browser = await openBrowser(t);
    const caseworker = await personAt(t, browser, 'caseworker');
    const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 400/ });
    const run = Date.now();
    const childId = `C-P${run}`;
    const report = (child) => ({
      kinds: ['EVENT_KIND_CHILD_MISSING'],
      childId: child,
      occurredTime: new Date(run - 3600_000).toISOString(),
      becameAwareTime: new Date(run - 1800_000).toISOString(),
      summary: 'Not back from school.',
    });
    const waiting = () => manager.locator('[data-parked]').filter({ hasText: 'Waits' });
    const newest = () => waiting().first();
    let before;

    await t.test('it appears by itself, with its reason in words', async () => {
      await open(manager, '/parked');
      before = await waiting().count();
      await publish(`first-${run}`, report(childId));
      await eventually(async () => await waiting().count() === before + 1);
      assert.equal(await waiting().count(), before + 1);
      assert.match(await newest().innerText(), /The child is not known here/);
      await checkAccess(manager, 'records that could not be taken');
    });

    await t.test('an alert leads there', async () => {
      await open(manager, '/alerts');
      await manager.getByRole('link', { name: 'Records that could not be taken' }).first().click();
      await manager.waitForURL('**/parked');
      await newest().waitFor();
    });

    await t.test('a caseworker is told who looks after it', async () => {
      await open(caseworker, '/parked');
      await caseworker.getByText('Managers look after these').waitFor();
      assert.equal(await caseworker.getByRole('link', { name: 'Not taken' }).count(), 0);
    });

    await t.test('trying again too early changes nothing', async () => {
      await newest().getByRole('button', { name: 'Try again' }).click();
      await newest().getByText('It still cannot be taken: the child is not known here.').waitFor();
      await checkAccess(manager, 'a record that was tried again');
    });

    await t.test('once the child is recorded, it is taken', async () => {
      const known = await findChild(caseworker, { sameAuthority: true });
      await call(caseworker, 'placements.v1.PlacementsService/RecordChild', {
        child: { ...known, childId, name: 'Parked Kestrel' },
      });
      await eventually(async () => {
        await newest().getByRole('button', { name: 'Try again' }).click();
        return await eventually(
          async () => await waiting().count() === before, 1000);
      });
      assert.equal(await waiting().count(), before);
      const { events = [] } = await call(manager,
        'notifiable_events.v1.NotifiableEventService/ListEvents', { childId });
      assert.equal(events.length, 1);
    });

    await t.test('another one is discarded, with a reason', async () => {
      await publish(`second-${run}`, report(`C-X${run}`));
      await eventually(async () => await waiting().count() === before + 1);
      await newest().getByRole('link', { name: 'Discard' }).click();
      await manager.getByRole('heading', { name: 'Discard a record' }).waitFor();
      await manager.getByRole('button', { name: 'Discard the record' }).click();
      assert.deepEqual(await errorTexts(manager), ['Say why it is discarded']);
      await checkAccess(manager, 'a refused discard');
      await manager.locator('#reason').fill('Reported by hand in the meantime.');
      await manager.getByRole('button', { name: 'Discard the record' }).click();
      await manager.waitForURL('**/parked');
      await manager.getByText('The record is discarded.').waitFor();
      assert.equal(await waiting().count(), before);
      await manager.locator('[data-parked]').filter({ hasText: 'Discarded' }).first().waitFor();
    });
  });
