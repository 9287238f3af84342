// The register of another system comes in from CSV, with 3 % of its rows wrong: what is right is on the
// pages, what is not is in a file with its line and its reason, and comes in once it is mended.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { call, checkAccess, open, openBrowser, personAt, readTable } from './lib/browser.mjs';
import { BIN, eventually } from './lib/suite.mjs';

const COLUMNS = [
  'carer_id', 'kind', 'name', 'address', 'approved_date', 'max_children', 'min_age', 'max_age',
  'person_1_name', 'person_1_birth_date', 'person_1_sex',
];
const ROWS = 100;
// Which are wrong, in which column, and what they say there; the first line is that of the names.
const WRONG = [
  { row: 12, column: 'approved_date', says: '2021-02-30' },
  { row: 47, column: 'kind', says: 'foster' },
  { row: 91, column: 'person_1_sex', says: '' },
];
const lineOf = ({ row }) => row + 2;

// Ids and names of their own, so that the story can be told again to the same suite.
const stamp = Date.now().toString(36).toUpperCase();
const idOf = (row) => `F-I${stamp}-${String(row).padStart(3, '0')}`;

const right = (row) => ({
  carer_id: idOf(row),
  kind: 'mainstream',
  name: `Household ${stamp} ${row}`,
  address: `${row + 1} Foundry Lane, Northbridge`,
  approved_date: `${2015 + row % 10}-0${1 + row % 9}-15`,
  max_children: '2',
  min_age: '3',
  max_age: '11',
  person_1_name: `Person ${stamp} ${row}`,
  person_1_birth_date: '1980-03-27',
  person_1_sex: row % 2 === 0 ? 'female' : 'male',
});

const csvOf = (columns, records) => [columns, ...records.map((each) => columns.map((name) => each[name]))]
  .map((fields) => fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')).join('\n');

// What no field of this story holds is a quote or a line break.
function readCsv(text) {
  const [names, ...rows] = text.trim().split(/\r?\n/).map((line) =>
    line.match(/("[^"]*"|[^,]*)(,|$)/g).slice(0, -1).map((field) =>
      field.replace(/,$/, '').replaceAll('"', '')));
  return rows.map((fields) => Object.fromEntries(names.map((name, at) => [name, fields[at] ?? ''])));
}

// Rows that are rejected end it with code 4.
const importCarers = (file, ...options) => new Promise((resolve, reject) => {
  execFile(`${BIN}/fosterwatch`, ['import', 'carers', file, '--json', ...options],
    (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else if (!stdout.trim()) reject(new Error(stderr));
      else resolve({ code: error?.code ?? 0, said: JSON.parse(stdout) });
    });
});

test('a register comes in from CSV with 3 % bad rows', async (t) => {
  const browser = await openBrowser(t);
  const manager = await personAt(t, browser, 'registered_manager');
  const folder = await mkdtemp(join(tmpdir(), 'fosterwatch-import-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'carers.csv');
  const rejects = join(folder, 'rejects.csv');
  const wrong = Array.from({ length: ROWS }, (_, row) => right(row));
  for (const { row, column, says } of WRONG) wrong[row][column] = says;
  await writeFile(file, csvOf(COLUMNS, wrong));

  const ofStory = async () => {
    const { entries = [] } = await call(manager, 'carers.v1.CarersService/ExtractRegister',
      { pageSize: 1000 });
    return entries.filter(({ carerId }) => carerId.startsWith(`F-I${stamp}`));
  };

  await t.test('which a page explains, with the commands', async () => {
    await open(manager, '/carers');
    await manager.getByRole('link', { name: 'A register from CSV' }).click();
    await manager.getByText(/^fosterwatch import carers .*--dry-run/).waitFor();
    await checkAccess(manager, 'how a register comes in');
  });

  const counts = {
    rows: ROWS, recorded: ROWS - WRONG.length, unchanged: 0, rejected: WRONG.length,
  };
  const same = ({ said }, expected) =>
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, said[key]])), expected);

  await t.test('a dry run says what would come of it, and nothing is recorded', async () => {
    const dry = await importCarers(file, '--dry-run', '--rejects', rejects);
    assert.equal(dry.code, 4);
    same(dry, { dryRun: true, ...counts });
    assert.equal((await ofStory()).length, 0);
  });

  await t.test('the rows that are right are recorded, the others named by line and reason', async () => {
    const run = await importCarers(file, '--rejects', rejects);
    assert.equal(run.code, 4);
    same(run, { dryRun: false, ...counts });
    const rejected = readCsv(await readFile(rejects, 'utf8'));
    assert.deepEqual(rejected.map(({ line, field, carer_id: id }) => ({ line: Number(line), field, id })),
      WRONG.map((each) => ({ line: lineOf(each), field: each.column, id: idOf(each.row) })));
    for (const { reason, description } of rejected) {
      assert.match(reason, /^[A-Z_]+$/);
      assert.ok(description);
    }
    assert.equal((await ofStory()).length, ROWS - WRONG.length);
  });

  await t.test('they stand on the pages, with their terms and with what is owed', async () => {
    await open(manager, `/carers/${idOf(0)}`);
    await manager.getByRole('heading', { name: `Household ${stamp} 0`, level: 1 }).waitFor();
    await manager.getByText('Up to 2 children, aged 3 to 11').first().waitFor();
    assert.ok((await readTable(manager, 'duties')).some(({ What }) => /review of approval/.test(What)));
    const [person] = await readTable(manager, 'foster-parents');
    assert.equal(person.Name, `Person ${stamp} 0`);
    await checkAccess(manager, 'a carer who came in from CSV');
  });

  await t.test('the rejects are mended and come in; the whole file again changes nothing', async () => {
    const rejected = readCsv(await readFile(rejects, 'utf8'));
    const mended = join(folder, 'mended.csv');
    await writeFile(mended, csvOf(Object.keys(rejected[0]), rejected.map((each, at) =>
      ({ ...each, [WRONG[at].column]: right(WRONG[at].row)[WRONG[at].column] }))));
    const run = await importCarers(mended);
    assert.equal(run.code, 0);
    same(run, { rows: WRONG.length, recorded: WRONG.length, rejected: 0 });
    const whole = await eventually(async () => {
      const entries = await ofStory();
      return entries.length === ROWS && entries;
    });
    assert.equal(whole.length, ROWS);
    const again = await importCarers(file);
    same(again, { recorded: 0, unchanged: ROWS - WRONG.length, rejected: WRONG.length });
    await open(manager, `/carers/${idOf(WRONG[0].row)}`);
    await manager.locator('h1 + p').getByText('Approved', { exact: true }).waitFor();
  });
});
