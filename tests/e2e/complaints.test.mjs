// A child's complaint over Christmas, from its receipt to the end of stage 2; a serious complaint that
// becomes a notifiable event, and one in which harm is disclosed; one that comes too late, and one about
// the registered manager.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  call, checkAccess, errorTexts, fillMoment, findChild, open, openBrowser, personAt, pick, readTable,
} from './lib/browser.mjs';
import { eventually } from './lib/suite.mjs';

const DAY = 86_400_000;
// England and Wales, from gov.uk/bank-holidays, by hand.
const HOLIDAYS = ['2025-12-25', '2025-12-26', '2026-01-01', '2026-04-03', '2026-04-06'];

// The last of so many working days after a day, as a page says it: counted day by day.
function endOfWorkingDay(day, count) {
  let moment = new Date(`${day}T12:00:00Z`);
  for (let left = count; left > 0;) {
    moment = new Date(moment.getTime() + DAY);
    const weekend = [0, 6].includes(moment.getUTCDay());
    if (!weekend && !HOLIDAYS.includes(moment.toISOString().slice(0, 10))) --left;
  }
  return `end of ${moment.toLocaleDateString('en-GB', {
    timeZone: 'UTC', weekday: 'long',
  })} ${moment.toLocaleDateString('en-GB', {
    timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric',
  })}`;
}

const london = (text) => new Date(text);

const choose = (page, name, text) =>
  page.locator(`fieldset:has(#${name})`).getByLabel(text, { exact: true }).check();

const submit = (page, name) => page.locator('main').getByRole('button', { name, exact: true }).click();

const follow = async (page, name) => {
  const main = page.locator('main');
  const found = main.getByRole('link', { name, exact: true });
  if (!await found.isVisible()) await main.getByText('More that can be done').click();
  await found.click();
};

async function recordComplaint(page, child, {
  received, happened, staff, manager, summary, points = '', procedure,
}) {
  await open(page, '/complaints');
  await page.getByRole('link', { name: 'Record a complaint', exact: true }).click();
  await choose(page, 'kind', 'Complaint');
  await choose(page, 'giver', 'A child');
  await pick(page, 'giver-child', child.childId);
  await choose(page, 'about', staff ? 'A member of staff' : 'A foster carer');
  if (staff) {
    await pick(page, 'staff', staff);
    await pick(page, 'line-manager', manager);
  } else {
    await pick(page, 'carer', child.carerId);
  }
  await pick(page, 'child', child.childId);
  await fillMoment(page, 'received', received);
  await choose(page, 'received-by', 'In person');
  await choose(page, 'category', 'Quality of care');
  if (happened) await fillMoment(page, 'happened', happened);
  await choose(page, 'procedure', procedure);
  await page.locator('#summary').fill(summary);
  await page.locator('#points').fill(points);
  await submit(page, 'Record the complaint');
  await page.getByText(/^Recorded as \d{4}-\d{4}\.$/).waitFor();
}

const dutyNamed = async (page, pattern) =>
  (await readTable(page, 'duties')).find(({ What }) => pattern.test(What));

