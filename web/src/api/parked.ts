import { createClient } from '@connectrpc/connect';
import { ParkedService } from '../generated/fosterwatch/operations/v1/parked_service_pb';
import { transport } from './transport';

export const parked = createClient(ParkedService, transport);
