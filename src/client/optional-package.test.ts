import { expect, test } from 'vitest'
import { importPackage, optionalPackage } from './optional-package.ts'

test('a package that is there', async () => {
  expect(await optionalPackage<typeof import('yaml')>(importPackage, 'yaml', 'x')).toHaveProperty('parse')
})

test('one that is not: what needs it, and what to do', async () => {
  await expect(optionalPackage(importPackage, '@azure/identity-that-is-none', 'azuread: sdk')).rejects.toMatchObject({
    code: 'PACKAGE_MISSING',
    message:
      'azuread: sdk needs the package @azure/identity-that-is-none, which is not installed: ' +
      'run "npm install @azure/identity-that-is-none" where Sluice is installed',
  })
})

test('one that is there but does not load is no missing package', async () => {
  const broken = async () => {
    throw Object.assign(new Error("Cannot find package 'tslib' imported from a"), { code: 'ERR_MODULE_NOT_FOUND' })
  }
  await expect(optionalPackage(broken, '@azure/identity', 'azuread: sdk')).rejects.toMatchObject({
    code: 'CREDENTIALS_UNAVAILABLE',
    message: "azuread: sdk: the package @azure/identity does not load: Cannot find package 'tslib' imported from a",
  })
})
