import 'reflect-metadata';

import { bootHttpService } from '@countersign/host';
import { WITNESS } from './witness-service.js';

await bootHttpService(WITNESS);
