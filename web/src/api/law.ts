import { createClient } from '@connectrpc/connect';
import { LawService } from '../generated/fosterwatch/notifiable_events/v1/law_service_pb';
import { transport } from './transport';

export const law = createClient(LawService, transport);
