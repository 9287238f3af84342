// The agency decides to tell one recipient more from next Monday on: the change is tried on every
// recorded event, adopted for a day to come, and holds for what the agency becomes aware of from its
// day on, never for what it knew before.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import {
  call, checkAccess, fillReport, findChild, londonParts, open, openBrowser, personAt, readTable,
  sendReport,
} from './lib/browser.mjs';
import { eventually } from './lib/suite.mjs';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const KIND = 'INFECTIOUS_DISEASE';

const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August',
  'September', 'October', 'November', 'December'];
const inWords = ({ day, month, year }) => `${day} ${months[month - 1]} ${year}`;

// The parts of London's next Monday, never today.
function nextMonday() {
  const weekday = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', weekday: 'short' });
  let moment = new Date(Date.now() + DAY);
  while (weekday.format(moment) !== 'Mon') moment = new Date(moment.getTime() + DAY);
  return londonParts(moment);
}

test('the matrix that changes next Monday', async (t) => {
  const browser = await openBrowser(t);
  const caseworker = await personAt(t, browser, 'caseworker');
  const manager = await personAt(t, browser, 'registered_manager');
  const now = Math.floor(Date.now() / MINUTE) * MINUTE;
  const monday = nextMonday();
  const today = londonParts(new Date());
  const stamp = new Date().toISOString().replaceAll(/\D/g, '');
  const secretary = 'Secretary of State';

  // An event of which the agency became aware at that moment; who has to be told, and by which
  // version of the matrix.
  async function report(aware) {
    const child = await findChild(caseworker, { sameAuthority: true });
    await open(caseworker, '/report');
    await fillReport(caseworker, {
      kinds: [KIND], childId: child.childId, occurred: new Date(aware - 30 * MINUTE),
      aware: new Date(aware), summary: 'Measles in the foster home.',
    });
    const { eventId } = await sendReport(caseworker);
    return eventId;
  }
  async function told(eventId) {
    await open(caseworker, `/events/${eventId}`);
    return {
      tellsSecretary: (await readTable(caseworker, 'notices'))
        .some(({ Recipient }) => Recipient.startsWith(secretary)),
      version: /Recipients by version (\S+) of/
        .exec(await caseworker.locator('main').innerText())[1],
    };
  }

  // Tries the text from that day on, by the page.
  async function tryIt(law, day) {
    await open(manager, '/law/try');
    const text = JSON.stringify(law, null, 2);
    await manager.locator('#law-file').setInputFiles({
      name: 'matrix.json', mimeType: 'application/json', buffer: Buffer.from(text),
    });
    assert.ok(await eventually(async () => await manager.locator('#law').inputValue() === text));
    for (const part of ['day', 'month', 'year']) {
      await manager.locator(`#from-${part}`).fill(day[part]);
    }
    await manager.getByRole('button', { name: 'Try it' }).click();
    await manager.getByRole('heading', { name: `What version ${law.version} would change` })
      .waitFor();
  }
  async function adopt(reason) {
    await manager.locator('#reason').fill(reason);
    await manager.getByRole('button', { name: 'Adopt it' }).click();
    await manager.waitForURL('**/law');
  }

  const before = await report(now - 40 * 60 * MINUTE);
  const of = await told(before);
  // The stories may have been told to this suite before: then the change is the other way round, and
  // what is in force today may be another matrix than that of the earlier event.
  const change = of.tellsSecretary ? 'Dropped' : 'Added';
  let law;
  let inForce;

  await t.test('begins with the one in force, as a file', async () => {
    await open(manager, '/law');
    const [download] = await Promise.all([
      manager.waitForEvent('download'),
      manager.getByRole('button', { name: 'Download it as a file' }).click(),
    ]);
    law = JSON.parse(await readFile(await download.path(), 'utf8'));
    const row = law.rows.find(({ kind, recipient }) => kind === `EVENT_KIND_${KIND}`
      && recipient === 'RECIPIENT_SECRETARY_OF_STATE');
    inForce = { tellsSecretary: row.required ?? false, version: law.version };
    row.required = !of.tellsSecretary;
  });

  await t.test('is tried on every event before it is adopted', async () => {
    const count = async (state) => Number((await call(manager,
      'notifiable_events.v1.NotifiableEventService/ListEvents', { state })).totalSize ?? 0);
    const events = await count('STATE_OPEN') + await count('STATE_CONCLUDED');
    await tryIt({ ...law, version: `monday-${stamp}` }, monday);
    const facts = await manager.locator('[data-testid=tried]').innerText();
    assert.match(facts, new RegExp(`Events tried\\s+${events}\\b`));
    const difference = (await readTable(manager, 'differences')).find(({ key }) => key === before);
    assert.match(difference.Notices, new RegExp(`^${change} ${secretary}`, 'i'));
    await checkAccess(manager, 'a matrix that was tried');
    // Nothing was recorded by trying.
    assert.deepEqual(await told(before), of);
  });

  await t.test('is adopted for Monday, and until then the old one holds', async () => {
    await adopt('The Secretary of State has asked.');
    await manager.getByText(`It holds from ${inWords(monday)}.`, { exact: false }).waitFor();
    const adopted = (await readTable(manager, 'recorded'))
      .find(({ What }) => What === `Adopted version monday-${stamp}`);
    assert.equal(adopted['For events from'], inWords(monday));
    await manager.getByText(`version ${inForce.version} of the matrix`, { exact: false }).waitFor();
    assert.deepEqual(await told(await report(now - 10 * MINUTE)), inForce);
  });

  await t.test('from its day on it holds for what is new, and for nothing older', async () => {
    const version = `today-${stamp}`;
    await tryIt({ ...law, version }, today);
    assert.ok((await readTable(manager, 'differences')).some(({ key }) => key === before));
    await adopt('It cannot wait until Monday.');
    await manager.getByText(`version ${version} of the matrix`, { exact: false }).waitFor();
    const since = await report(Math.floor(Date.now() / MINUTE) * MINUTE);
    assert.deepEqual(await told(since), { tellsSecretary: change === 'Added', version });
    // Recorded today, known for longer: the matrix of the day when the agency became aware.
    assert.deepEqual(await told(await report(now - 40 * 60 * MINUTE)), of);
    assert.deepEqual(await told(before), of);
  });
});
