import { createClient } from '@connectrpc/connect';
import { AccessService } from '../generated/fosterwatch/operations/v1/access_service_pb';
import { transport } from './transport';

export const access = createClient(AccessService, transport);
