import { v5 } from 'uuid';

/** Namespace of the story's command ids (a fixed random UUID). */
const NAMESPACE = '6b0c1f0e-3a57-4c86-9d55-2f5c7f3b8a41';

/** What every command of the story carries: its id follows from run and step, so a second run finds it recorded. */
export interface StepContext {
  readonly commandId: string;
  readonly eventTime: string;
}

/** Makes command contexts for one run. */
export function commandContexts(runId: string): (step: string, eventTime: string) => StepContext {
  return (step, eventTime) => ({ commandId: v5(`${runId}/${step}`, NAMESPACE), eventTime });
}