test('a child’s complaint to stage 2, with an extension over Christmas', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 400/ });
  const other = await personAt(t, browser, 'team_manager');
  const child = await findChild(manager, { sameAuthority: true });
  let address;

  await t.test('is recorded by its points, and says when it is to be answered', async () => {
    await recordComplaint(manager, child, {
      received: london('2025-12-01T10:00:00Z'),
      summary: 'I may not ring my sister, and they shout.',
      points: 'May not ring her sister\nShouting',
      procedure: 'The local authority\'s three stages',
    });
    address = new URL(manager.url()).pathname;
    await open(other, address);
    assert.equal((await readTable(manager, 'points')).length, 2);
    const answer = await dutyNamed(manager, /^Answer: stage 1/);
    assert.match(answer.Due, new RegExp(`^${endOfWorkingDay('2025-12-01', 10)}`));
    await checkAccess(manager, 'a complaint');
  });

  await t.test('is acknowledged, answered, and decided point by point', async () => {
    await follow(manager, 'Record the acknowledgement');
    await fillMoment(manager, 'acknowledged', london('2025-12-02T09:00:00Z'));
    await manager.getByLabel('An advocate was offered').check();
    await submit(manager, 'Record the acknowledgement');
    await manager.getByText('The acknowledgement is recorded.').waitFor();

    await follow(manager, 'Record the answer');
    await fillMoment(manager, 'answered', london('2025-12-10T15:00:00Z'));
    await manager.locator('#answer').fill('We have talked with the carers.');
    await submit(manager, 'Record the answer');
    await manager.getByText('The answer is recorded.').waitFor();
    assert.match((await dutyNamed(manager, /^Answer: stage 1/)).State, /^done/i);
  });

  await t.test('goes to stage 2, whose clock passes over Christmas and says so', async () => {
    await follow(manager, 'Start the next stage');
    await fillMoment(manager, 'requested', london('2025-12-12T11:00:00Z'));
    await submit(manager, 'Start the next stage');
    await manager.getByText('The next stage has begun.').waitFor();
    const answer = await dutyNamed(manager, /stage 2/);
    assert.match(answer.Due, new RegExp(`^${endOfWorkingDay('2025-12-12', 25)}`));
    await manager.locator('summary').filter({ hasText: /stage 2/ }).click();
    const why = manager.locator('details[open]');
    await why.getByText('2025-12-25 Christmas Day').waitFor();
    await why.getByText('2026-01-01').waitFor();
    await checkAccess(manager, 'a complaint at stage 2, explained');
  });

  await t.test('is extended with a reason and with who agreed, and others see it at once; it stays late', async () => {
    await follow(manager, 'Extend the stage');
    await submit(manager, 'Extend the stage');
    assert.equal((await errorTexts(manager)).length, 3);
    await manager.locator('#reason').fill('Two of those to be heard are away over Christmas.');
    await pick(manager, 'agreed-by', manager.personId);
    await manager.locator('#agreed-with').fill('The child and her advocate, by telephone');
    await submit(manager, 'Extend the stage');
    await manager.getByText('The stage is extended.').waitFor();
    for (const page of [manager, other]) {
      await page.getByText('Two of those to be heard are away over Christmas.').waitFor();
      const answer = await dutyNamed(page, /stage 2/);
      // Agreed long after the limit.
      assert.match(answer.Due, new RegExp(`^${endOfWorkingDay('2025-12-12', 25)}`));
      assert.match(answer.What, new RegExp(`after the limit, which stands; it was due ${endOfWorkingDay('2025-12-12', 25)}`));
    }
  });

  await t.test('is not closed before all of it is there, and says what is missing', async () => {
    await follow(manager, 'Close the complaint');
    await submit(manager, 'Close the complaint');
    const missing = (await errorTexts(manager)).join('\n');
    for (const each of [/“Shouting” has no outcome/, /No action taken/, /not been answered/,
      /Nobody has judged whether it is serious/]) {
      assert.match(missing, each);
    }
    await checkAccess(manager, 'a complaint that cannot be closed yet');
  });

  await t.test('is investigated by somebody independent, answered and closed', async () => {
    await open(manager, address);
    await follow(manager, 'Name an investigator');
    await manager.getByLabel('No: an independent person').check();
    await manager.locator('#outside').fill('Jo Bell');
    await submit(manager, 'Name the investigator');
    await manager.getByText('The investigator is named.').waitFor();
    await follow(manager, 'Name somebody from outside for the stage');
    await choose(manager, 'part', 'Independent person');
    await manager.locator('#name').fill('Ama Boateng');
    await submit(manager, 'Name them');
    await manager.getByText('They are named.').waitFor();
    await follow(manager, 'Record the answer');
    await fillMoment(manager, 'answered', london('2026-02-20T15:00:00Z'));
    await manager.locator('#answer').fill('Upheld in part.');
    await submit(manager, 'Record the answer');
    await manager.getByText('The answer is recorded.').waitFor();
    await manager.getByText('Late', { exact: true }).first().waitFor();
    for (const [point, outcome] of [['May not ring her sister', 'Upheld'], ['Shouting', 'Not upheld']]) {
      await manager.getByRole('row').filter({ hasText: point }).getByRole('link', { name: /^Decide/ }).click();
      await choose(manager, 'outcome', outcome);
      await manager.locator('#reason').fill('After hearing everybody.');
      await submit(manager, 'Record the outcome');
      await manager.getByText('The outcome of the point is recorded.').waitFor();
    }
    await follow(manager, 'Record an action taken');
    await manager.locator('#text').fill('A call to her sister every Sunday is in the care plan.');
    await submit(manager, 'Record the action');
    await manager.getByText('The action is recorded.').waitFor();
    await follow(manager, 'Judge whether it is serious');
    await choose(manager, 'serious', 'No');
    await manager.locator('#reason').fill('Nobody was harmed, and it was put right.');
    await submit(manager, 'Record the judgement');
    await manager.getByText('The judgement is recorded.').waitFor();
    await follow(manager, 'Close the complaint');
    await manager.locator('#outcome').fill('Upheld as to the calls.');
    await submit(manager, 'Close the complaint');
    await manager.getByText('The complaint is closed.').waitFor();
    await checkAccess(manager, 'a complaint that is closed');
  });

  await t.test('leaves a review that closes only with learning and an action', async () => {
    await follow(manager, 'Close the review');
    await submit(manager, 'Close the review');
    assert.match((await errorTexts(manager)).join(), /What was learnt is not recorded/);
    await open(manager, address);
    await follow(manager, 'Record what was learnt');
    await manager.locator('#learning').fill('Care plans are read together when a child moves in.');
    await manager.locator('#published').fill('Care plans are read together at the beginning.');
    await submit(manager, 'Record the learning');
    await manager.getByText('What was learnt is recorded.').waitFor();
    await follow(manager, 'Add an action');
    await manager.locator('#description').fill('Put it into the checklist of placements.');
    await pick(manager, 'owner', manager.personId);
    await fillMoment(manager, 'due', new Date(Date.now() + 14 * DAY));
    await submit(manager, 'Add the action');
    await manager.getByText('The action is added.').waitFor();
    await follow(manager, 'Close the review');
    await submit(manager, 'Close the review');
    await manager.getByText('The review is closed.').waitFor();
  });

  await t.test('counts in the statement of those 12 months, which names nobody', async () => {
    // Its receipt is among them, whenever this is read.
    await open(manager, '/complaints/statement?until=2026-11-22');
    await manager.getByText('Care plans are read together at the beginning.').first().waitFor();
    const said = await manager.locator('main').innerText();
    const [first] = (await call(manager, 'placements.v1.PlacementsService/GetChild',
      { childId: child.childId })).name.split(' ');
    assert.ok(!said.split('Themes')[0].includes(first), 'the statement names the child');
    await checkAccess(manager, 'a statement');
  });
});

