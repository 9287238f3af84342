// The README's lines that report an event, run as they stand but for the addresses: each is accepted,
// and the manager's open page shows its event within a second.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { open, openBrowser, personAt } from './lib/browser.mjs';
import { BIN, URL_OF_SUITE } from './lib/suite.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HEADING = /^(#+) Report an event\s*$/m;
// What ./dev run listens on as a rule, and what the suite under test does.
const KAFKA = process.env.FOSTERWATCH_KAFKA;
const ADDRESSES = [['http://127.0.0.1:8410', URL_OF_SUITE], ['127.0.0.1:19092', KAFKA ?? '']];

// The ```sh blocks from that heading to the next one of the same level.
function shellBlocks(readme) {
  const [heading, marks] = HEADING.exec(readme) ?? [];
  assert.ok(heading, 'README.md has the heading "Report an event"');
  const rest = readme.slice(readme.indexOf(heading) + heading.length);
  const fenced = [...rest.matchAll(/^(#+) .*$|^```(\w*)\n([\s\S]*?)^```$/gm)];
  const end = fenced.findIndex(([, level]) => level && level.length <= marks.length);
  return fenced.slice(0, end < 0 ? undefined : end)
    .filter(([, , language]) => language === 'sh').map(([, , , text]) => text);
}

// One shell for all blocks, as a reader has one; a new one after a block that failed.
class Shell {
  #process;
  #output = '';
  #changed = () => {};

  constructor(folder) {
    this.folder = folder;
  }

  #start() {
    this.#process = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail'], {
      cwd: ROOT, env: { ...process.env, PATH: `${BIN}:${process.env.PATH}` },
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.#output += text;
        this.#changed();
      });
    }
    this.#process.on('close', () => {
      this.#process = undefined;
      this.#changed();
    });
  }

  // What the block printed. Throws where it fails.
  async run(block) {
    if (!this.#process) this.#start();
    this.#output = '';
    const file = join(this.folder, 'block.sh');
    const mark = '__block_done__';
    await writeFile(file, ADDRESSES.reduce((text, [from, to]) => text.replaceAll(from, to), block));
    this.#process.stdin.write(`. ${file} </dev/null\necho ${mark}\n`);
    await new Promise((resolve) => {
      this.#changed = () => {
        if (this.#output.includes(mark) || !this.#process) resolve();
      };
      this.#changed();
    });
    assert.ok(this.#output.includes(mark), `failed:\n${block}\n${this.#output}`);
    return this.#output.replace(mark, '');
  }

  async end() {
    if (!this.#process) return;
    const ended = new Promise((resolve) => { this.#changed = resolve; });
    this.#process.stdin.end();
    await ended;
  }
}

test('the README’s ways to report an event', async (t) => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const blocks = shellBlocks(readme);
  assert.ok(blocks.length > 0, 'the section has shell lines');
  const browser = await openBrowser(t);
  const page = await personAt(t, browser, 'registered_manager');
  await open(page, '/');
  const newest = () => page.locator('[data-testid=events] tbody tr').first()
    .getAttribute('data-key', { timeout: 100 }).catch(() => null);

  const folder = await mkdtemp(join(tmpdir(), 'fosterwatch-readme.'));
  const shell = new Shell(folder);
  t.after(async () => {
    await shell.end();
    await rm(folder, { recursive: true });
  });

  for (const block of blocks) {
    const way = /\/v1\/events|event report|kcat/.exec(block)?.[0];
    const name = way ?? block.trim();
    const skip = way === 'kcat' && !KAFKA ? 'needs ./dev run --kafka' : false;
    await t.test(name, { skip }, async () => {
      const before = await newest();
      const output = await shell.run(block);
      const done = performance.now();
      if (!way) return;
      let after = await newest();
      while (after === before && performance.now() - done < 60_000) after = await newest();
      const seen = performance.now() - done;
      assert.notEqual(after, before, `the open page shows nothing new after:\n${block}\n${output}`);
      t.diagnostic(`seen ${Math.round(seen)} ms after: ${name}`);
    });
  }
});
