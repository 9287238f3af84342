// Chromium, people in front of it, and what they do on the pages.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after } from 'node:test';
import { chromium } from 'playwright-core';
import { signInLink, URL_OF_SUITE } from './suite.mjs';

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

let browser;

// One for all stories of a file; what people have in it is in contexts of their own.
export function openBrowser() {
  browser ??= chromium.launch({
    executablePath: process.env.FOSTERWATCH_TEST_CHROMIUM ?? '/usr/bin/chromium', args: FLAGS,
  });
  return browser;
}

after(async () => (await browser)?.close());

// A page of somebody who is signed in. Whatever the browser complains of on the way fails the test
// at its end, but for what `expected` allows.
export async function personAt(t, browser, role, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(error.stack ?? String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  t.after(async () => {
    await context.close();
    const unexpected = complaints.filter((text) => !options.expected?.test(text));
    assert.deepEqual(unexpected, [], `the browser of the ${role} complained`);
  });
  const link = await signInLink(role);
  const { pathname, search } = new URL(link.url);
  await load(page, pathname + search);
  return Object.assign(page, { personId: link.person_id });
}

// Begins afresh at that address.
export async function load(page, path) {
  await page.goto(URL_OF_SUITE + path);
  await shown(page);
}

// Goes there inside the application where it is open, as the browser's way back does.
export async function open(page, path) {
  const inside = await page.evaluate((to) => {
    if (!document.querySelector('#live:not([data-live=false])')) return false;
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
    return true;
  }, path);
  if (inside) await shown(page);
  else await load(page, path);
}

const shown = async (page) => {
  await page.locator('h1:not(.app-empty)').waitFor();
  // Live, or, for whoever hears no stream of facts, read.
  await page.locator('#live:not([data-live=false])').waitFor();
};

// One of the services, asked by the page's own session.
export function call(page, method, request = {}) {
  return page.evaluate(async ([path, body]) => {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'connect-protocol-version': '1' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }, [`/fosterwatch.${method}`, request]);
}

// A child of whom nothing was reported yet, so that no story's report looks like another's; its area
// authority is another one than the responsible authority, or the same one.
export async function findChild(page, { sameAuthority }) {
  const { children } = await call(page, 'placements.v1.PlacementsService/ListChildren',
    { pageSize: 1000 });
  // The first ones are those of the README's examples.
  const fitting = children.filter((child) => child.carerId && child.childId > 'C-0009' &&
    (child.responsibleAuthorityId === child.areaAuthorityId) === sameAuthority);
  const reported = new Set();
  for (let pageToken = ''; ;) {
    const { events = [], nextPageToken } = await call(page,
      'notifiable_events.v1.NotifiableEventService/ListEvents', { pageSize: 200, pageToken });
    for (const { childId } of events) reported.add(childId);
    if (!nextPageToken) break;
    pageToken = nextPageToken;
  }
  const child = fitting.find(({ childId }) => !reported.has(childId));
  if (child) return child;
  assert.fail('the demonstration agency has no such child left');
}

let accidents = 0;

// Reports an accident at school, by the person whose page it is. Each happened on another day.
export function reportAccident(page, child) {
  const agoHours = 1 + 30 * accidents++;
  return call(page, 'notifiable_events.v1.NotifiableEventService/ReportEvent', {
    requestId: crypto.randomUUID(),
    report: {
      kinds: ['EVENT_KIND_SERIOUS_ILLNESS_ACCIDENT'],
      childId: child.childId,
      carerId: child.carerId,
      occurredTime: new Date(Date.now() - agoHours * 3_600_000).toISOString(),
      becameAwareTime: new Date(Date.now() - 1_800_000).toISOString(),
      place: 'School',
      summary: 'A fall in the playground.',
    },
  });
}

const pad = (number) => String(number).padStart(2, '0');

// The parts of a moment on London's clocks, as people type them.
export function londonParts(moment) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/London', hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
    hour: 'numeric', minute: 'numeric',
  }).formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  return {
    day: String(parts.day),
    month: String(parts.month),
    year: String(parts.year),
    time: `${parts.hour}:${pad(parts.minute)}`,
  };
}

// The last time that London's clocks showed this on a Saturday, at least a few minutes ago.
export function lastSaturday(hour, minute) {
  const weekday = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', weekday: 'short' });
  const start = Math.floor(Date.now() / 60_000) * 60_000 - 5 * 60_000;
  for (let minutes = 0; minutes < 8 * 24 * 60; ++minutes) {
    const moment = new Date(start - minutes * 60_000);
    const { time } = londonParts(moment);
    if (weekday.format(moment) === 'Sat' && time === `${hour}:${pad(minute)}`) return moment;
  }
  throw new Error('no such Saturday');
}

export async function fillMoment(page, name, moment) {
  for (const [part, text] of Object.entries(londonParts(moment))) {
    await page.locator(`#${name}-${part}`).fill(text);
  }
}

export async function pick(page, name, id) {
  await page.locator(`#${name}`).fill(id);
  await page.locator(`#${name}-list [role=option]`).first().click();
  assert.match(await page.locator(`#${name}`).inputValue(), new RegExp(`\\(${id}\\)$`));
}

