import { createClient } from '@connectrpc/connect';
import { OversightService } from '../generated/fosterwatch/notifiable_events/v1/oversight_pb';
import { transport } from './transport';

export const oversight = createClient(OversightService, transport);
