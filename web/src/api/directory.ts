import { createClient } from '@connectrpc/connect';
import { DirectoryService } from '../generated/fosterwatch/directory/v1/directory_service_pb';
import { transport } from './transport';

export const directory = createClient(DirectoryService, transport);
