// How commands end: the exit codes, and the way to say why.

/** 0 done; 1 failed; 2 wrong usage; 78 bad configuration (EX_CONFIG of sysexits.h). */
export const exitCode = { done: 0, failed: 1, usage: 2, badConfiguration: 78 } as const

/** Ends a command: `message` goes to standard error, without a stack. */
export class CommandFailure extends Error {
  readonly exitCode: number
  constructor(code: number, message: string) {
    super(message)
    this.exitCode = code
  }
}
