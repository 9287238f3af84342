// A child protection enquiry begins, is corrected and followed up, and ends.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  call, errorTexts, fillMoment, fillReport, findChild, open, openBrowser, personAt, pick, readTable,
  sendReport,
} from './lib/browser.mjs';
import { eventually } from './lib/suite.mjs';

const MINUTE = 60_000;

test('a child protection enquiry, from its beginning to its outcome', async (t) => {
  const browser = await openBrowser(t);
  const caseworker = await personAt(t, browser, 'caseworker');
  const teamManager = await personAt(t, browser, 'team_manager');
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 400/ });
  const child = await findChild(caseworker, { sameAuthority: true });
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  const recipients = async (page) => (await readTable(page, 'notices'))
    .map(({ Recipient }) => Recipient).sort();
  let eventId;

  await t.test('tells the regulator and the authority that it has begun', async () => {
    await open(caseworker, '/report');
    await fillReport(caseworker, {
      kinds: ['CHILD_PROTECTION_ENQUIRY'],
      childId: child.childId,
      occurred: new Date(now - 300 * MINUTE),
      aware: new Date(now - 240 * MINUTE),
      summary: 'The authority has begun an enquiry under section 47.',
    });
    ({ eventId } = await sendReport(caseworker));
    // The child lives in the area of its own authority: there is no other one to tell.
    assert.deepEqual(await recipients(caseworker),
      ['Chief Inspector (Ofsted)', 'Responsible authority']);
  });

  await t.test('a kind that is added brings its notices', async () => {
    await caseworker.getByRole('link', { name: 'Correct or add' }).click();
    await caseworker.locator('#reason').fill('The police were at the home too.');
    assert.equal(await caseworker.locator('[value=CHILD_PROTECTION_ENQUIRY]').count(), 0,
      'a kind that is there is not offered');
    await caseworker.locator('[value=POLICE_CALLED_SERIOUS_INCIDENT]').check();
    await caseworker.getByRole('button', { name: 'Record the correction' }).click();
    await caseworker.waitForURL(`**/events/${eventId}`);
    await caseworker.getByText('The police were at the home too.').waitFor();
    assert.deepEqual(await recipients(caseworker), [
      'Chief Inspector (Ofsted), child protection enquiry',
      'Chief Inspector (Ofsted), police called to the home',
      'Responsible authority, child protection enquiry',
      'Responsible authority, police called to the home',
    ]);
  });

  await t.test('an action is added, and closed with its evidence', async () => {
    await caseworker.getByRole('link', { name: 'Add an action' }).click();
    await caseworker.locator('#description').fill('Ask for the minutes of the strategy meeting.');
    await pick(caseworker, 'owner', teamManager.personId);
    await fillMoment(caseworker, 'due', new Date(now + 24 * 60 * MINUTE));
    await caseworker.getByRole('button', { name: 'Add the action' }).click();
    await caseworker.waitForURL(`**/events/${eventId}`);
    await open(teamManager, `/events/${eventId}`);
    await teamManager.getByRole('link', { name: /^Close/ }).click();
    await teamManager.getByLabel('It is done').check();
    await teamManager.locator('#evidence').fill('Minutes received and filed.');
    await teamManager.getByRole('button', { name: 'Close the action' }).click();
    await teamManager.waitForURL(`**/events/${eventId}`);
    assert.match((await readTable(teamManager, 'actions'))[0].State, /^Done.*Minutes received/);
  });

  await t.test('its outcome must be told too', async () => {
    await open(caseworker, `/events/${eventId}`);
    await caseworker.getByRole('link', { name: 'Record the enquiry’s outcome' }).click();
    await fillMoment(caseworker, 'outcome-time', new Date(now - 60 * MINUTE));
    await fillMoment(caseworker, 'aware', new Date(now - 30 * MINUTE));
    await caseworker.locator('#outcome').fill('No further action.');
    await caseworker.getByRole('button', { name: 'Record the outcome' }).click();
    await caseworker.waitForURL(`**/events/${eventId}`);
    const told = await recipients(caseworker);
    assert.equal(told.length, 6);
    assert.equal(told.filter((text) => text.includes('outcome of the enquiry')).length, 2);
  });

  await t.test('a recipient’s answer is recorded', async () => {
    await eventually(async () => (await call(caseworker,
      'notifiable_events.v1.NotifiableEventService/GetEvent', { eventId })).notices
      .filter(({ releasedByPerson }) => !releasedByPerson)
      .every(({ state }) => state === 'STATE_GIVEN'));
    await caseworker.getByRole('link', { name: /^Record as acknowledged by Responsible/ }).first()
      .click();
    await caseworker.locator('#reference').fill('MASH-7');
    await caseworker.getByRole('button', { name: 'Record as acknowledged' }).click();
    await caseworker.waitForURL(`**/events/${eventId}`);
    assert.ok((await readTable(caseworker, 'notices'))
      .some(({ State, Given }) => /Acknowledged/.test(State) && /reference MASH-7/.test(Given)));
  });

  await t.test('what is missing at the end is named with the way to it', async () => {
    await open(manager, `/events/${eventId}/conclude`);
    await manager.locator('#outcome').fill('No further action was needed.');
    await manager.getByRole('button', { name: 'Conclude the event' }).click();
    const missing = await errorTexts(manager);
    assert.equal(missing.filter((text) => /^The notice to the Chief Inspector/.test(text)).length, 3);
    assert.ok(missing.includes('The manager has not signed off'));
    assert.ok(missing.some((text) => /regulator’s reference is required/.test(text)));

    for (let left = 3; left > 0; --left) {
      await open(manager, `/events/${eventId}/conclude`);
      await manager.locator('#outcome').fill('No further action was needed.');
      await manager.getByRole('button', { name: 'Conclude the event' }).click();
      await manager.getByRole('link', { name: /^The notice to the Chief Inspector/ }).first().click();
      await manager.getByLabel('Online form').check();
      await manager.locator('#reference').fill(`OFS-${left}`);
      await manager.getByRole('button', { name: 'Record as given' }).click();
      await manager.waitForURL(`**/events/${eventId}`);
    }
  });

  await t.test('what comes next is agreed with the social worker', async () => {
    await open(caseworker, `/events/${eventId}`);
    await caseworker.getByRole('link', { name: 'Record the discussion' }).click();
    await caseworker.locator('#discussed-with').fill('Ms Green');
    await caseworker.locator('#agreed').fill('A visit tomorrow.');
    await caseworker.getByRole('button', { name: 'Record the discussion' }).click();
    await caseworker.waitForURL(`**/events/${eventId}`);
    await caseworker.getByText('A visit tomorrow.').waitFor();
  });

  await t.test('and then it is concluded', async () => {
    await open(teamManager, `/events/${eventId}/sign-off/manager`);
    await teamManager.getByRole('button', { name: 'Sign off' }).click();
    await teamManager.waitForURL(`**/events/${eventId}`);
    await open(manager, `/events/${eventId}/sign-off/registered-manager`);
    await manager.getByRole('button', { name: 'Sign off' }).click();
    await manager.waitForURL(`**/events/${eventId}`);
    await open(manager, `/events/${eventId}/conclude`);
    await manager.locator('#outcome').fill('No further action was needed.');
    await manager.locator('#regulator-reference').fill('OFS-1');
    await manager.getByRole('button', { name: 'Conclude the event' }).click();
    await manager.waitForURL(`**/events/${eventId}`);
    await manager.locator('.govuk-tag').filter({ hasText: 'Concluded' }).waitFor();
  });
});
