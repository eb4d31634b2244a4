import { SERVICES, type Platform } from '@countersign/stack';
import { until } from './until.js';

const LAG = /^countersign_(?:relay|consumer|intake)_lag_events(?:\{[^}]*\})? (\S+)/gm;

/** What a service shows to whoever scrapes it. */
export async function metricsOf({ addresses }: Platform, service: (typeof SERVICES)[number]): Promise<string> {
  const response = await fetch(`http://${addresses[service].http}/metrics`);
  return response.text();
}

/** Waits until nothing is under way: every log is published, every message handled, every entry in its tree. */
export async function untilQuiet(platform: Platform, deadlineMs?: number): Promise<void> {
  await until(
    'the end of all reactions',
    async () => {
      const texts = await Promise.all(SERVICES.map((service) => metricsOf(platform, service)));
      const lags = texts.flatMap((text) => [...text.matchAll(LAG)].map(([, lag]) => Number(lag)));
      return lags.length > 0 && lags.every((lag) => lag === 0) ? true : undefined;
    },
    deadlineMs,
  );
}
