import type { KeyObject } from 'node:crypto';
import { signMessage, SIGNATURE_HEADER, type EventBus, type OutgoingMessage } from '@countersign/kafka';

/** What an ERP sends: one CloudEvent in binary mode, signed by the ERP's key over value and attributes. */
export interface ErpMessage {
  /** CloudEvents id; sending it again has no effect. */
  readonly id: string;
  readonly key: string;
  readonly data: object;
  /** When it happened, RFC 3339. */
  readonly time?: string;
}

/** The ERP's door: it knows Kafka, the topic's schema and its own key, and nothing else of the platform. */
export class ErpClient {
  constructor(
    private readonly bus: EventBus,
    private readonly principalId: string,
    private readonly privateKey: KeyObject,
    private readonly topicPrefix: string,
  ) {}

  /** @param type topic name without prefix; also the CloudEvents type */
  async publish(type: string, messages: readonly ErpMessage[]): Promise<void> {
    await this.bus.publish(
      `${this.topicPrefix}${type}`,
      messages.map((message) => this.#encode(type, message)),
    );
  }

  #encode(type: string, { id, key, data, time }: ErpMessage): OutgoingMessage {
    const value = Buffer.from(JSON.stringify(data));
    const attributes = { id, source: `urn:countersign:erp:${this.principalId}`, type, ...(time === undefined ? {} : { time }) };
    return {
      key,
      value,
      headers: {
        ce_specversion: '1.0',
        ce_id: attributes.id,
        ce_source: attributes.source,
        ce_type: type,
        ...(time === undefined ? {} : { ce_time: time }),
        'content-type': 'application/json',
        [SIGNATURE_HEADER]: signMessage(value, this.principalId, this.privateKey, attributes),
      },
    };
  }
}
