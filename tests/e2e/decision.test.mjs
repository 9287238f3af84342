// Somebody judges that nobody has to be notified: another person agrees, never the same one; and
// when more is known it is reported after all. All of it stays on record.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  call, checkAccess, errorTexts, fillMoment, findChild, open, openBrowser, personAt, pick, readTable,
} from './lib/browser.mjs';

const MINUTE = 60_000;

test('a decision not to notify', async (t) => {
  const browser = await openBrowser(t);
  const caseworker = await personAt(t, browser, 'caseworker');
  const manager = await personAt(t, browser, 'registered_manager');
  const child = await findChild(caseworker, { sameAuthority: false });
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  const title = 'Not notified: Serious illness or accident';
  let decisionId;

  await t.test('needs its reason, and loses nothing without one', async () => {
    await open(caseworker, '/decisions');
    await caseworker.getByRole('link', { name: 'Record a decision' }).click();
    await caseworker.locator('[value=SERIOUS_ILLNESS_ACCIDENT]').check();
    await pick(caseworker, 'child', child.childId);
    await fillMoment(caseworker, 'occurred', new Date(now - 180 * MINUTE));
    await fillMoment(caseworker, 'aware', new Date(now - 120 * MINUTE));
    await caseworker.locator('#summary').fill('Fell off a bicycle; a grazed knee.');
    await caseworker.getByRole('button', { name: 'Record the decision' }).click();
    assert.deepEqual(await errorTexts(caseworker), ['Enter why nobody need be notified']);
    assert.equal(await caseworker.locator('#summary').inputValue(),
      'Fell off a bicycle; a grazed knee.');
  });

  await t.test('is recorded, and nobody outside is told', async () => {
    await caseworker.locator('#reason').fill('No doctor was needed: it is no serious accident.');
    await caseworker.getByRole('button', { name: 'Record the decision' }).click();
    await caseworker.getByText('Another person is to agree.', { exact: false }).first().waitFor();
    await caseworker.getByRole('heading', { name: title }).waitFor();
    decisionId = new URL(caseworker.url()).pathname.split('/').at(-1);
    const { totalSize = 0 } = await call(caseworker,
      'notifiable_events.v1.NotifiableEventService/ListEvents', { childId: child.childId });
    assert.equal(Number(totalSize), 0, 'a decision is no event');
  });

  await t.test('is agreed to by somebody else only', async () => {
    await caseworker.getByText('You decided it, so another person agrees').waitFor();
    assert.equal(await caseworker.getByRole('link', { name: 'Agree', exact: true }).count(), 0);
    await open(caseworker, `/decisions/${decisionId}/agree`);
    assert.equal(await caseworker.getByRole('button', { name: 'Agree' }).count(), 0);
    await open(caseworker, `/decisions/${decisionId}`);

    await open(manager, '/decisions?state=to-agree');
    await manager.locator(`tr[data-key="${decisionId}"]`).getByRole('link').click();
    await manager.getByRole('link', { name: 'Agree', exact: true }).click();
    await manager.getByText('No doctor was needed', { exact: false }).waitFor();
    await checkAccess(manager, 'an agreement to a decision');
    await manager.locator('#comment').fill('Seen the knee.');
    await manager.getByRole('button', { name: 'Agree' }).click();
    await manager.waitForURL(`**/decisions/${decisionId}`);
    // Whoever decided sees who agreed, without loading the page again.
    await caseworker.getByText('Seen the knee.').waitFor();
    await checkAccess(caseworker, 'a decision that is agreed to');
  });

  await t.test('is reported after all, and says both', async () => {
    await caseworker.getByRole('link', { name: 'Report after all' }).click();
    await caseworker.getByText('This reverses the decision not to notify').waitFor();
    assert.equal(await caseworker.locator('#summary').inputValue(),
      'Fell off a bicycle; a grazed knee.');
    await caseworker.locator('#summary').fill('Fell off a bicycle; the wrist turned out broken.');
    await caseworker.getByRole('button', { name: 'Report the event' }).click();
    await caseworker.waitForURL('**/events/*');
    const eventId = new URL(caseworker.url()).pathname.split('/').at(-1);
    assert.ok((await readTable(caseworker, 'notices')).length > 0);
    await caseworker.getByRole('link', { name: 'The decision not to notify' }).click();
    await caseworker.locator('.govuk-tag').filter({ hasText: 'Reported after all' }).waitFor();
    await caseworker.locator(`a[href="/events/${eventId}"]`).waitFor();
    await caseworker.getByText('No doctor was needed', { exact: false }).waitFor();
    assert.equal(await caseworker.getByRole('link', { name: 'Report after all' }).count(), 0);
    // On the screen of whoever agreed, too.
    await manager.locator('.govuk-tag').filter({ hasText: 'Reported after all' }).waitFor();
    await open(manager, '/decisions?state=reversed');
    await manager.locator(`tr[data-key="${decisionId}"]`).waitFor();
  });
});
