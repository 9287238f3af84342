import { createClient } from '@connectrpc/connect';
import { KpisService } from '../generated/fosterwatch/kpis/v1/kpis_service_pb';
import { transport } from './transport';

export const kpis = createClient(KpisService, transport);
