import type { EventBus, TopicToCreate } from './event-bus.js';

/** `evt`: domain events of our services; `log`: signed leaves for anchoring; `in`/`out`: doors for ERPs. */
export type TopicDirection = 'evt' | 'log' | 'in' | 'out';

/** One entry of the topic catalogue (design §5, domain reference §3). */
export interface TopicSpec {
  readonly name: string;
  readonly direction: TopicDirection;
  /** The service that writes it (`evt`, `log`, `out`) or reads it (`in`). */
  readonly service: 'identity' | 'inventory' | 'procurement';
  /** What the record key is; facts of one lifecycle share it. */
  readonly key: string;
  /** Never raised on a keyed topic; a new version of the topic instead. */
  readonly partitions: number;
  /** JSON Schema of the CloudEvent's data, in `libs/kafka/schemas`; the CloudEvents type equals the topic name. `in` and `out` only. */
  readonly schema?: string;
}

const EVT_PARTITIONS = 4;
const ITEM_KEY = 'item key, hex';

function evt(service: TopicSpec['service'], aggregate: string): TopicSpec {
  return {
    name: `countersign.evt.${service}.${aggregate}.v1`,
    direction: 'evt',
    service,
    key: ITEM_KEY,
    partitions: EVT_PARTITIONS,
  };
}

function leaves(service: TopicSpec['service']): TopicSpec {
  // One partition: the anchoring service needs the whole log in order.
  return { name: `countersign.log.${service}.leaves.v1`, direction: 'log', service, key: 'log id, hex', partitions: 1 };
}

/** Every topic of the platform. `<name>.dlq` exists beside each. */
export const TOPICS = {
  identityOrganisation: evt('identity', 'organisation'),
  identityPerson: evt('identity', 'person'),
  identityAppointment: evt('identity', 'appointment'),
  identityPrincipal: evt('identity', 'principal'),
  identityCode: evt('identity', 'code'),
  identityLog: evt('identity', 'log'),
  inventoryCatalogue: evt('inventory', 'catalogue'),
  inventoryStock: evt('inventory', 'stock'),
  inventoryAsset: evt('inventory', 'asset'),
  inventoryCustody: evt('inventory', 'custody'),
  inventoryDueIn: evt('inventory', 'due-in'),
  inventoryReleaseOrder: evt('inventory', 'release-order'),
  inventoryStorage: evt('inventory', 'storage'),
  inventoryLog: evt('inventory', 'log'),
  procurementOrder: evt('procurement', 'order'),
  procurementAgreement: evt('procurement', 'agreement'),
  procurementShipmentNotice: evt('procurement', 'shipment-notice'),
  procurementShippedItem: evt('procurement', 'shipped-item'),
  procurementReceivingReport: evt('procurement', 'receiving-report'),
  procurementRequisition: evt('procurement', 'requisition'),
  procurementLog: evt('procurement', 'log'),
  identityLeaves: leaves('identity'),
  inventoryLeaves: leaves('inventory'),
  procurementLeaves: leaves('procurement'),
  inOrder: {
    name: 'countersign.in.procurement.order.v1',
    direction: 'in',
    service: 'procurement',
    key: 'PIID',
    partitions: 4,
    schema: 'in.procurement.order.v1',
  },
  inRequisition: {
    name: 'countersign.in.procurement.requisition.v1',
    direction: 'in',
    service: 'procurement',
    key: 'document number with year, or RTD reference',
    partitions: 4,
    schema: 'in.procurement.requisition.v1',
  },
  outPaymentTrigger: {
    name: 'countersign.out.finance.payment-trigger.v1',
    direction: 'out',
    service: 'procurement',
    key: 'PIID and CLIN',
    partitions: 4,
    schema: 'out.finance.payment-trigger.v1',
  },
} as const satisfies Record<string, TopicSpec>;

export type TopicId = keyof typeof TOPICS;

const DAY_MS = 24 * 60 * 60 * 1_000;
/**
 * What people wrote stands in clear on `in` topics and in dead letters, so it is kept at most 30 days (formats §3). A segment is deleted
 * when its last message is old enough: a message stays for the retention and the time of a segment. The broker's clock counts, since a
 * sender's time stamp could keep its segment for ever.
 */
const FORGETTING = {
  'cleanup.policy': 'delete',
  'retention.ms': String(21 * DAY_MS),
  'segment.ms': String(7 * DAY_MS),
  'message.timestamp.type': 'LogAppendTime',
};

const RECORD_BYTES_MAX = 1_048_588;
/** Room for the original record and the headers that say why it is here. */
const DEAD_LETTER_BYTES_MAX = 2 * RECORD_BYTES_MAX;

/** The topic that takes what a consumer of `topic` refused. */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dlq`;
}

/** The `evt` topic of a stream: `stock/Z9D/129999901` of inventory → `countersign.evt.inventory.stock.v1`. */
export function evtTopicOf(service: string, streamId: string): string {
  const [category = ''] = streamId.split('/', 1);
  return `countersign.evt.${service}.${category}.v1`;
}

/** The leaves topic of a service's log. */
export function leavesTopicOf(service: string): string {
  return `countersign.log.${service}.leaves.v1`;
}

/** The catalogue as topics to create, dead letter topics included. */
export function topicsToCreate(prefix: string): TopicToCreate[] {
  const specs: readonly TopicSpec[] = Object.values(TOPICS);
  return specs.flatMap(({ name, partitions, direction }) => [
    {
      topic: prefix + name,
      partitions,
      config: { 'max.message.bytes': String(RECORD_BYTES_MAX), ...(direction === 'in' ? FORGETTING : {}) },
    },
    {
      topic: deadLetterTopic(prefix + name),
      partitions: 1,
      config: { 'max.message.bytes': String(DEAD_LETTER_BYTES_MAX), ...FORGETTING },
    },
  ]);
}

/**
 * Creates the topics of the catalogue that do not exist yet; one that exists keeps its settings. In production they are Kubernetes
 * resources and this finds nothing to do.
 *
 * @param prefix stands before every name; empty in production, unique in tests
 */
export async function ensureTopics(bus: Pick<EventBus, 'createTopics'>, prefix = ''): Promise<void> {
  await bus.createTopics(topicsToCreate(prefix));
}
