import 'reflect-metadata';

import { bootService } from '@countersign/host';
import { INVENTORY } from './service.js';

await bootService(INVENTORY);
