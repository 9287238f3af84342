import { createClient } from '@connectrpc/connect';
import { PacksService } from '../generated/fosterwatch/packs/v1/packs_service_pb';
import { transport } from './transport';

export const packs = createClient(PacksService, transport);
