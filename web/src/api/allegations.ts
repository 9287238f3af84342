import { createClient } from '@connectrpc/connect';
import { AllegationsService } from '../generated/fosterwatch/allegations/v1/allegations_service_pb';
import { AuditsService } from '../generated/fosterwatch/allegations/v1/audits_service_pb';
import { transport } from './transport';

export const allegations = createClient(AllegationsService, transport);
export const audits = createClient(AuditsService, transport);
