// The manager is on leave: whoever covers is told instead, and the deputy signs nothing off in the
// manager's place until somebody has given them a delegation.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  call, checkAccess, errorTexts, fillMoment, findChild, open, openBrowser, personAt, pick, readTable,
  reportAccident,
} from './lib/browser.mjs';
import { eventually, mails } from './lib/suite.mjs';

const DAY = 86_400_000;

test('the manager on leave and the deputy without a delegation', async (t) => {
  const browser = await openBrowser(t);
  const refused = { expected: /status of 40[03]/ };
  const manager = await personAt(t, browser, 'registered_manager');
  const deputy = await personAt(t, browser, 'deputy_manager', refused);
  const individual = await personAt(t, browser, 'responsible_individual');
  const caseworker = await personAt(t, browser, 'caseworker');
  const teamManager = await personAt(t, browser, 'team_manager');
  const back = new Date(Math.floor(Date.now() / 60_000) * 60_000 + 5 * DAY);
  const signOff = (eventId) => `/events/${eventId}/sign-off/registered-manager`;
  let eventId;

  await t.test('the deputy covers, and is told in the manager’s place', async () => {
    await open(manager, '/directory/absences/new');
    await pick(manager, 'person', manager.personId);
    await fillMoment(manager, 'until', back);
    await pick(manager, 'cover', deputy.personId);
    await manager.getByLabel('Yes: it was planned').check();
    await manager.locator('#reason').fill('Leave');
    await manager.getByRole('button', { name: 'Record the absence' }).click();
    await manager.getByText('The absence is recorded.').waitFor();

    const child = await findChild(caseworker, { sameAuthority: true });
    ({ eventId } = await reportAccident(caseworker, child));
    const told = await eventually(async () => (await mails()).filter(({ to, text }) =>
      to.some(({ address }) => address.startsWith(deputy.personId)) && text.includes(eventId)));
    assert.ok(told.length > 0, 'the deputy was told');
    assert.equal((await mails()).filter(({ to, text }) => text.includes(eventId) &&
      to.some(({ address }) => address.startsWith(manager.personId))).length, 0);
  });

  await t.test('but may not sign off as the manager', async () => {
    await call(teamManager, 'notifiable_events.v1.NotifiableEventService/SignOffEvent',
      { requestId: crypto.randomUUID(), eventId, stage: 'STAGE_MANAGER' });
    await open(deputy, signOff(eventId));
    await deputy.locator('#comment').fill('Read and complete.');
    await deputy.getByRole('button', { name: 'Sign off' }).click();
    assert.match((await errorTexts(deputy)).join(), /delegation/i);
    assert.equal(await deputy.locator('#comment').inputValue(), 'Read and complete.');
    await checkAccess(deputy, 'a sign-off without a delegation');
  });

  await t.test('which the check of the directory says as well', async () => {
    await open(individual, '/directory');
    await individual.locator('[data-finding]').filter({ hasText: manager.personId })
      .filter({ hasText: /sign off/ }).first().waitFor();
  });

  await t.test('until a delegation is recorded', async () => {
    await open(individual, '/directory/delegations/new');
    await pick(individual, 'giver', manager.personId);
    await pick(individual, 'taker', deputy.personId);
    await fillMoment(individual, 'until', back);
    await individual.locator('#reason').fill('The manager is on leave');
    await individual.getByRole('button', { name: 'Record the delegation' }).click();
    await individual.getByText('The delegation is recorded.').waitFor();

    await deputy.getByRole('button', { name: 'Sign off' }).click();
    await deputy.waitForURL(`**/events/${eventId}`);
    const signed = (await readTable(deputy, 'sign-offs'))
      .find(({ By }) => By.startsWith('Registered manager'));
    assert.match(signed.Signed, new RegExp(deputy.personId));
    assert.match(signed.Signed, /Under delegation/);
    await checkAccess(deputy, 'an event that was signed off under a delegation');
  });

  await t.test('and the manager is back', async () => {
    for (const [table, link, button] of [
      ['delegations', /^Take back/, 'Take it back'], ['absences', /^Is back/, 'End the absence'],
    ]) {
      await open(manager, '/directory');
      await manager.locator(`[data-testid=${table}] tr`).filter({ hasText: manager.personId })
        .getByRole('link', { name: link }).click();
      await manager.getByRole('button', { name: button }).click();
      await manager.getByText(/^The (delegation is taken back|absence is ended)\.$/).waitFor();
    }
  });
});
