// At night there is time for three fields only, and the case system reports the same event once more:
// the report is completed, a manager decides that the two are one, and what turns up later is added.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  call, checkAccess, errorTexts, fillMoment, findChild, open, openBrowser, personAt, pick, readTable,
} from './lib/browser.mjs';
import { feed, URL_OF_SUITE } from './lib/suite.mjs';

const MINUTE = 60_000;

test('a report made in a hurry, and again by the case system', async (t) => {
  const browser = await openBrowser(t);
  const caseworker = await personAt(t, browser, 'caseworker', { expected: /status of 400/ });
  const manager = await personAt(t, browser, 'team_manager', { expected: /status of 400/ });
  const child = await findChild(caseworker, { sameAuthority: true });
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  let first;
  let second;

  await t.test('leaves at once, and says that it is not whole', async () => {
    await open(caseworker, '/report');
    await caseworker.getByRole('link', { name: 'Report three things now' }).click();
    await caseworker.getByRole('button', { name: 'Report it now' }).click();
    assert.deepEqual(await errorTexts(caseworker),
      ['Select what has happened', 'Enter what happened']);
    await checkAccess(caseworker, 'a report in a hurry that is refused');
    await caseworker.getByLabel('Serious illness or accident').check();
    await pick(caseworker, 'child', child.childId);
    await caseworker.locator('#summary').fill('Taken to hospital.');
    await caseworker.getByRole('button', { name: 'Report it now' }).click();
    await caseworker.getByText('Reported in a hurry').waitFor();
    first = new URL(caseworker.url()).pathname.split('/').at(-1);
    await caseworker.locator('[data-testid=notices]').getByText('Given in time').first().waitFor();
    await checkAccess(caseworker, 'an event that was reported in a hurry');
  });

  await t.test('is completed, and what was said first stays', async () => {
    await caseworker.getByRole('link', { name: 'Complete the report' }).click();
    await caseworker.getByRole('button', { name: 'Record it as complete' }).click();
    assert.deepEqual(await errorTexts(caseworker), ['Enter when it happened']);
    await checkAccess(caseworker, 'a completion that is refused');
    await fillMoment(caseworker, 'occurred', new Date(now - 60 * MINUTE));
    await caseworker.locator('#place').fill('The kitchen');
    await caseworker.getByRole('button', { name: 'Record it as complete' }).click();
    await caseworker.waitForURL(`**/events/${first}`);
    await caseworker.getByText('The report is complete.').waitFor();
    await caseworker.locator('[data-fact=report_completed]').waitFor();
    assert.equal(await caseworker.getByText('Reported in a hurry').count(), 0);
    await caseworker.getByText('Taken to hospital.').first().waitFor();
  });

  await t.test('comes again from the case system, and a manager is asked', async () => {
    const token = (await feed(['token', '--as', 'publisher'], '')).trim();
    const answer = await fetch(`${URL_OF_SUITE}/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`, 'content-type': 'application/cloudevents+json',
      },
      body: JSON.stringify({
        specversion: '1.0', id: randomUUID(), source: 'urn:demonstration:case-system',
        type: 'uk.fosterwatch.notifiable-event.reported.v1',
        data: {
          kinds: ['EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT'], child_id: child.childId,
          occurred_time: new Date(now - 70 * MINUTE).toISOString(),
          became_aware_time: new Date(now - 5 * MINUTE).toISOString(),
          summary: 'Broken arm, in hospital.',
        },
      }),
    });
    assert.equal(answer.status, 202, await answer.clone().text());
    second = (await answer.json()).event_id;
    await open(manager, `/events/${second}`);
    await manager.getByText('Somebody is to decide whether it is the same').waitFor();
    await checkAccess(manager, 'an event that may repeat another');
    await manager.getByRole('link', { name: 'Decide', exact: true }).click();
    await manager.getByText('Taken to hospital.').waitFor();
    await manager.getByRole('button', { name: 'Record the answer' }).click();
    assert.deepEqual(await errorTexts(manager),
      ['Select whether it is the same', 'Enter how you know']);
    await checkAccess(manager, 'a decision that is refused');
  });

  await t.test('is the same one: the repeat is withdrawn, and says of what', async () => {
    await manager.getByLabel('Yes: it repeats an event that is on record').check();
    await manager.locator('#reason').fill('Rang the carer: one fall.');
    await manager.getByRole('button', { name: 'Record the answer' }).click();
    await manager.waitForURL(`**/events/${second}`);
    await manager.locator('.govuk-tag').filter({ hasText: 'Withdrawn' }).waitFor();
    await manager.getByText('Rang the carer: one fall.').waitFor();
    await manager.getByRole('link', { name: 'the event that was reported first' }).click();
    await manager.waitForURL(`**/events/${first}`);
    const { state } = await call(manager,
      'notifiable_events.v1.NotifiableEventService/GetEvent', { eventId: first });
    assert.equal(state, 'STATE_OPEN');
  });

  await t.test('what came to be known later is added', async () => {
    await open(caseworker, `/events/${first}`);
    await caseworker.getByRole('link', { name: 'Add later evidence' }).click();
    await caseworker.locator('#text').fill('The hospital’s letter: a clean break.');
    await caseworker.locator('#reference').fill('LETTER-12');
    await caseworker.getByRole('button', { name: 'Add it' }).click();
    await caseworker.waitForURL(`**/events/${first}`);
    await caseworker.getByText('a clean break').waitFor();
    await caseworker.getByText('LETTER-12').waitFor();
  });

  await t.test('and what was reported in error is withdrawn, with a reason', async () => {
    await open(manager, `/events/${first}`);
    await manager.getByRole('link', { name: 'Withdraw', exact: true }).click();
    await manager.getByRole('button', { name: 'Withdraw it' }).click();
    assert.deepEqual(await errorTexts(manager), ['Enter why it is no event']);
    await manager.locator('#reason').fill('Another agency’s child.');
    await manager.getByRole('button', { name: 'Withdraw it' }).click();
    await manager.waitForURL(`**/events/${first}`);
    await manager.locator('.govuk-tag').filter({ hasText: 'Withdrawn' }).waitFor();
    const owed = (await readTable(manager, 'notices')).filter(({ State }) => /^Owed/.test(State));
    assert.deepEqual(owed, []);
  });
});
