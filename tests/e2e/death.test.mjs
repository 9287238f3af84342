// A child dies on a Saturday night.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  call, checkAccess, errorTexts, fillReport, findChild, lastSaturday, open, openBrowser, personAt,
  readTable, sendReport,
} from './lib/browser.mjs';
import { eventually, mails } from './lib/suite.mjs';

const figure = async (page, title) => {
  const text = await page.locator('.app-figure').filter({ hasText: title })
    .locator('[data-value]').innerText();
  return Number(text);
};

test('a child’s death on a Saturday night', async (t) => {
  const browser = await openBrowser(t);
  const caseworker = await personAt(t, browser, 'caseworker', { expected: /status of 40[03]/ });
  const teamManager = await personAt(t, browser, 'team_manager');
  const manager = await personAt(t, browser, 'registered_manager');

  await open(manager, '/');
  const openBefore = await figure(manager, 'Open events');
  const alertsBefore = Number((await call(manager,
    'notifications.v1.NotificationsService/ListAlerts', { state: 'STATE_OPEN' })).openCount ?? 0);

  const child = await findChild(caseworker, { sameAuthority: false });
  const occurred = lastSaturday(23, 5);
  const aware = lastSaturday(23, 20);
  let eventId;

  await t.test('is reported by the caseworker and seen by the manager without a reload', async () => {
    await open(caseworker, '/report');
    await fillReport(caseworker, {
      kinds: ['CHILD_DEATH'],
      childId: child.childId,
      occurred,
      aware,
      place: 'The foster home',
      summary: 'Found not breathing. An ambulance came; the child had died.',
      actions: 'Called 999 and the manager on duty.',
    });
    const sent = await sendReport(caseworker);
    eventId = sent.eventId;
    // No reload: the page was open all the time.
    await manager.locator(`[data-testid=events] [data-key="${eventId}"]`).waitFor();
    const seen = performance.now() - sent.answered;
    t.diagnostic(`seen ${Math.round(seen)} ms after the report was answered`);
  });

  await t.test('moves the figures on the open page', async () => {
    await eventually(async () => await figure(manager, 'Open events') > openBefore);
    assert.equal(await figure(manager, 'Open events'), openBefore + 1);
  });

  await t.test('owes the notices that the law names, at once', async () => {
    await open(caseworker, `/events/${eventId}`);
    const notices = await readTable(caseworker, 'notices');
    assert.deepEqual(notices.map(({ Recipient }) => Recipient).sort(), [
      'Area authority', 'Chief Inspector (Ofsted)', 'Health body', 'Responsible authority',
      'Secretary of State',
    ]);
    const event = await call(caseworker,
      'notifiable_events.v1.NotifiableEventService/GetEvent', { eventId });
    for (const notice of event.notices) {
      assert.equal(Date.parse(notice.dueTime), aware.getTime(), 'due at awareness');
      assert.equal(Date.parse(notice.inTimeUntil), aware.getTime() + 24 * 3_600_000,
        'in time for 24 hours');
    }
    const byRecipient = Object.fromEntries(event.notices.map((notice) =>
      [notice.recipient, notice]));
    assert.equal(byRecipient.RECIPIENT_RESPONSIBLE_AUTHORITY.bodyId, child.responsibleAuthorityId);
    assert.equal(byRecipient.RECIPIENT_AREA_AUTHORITY.bodyId, child.areaAuthorityId);
  });

  await t.test('explains why each is due', async () => {
    const why = caseworker.locator('details').filter({ hasText: 'Why: Secretary of State' });
    await why.locator('summary').click();
    const text = await why.innerText();
    assert.match(text, /Source: /);
    assert.match(text, /The clock started when the agency became aware/);
    assert.match(text, /counts as given in time until/);
    const times = await why.locator('time').evaluateAll((all) =>
      all.map((each) => each.getAttribute('datetime')));
    assert.ok(times.includes(aware.toISOString()));
    assert.ok(times.includes(new Date(aware.getTime() + 24 * 3_600_000).toISOString()));
  });

  await t.test('tells by mail whoever can be told by mail', async () => {
    const given = await eventually(async () => {
      const event = await call(manager,
        'notifiable_events.v1.NotifiableEventService/GetEvent', { eventId });
      const byMail = event.notices.filter(({ releasedByPerson }) => !releasedByPerson);
      return byMail.every(({ givenReference }) => givenReference) ? byMail : [];
    });
    assert.ok(given.length >= 3, 'notices left by mail');
    const sink = await mails();
    const bare = (id) => id.replaceAll(/[<>]/g, '');
    for (const notice of given) {
      const mail = sink.find(({ messageId }) => bare(messageId ?? '') === bare(notice.givenReference));
      assert.ok(mail, `the mail to ${notice.bodyId} is in the sink`);
      assert.ok(!mail.subject.includes(child.name), 'its subject names nobody');
    }
    // The page that was open all the time shows them without being asked.
    await caseworker.locator('[data-testid=notices] tr')
      .filter({ hasText: 'Secretary of State' }).filter({ hasText: /Given (in time|late)/ })
      .waitFor();
    assert.ok((await readTable(caseworker, 'sends')).some(({ Result }) => /^Sent/.test(Result)));
  });

  await t.test('hands the Chief Inspector’s form to a person', async () => {
    const row = (await readTable(caseworker, 'notices'))
      .find(({ Recipient }) => Recipient === 'Chief Inspector (Ofsted)');
    assert.match(row.Channel, /Online form, by a person/);
    assert.match(row.State, /Waits for a person/);
    await open(manager, `/events/${eventId}`);
    await manager.getByRole('link', { name: 'Record as given to Chief Inspector (Ofsted)' }).click();
    await manager.getByRole('heading', { name: 'Record a notice as given' }).waitFor();
    await manager.getByText('What the notice says').click();
    await checkAccess(manager, 'the form of a notice');
    await manager.getByLabel('Online form').check();
    await manager.locator('#reference').fill('OFS-104-2231');
    await manager.getByRole('button', { name: 'Record as given' }).click();
    await manager.waitForURL(`**/events/${eventId}`);
    const after = (await readTable(manager, 'notices'))
      .find(({ Recipient }) => Recipient === 'Chief Inspector (Ofsted)');
    assert.match(after.State, /Given/);
    assert.match(after.Given, /Online form, by .*Reference OFS-104-2231/);
  });

  await t.test('alerts the manager, who acknowledges it', async () => {
    const alerts = await eventually(async () => (await call(manager,
      'notifications.v1.NotificationsService/ListAlerts', { eventId })).alerts ?? []);
    const reported = alerts.find(({ kind }) => kind === 'KIND_EVENT_REPORTED');
    assert.ok(reported, 'the event raised an alert');
    assert.equal(reported.urgent, true);
    const sends = await eventually(async () => (await call(manager,
      'notifications.v1.NotificationsService/ListAlerts', { eventId })).alerts
      .find(({ alertId }) => alertId === reported.alertId).sends ?? []);
    assert.equal(sends[0].personId, manager.personId);

    await open(manager, '/alerts');
    await checkAccess(manager, 'the alerts');
    const alert = manager.locator(`[data-alert="${reported.alertId}"]`);
    await alert.getByRole('link', { name: 'Acknowledge' }).click();
    await manager.locator('#comment').fill('I am calling the family’s social worker.');
    await manager.getByRole('button', { name: 'Acknowledge the alert' }).click();
    await manager.getByRole('alert').filter({ hasText: 'acknowledged' }).waitFor();
    // What is open comes first, however much of it there is; the event's page has all of its own.
    await open(manager, `/events/${eventId}`);
    await alert.filter({ hasText: 'I am calling the family’s social worker.' }).waitFor();
    const { openCount = 0 } = await call(manager,
      'notifications.v1.NotificationsService/ListAlerts', { state: 'STATE_OPEN' });
    assert.ok(Number(openCount) <= alertsBefore + alerts.length - 1);
  });

  await t.test('is not signed off by its reporter', async () => {
    await open(caseworker, `/events/${eventId}/sign-off/manager`);
    await caseworker.getByRole('button', { name: 'Sign off' }).click();
    assert.equal((await errorTexts(caseworker)).length, 1);
    assert.match(await caseworker.title(), /^Error: /);
  });

  await t.test('is signed off by the team manager, then by the registered manager', async () => {
    await open(manager, `/events/${eventId}/sign-off/registered-manager`);
    await open(teamManager, `/events/${eventId}`);
    await teamManager.getByRole('link', { name: 'Sign off as manager' }).click();
    await teamManager.locator('#comment').fill('Read and complete.');
    await teamManager.getByRole('button', { name: 'Sign off' }).click();
    await teamManager.waitForURL(`**/events/${eventId}`);

    await open(manager, `/events/${eventId}`);
    await manager.getByRole('link', { name: 'Sign off as registered manager' }).click();
    await manager.getByRole('button', { name: 'Sign off' }).click();
    await manager.waitForURL(`**/events/${eventId}`);
    const states = (await readTable(manager, 'sign-offs')).map(({ State }) => State);
    assert.deepEqual(states, ['Signed off', 'Signed off']);
    await checkAccess(manager, 'an event');
  });
});
