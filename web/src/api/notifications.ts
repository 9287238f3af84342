import { createClient } from '@connectrpc/connect';
import {
  NotificationsService,
} from '../generated/fosterwatch/notifications/v1/notifications_service_pb';
import { transport } from './transport';

export const notifications = createClient(NotificationsService, transport);