test('a serious complaint becomes a notifiable event that nobody types again', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager');
  const caseworker = await personAt(t, browser, 'caseworker');
  const child = await findChild(manager, { sameAuthority: false });
  await recordComplaint(caseworker, child, {
    received: new Date(Date.now() - 3_600_000),
    summary: 'Locked out of the house at night.',
    procedure: 'The agency\'s complaints procedure',
  });
  const address = new URL(caseworker.url()).pathname;
  // What a caseworker may not do is not offered.
  await caseworker.locator('main').getByText('More that can be done').click();
  assert.equal(await caseworker.getByRole('link', { name: 'Judge whether it is serious' }).count(), 0);
  assert.equal(await caseworker.getByRole('link', { name: 'Close the complaint' }).count(), 0);

  await open(manager, address);
  await follow(manager, 'Judge whether it is serious');
  await choose(manager, 'serious', 'Yes');
  await manager.locator('#reason').fill('A child of nine was outside for an hour in the dark.');
  await submit(manager, 'Record the judgement');
  await manager.getByText('The judgement is recorded.').waitFor();
  assert.ok(await dutyNamed(manager, /proposed notifiable event/));
  await caseworker.getByText('The registered manager or the deputy decides.').waitFor();
  await checkAccess(manager, 'a complaint with a proposal');

  await manager.getByRole('link', { name: 'Accept: report the event' }).click();
  await manager.locator('#reason').fill('Schedule 7, row 9.');
  await submit(manager, 'Accept and report the event');
  await manager.getByText(/^Accepted\./).waitFor();
  await manager.getByRole('link', { name: /^The notifiable event/ }).waitFor();
  const { events: [event] } = await eventually(async () => {
    const answer = await call(manager, 'notifiable_events.v1.NotifiableEventService/ListEvents',
      { childId: child.childId });
    return answer.events?.length ? answer : undefined;
  });
  assert.deepEqual(event.kinds, ['EVENT_KIND_SERIOUS_COMPLAINT']);
  await open(manager, `/events/${event.eventId}`);
  assert.match(await manager.locator('h1').innerText(), /Serious complaint/);

  await t.test('and stands in the chronology of the child and the carer', async () => {
    for (const path of [`/children/${child.childId}`, `/carers/${child.carerId}`]) {
      await open(manager, path);
      const told = (await readTable(manager, 'chronology')).map(({ What }) => What).join('\n');
      assert.match(told, /Notifiable event: Serious complaint/);
      assert.match(told, /Complaint \d{4}-\d{4}/);
    }
    await checkAccess(manager, 'a carer with a chronology');
  });
});

test('harm that a complaint discloses is an allegation in the same minute', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager');
  const child = await findChild(manager, { sameAuthority: true });
  await recordComplaint(manager, child, {
    received: new Date(Date.now() - 3_600_000),
    summary: 'Does not want to go home.',
    procedure: 'The agency\'s complaints procedure',
  });
  await follow(manager, 'Harm to a child was disclosed');
  await fillMoment(manager, 'aware', new Date(Date.now() - 600_000));
  await manager.locator('#text').fill('She says that she was hit.');
  await submit(manager, 'Record it and open an allegation');
  await manager.getByText(/^The disclosure is recorded/).waitFor();
  await manager.getByRole('link', { name: /^The allegation that it opened/ }).click();
  await manager.getByRole('heading', { level: 1, name: /^Allegation about/ }).waitFor();
  assert.match((await dutyNamed(manager, /^Refer it/)).State, /owed/i);
  await manager.getByRole('link', { name: /^The complaint that opened it/ }).waitFor();
});

