// Why a program could not start, as the command's end.

import { SluiceError } from '../errors.ts'
import { CommandFailure, exitCode } from './exit.ts'

/** Fails with 78 where the configuration is wrong, with 1 where the store can’t be had. */
export async function orFailure<T>(starting: Promise<T>): Promise<T> {
  try {
    return await starting
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'CONFIG_INVALID') {
      throw new CommandFailure(exitCode.badConfiguration, error.message)
    }
    if (error instanceof SluiceError && error.code.startsWith('STORE_')) {
      throw new CommandFailure(exitCode.failed, `${error.code}: ${error.message}`)
    }
    throw error
  }
}
