// The rules of WCAG 2.2 AA, on every page and in every state that it can be in.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  call, checkAccess, errorTexts, findChild, open, openBrowser, personAt, reportAccident,
} from './lib/browser.mjs';
import { everyPage } from './lib/pages.mjs';
import { URL_OF_SUITE } from './lib/suite.mjs';

test('every page keeps the rules', async (t) => {
  const browser = await openBrowser(t);
  const page = await personAt(t, browser, 'registered_manager', { expected: /status of (40[014]|503)/ });
  await reportAccident(page, await findChild(page, { sameAuthority: true }));
  const { events } = await call(page,
    'notifiable_events.v1.NotifiableEventService/ListEvents', { pageSize: 1 });
  const event = `/events/${events[0].eventId}`;
  const { notices: [notice] } = await call(page,
    'notifiable_events.v1.NotifiableEventService/GetEvent', { eventId: events[0].eventId });
  for (const [state, path] of Object.entries(await everyPage(page))) {
    await t.test(state, async () => {
      await open(page, path);
      await checkAccess(page, state);
      assert.equal(await page.locator('h1').count(), 1, 'one heading of the first level');
      assert.match(await page.title(), / – Fosterwatch$/);
      // Of when it is, and how far that was behind; where nothing is, nothing is said of it.
      if (!/not found/i.test(await page.title())) {
        await page.locator('#fresh').filter({ hasText: /^As at \d\d:\d\d:\d\d, [\d.]+ (s|minutes?) behind$/ })
          .waitFor();
      }
    });
  }

  await t.test('with everything unfolded', async () => {
    await open(page, event);
    for (const each of await page.locator('summary').all()) await each.click();
    await checkAccess(page, 'an event, unfolded');
  });

  const forms = {
    'a correction': [`${event}/correct`, 'Record the correction'],
    'a new action': [`${event}/actions/new`, 'Add the action'],
    'a conclusion': [`${event}/conclude`, 'Conclude the event'],
    'a decision': ['/decisions/new', 'Record the decision'],
    'a complaint': ['/complaints/new', 'Record the complaint'],
    'an allegation': ['/allegations/new', 'Record the allegation'],
    'an application to foster': ['/carers/new', 'Record the application'],
    'an edition': ['/editions/freeze', 'Freeze the edition'],
    'an audit': ['/audits/new', 'Start the audit'],
    'a placement': ['/children/placements/new', 'Record the placement'],
    'a check of a carer': ['/carers/F-0001/check', 'Record the check'],
    'an assignment': ['/carers/F-0001/supervisor', 'Record it'],
    'a matrix': ['/law/try', 'Try it'],
    'an appointment': ['/directory/holders/new', 'Appoint them'],
    'a body': ['/directory/bodies/new', 'Record the body'],
    'an absence': ['/directory/absences/new', 'Record the absence'],
    'a delegation': ['/directory/delegations/new', 'Record the delegation'],
    'a notice': [`${event}/notices/${notice.noticeId}/give`, 'Record as given'],
  };
  for (const [state, [path, button]] of Object.entries(forms)) {
    await t.test(`${state} that is refused`, async () => {
      await open(page, path);
      await page.locator('main').getByRole('button', { name: button }).click();
      assert.ok((await errorTexts(page)).length > 0);
      assert.match(await page.title(), /^Error: /);
      await checkAccess(page, `${state} that is refused`);
    });
  }

  await t.test('an audit, and the grading of a record on its form', async () => {
    const { auditId, records } = await call(page, 'allegations.v1.AuditsService/StartAudit',
      { requestId: crypto.randomUUID(), scope: 'SCOPE_ACTIVE' });
    await open(page, `/audits/${auditId}`);
    await checkAccess(page, 'an audit');
    const { recordId } = records.find(({ kind }) => kind === 'KIND_EVENT');
    await open(page, `/audits/${auditId}/event/${recordId}`);
    await page.locator('main').getByRole('button', { name: 'Record the grades' }).click();
    const asked = (await errorTexts(page)).length;
    assert.ok(asked >= 5);
    const questions = page.locator('fieldset');
    for (const each of await questions.all()) await each.getByLabel('Met', { exact: true }).check();
    await questions.first().getByLabel('Not met', { exact: true }).check();
    await page.locator('main').getByRole('button', { name: 'Record the grades' }).click();
    // What is wanting must be said, and what is done about it.
    assert.equal((await errorTexts(page)).length, 2);
    await checkAccess(page, 'a grading that is refused');
  });

  await t.test('while it loads', async () => {
    let release;
    const held = new Promise((resolve) => { release = resolve; });
    await page.route('**/GetEvent', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(URL_OF_SUITE + event);
    await page.getByText('Loading…').waitFor();
    await checkAccess(page, 'a page that loads');
    release();
    await page.locator('h1').waitFor();
    await page.unroute('**/GetEvent');
  });

  await t.test('when the service behind it is away, until it is back', async () => {
    const away = (route) => route.fulfill({
      status: 503,
      contentType: 'application/json',
      body: JSON.stringify({ code: 'unavailable', message: 'the service cannot reach what it needs' }),
    });
    await page.route('**/GetEvent', away);
    await page.goto(URL_OF_SUITE + event);
    await page.getByRole('heading', { name: 'Sorry, there is a problem' }).waitFor();
    await checkAccess(page, 'a page with a problem');
    await page.unroute('**/GetEvent');
    await page.getByRole('heading', { name: 'Sorry, there is a problem' })
      .waitFor({ state: 'detached' });
    await page.locator('#live[data-live=true]').waitFor();
  });

  await t.test('when a part of the application cannot be loaded, until it can', async () => {
    await open(page, '/nowhere');
    const part = /\/assets\/kpis-[^/]*\.js$/;
    await page.route(part, (route) => route.fulfill({ status: 503 }));
    await page.getByRole('link', { name: 'Figures' }).click();
    await page.getByRole('heading', { name: 'Sorry, there is a problem' }).waitFor();
    await checkAccess(page, 'a page whose part is missing');
    await page.unroute(part);
    await page.getByRole('navigation', { name: 'About figures' }).waitFor();
  });

  await t.test('no names in any address', async () => {
    const { children } = await call(page, 'placements.v1.PlacementsService/ListChildren',
      { childIds: [events[0].childId] });
    const hrefs = await page.locator('a[href]').evaluateAll((all) =>
      all.map((each) => decodeURIComponent(each.getAttribute('href'))));
    for (const part of children?.[0]?.name.split(' ') ?? []) {
      assert.ok(!hrefs.some((href) => href.includes(part)));
    }
  });

  await t.test('when it is signed out', async () => {
    await page.context().clearCookies();
    await page.goto(URL_OF_SUITE);
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await checkAccess(page, 'the signed-out page');
  });
});

test('a screen that is cut off says so, and mends itself', async (t) => {
  const browser = await openBrowser(t);
  const page = await personAt(t, browser, 'registered_manager', {
    expected: /ERR_(FAILED|INTERNET_DISCONNECTED|NETWORK|INCOMPLETE|ABORTED)/,
  });
  await open(page, '/');
  // What the page tries meanwhile fails, however soon it tries after it has heard that it is offline.
  const watch = '**/fosterwatch.gateway.v1.LiveService/Watch';
  await page.route(watch, (route) => route.abort('internetdisconnected'));
  await page.context().setOffline(true);
  await page.locator('#live[data-live=false]').filter({ hasText: /Not live since \d/ })
    .waitFor();
  await page.getByTestId('stale').waitFor();
  await checkAccess(page, 'a page that is not live');
  await page.unroute(watch);
  await page.context().setOffline(false);
  await page.locator('#live[data-live=true]').waitFor();
  await page.getByTestId('stale').waitFor({ state: 'detached' });
});