const OUT_OF_TIME = {
  happened: new Date(Date.now() - 500 * DAY),
  received: new Date(Date.now() - 3_600_000),
  procedure: 'The local authority\'s three stages',
};

test('a complaint that comes after its limit is recorded, and a person decides whether it is taken', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager');
  const caseworker = await personAt(t, browser, 'caseworker');
  const child = await findChild(manager, { sameAuthority: true });

  await t.test('until then nothing else is done about it', async () => {
    await recordComplaint(caseworker, child, { ...OUT_OF_TIME, summary: 'Was not let home for her birthday.' });
    const section = caseworker.getByTestId('out-of-time');
    await section.getByText('To be decided').waitFor();
    assert.equal(await section.getByRole('link').count(), 0, 'a manager decides');
    await open(manager, new URL(caseworker.url()).pathname);
    assert.ok(await dutyNamed(manager, /came out of time$/));
    assert.equal(await manager.getByRole('link', { name: 'Record the answer' }).count(), 0);
    await manager.getByText('Why until then').click();
    await checkAccess(manager, 'a complaint that is out of time');
  });

  await t.test('it is taken with a reason, and its stage runs', async () => {
    await follow(manager, 'Decide whether it is taken');
    await submit(manager, 'Record the decision');
    assert.deepEqual(await errorTexts(manager), ['Select whether it is taken', 'Enter why']);
    await checkAccess(manager, 'a decision on a complaint out of time that is refused');
    await choose(manager, 'decision', 'Yes: it is considered');
    await manager.locator('#reason').fill('She was not told that she may complain.');
    await submit(manager, 'Record the decision');
    await manager.getByText('The decision is recorded.').waitFor();
    await caseworker.getByTestId('out-of-time').getByText('She was not told that she may complain.').waitFor();
    assert.ok(await dutyNamed(manager, /^Answer: stage 1/));
    await manager.getByRole('link', { name: 'Record the answer' }).waitFor();
  });

  await t.test('or it is not, and its record is closed as any other', async () => {
    await recordComplaint(manager, child, { ...OUT_OF_TIME, summary: 'Was not given her letters.' });
    await follow(manager, 'Decide whether it is taken');
    await choose(manager, 'decision', 'No: it is not considered');
    await manager.locator('#reason').fill('Nobody who was there can be asked any more.');
    await submit(manager, 'Record the decision');
    await manager.getByText('The decision is recorded.').waitFor();
    await manager.getByTestId('out-of-time').getByText('Not taken').waitFor();
    assert.equal(await manager.getByRole('link', { name: 'Record the answer' }).count(), 0);
    await manager.getByRole('link', { name: 'Close the complaint' }).waitFor();
  });
});

test('a complaint about the registered manager goes to the responsible individual alone', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 404/ });
  const caseworker = await personAt(t, browser, 'caseworker');
  const individual = await personAt(t, browser, 'responsible_individual');
  const child = await findChild(manager, { sameAuthority: true });
  await recordComplaint(caseworker, child, {
    received: new Date(Date.now() - 3_600_000),
    staff: manager.personId,
    manager: individual.personId,
    summary: 'Did not answer three letters.',
    procedure: 'The agency\'s complaints procedure',
  });
  const address = new URL(caseworker.url()).pathname;

  await t.test('who recorded it is told who considers it, and is offered nothing else', async () => {
    await caseworker.getByTestId('other-route')
      .filter({ hasText: 'it is considered by the responsible individual alone' }).waitFor();
    assert.equal(await caseworker.getByRole('link', { name: 'Record the acknowledgement' }).count(), 0);
    await open(caseworker, `${address}/acknowledge`);
    await caseworker.getByText('considered by the responsible individual alone.').waitFor();
    await checkAccess(caseworker, 'a question about a complaint that goes another way');
  });

  await t.test('whom it is about does not find it', async () => {
    await open(manager, address);
    await manager.getByRole('heading', { name: 'Page not found' }).waitFor();
    await open(manager, '/complaints');
    assert.equal(await manager.locator(`a[href="${address}"]`).count(), 0);
  });

  await t.test('the responsible individual works it', async () => {
    await open(individual, address);
    await checkAccess(individual, 'a complaint that goes another way');
    await follow(individual, 'Record the acknowledgement');
    await fillMoment(individual, 'acknowledged', new Date(Date.now() - 60_000));
    await submit(individual, 'Record the acknowledgement');
    await individual.getByText('The acknowledgement is recorded.').waitFor();
    await individual.getByRole('link', { name: 'Close the complaint' }).waitFor();
  });
});