export async function fillReport(page, report) {
  for (const kind of report.kinds) {
    await page.locator(`input[name=kinds][value=${kind}]`).check();
  }
  if (report.childId) await pick(page, 'child', report.childId);
  await fillMoment(page, 'occurred', report.occurred);
  await fillMoment(page, 'aware', report.aware);
  await page.locator('#place').fill(report.place ?? '');
  await page.locator('#summary').fill(report.summary);
  await page.locator('#actions').fill(report.actions ?? '');
}

// Sends the report form; the id of the event and when its answer arrived.
export async function sendReport(page) {
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/ReportEvent')),
    page.getByRole('button', { name: 'Report the event' }).click(),
  ]);
  const answered = performance.now();
  assert.equal(answer.status(), 200, await answer.text());
  const { eventId } = await answer.json();
  await page.waitForURL(`**/events/${eventId}`);
  return { eventId, answered };
}

// The rows of a table as objects of what is read in its cells, by heading.
export function readTable(page, testId) {
  return page.locator(`[data-testid="${testId}"]`).evaluate((table) => {
    const read = (cell) => cell.innerText.replaceAll(/\s+/g, ' ').trim();
    const headings = [...table.querySelectorAll('thead th')].map(read);
    return [...table.querySelectorAll('tbody tr')].map((row) => Object.fromEntries([
      ['key', row.dataset.key],
      ...[...row.cells].map((cell, index) => [headings[index],
        read(cell.querySelector('.app-table__value'))]),
    ]));
  });
}

export const errorSummary = (page) => page.locator('.govuk-error-summary');

export async function errorTexts(page) {
  await errorSummary(page).waitFor();
  return page.locator('.govuk-error-summary__list li').allInnerTexts();
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// WCAG 2.2 AA as far as a machine can tell; and everything is there without sideways scrolling on a
// small screen, at a zoom of 200 % (1.4.4), with text set wide (1.4.12) and on paper; and nothing moves
// for those who asked for that (2.3.3).
export async function checkAccess(page, state) {
  if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(axe);
  // Of what is right no report is wanted, which would take most of the time; and nothing here is a
  // sound or a video, which would be fetched first.
  const violations = await page.evaluate(async () => (await globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    resultTypes: ['violations'],
    preload: false,
  })).violations);
  const found = violations.map(({ id, nodes }) =>
    `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  assert.deepEqual(found, [], `axe on ${state}`);

  const size = page.viewportSize();
  const wrong = [];
  for (const { what, width = size.width, height = size.height, css = '', media = null } of LAYOUTS) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ media });
    wrong.push(...(await page.evaluate(misplaced, css)).map((problem) => `${what}: ${problem}`));
  }
  await page.emulateMedia({ media: null });
  await page.setViewportSize(size);
  assert.deepEqual(wrong, [], state);

  await page.emulateMedia({ reducedMotion: 'reduce' });
  assert.deepEqual(await page.evaluate(moving), [], `${state} moves`);
  await page.emulateMedia({ reducedMotion: null });
}

const LAYOUTS = [
  { what: '320 pixels wide', width: 320, height: 640 },
  { what: 'at a zoom of 200 %', width: 640, height: 450 },
  {
    what: 'with text set wide',
    css: `* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
              word-spacing: 0.16em !important } p { margin-bottom: 2em !important }`,
  },
  // A4 with margins of a centimetre.
  { what: 'on paper', width: 718, height: 1047, media: 'print' },
];

// What is cut off, or makes the page scroll sideways, under these further rules. In the page.
async function misplaced(css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  for (let frames = 0; frames < 2; ++frames) await new Promise(requestAnimationFrame);
  const problems = [];
  const shown = (element) => element.outerHTML.slice(0, 120);
  const all = [...document.querySelectorAll('main *, header *, footer *')];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) {
    const wide = all.filter((each) => each.getBoundingClientRect().right > clientWidth + 1);
    problems.push(`${scrollWidth - clientWidth} pixels too wide: ${wide.slice(0, 3).map(shown)}`);
  }
  const hides = (overflow) => overflow === 'hidden' || overflow === 'clip';
  for (const box of all) {
    const { overflowX, overflowY } = getComputedStyle(box);
    // What is only for screen readers is one pixel large.
    if (!(hides(overflowX) || hides(overflowY)) || box.clientWidth <= 1) continue;
    const { right, bottom } = box.getBoundingClientRect();
    const cut = [...box.querySelectorAll('*')].find((each) => {
      const inner = each.getBoundingClientRect();
      return inner.width > 1 && (inner.right > right + 1 || inner.bottom > bottom + 1);
    });
    if (cut) problems.push(`cut off: ${shown(cut)}`);
  }
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
  return problems;
}

// What is animated. In the page.
function moving() {
  const lasts = (durations) => durations.split(',').some((each) => parseFloat(each) > 0.01);
  return [...document.querySelectorAll('*')].filter((each) => {
    const { animationName, animationDuration, transitionProperty, transitionDuration } =
      getComputedStyle(each);
    return (animationName !== 'none' && lasts(animationDuration)) ||
      (transitionProperty !== 'none' && lasts(transitionDuration));
  }).map((each) => each.outerHTML.slice(0, 120));
}
