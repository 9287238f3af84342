// A supervising social worker sees the households that they supervise and nothing of the others, until
// one cannot wait: they open it, the registered manager is told at once, and a manager looks at it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  call, checkAccess, errorTexts, fillMoment, load, open, openBrowser, personAt, pick, readTable,
} from './lib/browser.mjs';
import { eventually } from './lib/suite.mjs';

const choose = (page, name, text) =>
  page.locator(`fieldset:has(#${name})`).getByLabel(text, { exact: true }).check();

const submit = (page, name) => page.locator('main').getByRole('button', { name, exact: true }).click();

const follow = (page, name) => page.locator('main').getByRole('link', { name }).first().click();

const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();

const NOT_THEIRS = 'Not in your caseload, or not recorded';

// Households in which somebody lives, and which the person neither supervises nor has open.
async function othersHouseholds(manager, personId) {
  const { carers } = await call(manager, 'carers.v1.CarersService/ListCarers',
    { pageSize: 1000, status: 'STATUS_APPROVED' });
  const { households } = await call(manager, 'placements.v1.PlacementsService/ListHouseholds',
    { pageSize: 1000 });
  const childOf = new Map(households.map(({ carerId, residents = [] }) => [carerId, residents[0]?.childId]));
  const now = new Date().toISOString();
  return carers
    .filter(({ carerId, supervisorId = '', emergencies = [] }) => childOf.get(carerId)
      && supervisorId !== personId && carerId > 'F-0009'
      && !emergencies.some((each) => each.personId === personId && each.untilTime > now))
    .map(({ carerId, supervisorId = '' }) => ({ carerId, supervisorId, childId: childOf.get(carerId) }));
}

