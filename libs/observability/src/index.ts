export { currentCorrelationId, isCorrelationId, newCorrelationId, withCorrelation } from './correlation.js';
export { LOG_FIELDS, type LogField, type LogFields } from './log-fields.js';
export { LOG_LEVELS, createLogger, silentLogger, type Logger, type LogLevel } from './logger.js';
export { METRICS, count, gauge, record, startMetrics, type MetricName, type MetricsDoor } from './metrics.js';
