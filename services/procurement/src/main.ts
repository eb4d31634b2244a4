import 'reflect-metadata';

import { bootService } from '@countersign/host';
import { PROCUREMENT } from './service.js';

await bootService(PROCUREMENT);