test('somebody who sees their own caseload', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 400/ });
  const worker = await personAt(t, browser, 'supervising_social_worker', { expected: /status of 40[34]/ });
  const { personId } = worker;
  const [other, ...others] = await othersHouseholds(manager, personId);
  // Of whose child nothing was reported yet, so that a report looks like no other.
  const isNew = async ({ childId }) => !(await call(manager,
    'notifiable_events.v1.NotifiableEventService/ListEvents', { childId, pageSize: 1 })).events;
  let own;
  for (const each of others) if (await isNew(own = each)) break;
  const ownAddress = `/carers/${own.carerId}`;
  const address = `/carers/${other.carerId}`;

  await t.test('is assigned a household by a manager', async () => {
    await open(manager, ownAddress);
    await checkAccess(manager, 'a carer');
    await follow(manager, /^Assign/);
    await submit(manager, 'Record it');
    assert.deepEqual(await errorTexts(manager), ['Select whether somebody supervises it']);
    await choose(manager, 'somebody', 'Somebody of the agency');
    await pick(manager, 'person', personId);
    await checkAccess(manager, 'an assignment');
    await submit(manager, 'Record it');
    await manager.getByText('It is recorded who supervises the household.').waitFor();
    const section = manager.getByTestId('supervision');
    await section.getByText(`(${personId})`).first().waitFor();
    await section.getByText(/^Since \d/).waitFor();
    await section.getByText('Who supervised it, by day').click();
    assert.match((await readTable(manager, 'supervisions'))[0].Who, new RegExp(`\\(${personId}\\)$`));
    await checkAccess(manager, 'a carer with a supervisor');
    await open(manager, `/carers?supervisor=${personId}`);
    assert.ok((await readTable(manager, 'carers')).some(({ key }) => key === own.carerId));
  });

  await t.test('sees it, and who lives there, and no others', async () => {
    const shown = async () => {
      await load(worker, '/');
      const child = worker.locator(`[data-testid=children] [data-key="${own.childId}"]`);
      return await child.count() > 0 && readTable(worker, 'carers');
    };
    const rows = await eventually(shown);
    assert.ok(rows.some(({ key }) => key === own.carerId));
    assert.ok(rows.every(({ key }) => key !== other.carerId));
    await heading(worker, 'Your households');
    assert.deepEqual(await worker.getByRole('navigation', { name: 'Menu' }).getByRole('link').allInnerTexts(),
      ['Overview', 'Events', 'Carers', 'Directory', 'Record a complaint', 'Report an event']);
    await checkAccess(worker, 'the overview of a caseload');
    await open(worker, '/carers');
    await checkAccess(worker, 'the carers of a caseload');
    await open(worker, ownAddress);
    await worker.getByRole('link', { name: 'Record a visit' }).waitFor();
    assert.equal(await worker.getByRole('link', { name: /^Assign/ }).count(), 0);
    await checkAccess(worker, 'a carer of the caseload');
    await open(worker, `${ownAddress}/visit`);
    await heading(worker, 'Record a visit');
    await open(worker, `/children/${own.childId}`);
    await worker.getByRole('heading', { name: 'Placements' }).waitFor();
    await checkAccess(worker, 'a child of the caseload');
    await open(worker, '/events');
    await checkAccess(worker, 'the events of a caseload');
    await open(worker, '/report');
    await heading(worker, 'Report an event');
  });

  await t.test('reports an event of a child there, and completes it', async () => {
    await open(worker, '/report');
    await follow(worker, 'Report three things now');
    await choose(worker, 'kind', 'Serious illness or accident');
    await pick(worker, 'child', own.childId);
    await worker.locator('#summary').fill('A fall from the swing.');
    await submit(worker, 'Report it now');
    await worker.getByText('The event is recorded.').waitFor();
    // Neither alerts nor what was sent are for them, nor giving a notice.
    assert.equal(await worker.getByRole('heading', { name: /^(What was sent|Alerts to)/ }).count(), 0);
    assert.equal(await worker.getByRole('link', { name: /^Record as given/ }).count(), 0);
    await checkAccess(worker, 'an event of a caseload');
    await follow(worker, 'Complete the report');
    await heading(worker, 'Complete the report');
    await open(worker, '/events');
    // All of them are of people whose names they may read.
    const rows = await readTable(worker, 'events');
    assert.ok(rows.some(({ About }) => About.includes(`(${own.childId})`)));
    assert.ok(rows.every(({ About }) => About.includes('(')));
  });

  await t.test('records a complaint that they have heard, and does not read it', async () => {
    await open(worker, '/');
    await follow(worker, 'Record a complaint that you have heard');
    await heading(worker, 'Record a complaint');
    await checkAccess(worker, 'a complaint that is recorded by a supervising social worker');
    await submit(worker, 'Record the complaint');
    assert.ok((await errorTexts(worker)).includes('Enter what was said'));
    await choose(worker, 'kind', 'Complaint');
    await choose(worker, 'giver', 'A child');
    await pick(worker, 'giver-child', own.childId);
    await choose(worker, 'about', 'A foster carer');
    await pick(worker, 'carer', own.carerId);
    await pick(worker, 'child', own.childId);
    await fillMoment(worker, 'received', new Date(Date.now() - 3_600_000));
    await choose(worker, 'received-by', 'In person');
    await worker.locator('input[name=category]').first().check();
    await worker.locator('input[name=procedure]').first().check();
    await worker.locator('#summary').fill('Bedtime is earlier than for the others.');
    await submit(worker, 'Record the complaint');
    const said = await worker.getByText(/^Recorded as \d{4}-\d{4}\.$/).innerText();
    await heading(worker, 'Your households');
    const caseNumber = said.match(/\d{4}-\d{4}/)[0];
    const { complaints } = await call(manager, 'complaints.v1.ComplaintsService/ListComplaints', { caseNumber });
    assert.equal(complaints.length, 1);
    const { complaintId, childId, carerId } = complaints[0];
    assert.deepEqual({ childId, carerId }, { childId: own.childId, carerId: own.carerId });
    for (const [method, request] of [['GetComplaint', { complaintId }], ['ListComplaints', {}]]) {
      await assert.rejects(call(worker, `complaints.v1.ComplaintsService/${method}`, request), /403/);
    }
  });

  await t.test('is not told whether another one is there', async () => {
    const said = async (path) => {
      await open(worker, path);
      await heading(worker, NOT_THEIRS);
      return worker.locator('main').innerText();
    };
    const ofOther = await said(address);
    await checkAccess(worker, 'a record of somebody else');
    assert.equal(await said('/carers/F-NONE'), ofOther);
    assert.equal(await said(`/children/${other.childId}`), ofOther);
    await assert.rejects(call(worker, 'carers.v1.CarersService/GetCarer', { carerId: other.carerId }), /404/);
  });

  await t.test('opens one that cannot wait, with a reason', async () => {
    await open(worker, address);
    await follow(worker, /^Open it\s+in an emergency/);
    await worker.getByText('Everything that you look at is kept').waitFor();
    assert.equal(await worker.locator('#carer').inputValue(), other.carerId);
    await checkAccess(worker, 'an emergency');
    await submit(worker, 'Open it now');
    assert.deepEqual(await errorTexts(worker), ['Enter why it cannot wait']);
    await checkAccess(worker, 'an emergency that is refused');
    // Often it is the child whose number is known.
    await choose(worker, 'which', 'A child’s, who lives there');
    await worker.locator('#child').fill(other.childId);
    await worker.locator('#reason').fill('On duty tonight: the carer rang, a child has not come home.');
    await submit(worker, 'Open it now');
    await worker.getByText('The household is open to you.').waitFor();
    await worker.getByTestId('residents').waitFor();
    await checkAccess(worker, 'a carer that was opened in an emergency');
    await open(worker, '/');
    await worker.locator(`[data-testid=carers] [data-key="${other.carerId}"]`)
      .getByText('Opened in an emergency').waitFor();
    await checkAccess(worker, 'the overview of a caseload with an emergency');
  });

  await t.test('the registered manager is told at once, and looks at it', async () => {
    await open(manager, '/alerts');
    const alert = manager.locator('[data-alert]')
      .filter({ has: manager.locator(`a[href="/carers/emergencies?carer=${other.carerId}"]`) })
      .filter({ hasText: 'Open' });
    await alert.first().waitFor();
    await alert.first().getByRole('link', { name: /household was opened in an emergency/ }).click();
    const row = async () => (await readTable(manager, 'emergencies'))[0];
    await manager.getByTestId('emergencies').waitFor();
    assert.match((await row())['Looked at by'], /^Not looked at yet$/i);
    assert.match((await row()).State, /^Open$/i);
    assert.match((await row()).Reason, /the carer rang/);
    await checkAccess(manager, 'an emergency that nobody has looked at');
    await follow(manager, /^Record that you looked at it/);
    await submit(manager, 'Record it');
    assert.equal((await errorTexts(manager)).length, 2);
    await checkAccess(manager, 'a review of an emergency that is refused');
    await manager.locator('#note').fill('It was right: nobody else was on duty.');
    await choose(manager, 'end', 'Yes: they do not see the household any more');
    await submit(manager, 'Record it');
    await manager.getByText('It is recorded that you looked at it.').waitFor();
    await open(manager, `/carers/emergencies?carer=${other.carerId}`);
    assert.match((await row())['Looked at by'], /It was right/);
    assert.match((await row()).State, /^Over$/i);
    await open(manager, '/alerts');
    await alert.first().waitFor({ state: 'detached' });
  });

  await t.test('and sees it no more, as whoever reads who looked at what can tell', async () => {
    await load(worker, address);
    await heading(worker, NOT_THEIRS);
    await open(manager, `/access?person=${personId}&kind=carer&id=${other.carerId}`);
    const looks = await readTable(manager, 'accesses');
    const of = (what, outcome) => looks.some((each) =>
      each.What.startsWith(what) && each.Outcome.startsWith(outcome));
    assert.ok(of('Open in emergency', 'Shown'));
    assert.ok(of('Get carer', 'Shown'));
    assert.ok(of('Get carer', 'Refused'));
    assert.ok(looks.some(({ Outcome }) => Outcome.includes('Not in caseload')));
    await checkAccess(manager, 'what somebody looked at in an emergency');
  });

  await t.test('nobody supervises it any more', async () => {
    await open(manager, `${ownAddress}/supervisor`);
    await choose(manager, 'somebody', 'Nobody, from this day on');
    await submit(manager, 'Record it');
    await manager.getByText('It is recorded who supervises the household.').waitFor();
    await manager.getByTestId('supervision').getByText('Nobody').first().waitFor();
    await load(worker, ownAddress);
    await heading(worker, NOT_THEIRS);
  });
});
