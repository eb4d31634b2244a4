import { SERVICES } from '@countersign/stack';
import { until } from '../until.js';
import type { StoryRun } from './story-run.js';

const LAG = /^countersign_(?:relay|consumer|intake)_lag_events(?:\{[^}]*\})? (\S+)/gm;

/** What a service shows to whoever scrapes it. */
export async function metricsOf({ platform }: StoryRun, service: (typeof SERVICES)[number]): Promise<string> {
  const response = await fetch(`http://${platform.addresses[service].http}/metrics`);
  return response.text();
}

/** Waits until nothing is under way: every log is published, every message handled, every entry in its tree. */
export async function untilQuiet(run: StoryRun): Promise<void> {
  await until('the end of all reactions', async () => {
    const texts = await Promise.all(SERVICES.map((service) => metricsOf(run, service)));
    const lags = texts.flatMap((text) => [...text.matchAll(LAG)].map(([, lag]) => Number(lag)));
    return lags.length > 0 && lags.every((lag) => lag === 0) ? true : undefined;
  });
}
