// Figures that are questioned: one turns red and opens its plan, a stated one turns out otherwise, a
// month is missing, a chart and its table say the same, and a tile leads to the record behind it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  call, checkAccess, errorTexts, findChild, load, open, openBrowser, personAt, pick, readTable, reportAccident,
} from './lib/browser.mjs';
import { eventually, feed, token, URL_OF_SUITE } from './lib/suite.mjs';

// "2026-11" and -1 as "2026-10", by the calendar of London.
const NOW = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London', year: 'numeric', month: '2-digit' })
  .format(new Date());
function month(back) {
  const [year, number] = NOW.split('-').map(Number);
  const count = year * 12 + number - 1 - back;
  return `${Math.floor(count / 12)}-${String(count % 12 + 1).padStart(2, '0')}`;
}

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
  'October', 'November', 'December'];
const spelt = (period) => `${MONTHS[Number(period.slice(5)) - 1]} ${period.slice(0, 4)}`;

async function importFigures(page, figures) {
  const { results } = await call(page, 'kpis.v1.FiguresService/ImportFigures', {
    figures: figures.map(([code, period, numerator, denominator]) =>
      ({ code, period, numerator, denominator, source: 'board-pages' })),
  });
  for (const { outcome, description } of results) {
    assert.match(outcome, /_(RECORDED|UNCHANGED|CORRECTED)$/, description);
  }
}

const row = (page, code) => page.locator(`[data-testid=figures] tr[data-key="${code}"]`);

test('a figure turns red on the open page and opens its plan', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 400/ });
  // More is better, and 60% the least.
  await importFigures(manager, [['ED2', month(3), 3, 20], ['ED2', month(2), 2, 20], ['ED2', month(1), 15, 20]]);
  await open(manager, `/figures?set=board&period=${month(1)}`);
  const figure = row(manager, 'ED2');
  await figure.getByText('75%', { exact: true }).waitFor();
  await figure.locator('td').first().locator('[data-status-code=green]').waitFor();

  await t.test('without a reload', async () => {
    await importFigures(manager, [['ED2', month(1), 2, 20]]);
    await figure.locator('td').first().locator('[data-status-code=red]').waitFor();
    await figure.getByText('Third month in a row').first().waitFor();
    await manager.locator('#fresh')
      .filter({ hasText: /^As at \d\d:\d\d:\d\d, \d+\.\d s behind$/ }).waitFor();
    await checkAccess(manager, 'a table with a red figure');
    await figure.getByRole('link', { name: 'Action plan' }).waitFor();
    // The plan is none of the months before it.
    await open(manager, `/figures?set=board&period=${month(3)}`);
    await figure.getByText('15%', { exact: true }).waitFor();
    assert.equal(await figure.getByRole('link', { name: 'Action plan' }).count(), 0);
    await open(manager, `/figures?set=board&period=${month(1)}`);
  });

  await t.test('leads to the plan and the months that made it red', async () => {
    await figure.getByRole('link', { name: 'Action plan' }).click();
    await manager.locator('[data-testid=months]').waitFor();
    const months = await readTable(manager, 'months');
    assert.equal(months.length, 3);
    assert.ok(months.every(({ Status }) => /^(Red|Amber)$/.test(Status)), JSON.stringify(months));
    await checkAccess(manager, 'an action plan');
  });

  await t.test('which a person answers for and does something about', async () => {
    await manager.getByRole('link', { name: /^Name (an|another) owner$/ }).click();
    await pick(manager, 'owner', manager.personId);
    await manager.getByRole('button', { name: 'Name the owner' }).click();
    await manager.getByText('The owner is named.').waitFor();
    await manager.getByRole('link', { name: 'Add an action' }).click();
    await manager.getByRole('button', { name: 'Add the action' }).click();
    assert.ok((await errorTexts(manager)).includes('Enter what is to be done'));
    const text = `A weekly list for the panel (${Date.now()})`;
    await manager.locator('#description').fill(text);
    await pick(manager, 'owner', manager.personId);
    await manager.locator('#due-day').fill('28');
    await manager.locator('#due-month').fill('12');
    await manager.locator('#due-year').fill(String(Number(NOW.slice(0, 4)) + 1));
    await manager.getByRole('button', { name: 'Add the action' }).click();
    await manager.getByText('The action is added.').waitFor();
    const added = manager.locator('[data-testid=actions] tr').filter({ hasText: text });
    await added.getByRole('link', { name: /^Close/ }).click();
    await manager.getByLabel('It was done').check();
    await manager.locator('#evidence').fill('The list goes out on Mondays.');
    await manager.getByRole('button', { name: 'Close the action' }).click();
    await manager.getByText('The action is closed.').waitFor();
    await added.getByText('Done', { exact: true }).waitFor();
    await manager.getByRole('link', { name: 'Review the plan' }).click();
    await manager.locator('#note').fill('The list is there; the figure follows next month.');
    await manager.getByRole('button', { name: 'Record the review' }).click();
    await manager.getByText('The review is recorded.').waitFor();
  });

  await t.test('and is on the overview as long as it is red', async () => {
    await open(manager, '/');
    await manager.getByRole('heading', { name: /^Figures that are red \([1-9]/ }).waitFor();
  });
});

