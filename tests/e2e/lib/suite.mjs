// The running suite: where it is, and how its people sign in.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the stories with ./dev test e2e`);
  return value.replace(/\/$/, '');
}

export const URL_OF_SUITE = setting('FOSTERWATCH_URL');
const URL_OF_MAIL = setting('FOSTERWATCH_MAIL_URL');
export const BIN = setting('FOSTERWATCH_BIN');

// What was asked for and not used yet. A link holds for a day.
let links = [];

const plain = (text) => text.toLowerCase().replace(/^role_/, '').replaceAll(/[ -]/g, '_');

// An unused one-time link for the person who holds the role: "caseworker", "team_manager" or
// "registered_manager".
export async function signInLink(role) {
  const find = () => links.findIndex((each) => plain(each.role) === role);
  if (find() < 0) {
    const { stdout } = await promisify(execFile)(`${BIN}/fosterwatch`, ['links', '--json']);
    links = JSON.parse(stdout);
    if (find() < 0) throw new Error(`no sign-in link for a ${role} among: ${stdout}`);
  }
  return links.splice(find(), 1)[0];
}

// What somebody's own organisation would give them: `options` as of `fosterwatch token`.
export const token = async (...options) =>
  (await promisify(execFile)(`${BIN}/fosterwatch`, ['token', ...options])).stdout.trim();

// What the command line's client says to a command that is given this on its standard input.
export async function feed(command, input) {
  const running = promisify(execFile)(`${BIN}/fosterwatch`, command);
  running.child.stdin.end(input);
  return (await running).stdout;
}

// Every mail in the sink, as maildev's REST interface tells it.
export async function mails() {
  const answer = await fetch(`${URL_OF_MAIL}/email`);
  if (!answer.ok) throw new Error(`the mail sink answered ${answer.status}`);
  return answer.json();
}

// Asks until the answer is not empty; the last answer otherwise.
export async function eventually(ask, milliseconds = 60_000) {
  const end = performance.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    const some = Array.isArray(answer) ? answer.length > 0 : Boolean(answer);
    if (some || performance.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
