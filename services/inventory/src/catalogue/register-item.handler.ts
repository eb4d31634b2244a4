import { requireRole } from '@countersign/access';
import type { CommandOutcome, Journal } from '@countersign/event-log';
import { niinOf, type CommandEnvelope } from '@countersign/kernel';
import { CATALOGUE_ITEM } from './catalogue-item.js';
import { registerItem, type RegisterItem } from './register-item.decider.js';

export class RegisterItemHandler {
  constructor(private readonly journal: Journal) {}

  /** @throws DomainError PERMISSION_DENIED, ITEM_EXISTS */
  async handle(envelope: CommandEnvelope, command: RegisterItem): Promise<CommandOutcome<null>> {
    requireRole(envelope.actor, 'item-manager');
    return this.journal.execute(envelope, async (unit) => {
      const item = await unit.open(CATALOGUE_ITEM, niinOf(command.nsn));
      item.append(registerItem(item.state, command));
      return null;
    });
  }
}
