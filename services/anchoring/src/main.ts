import 'reflect-metadata';

import { bootService } from '@countersign/host';
import { ANCHORING } from './service.js';

await bootService(ANCHORING);
