import { createClient } from '@connectrpc/connect';
import { PlacementsService } from '../generated/fosterwatch/placements/v1/placements_service_pb';
import { transport } from './transport';

export const placements = createClient(PlacementsService, transport);
