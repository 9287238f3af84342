import { createClient } from '@connectrpc/connect';
import { CarersService } from '../generated/fosterwatch/carers/v1/carers_service_pb';
import { transport } from './transport';

export const carers = createClient(CarersService, transport);
