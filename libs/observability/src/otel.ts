/**
 * Tracing, preloaded: `node --import @countersign/observability/otel dist/main.js`. Does nothing, and loads nothing, unless the standard
 * variables ask for traces (OTEL_TRACES_EXPORTER, OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT; OTEL_SDK_DISABLED wins).
 * It MUST be preloaded: kafkajs and the gRPC client are only seen by hooks that were there before the first import of the application.
 */
const { env } = process;

if (tracesAreWanted()) {
  // Metrics have their own door (`/metrics`); logs go to standard output.
  env['OTEL_METRICS_EXPORTER'] ??= 'none';
  env['OTEL_LOGS_EXPORTER'] ??= 'none';
  const { register } = await import('import-in-the-middle/register-hooks.mjs');
  register();
  const [{ NodeSDK }, { GrpcInstrumentation }, { HttpInstrumentation }, { PgInstrumentation }, { KafkaJsInstrumentation }] =
    await Promise.all([
      import('@opentelemetry/sdk-node'),
      import('@opentelemetry/instrumentation-grpc'),
      import('@opentelemetry/instrumentation-http'),
      import('@opentelemetry/instrumentation-pg'),
      import('@opentelemetry/instrumentation-kafkajs'),
    ]);
  const sdk = new NodeSDK({
    // `enhancedDatabaseReporting` stays off: it would copy statement values into spans.
    instrumentations: [
      new GrpcInstrumentation(),
      new HttpInstrumentation(),
      new PgInstrumentation(),
      new KafkaJsInstrumentation(),
    ],
  });
  sdk.start();
  process.once('beforeExit', () => void sdk.shutdown());
}

function tracesAreWanted(): boolean {
  if (env['OTEL_SDK_DISABLED'] === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none') return false;
  return ['OTEL_TRACES_EXPORTER', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].some(
    (name) => (env[name] ?? '') !== '',
  );
}
