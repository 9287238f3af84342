import { createClient } from '@connectrpc/connect';
import { CarerApprovalService } from '../generated/fosterwatch/carers/v1/carer_approval_service_pb';
import { CarerDutiesService } from '../generated/fosterwatch/carers/v1/carer_duties_service_pb';
import { transport } from './transport';

export const carerApproval = createClient(CarerApprovalService, transport);
export const carerDuties = createClient(CarerDutiesService, transport);