// What the chart that is shown draws of each period, by its own axis: how much, how that is marked, and
// the height of the target; the oldest period first.
const drawn = (page) => page.getByTestId('chart').evaluate((plot) => {
  const picture = [...plot.querySelectorAll('svg')].find((each) => each.getBoundingClientRect().width > 0);
  const number = (element, name) => Number(element.getAttribute(name));
  const ticks = [...picture.querySelectorAll('text[text-anchor=end]')]
    .map((text) => ({ value: parseFloat(text.textContent), y: number(text, 'y') }));
  const [low, high] = [ticks[0], ticks.at(-1)];
  // A label's line is below its middle.
  const valueAt = (y) => low.value + (low.y - 5 - y) / (low.y - high.y) * (high.value - low.value);
  const target = picture.querySelector('.app-chart__line--target').getAttribute('d');
  return {
    name: picture.getAttribute('class').split('--')[1],
    periods: [...picture.querySelectorAll('.app-chart__mark')].map((mark) => ({
      status: mark.getAttribute('class').split('--')[1],
      value: valueAt(Number(/translate\(\S+ (\S+)\)/.exec(mark.getAttribute('transform'))[1])),
    })),
    targets: [...new Set([...target.matchAll(/[ML][\d.]+,([\d.]+)/g)].map(([, y]) => valueAt(Number(y)).toFixed(1)))],
  };
});

// Before any month of it is stated: what it reports is what an edition says.
test('a chart and its table say the same', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager');
  const missing = 5;
  const hits = (back) => 3 + back * 7 % 17;
  const months = Array.from({ length: 36 }, (_, index) => index + 1).filter((back) => back !== missing);
  await importFigures(manager, months.map((back) => ['ED4', month(back), hits(back), 20]));

  // Row for row and mark for mark.
  const agree = async (count) => {
    const rows = await readTable(manager, 'series');
    const picture = await drawn(manager);
    assert.deepEqual(rows.map(({ key }) => key), Array.from({ length: count }, (_, index) => month(index + 1)));
    assert.equal(picture.periods.length, count);
    assert.deepEqual(picture.targets, ['80.0']);
    rows.forEach((row, index) => {
      const mark = picture.periods.at(-1 - index);
      const back = index + 1;
      assert.equal(row.Target, '80%');
      assert.match(row.Status, new RegExp(`^${mark.status}`, 'i'), row.key);
      if (back === missing) {
        assert.deepEqual([row.Figure, row.Status], ['No data', 'Incomplete']);
      } else {
        assert.equal(row['Worked out from'], `${hits(back)} of 20`);
        assert.equal(row.Figure, `${hits(back) * 5}%`);
        assert.ok(Math.abs(mark.value - hits(back) * 5) < 0.01, `${row.key}: ${mark.value}`);
      }
    });
    return picture.name;
  };
  const unfold = () => manager.getByText('The chart as a table').click();

  await t.test('over twelve months', async () => {
    await open(manager, `/figures/ED4?period=${month(1)}`);
    assert.equal(await manager.getByTestId('series').isVisible(), false);
    await unfold();
    assert.equal(await agree(12), 'wide');
  });

  await t.test('over thirty-six', async () => {
    await manager.getByLabel('Over', { exact: true }).selectOption('36');
    await manager.getByRole('button', { name: 'Apply' }).click();
    await manager.waitForURL('**months=36**');
    await manager.locator('[role=slider][aria-valuemax="36"]').waitFor();
    if (!await manager.getByTestId('series').isVisible()) await unfold();
    assert.equal(await agree(36), 'wide');
    await checkAccess(manager, 'a chart of 36 months and its table');
  });

  await t.test('on a small screen', async () => {
    const size = manager.viewportSize();
    await manager.setViewportSize({ width: 320, height: 640 });
    assert.equal(await agree(36), 'narrow');
    await manager.setViewportSize(size);
  });

  await t.test('on paper, folded or not', async () => {
    await load(manager, `/figures/ED4?period=${month(1)}&months=36`);
    assert.equal(await manager.getByTestId('series').isVisible(), false);
    await manager.emulateMedia({ media: 'print' });
    await manager.getByTestId('series').getByText(spelt(month(36))).waitFor();
    await agree(36);
    await manager.emulateMedia({ media: null });
  });
});

