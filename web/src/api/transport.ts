// The services behind the same origin, over the Connect protocol in JSON. The session is a cookie
// that scripts cannot read.

import { createConnectTransport } from '@connectrpc/connect-web';

export const transport = createConnectTransport({
  baseUrl: '/',
  useBinaryFormat: false,
  defaultTimeoutMs: 15_000,
});
