import { createClient } from '@connectrpc/connect';
import {
  LiveService, SessionService,
} from '../generated/fosterwatch/gateway/v1/gateway_service_pb';
import { transport } from './transport';

export const session = createClient(SessionService, transport);

const live = createClient(LiveService, transport);
// Without the deadline of an ordinary call: it is meant to stay open.
export const watch = (signal: AbortSignal) => live.watch({}, { signal, timeoutMs: 0 });