test('a stated figure turns out otherwise', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 400/ });
  const period = month(4);
  // Another figure each time that the story is told.
  const hits = 100 + Math.floor(Date.now() / 1000) % 700;
  await importFigures(manager, [['SC1', period, hits, 1000]]);
  const { editions = [] } = await call(manager, 'kpis.v1.EditionsService/ListEditions',
    { set: 'board', period });
  if (editions.length > 0) {
    // The story was told before: what it stated is another figure now.
    const [{ restatementId }] = await eventually(async () => {
      const { restatements = [] } = await call(manager, 'kpis.v1.EditionsService/ListRestatements',
        { state: 'STATE_WAITING', code: 'SC1' });
      return restatements.filter((each) => each.after.numerator === String(hits));
    });
    await call(manager, 'kpis.v1.EditionsService/AcceptRestatement',
      { requestId: crypto.randomUUID(), restatementId, reason: 'Told again.' });
  }

  await open(manager, `/editions/freeze?set=board&period=${period}`);
  await manager.getByRole('button', { name: 'Freeze the edition' }).click();
  await manager.locator('[data-testid=stated]').waitFor();
  const stated = async () => (await readTable(manager, 'stated')).find(({ key }) => key === 'SC1')[spelt(period)];
  const before = await stated();
  assert.match(before, new RegExp(`^${hits / 10}% ${hits} of 1000`));

  await t.test('which the open page says, with both figures', async () => {
    await importFigures(manager, [['SC1', period, hits + 50, 1000]]);
    const change = manager.locator('[data-testid=restatements] tr').filter({ hasText: 'Waits' });
    await change.getByText(`${hits} of 1000`).waitFor();
    await change.getByText(`${hits + 50} of 1000`).waitFor();
    assert.equal(await stated(), before, 'an edition never changes');
    await checkAccess(manager, 'an edition with a restatement');
  });

  await t.test('and a person accepts', async () => {
    await manager.getByRole('link', { name: /^Accept/ }).click();
    await manager.getByRole('button', { name: 'Accept the new figure' }).click();
    assert.deepEqual(await errorTexts(manager), ['Enter why it is another figure']);
    await manager.locator('#reason').fill('The referrals of the last week came late.');
    await manager.getByRole('button', { name: 'Accept the new figure' }).click();
    await manager.getByText('The restatement is accepted.').waitFor();
    await manager.locator('[data-testid=restatements] tr').filter({ hasText: 'Accepted' })
      .filter({ hasText: `${hits + 50} of 1000` }).waitFor();
  });
});

test('a month that is missing never reads as fine', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager', { expected: /status of 400/ });
  await importFigures(manager, [['SC2', month(3), 5, 20], ['SC2', month(2), 15, 20]]);
  await call(manager, 'kpis.v1.FiguresService/WithdrawFigure', {
    requestId: crypto.randomUUID(), code: 'SC2', period: month(2), reason: 'It was of another month.',
  });
  await importFigures(manager, [['SC2', month(1), 5, 20]]);
  await open(manager, `/figures?set=board&period=${month(1)}`);
  const figure = row(manager, 'SC2');
  await figure.getByText(`Red cannot be ruled out: ${spelt(month(2))} has no value`).waitFor();
  await figure.locator('[data-status-code=incomplete]').first().waitFor();
  await manager.getByTestId('missing').filter({ hasText: new RegExp(`SC2[^;]* in [^;]*${spelt(month(2))}`) })
    .waitFor();

  await t.test('as the chart and its table say too', async () => {
    await open(manager, `/figures/SC2?period=${month(1)}`);
    await manager.getByTestId('chart').focus();
    await manager.keyboard.press('ArrowLeft');
    await manager.getByTestId('chosen').filter({ hasText: `${spelt(month(2))}: No data, incomplete` })
      .waitFor();
    await manager.getByText('The chart as a table').click();
    const months = await readTable(manager, 'series');
    assert.equal(months.length, 12);
    assert.equal(months[0].Period, spelt(month(1)));
    assert.equal(months[1].Figure, 'No data');
    assert.equal(months[1].Status, 'Incomplete');
    await checkAccess(manager, 'a figure with a missing month, as a table too');
  });

  await t.test('and as the check of the data finds', async () => {
    await open(manager, '/data-quality?code=SC2');
    await manager.locator('[data-testid=findings] tr').filter({ hasText: spelt(month(2)) })
      .filter({ hasText: 'A month between others has no figure' }).filter({ hasText: 'Open' }).waitFor();
    await manager.locator('[data-testid=coverage] tr[data-key=SC2]').filter({ hasText: 'Incomplete' })
      .waitFor();
  });
});

