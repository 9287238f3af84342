import { createClient } from '@connectrpc/connect';
import { ActionPlansService } from '../generated/fosterwatch/kpis/v1/action_plans_service_pb';
import { DataQualityService } from '../generated/fosterwatch/kpis/v1/data_quality_service_pb';
import { EditionsService } from '../generated/fosterwatch/kpis/v1/editions_service_pb';
import { KpisService } from '../generated/fosterwatch/kpis/v1/kpis_service_pb';
import { transport } from './transport';

export const kpis = createClient(KpisService, transport);
export const actionPlans = createClient(ActionPlansService, transport);
export const dataQuality = createClient(DataQualityService, transport);
export const editions = createClient(EditionsService, transport);
