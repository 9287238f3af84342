// A gateway of its own for a story that ends it, or that needs one with other settings.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { BIN, eventually } from './suite.mjs';

const OWNERS = [
  'directory', 'placements', 'carers', 'notifiable-events', 'allegations',
  'complaints', 'notifications', 'kpis', 'packs',
];

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// A gateway of the story's own before the running suite, so that it may be killed or told otherwise.
export async function ownGateway(t, { port, settings = {} } = {}) {
  port ??= await freePort();
  const url = `http://127.0.0.1:${port}`;
  const suite = process.env.FOSTERWATCH_GRPC_LISTEN;
  const env = {
    ...process.env,
    FOSTERWATCH_HTTP_LISTEN: `127.0.0.1:${port}`,
    FOSTERWATCH_GRPC_LISTEN: `127.0.0.1:${await freePort()}`,
    FOSTERWATCH_METRICS_LISTEN: '',
    FOSTERWATCH_PUBLIC_URL: url,
    FOSTERWATCH_ENDPOINTS: process.env.FOSTERWATCH_ENDPOINTS ??
      OWNERS.map((owner) => `${owner}=${suite}`).join(','),
    ...settings,
  };
  const gateway = {
    url,
    process: undefined,
    start() {
      this.process = spawn(`${BIN}/fosterwatch-gateway`, [], { env, stdio: 'ignore' });
    },
    async end(signal) {
      const ended = new Promise((resolve) => this.process.once('exit', resolve));
      this.process.kill(signal);
      await ended;
    },
  };
  t.after(() => gateway.process?.kill('SIGKILL'));
  gateway.start();
  const ready = await eventually(
    () => fetch(`${url}/readyz`).then((answer) => answer.ok, () => false));
  assert.ok(ready, 'the gateway is ready');
  return gateway;
}
