// A notice leaves by mail, and the mail comes back: the register holds it owed again, it goes to
// the body's next channel, and a person gives it by telephone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkAccess, fillReport, findChild, open, openBrowser, personAt, readTable, sendReport,
} from './lib/browser.mjs';
import { eventually, feed, mails } from './lib/suite.mjs';

const MINUTE = 60_000;

// What a mail server writes that could not deliver the mail.
const bounceOf = (mail) => [
  'From: MAILER-DAEMON@mx.demonstration.invalid',
  'MIME-Version: 1.0',
  'Content-Type: multipart/report; report-type=delivery-status; boundary="part"',
  '',
  '--part',
  'Content-Type: text/plain',
  '',
  'The mailbox is not there any more.',
  '--part',
  'Content-Type: message/delivery-status',
  '',
  'Reporting-MTA: dns; mx.demonstration.invalid',
  '',
  `Final-Recipient: rfc822; ${mail.to[0].address}`,
  'Action: failed',
  'Status: 5.1.1',
  '',
  '--part',
  'Content-Type: message/rfc822',
  '',
  `Message-ID: ${mail.headers['message-id']}`,
  'Subject: Notice',
  '',
  'Text.',
  '',
  '--part--',
  '',
].join('\r\n');

test('the body whose mail bounces', async (t) => {
  const browser = await openBrowser(t);
  const caseworker = await personAt(t, browser, 'caseworker');
  const child = await findChild(caseworker, { sameAuthority: true });
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  const authority = async () => (await readTable(caseworker, 'notices'))
    .find(({ Recipient }) => Recipient === 'Responsible authority');
  const row = caseworker.locator('[data-testid=notices] tbody tr')
    .filter({ hasText: 'Responsible authority' });
  let eventId;

  await t.test('was told by mail, as far as anybody knew', async () => {
    await open(caseworker, '/report');
    await fillReport(caseworker, {
      kinds: ['POLICE_CALLED_SERIOUS_INCIDENT'],
      childId: child.childId,
      occurred: new Date(now - 100 * MINUTE),
      aware: new Date(now - 90 * MINUTE),
      summary: 'A window was broken and the police came.',
    });
    ({ eventId } = await sendReport(caseworker));
    await row.getByText('Given in time').waitFor();
    assert.match((await authority()).Given, /Email, by /);
  });

  await t.test('is owed the notice again, by its first due time, once the mail is back', async () => {
    const due = (await authority()).Due;
    const [mail] = await eventually(async () => (await mails())
      .filter(({ text, subject }) => subject.startsWith('Notifiable event')
        && text.includes(eventId)));
    assert.match(await feed(['mail', 'returned'], bounceOf(mail)), /BOUNCED 5\.1\.1/i);
    // The page that is open shows it, without anybody's doing.
    await caseworker.locator('[data-fact=notice_returned]').waitFor();
    const owed = await authority();
    assert.match(owed.State, /^Owed/);
    assert.match(owed.Given, /^Not yet/);
    assert.ok(owed.Due.startsWith(due.split(' due in ')[0]), `${owed.Due} is not ${due}`);
  });

  await t.test('is to be told by telephone next, by a person', async () => {
    await caseworker.locator('[data-testid=sends] tbody tr').filter({ hasText: 'Telephone' }).waitFor();
    const handed = (await readTable(caseworker, 'sends'))
      .find(({ Channel }) => Channel === 'Telephone');
    assert.match(handed.Result, /^Handed to a person/);
    await checkAccess(caseworker, 'an event whose mail came back');
  });

  await t.test('and the same bounce again changes nothing', async () => {
    const before = await caseworker.locator('[data-fact=notice_returned]').count();
    const [mail] = (await mails()).filter(({ text, subject }) =>
      subject.startsWith('Notifiable event') && text.includes(eventId));
    await feed(['mail', 'returned'], bounceOf(mail));
    await open(caseworker, `/events/${eventId}`);
    assert.equal(await caseworker.locator('[data-fact=notice_returned]').count(), before);
  });

  await t.test('is told by telephone', async () => {
    await caseworker.getByRole('link', { name: 'Record as given to Responsible authority' }).click();
    await caseworker.getByLabel('Telephone').check();
    await caseworker.locator('#reference').fill('Duty desk, 4711');
    await caseworker.getByRole('button', { name: 'Record as given' }).click();
    await caseworker.waitForURL(`**/events/${eventId}`);
    const given = await authority();
    assert.match(given.State, /^Given in time/);
    assert.match(given.Given, /Telephone, by .* Reference Duty desk, 4711/);
    assert.match(given.Given, /To be confirmed in writing/);
  });
});
