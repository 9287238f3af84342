import { createClient } from '@connectrpc/connect';
import {
  NotifiableEventService,
} from '../generated/fosterwatch/notifiable_events/v1/notifiable_event_service_pb';
import { transport } from './transport';

export const events = createClient(NotifiableEventService, transport);
