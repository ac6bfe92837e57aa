// Packages that few need are not installed with Sluice. They are loaded when a setting first needs them; which one is
// known at run time only, so that no bundler looks for it.

import { SluiceError } from '../errors.ts'

/** Loads a package by its name, as import() does; tests give their own. */
export type LoadPackage = (name: string) => Promise<unknown>

export const importPackage: LoadPackage = (name) => import(name)

/**
 * `what` needs the package: `azuread: sdk`. The caller knows the package's shape. Throws SluiceError PACKAGE_MISSING if
 * it is not installed, CREDENTIALS_UNAVAILABLE if it does not load.
 */
export async function optionalPackage<Shape>(load: LoadPackage, name: string, what: string): Promise<Shape> {
  try {
    return (await load(name)) as Shape
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${name}'`))
      throw new SluiceError(
        'PACKAGE_MISSING',
        `${what} needs the package ${name}, which is not installed: run "npm install ${name}" where Sluice is installed`,
        { cause },
      )
    throw new SluiceError('CREDENTIALS_UNAVAILABLE', `${what}: the package ${name} does not load: ${message}`, {
      cause,
    })
  }
}
