// Every link inside the repository leads somewhere, and every file that a page names in backticks is there.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

const notOurs = new Set(['node_modules', 'dist', 'coverage', '.git'])
const pages = readdirSync(root)
  .filter((name) => !notOurs.has(name))
  .flatMap((name) =>
    statSync(join(root, name)).isDirectory()
      ? readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).map((path) => `${name}/${path}`)
      : [name],
  )
  .filter((path) => path.endsWith('.md'))
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')

/** The text without fenced blocks: what is in them is shown, not linked. */
const prose = (text: string): string => text.replace(/^( *)```[\s\S]*?^\1```$/gm, '')

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

const anchors = (text: string): string[] =>
  [...prose(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))

/** Links of a page that lead nowhere. */
function broken(page: string, text: string): string[] {
  const links = [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? page : join(dirname(page), path)
    if (!existsSync(join(root, target))) return true
    return anchor !== undefined && !anchors(textOf(target)).includes(anchor)
  })
}

test('links', () => {
  expect(pages).toContain('README.md')
  expect(pages.flatMap((page) => broken(page, textOf(page)).map((link) => `${page}: ${link}`))).toEqual([])
})

test('what a broken link is', () => {
  const text =
    '[a](README.md#try-it) [b](README.md#nowhere) [c](nothing.md) [d](https://x.example/)\n```\n[e](no.md)\n```\n'
  expect(broken('CHANGELOG.md', text)).toEqual(['README.md#nowhere', 'nothing.md'])
})

test('files named in backticks', () => {
  const missing = pages.flatMap((page) =>
    [...prose(textOf(page)).matchAll(/`((?:src|test|bench|scripts|docs|examples|bin|\.ci)\/[\w./-]+)`/g)]
      .map(([, path = '']) => path)
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${page}: ${path}`),
  )
  expect(missing).toEqual([])
})
