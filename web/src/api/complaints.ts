import { createClient } from '@connectrpc/connect';
import { ComplaintsService } from '../generated/fosterwatch/complaints/v1/complaints_service_pb';
import {
  ComplaintsOversightService,
} from '../generated/fosterwatch/complaints/v1/oversight_service_pb';
import { transport } from './transport';

export const complaints = createClient(ComplaintsService, transport);
export const complaintsOversight = createClient(ComplaintsOversightService, transport);
