// The page that a manager keeps open all day: what is late, what is due and what turned red, in each
// register, comes to it and goes from it without a reload.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, checkAccess, findChild, open, openBrowser, personAt } from './lib/browser.mjs';
import { eventually } from './lib/suite.mjs';

const DAY = 86_400_000;
const ago = (days) => new Date(Date.now() - days * DAY).toISOString();
const dayAgo = (days) => ago(days).slice(0, 10);
const requestId = () => crypto.randomUUID();

const ALERTS = 'Open alerts';
const NOTICES = 'Notices that are overdue or wait for a person';
const RED = 'Figures that are red';
const SIGN_OFFS = 'Sign-offs that wait';
const CARERS = 'Carers: late, or due within 7 days';
const CASES = 'Complaints and allegations: late, or due within 7 days';

const group = (page, title) =>
  page.locator('.app-tasks__group').filter({ has: page.locator('h3', { hasText: title }) });

const counted = async (page, title) =>
  Number(/\((\d+)\)$/.exec(await group(page, title).locator('h3').innerText())[1]);

const rows = (page, title, address) =>
  group(page, title).locator('.app-todo__item').filter({ has: page.locator(`a[href^="${address}"]`) });

// So many months back, by the calendar of London, as "2026-11".
function month(back) {
  const [year, number] = new Intl.DateTimeFormat('en-CA',
    { timeZone: 'Europe/London', year: 'numeric', month: '2-digit' }).format(new Date()).split('-').map(Number);
  const count = year * 12 + number - 1 - back;
  return `${Math.floor(count / 12)}-${String(count % 12 + 1).padStart(2, '0')}`;
}

const importFigures = (page, figures) => call(page, 'kpis.v1.FiguresService/ImportFigures', {
  figures: figures.map(([code, period, numerator, denominator]) =>
    ({ code, period, numerator, denominator, source: 'board-pages' })),
});

const openPlans = async (page, code) =>
  (await call(page, 'kpis.v1.ActionPlansService/ListPlans', { code, state: 'STATE_OPEN' })).plans ?? [];