test('a tile leads to the record behind it', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager');
  const { eventId } = await reportAccident(manager, await findChild(manager, { sameAuthority: true }));
  await open(manager, '/');
  await manager.locator('.app-figure').filter({ hasText: 'Open events' })
    .getByRole('link', { name: /^What is counted/ }).click();
  await manager.locator('[data-testid=evidence]').getByRole('link', { name: `Event ${eventId}` }).click();
  await manager.waitForURL(`**/events/${eventId}`);
  await manager.locator('h1').waitFor();
});

test('agencies stand side by side for whoever answers for several', async (t) => {
  const browser = await openBrowser(t);
  const period = month(1);
  const sister = `sister-${Date.now().toString(36)}`;
  const manager = await personAt(t, browser, 'registered_manager');
  await importFigures(manager, [['SC8', period, 3, 10]]);

  await t.test('who answers for one is told so', async () => {
    await open(manager, '/compare?set=board');
    await manager.getByTestId('alone').filter({ hasText: 'one agency, demonstration,' }).waitFor();
  });

  // As their organisation's provider signs them in.
  const provider = await token('--as', 'registered_manager', '--other-agency', sister);
  const context = await browser.newContext();
  t.after(() => context.close());
  await context.addCookies([{ name: 'fosterwatch_session', value: provider, url: URL_OF_SUITE }]);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const compared = async () => (await readTable(page, 'compared')).find(({ key }) => key === 'SC8');

  await t.test('one without a figure leaves all of them without one, and is named', async () => {
    await load(page, `/compare?set=board&period=${period}`);
    const row = await compared();
    assert.match(row['demonstration (yours)'], /^30% 3 of 10/);
    assert.match(row[sister], /^No data/);
    assert.equal(row['All together'], `No data ${sister} has no figure`);
    await checkAccess(page, 'agencies compared');
  });

  await t.test('a percentage of all is worked out from the numbers behind theirs', async () => {
    const answer = await fetch(`${URL_OF_SUITE}/fosterwatch.kpis.v1.FiguresService/ImportFigures`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await token('--as', 'registered_manager', '--agency', sister)}`,
      },
      body: JSON.stringify({
        figures: [{ code: 'SC8', period, numerator: 4, denominator: 5, source: 'board-pages' }],
      }),
    });
    assert.equal(answer.status, 200, await answer.text());
    await eventually(async () => {
      await open(page, `/compare?set=board&period=${period}`);
      return (await compared())[sister] !== 'No data';
    });
    const row = await compared();
    assert.match(row[sister], /^80% 4 of 5/);
    assert.match(row['All together'], /^46\.7% 7 of 15/);
  });

  await t.test('as the command says too', async () => {
    const [header, ...lines] = (await feed(['kpi', 'compare', '--as', 'registered_manager',
      '--other-agency', sister, '--set', 'board', '--period', period], '')).trimEnd().split('\n');
    const starts = ['CODE', 'demonstration', sister, 'ALL TOGETHER'].map((each) => header.indexOf(each));
    // "46.7 % (amber)" is "46.7%"; what is not rolled up, or not there, is no data.
    const said = (line) => starts.slice(1).map((start, index) =>
      /^[\d.]+(?= %)/.exec(line.slice(start, starts[index + 2]))?.[0] ?? 'none');
    const shown = (row) => [row['demonstration (yours)'], row[sister], row['All together']].map((cell) =>
      /^[\d.]+(?=%)/.exec(cell)?.[0] ?? 'none');
    const rows = await readTable(page, 'compared');
    assert.equal(lines.length, rows.length);
    for (const line of lines) {
      const code = line.split(' ')[0];
      const numbers = (cells) => cells.map((each) => each === 'none' ? each : Number(each));
      assert.deepEqual(numbers(shown(rows.find(({ key }) => key === code))), numbers(said(line)), code);
    }
    assert.ok(lines.some((line) => said(line).join() === '30.0,80.0,46.7'));
  });
});
