import { DomainError } from '@countersign/kernel';
import { formatForkProof } from '@countersign/merkle';
import { Body, Controller, Get, Header, HttpException, Inject, Post, Query, Res } from '@nestjs/common';
import { Witness, type AddCheckpointOutcome } from './witness.js';
import { WITNESS_STORE, type WitnessStore } from './witness-store.js';

/** As much of the HTTP reply as is used here. */
interface Reply {
  code(status: number): this;
  header(name: string, value: string): this;
  send(body: string): unknown;
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

/** The doors of a witness: `add-checkpoint` of C2SP tlog-witness, and what it holds against logs. No caller is authenticated: all is signed. */
@Controller()
export class WitnessController {
  constructor(
    @Inject(Witness) private readonly witness: Witness,
    @Inject(WITNESS_STORE) private readonly store: WitnessStore,
  ) {}

  @Post('add-checkpoint')
  async addCheckpoint(@Body() body: unknown, @Res() reply: Reply): Promise<void> {
    const bytes = body instanceof Uint8Array ? body : new Uint8Array(0);
    const { status, type, body: text } = answerOf(await available(this.witness.addCheckpoint(bytes)));
    reply
      .code(status)
      .header('content-type', type ?? 'text/plain; charset=utf-8')
      .send(text);
  }

  /** Fork proofs, each as the text of its file, of one log or of all. */
  @Get('forks')
  @Header('content-type', 'application/json; charset=utf-8')
  async forks(@Query('origin') origin?: string): Promise<string> {
    const forks = await available(this.store.forks(typeof origin === 'string' ? origin : undefined));
    return JSON.stringify(
      forks.map((fork) => ({
        origin: fork.origin,
        detectedAt: fork.detectedAt.toISOString(),
        forkProof: formatForkProof(fork.proof),
      })),
    );
  }
}

/** Status codes of C2SP tlog-witness, "add-checkpoint". */
function answerOf(outcome: AddCheckpointOutcome): Answer {
  switch (outcome.kind) {
    case 'cosigned':
      return { status: 200, body: outcome.lines };
    case 'malformed':
      return { status: 400, body: `${outcome.rule}\n` };
    case 'not-signed':
      return { status: 403, body: 'no signature of a key that is trusted for this origin\n' };
    case 'unknown-log':
      return { status: 404, body: 'this witness does not follow that log\n' };
    case 'conflict':
      return { status: 409, type: 'text/x.tlog.size', body: `${outcome.size}\n` };
    case 'unproven':
      return { status: 422, body: 'the proof does not show that the checkpoint extends the latest one\n' };
    case 'refused':
      return { status: 422, body: 'what this log signed is not true: refused for good\n' };
  }
}

/** 503 while the store does not answer: the client tries again, and nothing was cosigned. */
async function available<Result>(answer: Promise<Result>): Promise<Result> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DomainError && error.kind === 'unavailable') throw new HttpException('try again', 503, { cause: error });
    throw error;
  }
}
