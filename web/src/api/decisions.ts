import { createClient } from '@connectrpc/connect';
import { DecisionService } from '../generated/fosterwatch/notifiable_events/v1/decision_service_pb';
import { transport } from './transport';

export const decisions = createClient(DecisionService, transport);
