/** Brokers for tests on the real part, from COUNTERSIGN_TEST_KAFKA_BROKERS. The test harness sets it. */
export function testBrokers(): readonly string[] {
  const brokers = process.env['COUNTERSIGN_TEST_KAFKA_BROKERS'];
  if (brokers === undefined) throw new Error('Set COUNTERSIGN_TEST_KAFKA_BROKERS, or run npm test, which starts a broker.');
  return brokers.split(',');
}