test('the overview says what is late, due and red in every register, live', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager');
  // What is done is done elsewhere: this page is only looked at.
  const elsewhere = await personAt(t, browser, 'registered_manager');
  const child = await findChild(manager, { sameAuthority: true });

  // Green to begin with, and no urgent alert of before, which would go before all others.
  await importFigures(elsewhere, [['ED3', month(3), 2, 20], ['ED3', month(2), 2, 20], ['ED3', month(1), 20, 20]]);
  assert.ok(await eventually(async () => (await openPlans(elsewhere, 'ED3')).length === 0));
  const urgent = async () => ((await call(elsewhere, 'notifications.v1.NotificationsService/ListAlerts',
    { state: 'STATE_OPEN', pageSize: 200 })).alerts ?? []).filter((alert) => alert.urgent);
  for (const { alertId } of await urgent()) {
    await call(elsewhere, 'notifications.v1.NotificationsService/AcknowledgeAlert',
      { requestId: requestId(), alertId });
  }
  assert.ok(await eventually(async () => (await urgent()).length === 0));

  await open(manager, '/');
  await manager.evaluate(() => { globalThis.neverLoadedAgain = true; });
  // How long it took from the answer to `done` until the page shows it.
  const soon = async (what, done, shown) => {
    const answer = await done();
    const answered = performance.now();
    await shown(answer);
    t.diagnostic(`${what}: seen ${Math.round(performance.now() - answered)} ms after its answer`);
    return answer;
  };
  const becomes = (title, count) => group(manager, title).locator('h3')
    .filter({ hasText: `${title} (${count})` }).waitFor();

  await t.test('carers: a visit or an agreement that was overdue, until it is made', async () => {
    // The latest are shown; what these are, depends on which carers the suite has been told of.
    const made = {
      DUTY_KIND_UNANNOUNCED_VISIT: ['Unannounced visit', async (carerId) => {
        const { fosterParents } = await call(elsewhere, 'carers.v1.CarersService/GetCarer', { carerId });
        // Nobody at home is no visit.
        const [{ fosterParentId }] = fosterParents;
        return call(elsewhere, 'carers.v1.CarerDutiesService/RecordVisit', {
          requestId: requestId(), carerId, visitedTime: ago(0.05), unannounced: true,
          seen: [{ fosterParentId }], notes: 'All is well.',
        });
      }],
      DUTY_KIND_AGREEMENT_ISSUE: ['Foster care agreement issued', async (carerId) => {
        const policy = await call(elsewhere, 'carers.v1.CarersService/GetCarerPolicy', {});
        return call(elsewhere, 'carers.v1.CarerDutiesService/IssueAgreement', {
          requestId: requestId(), carerId, issuedDate: dayAgo(0), version: policy.agreementVersion,
          itemsCovered: policy.agreement.map(({ code }) => code),
        });
      }],
    };
    const { items } = await call(elsewhere, 'carers.v1.CarerDutiesService/ListDuties',
      { dueBeforeTime: ago(0), pageSize: 8 });
    const { carerId, duty } = items.find(({ duty: { kind } }) => kind in made);
    const [title, make] = made[duty.kind];
    const row = rows(manager, CARERS, `/carers/${carerId}`).filter({ hasText: title });
    await row.getByText(/^Overdue by /).waitFor();
    const before = await counted(manager, CARERS);
    await soon(title, () => make(carerId), () => row.waitFor({ state: 'detached' }));
    await becomes(CARERS, before - 1);
  });

  await t.test('complaints: one that is late, until it is withdrawn', async () => {
    const before = await counted(manager, CASES);
    const { complaintId } = await soon('a complaint', () => call(elsewhere,
      'complaints.v1.ComplaintsService/RecordComplaint', {
        requestId: requestId(),
        report: {
          kind: 'COMPLAINT_KIND_COMPLAINT', receivedTime: ago(360), receivedBy: 'RECEIVED_BY_EMAIL',
          giver: { kind: 'GIVER_KIND_PARENT', name: 'Rosa Whitfield', contact: '020 7946 0018' },
          subject: { kind: 'SUBJECT_KIND_CARER', carerId: child.carerId, childId: child.childId },
          category: 'QUALITY_OF_CARE', summary: 'Nobody came back to her.', wish: 'An answer.',
          procedureId: 'reg18',
        },
        points: ['Nobody came back to her.'],
      }), (complaint) => rows(manager, CASES, `/complaints/${complaint.complaintId}`)
      .getByText(/^Overdue by /).waitFor());
    await becomes(CASES, before + 1);
    await soon('its withdrawal', () => call(elsewhere, 'complaints.v1.ComplaintsService/WithdrawComplaint', {
      requestId: requestId(), complaintId, reason: 'She has her answer.', giverToldTime: ago(0),
    }), () => rows(manager, CASES, `/complaints/${complaintId}`).waitFor({ state: 'detached' }));
    await becomes(CASES, before);
  });

  await t.test('complaints: one that is due within a week', async () => {
    const before = await counted(manager, CASES);
    await soon('a complaint of today', () => call(elsewhere, 'complaints.v1.ComplaintsService/RecordComplaint', {
      requestId: requestId(),
      report: {
        kind: 'COMPLAINT_KIND_COMPLAINT', receivedTime: ago(0), receivedBy: 'RECEIVED_BY_EMAIL',
        giver: { kind: 'GIVER_KIND_PARENT', name: 'Rosa Whitfield', contact: '020 7946 0018' },
        subject: { kind: 'SUBJECT_KIND_CARER', carerId: child.carerId, childId: child.childId },
        category: 'QUALITY_OF_CARE', summary: `Another letter was lost (${Date.now()}).`, wish: 'An apology.',
        procedureId: 'reg18',
      },
      points: ['Another letter was lost.'],
    }), () => becomes(CASES, before + 1));
  });

  await t.test('allegations: one that nobody has referred', async () => {
    const before = await counted(manager, CASES);
    const { allegations = [] } = await call(elsewhere, 'allegations.v1.AllegationsService/ListAllegations',
      { openOnly: true, pageSize: 200 });
    const first = Math.min(Date.now() - 400 * DAY, ...allegations.filter((each) => each.nextDueTime)
      .map((each) => Date.parse(each.nextDueTime) - 7 * DAY));
    await soon('an allegation', () => call(elsewhere, 'allegations.v1.AllegationsService/ReceiveAllegation', {
      requestId: requestId(),
      report: {
        carerId: child.carerId, childId: child.childId, grounds: ['GROUND_HARM'], informant: 'INFORMANT_CHILD',
        becameAwareTime: new Date(first).toISOString(), summary: 'She says that she was pushed.',
      },
    }), (allegation) => rows(manager, CASES, `/allegations/${allegation.allegationId}`)
      .getByText(/^Overdue by /).waitFor());
    await becomes(CASES, before + 1);
  });

  await t.test('notifications: a notice and a sign-off that are late', async () => {
    const [notices, signOffs] = [await counted(manager, NOTICES), await counted(manager, SIGN_OFFS)];
    const { eventId } = await soon('an event', () => call(elsewhere,
      'notifiable_events.v1.NotifiableEventService/ReportEvent', {
        requestId: requestId(),
        report: {
          kinds: ['EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT'], childId: child.childId, carerId: child.carerId,
          occurredTime: ago(401), becameAwareTime: ago(400), place: 'School', summary: 'A fall from a wall.',
        },
      }), ({ eventId }) => rows(manager, NOTICES, `/events/${eventId}/`).first().waitFor());
    await rows(manager, NOTICES, `/events/${eventId}/`).getByText(/^Overdue by /).first().waitFor();
    await rows(manager, SIGN_OFFS, `/events/${eventId}`).waitFor();
    assert.ok(await counted(manager, NOTICES) > notices);
    assert.equal(await counted(manager, SIGN_OFFS), signOffs + 1);
    await soon('its withdrawal', () => call(elsewhere,
      'notifiable_events.v1.NotifiableEventService/WithdrawEvent',
      { requestId: requestId(), eventId, reason: 'It was of another child.' }),
    () => rows(manager, SIGN_OFFS, `/events/${eventId}`).waitFor({ state: 'detached' }));
  });

  await t.test('placements: more children than the carer is approved for, until one has left', async () => {
    const carerId = `F-V${Date.now().toString(36).toUpperCase()}`;
    await call(elsewhere, 'carers.v1.CarersService/TakeOverCarer', {
      requestId: requestId(), carerId, kind: 'KIND_MAINSTREAM', approvedDate: dayAgo(100),
      particulars: {
        address: '8 Quarry Road, Northbridge',
        fosterParents: [{ name: 'Hannah Okafor', birthDate: '1980-01-09', sex: 'SEX_FEMALE' }],
      },
      terms: [{ effectiveDate: dayAgo(100), terms: { maxChildren: 1 } }],
    });
    const children = [`${carerId}-1`, `${carerId}-2`].map((id) => id.replace('F-', 'C-'));
    for (const childId of children) {
      await call(elsewhere, 'placements.v1.PlacementsService/RecordChild',
        { requestId: requestId(), child: { ...child, childId, carerId: '' } });
    }
    const place = (childId) => eventually(() => call(elsewhere, 'placements.v1.PlacementsService/StartPlacement', {
      requestId: requestId(), placement: { childId, carerId, startDate: dayAgo(1), placementCode: 'U4' },
    }).catch(() => undefined));
    await place(children[0]);
    const row = rows(manager, ALERTS, `/carers/${carerId}`);
    await soon('a placement', () => place(children[1]), () => row.first().waitFor());
    await soon('its end', () => call(elsewhere, 'placements.v1.PlacementsService/EndPlacement', {
      requestId: requestId(), childId: children[1], endDate: dayAgo(0), reasonCode: 'CREQB',
    }), () => row.first().waitFor({ state: 'detached' }));
  });

  await t.test('figures: one that turns red', async () => {
    const before = await counted(manager, RED);
    await soon('a red figure', () => importFigures(elsewhere, [['ED3', month(1), 2, 20]]),
      () => becomes(RED, before + 1));
    const [{ planId }] = await openPlans(elsewhere, 'ED3');
    await rows(manager, RED, `/plans/${planId}`).getByText('Nobody answers for it yet').waitFor();
  });

  await t.test('all of it on one page that was read once', async () => {
    assert.equal(await manager.evaluate(() => globalThis.neverLoadedAgain), true);
    await manager.locator('#fresh').filter({ hasText: /^As at \d\d:\d\d:\d\d, .* behind$/ }).waitFor();
    await checkAccess(manager, 'an overview with something in every group');
  });
});
