import 'reflect-metadata';

import { bootService } from '@countersign/host';
import { IDENTITY } from './service.js';

await bootService(IDENTITY);
